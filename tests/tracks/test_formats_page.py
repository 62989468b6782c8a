"""docs/formats.md is the authority on the files: here it is compared with what the code writes."""

import json
from pathlib import Path

import pytest

from seq2exp_tracks.exports.difference import GENES
from seq2exp_tracks.exports.difference_record import DECIMALS, RECORD
from seq2exp_tracks.exports.gene_differences import COLUMNS
from seq2exp_tracks.io.bedpe import BEDPE_COLUMNS
from seq2exp_tracks.manifest import VERSION, Chromosome, Manifest, ModelEntry
from seq2exp_tracks.tracks.elements import ELEMENT_COLUMNS
from seq2exp_tracks.tracks.genes import FLAGS, bed_columns, parquet_schema
from seq2exp_tracks.tracks.listing import EXPRESSION_TRACKS, RUN_FILES
from seq2exp_tracks.tracks.merge import MergeRule
from seq2exp_tracks.tracks.track import EXPRESSION_DECIMALS, EXPRESSION_UNIT, TRACKS

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()


def table(first_column: str, section: str) -> list[list[str]]:
    """The rows of the table whose first column has a name, in a section; code marks are taken off."""
    part = PAGE.split(f"\n{section}", 1)[1]
    lines = iter(part[part.index(f"| {first_column} |") :].splitlines())
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows.append([cell.strip("`") if cell.count("`") == 2 else cell for cell in cells])
    return rows[2:]


def test_tracks() -> None:
    written = [
        [spec.name, f"{spec.name}.bw", spec.unit, str(spec.decimals), spec.description] for spec in TRACKS
    ]
    for strand, name in EXPRESSION_TRACKS.items():
        text = f"Predicted expression at the TSS of genes on the {strand} strand"
        written.append([name, f"{name}.bw", EXPRESSION_UNIT, str(EXPRESSION_DECIMALS), text])
    assert table("track", "## Tracks") == written


def test_merge_rules() -> None:
    assert [row[0] for row in table("rule", "### Where windows overlap")] == [str(rule) for rule in MergeRule]


def test_columns_of_genes_bed() -> None:
    assert [row[0] for row in table("column", "## Genes (BED6+)")] == bed_columns(labels=True)


def test_flags() -> None:
    assert table("flag", "## Genes (BED6+)") == [list(flag) for flag in FLAGS.items()]


def test_columns_of_elements_bed() -> None:
    assert [row[0] for row in table("column", "## Elements")] == list(ELEMENT_COLUMNS)


def test_columns_of_links_bedpe() -> None:
    assert [row[0] for row in table("column", "## Links (BEDPE)")] == list(BEDPE_COLUMNS)


def test_columns_of_genes_parquet() -> None:
    written = [
        [name, str(kind).replace("list<item: string>", "list of string")]
        for name, kind in parquet_schema(labels=True).items()
    ]
    assert [row[:2] for row in table("column", "## Genes (parquet)")] == written


def test_fields_of_the_manifest(tmp_path: Path) -> None:
    model = ModelEntry("soft", 2000, {}, "model.ckpt", "")
    Manifest("toy", (Chromosome("1", 5),), model, "max", 0, (), (), {}, {}).write(tmp_path / "manifest.json")
    written = json.loads((tmp_path / "manifest.json").read_text())
    assert {row[0] for row in table("field", "## Manifest")} == set(written)
    assert f"format version {VERSION}." in PAGE


def test_files_and_columns_of_a_difference() -> None:
    section = "## The difference of two runs"
    tracks = [[row[0], row[2]] for row in table("file", section) if row[0].endswith(".bw")]
    assert tracks == [[name, str(decimals)] for name, decimals in DECIMALS.items()]
    assert {row[0] for row in table("file", section)} - set(DECIMALS) == {GENES, RECORD}
    assert [row[0] for row in table("gene column", section)] == list(COLUMNS)


@pytest.mark.parametrize("name", [*RUN_FILES, "manifest.json"])
def test_every_file_stands_in_the_picture_of_the_folder(name: str) -> None:
    assert f"      {name} " in PAGE.split("## The folder")[1].split("## Tracks")[0]
