"""What a run wrote is found again through its manifest."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from example_run import SIZES, ExampleRun

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.run_reader import Run, read_bigwig


def test_a_gene_is_found_by_symbol_and_by_id(example: ExampleRun) -> None:
    run = Run.open(example.folder)
    assert run.find("A05") is run.find("SIMG00005")
    assert run.find("A05").gene.name == "A05"
    assert run.find("A05").expression == 1.25
    labels = dict(line.split("\t")[1:3] for line in example.genome.labels.read_text().splitlines())
    assert run.find("A05").measured == pytest.approx(float(labels["A05"]))


def test_an_unknown_gene_is_refused_with_names_like_it(example: ExampleRun) -> None:
    with pytest.raises(InputError, match=r"run: unknown gene 'a05'; did you mean A05"):
        Run.open(example.folder).find("a05")


@pytest.mark.parametrize("called", ["", "k562"])
def test_an_error_of_a_gene_names_the_folder_of_the_run_or_what_the_run_is_called(
    example: ExampleRun, called: str
) -> None:
    run, told = Run.open(example.folder), called or str(example.folder)
    with pytest.raises(InputError) as unknown:
        run.find("SIMG0005", called)
    assert str(unknown.value) == (
        f"{told}: unknown gene 'SIMG0005'; did you mean SIMG00035 or SIMG00025 or SIMG00015? All names: "
        f"{told}/genes.bed"
    )
    scored = run.find("A05")
    twin = replace(scored, gene=replace(scored.gene, id="TWIN"))
    several = replace(run, genes=run.genes | {"TWIN": twin})
    with pytest.raises(InputError) as twice:
        several.find("A05", called)
    assert str(twice.value) == (
        f"{told}: A05 is the name of several genes; ask for one by its id: SIMG00005, TWIN"
    )


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not a run folder \(no manifest.json\)"):
        Run.open(tmp_path)


def test_a_run_whose_gene_table_is_damaged_is_refused(example: ExampleRun, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes((example.folder / "manifest.json").read_bytes())
    (tmp_path / "genes.parquet").write_text("no parquet")
    with pytest.raises(InputError, match=r"genes.parquet: cannot be read; was the run copied whole\?"):
        Run.open(tmp_path)


def test_a_gene_has_its_own_track_and_its_own_elements(example: ExampleRun) -> None:
    run = Run.open(example.folder)
    gene = run.find("A05").gene
    own, merged = run.track("mask", gene.id), run.track("mask")
    assert own is not None
    assert merged is not None
    assert (own.path, merged.path) == (f"genes/{gene.id}.mask.bw", "mask.bw")
    assert run.track("mask.applied", gene.id) is None
    around = Interval(gene.chrom, gene.tss - 30_000, gene.tss + 30_000)
    values = run.values(own, around)
    assert np.isnan(values[:20_000]).all()
    assert np.isfinite(values[20_000:40_000]).all()
    assert {element.gene_id for element in run.elements(around, gene.id)} == {gene.id}
    assert {element.gene_id for element in run.elements(around)} > {gene.id}
    assert {element.kind for element in run.elements(around)} == {"promoter", "distal"}


def test_genes_of_a_place_are_those_with_their_tss_in_it(example: ExampleRun) -> None:
    run = Run.open(example.folder)
    tss = run.find("B02").gene.tss
    assert [gene.name for gene in run.genes_in(Interval("chrB", tss, tss + 1))] == ["B02"]
    assert run.genes_in(Interval("chrB", tss + 1, tss + 2)) == []


def test_a_bigwig_that_calls_the_chromosome_otherwise_is_read_and_another_assembly_refused(
    example: ExampleRun,
) -> None:
    ours, theirs = Interval("chrA", 1_000, 2_000), Interval("A", 1_000, 2_000)
    bare = ChromSizes({name.removeprefix("chr"): length for name, length in SIZES.items()})
    expected = read_bigwig(example.genome.dnase, ours, SIZES)
    np.testing.assert_array_equal(read_bigwig(example.genome.dnase, theirs, bare), expected)
    with pytest.raises(InputError, match="belongs to another assembly"):
        read_bigwig(example.genome.dnase, ours, ChromSizes({"chrA": 5_000}))


def test_a_damaged_bigwig_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signal.bw"
    path.write_text("no bigWig")
    with pytest.raises(InputError, match=r"signal.bw: cannot be read; is it a whole bigWig file\?"):
        read_bigwig(path, Interval("chrA", 0, 10), SIZES)


def test_a_run_of_version_1_0_has_no_contact_and_no_file_of_links_but_the_links_themselves(
    example: ExampleRun, tmp_path: Path
) -> None:
    content = json.loads((example.folder / "manifest.json").read_text())
    files = [entry for entry in content["files"] if entry["content"] in ("genes", "elements")]
    (tmp_path / "manifest.json").write_text(json.dumps(content | {"version": "1.0", "files": files}))
    (tmp_path / "genes.parquet").write_bytes((example.folder / "genes.parquet").read_bytes())
    rows = (example.folder / "elements.bed").read_text().splitlines()
    (tmp_path / "elements.bed").write_text("".join(row.rpartition("\t")[0] + "\n" for row in rows))
    now, then = Run.open(example.folder), Run.open(tmp_path)
    assert then.manifest.version == "1.0"
    assert now.link_table()["contact"].null_count == 0
    without = now.link_table().drop_columns("contact")
    assert then.link_table().drop_columns("contact") == without
    assert then.link_table()["contact"].null_count == len(without) > 0


def test_links_join_the_distal_elements_to_the_tss_of_their_gene(example: ExampleRun) -> None:
    run = Run.open(example.folder)
    elements, links = run.element_table().to_pylist(), run.link_table().to_pylist()
    assert [link["name"] for link in links] == [
        element["name"] for element in elements if element["class"] == "distal"
    ]
    assert 0 < len(links) < len(elements)
    for link in links:
        assert link["tss"] == run.genes[link["gene_id"]].gene.tss
        assert abs(link["distance"]) > 1_000 - 1
