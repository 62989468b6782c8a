"""Every file that has a place for it says which run it is of, in words that any reader passes over."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pybigtools
import pysam
import pytest
from written_runs import SIZES, all_scores, read_bed, write_run

from seq2exp_tracks.io.bed import read_intervals
from seq2exp_tracks.io.bed_table import read_bed_table
from seq2exp_tracks.io.bedpe import write_links_bedpe
from seq2exp_tracks.io.bigbed import AUTOSQL, write_elements_bigbed
from seq2exp_tracks.io.longrange import write_links_longrange
from seq2exp_tracks.origin import Origin, described
from seq2exp_tracks.run_reader import ELEMENT_COLUMNS

ORIGIN = Origin("0123456789ab", "cd" * 32, "soft", "max", "ef" * 32, "0.1.0")
TABLES = ("genes.bed", "elements.bed", "links.bedpe")


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("named") / "run", all_scores(), origin=ORIGIN)[0]


@pytest.fixture(scope="module")
def unnamed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("unnamed") / "run", all_scores())[0]


@pytest.mark.parametrize("name", TABLES)
def test_the_first_line_of_a_table_names_the_run_and_nothing_else_is_different(
    named: Path, unnamed: Path, name: str
) -> None:
    line = f"#seq2exp-tracks run=0123456789ab file={name}\n"
    assert (named / name).read_text() == line + (unnamed / name).read_text()


def test_parquet_names_the_run_in_its_metadata_and_has_the_same_rows(named: Path, unnamed: Path) -> None:
    metadata = pq.read_schema(named / "genes.parquet").metadata
    assert json.loads(metadata[b"prov"]) == {
        "run": "0123456789ab",
        "fasta": "cd" * 32,
        "model": "soft",
        "merge": "max",
        "weights": "ef" * 32,
        "version": "0.1.0",
    }
    assert pq.read_table(named / "genes.parquet").equals(pq.read_table(unnamed / "genes.parquet"))


def test_other_processes_write_the_same_bytes(named: Path, tmp_path: Path) -> None:
    out, entries, _ = write_run(tmp_path / "run", all_scores(), origin=ORIGIN, writers=2)
    assert {entry.path: (out / entry.path).read_bytes() for entry in entries} == {
        entry.path: (named / entry.path).read_bytes() for entry in entries
    }


def test_our_readers_read_named_tables(named: Path, unnamed: Path) -> None:
    ours, before = (read_bed_table(folder / "elements.bed", ELEMENT_COLUMNS) for folder in (named, unnamed))
    assert ours.equals(before)
    assert ours.num_rows > 20
    intervals, dropped = read_intervals(named / "elements.bed", SIZES)
    assert dropped == 0
    assert set(intervals) == {"chr1", "chr10"}


def test_htslib_reads_a_named_table(named: Path, tmp_path: Path) -> None:
    compressed = tmp_path / "elements.bed.gz"
    pysam.tabix_compress(str(named / "elements.bed"), str(compressed))
    pysam.tabix_index(str(compressed), preset="bed")
    rows = {tuple(row[:4]) for row in read_bed(named / "elements.bed")[1][1:]}
    with pysam.TabixFile(str(compressed)) as file:
        found = {tuple(line.split("\t")[:4]) for chrom in file.contigs for line in file.fetch(chrom)}
        assert next(iter(file.header)) == ORIGIN.line("elements.bed")
    assert found == rows


def links(folder: Path) -> object:
    """The elements of a run, each linked to a base that its chromosome has."""
    table = read_bed_table(folder / "elements.bed", ELEMENT_COLUMNS)
    return table.append_column("tss", table["start"])


def test_a_bigbed_names_the_run_where_its_table_is_described(named: Path, tmp_path: Path) -> None:
    elements = read_bed_table(named / "elements.bed", ELEMENT_COLUMNS)
    write_elements_bigbed(tmp_path / "elements.bb", SIZES, elements, ORIGIN)
    read = pybigtools.open(str(tmp_path / "elements.bb"))
    description = read.sql().splitlines()[1]
    assert description.endswith('each in the window of one gene; seq2exp-tracks run=0123456789ab"')
    assert sum(1 for chrom in read.chroms() for _ in read.records(chrom)) == elements.num_rows
    assert described(AUTOSQL, None) == AUTOSQL


def test_exported_links_name_the_run(named: Path, tmp_path: Path) -> None:
    table, line = links(named), ORIGIN.line("links")
    write_links_bedpe(tmp_path / "links", table, line)
    write_links_bedpe(tmp_path / "plain", table)
    assert (tmp_path / "links").read_text() == f"{line}\n" + (tmp_path / "plain").read_text()
    write_links_longrange(tmp_path / "links.gz", table, line)
    with pysam.TabixFile(str(tmp_path / "links.gz")) as file:
        assert list(file.header) == [line]
        assert sum(1 for chrom in file.contigs for _ in file.fetch(chrom)) == 2 * table.num_rows
