"""Predicted against measured expression by chromosome and by part of a split."""

from pathlib import Path

import numpy as np
import pytest
from example_run import ExampleRun
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.evaluation.expression_groups import expression_groups, labelled_genes
from seq2exp_tracks.run_reader import Run


@pytest.fixture(scope="module")
def run(example: ExampleRun) -> Run:
    return Run.open(example.folder)


def labels(path: Path, run: Run, values: np.ndarray, split: bool = True) -> Path:
    """A table of labels, and of parts that go round; the first gene has none."""
    rows = ["gene_id\tlabel\tsplit"]
    for number, (gene_id, value) in enumerate(zip(run.genes, values, strict=True)):
        part = ("train", "valid", "test")[number % 3] if split and number else ""
        rows.append(f"{gene_id}\t{value}\t{part}")
    path.write_text("\n".join(rows) + "\n")
    return path


def test_the_labels_of_the_run_are_taken_where_none_are_given(run: Run) -> None:
    found = labelled_genes(run, None, None, False)
    assert {one.gene.id: one.measured for one in found} == {
        gene_id: scored.measured for gene_id, scored in run.genes.items() if scored.measured is not None
    }


def test_groups_are_measured_as_scikit_learn_does(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    values = np.abs(rng.normal(1.2, 0.5, len(run.genes)).round(4))
    path = labels(tmp_path / "labels.tsv", run, values)
    genes = labelled_genes(run, (path, "label"), path, False)
    groups = {(group.by, group.name): group for group in expression_groups(genes)}
    assert list(groups) == [
        *(("all", "all"), ("chromosome", "chrA"), ("chromosome", "chrB")),
        *(("split", "valid"), ("split", "test"), ("split", "train")),
    ]
    assert sum(groups["split", part].genes for part in ("train", "valid", "test")) == len(genes) - 1
    predicted = {gene_id: scored.expression for gene_id, scored in run.genes.items()}
    members = {
        ("all", "all"): list(run.genes),
        ("chromosome", "chrB"): [g for g, s in run.genes.items() if s.gene.chrom == "chrB"],
        ("split", "test"): list(run.genes)[2::3],
    }
    by_id = dict(zip(run.genes, values, strict=True))
    for key, ids in members.items():
        ours = groups[key].measures
        measured, given = [by_id[one] for one in ids], [predicted[one] for one in ids]
        assert groups[key].genes == len(ids)
        assert ours["mse"].value == pytest.approx(mean_squared_error(measured, given))
        assert ours["mae"].value == pytest.approx(mean_absolute_error(measured, given))
        assert ours["explained_variance"].value == pytest.approx(r2_score(measured, given))
        assert ours["mse"].low < ours["mse"].value < ours["mse"].high


def test_counts_are_refused_unless_their_logarithm_is_asked_for(run: Run, tmp_path: Path) -> None:
    counts = np.linspace(0, 500, len(run.genes)).round(2)
    path = labels(tmp_path / "tpm.tsv", run, counts, split=False)
    with pytest.raises(InputError, match=r"which is no log10\(1 \+ x\); use --linear-labels"):
        labelled_genes(run, (path, "label"), None, False)
    found = labelled_genes(run, (path, "label"), None, True)
    assert [one.measured for one in found] == pytest.approx(np.log10(1 + counts))
    path = labels(tmp_path / "negative.tsv", run, counts - 1, split=False)
    with pytest.raises(InputError, match="is -1; counts are from 0 up"):
        labelled_genes(run, (path, "label"), None, True)
    path = labels(tmp_path / "other.tsv", run, counts / 100 - 1, split=False)
    with pytest.raises(InputError, match=r"is -1; log10\(1 \+ x\) of a count is from 0 up"):
        labelled_genes(run, (path, "label"), None, False)


def test_a_dot_is_no_part(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "split.tsv"
    first, second, *others = run.genes
    rows = [f"{first}\ttest", f"{second}\t.", *(f"{gene_id}\t" for gene_id in others)]
    path.write_text("\n".join(["gene_id\tsplit", *rows]) + "\n")
    found = {one.gene.id: one.part for one in labelled_genes(run, None, path, False)}
    assert found == dict.fromkeys(found) | {first: "test"}


def test_labels_of_a_training_are_taken_as_its_model_learned_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text("{}")
    values = np.linspace(-3, 3, len(run.genes)).round(3)
    path = labels(tmp_path / "predictions.tsv", run, values)
    found = labelled_genes(run, (path, "label"), None, False)
    assert [one.measured for one in found] == values.tolist()
    with pytest.raises(
        InputError, match="--linear-labels: the labels of a training are as its model learned"
    ):
        labelled_genes(run, (path, "label"), None, True)
    path = labels(path, run, values + 20)
    with pytest.raises(InputError, match="train with --label-counts if labels are counts or TPM"):
        labelled_genes(run, (path, "label"), None, False)


def test_a_group_of_one_gene_has_no_measures_and_no_gene_is_an_error(run: Run, tmp_path: Path) -> None:
    first = next(iter(run.genes))
    path = tmp_path / "labels.tsv"
    path.write_text(f"gene_id\tlabel\n{first}\t1.5\n")
    (group, _) = expression_groups(labelled_genes(run, (path, "label"), None, False))
    assert (group.genes, group.measures) == (1, {})
    path.write_text("gene_id\tlabel\nnobody\t1.5\n")
    with pytest.raises(InputError, match="no label for any gene of the run"):
        labelled_genes(run, (path, "label"), None, False)
