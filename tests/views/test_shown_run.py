"""Runs of a page: checked, told apart by their names, and all on the same chromosomes."""

import json
import shutil
from pathlib import Path

import pytest
from example_run import SIZES, ExampleRun
from hypothesis import given
from hypothesis import strategies as st

from higlass_views.shown_run import find_gene, open_runs, run_names
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.manifest import Manifest


def edited(example: ExampleRun, folder: Path, **fields: object) -> Path:
    """A copy of the example whose manifest says something else."""
    shutil.copytree(example.folder, folder)
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))
    return folder


def test_a_run_knows_its_genes_tables_and_windows(example: ExampleRun) -> None:
    (shown,) = open_runs([example.folder])
    assert shown.name == "run"
    assert shown.labelled
    assert shown.gene_ids == tuple(shown.run.genes)
    assert shown.ranks[shown.gene_ids[3]] == 3
    gene = shown.run.find("A01").gene
    assert shown.window(gene).inside == Interval("chrA", 0, gene.tss + 10_000)
    rows = shown.of_gene(shown.elements, gene.id).to_pylist()
    assert rows == [row for row in shown.elements.to_pylist() if row["gene_id"] == gene.id]
    assert 0 < len(rows) < len(shown.elements)


def test_runs_of_other_chromosomes_are_refused_and_both_manifests_named(
    example: ExampleRun, tmp_path: Path
) -> None:
    chromosomes = [{"name": name, "length": length} for name, length in reversed(list(SIZES.items()))]
    other = edited(example, tmp_path / "other", chromosomes=chromosomes)
    with pytest.raises(InputError) as caught:
        open_runs([example.folder, other])
    assert str(caught.value) == (
        f"{other / 'manifest.json'}: other chromosomes than {example.folder / 'manifest.json'} "
        "(simulated, 2 chromosomes of 650,000 bp against simulated, 2 chromosomes of 650,000 bp); "
        "show the runs one at a time"
    )


def test_a_changed_file_of_any_run_is_refused(example: ExampleRun, tmp_path: Path) -> None:
    other = shutil.copytree(example.folder, tmp_path / "other")
    (other / "genes.bed").write_text("")
    with pytest.raises(InputError, match=r"other/genes\.bed: has 0 bytes, but the manifest says"):
        open_runs([example.folder, other])


def test_no_run_is_nothing_to_show() -> None:
    with pytest.raises(InputError, match=r"^no run to show; name the folder that `score` wrote to$"):
        open_runs([])


def test_the_same_run_twice_is_refused(example: ExampleRun) -> None:
    with pytest.raises(InputError, match=r"run: the same run twice; name each run once$"):
        open_runs([example.folder, example.folder])


@pytest.mark.parametrize(
    ("folders", "names"),
    [
        (["/a/k562"], ["k562"]),
        (["/a/k562", "/a/gm12878"], ["k562", "gm12878"]),
        (["/a/k562/run", "/a/gm12878/run"], ["k562/run", "gm12878/run"]),
        (["/a/x/run", "/b/x/run", "/b/y/run"], ["a/x/run", "b/x/run", "b/y/run"]),
    ],
)
def test_runs_are_named_by_the_shortest_ends_that_tell_them_apart(
    folders: list[str], names: list[str]
) -> None:
    assert run_names([Path(folder) for folder in folders]) == names


@given(st.lists(st.lists(st.sampled_from("ab"), min_size=1, max_size=4), min_size=1, max_size=6))
def test_names_of_runs_are_different_ends_of_their_folders(parts: list[list[str]]) -> None:
    folders = list(dict.fromkeys(Path("/", *part) for part in parts))
    names = run_names(folders)
    assert len(set(names)) == len(folders)
    assert all(str(folder).endswith(name) for folder, name in zip(folders, names, strict=True))


def test_a_gene_is_found_in_the_first_run_that_has_it_by_symbol_or_id(
    example: ExampleRun, other_example: ExampleRun
) -> None:
    runs = open_runs([example.folder, other_example.folder])
    only_in_second = next(iter(runs[1].run.genes.values()))
    del runs[0].run.genes[only_in_second.gene.id]
    assert find_gene(runs, only_in_second.gene.name) is only_in_second
    first = next(iter(runs[0].run.genes.values()))
    assert find_gene(runs, first.gene.id) is first


def test_an_unknown_gene_is_told_with_names_like_it(example: ExampleRun) -> None:
    with pytest.raises(InputError, match=r"run: unknown gene 'A10x'; did you mean A10"):
        find_gene(open_runs([example.folder]), "A10x")


def test_an_unknown_gene_is_told_by_the_name_of_the_run_and_not_by_a_folder_of_the_machine(
    example: ExampleRun,
) -> None:
    (shown,) = open_runs([example.folder])
    with pytest.raises(InputError) as caught:
        find_gene([shown], "nobody")
    assert str(caught.value) == (
        "run: unknown gene 'nobody'; genes are named by symbol or id, as in run/genes.bed"
    )


def test_without_labels_nothing_was_measured(example: ExampleRun, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    (shown,) = open_runs([example.folder])
    folder = shutil.copytree(example.folder, tmp_path / "unlabelled")
    pq.write_table(shown.gene_table.drop_columns("measured"), folder / "genes.parquet")
    content = json.loads((folder / "manifest.json").read_text())
    from seq2exp_tracks.io.checksum import sha256_of

    for file in content["files"]:
        if file["path"] == "genes.parquet":
            file["bytes"] = (folder / "genes.parquet").stat().st_size
            file["sha256"] = sha256_of(folder / "genes.parquet")
    (folder / "manifest.json").write_text(json.dumps(content))
    assert Manifest.read(folder).n_genes == shown.run.manifest.n_genes
    (without,) = open_runs([folder])
    assert not without.labelled
