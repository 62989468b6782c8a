"""The whole set on a simulated genome: what it leaves, and that it goes on where it was broken off."""

import csv
import json
from pathlib import Path

import pytest
from small_comparison import give_peaks, small_comparison

from seq2exp_tracks.comparison import steps
from seq2exp_tracks.comparison.cases import cases_of
from seq2exp_tracks.comparison.methods import Method
from seq2exp_tracks.comparison.protocol import NAME, protocol_of, take_place
from seq2exp_tracks.comparison.request import CompareRequest
from seq2exp_tracks.comparison.run import compare
from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.run_reader import Run
from seq2exp_tracks.training.claim import claimed

METHODS = ("retrain", "soft", "caduceus", "macs3")  # trained in another order: retrain reads soft's mask


class Interrupted(Silent):
    """Progress whose user loses patience at the third update of the second training."""

    def __init__(self) -> None:
        self._label, self._done = "", 0

    def stage(self, label: str, total: int) -> None:
        self._label, self._done = label, 0

    def advance(self) -> None:
        self._done += 1
        if self._label.startswith("2 of 4") and self._label.endswith("Training") and self._done == 3:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> CompareRequest:
    """A comparison that was broken off once, and then went to its end."""
    request = small_comparison(tmp_path_factory.mktemp("compared") / "out", *METHODS)
    request.out.mkdir()
    take_place(request.out, protocol_of(request, Silent()))
    give_peaks(request)
    with pytest.raises(KeyboardInterrupt):
        compare(request, Interrupted())
    assert not (request.out / "comparison.json").exists()
    compare(request, Silent())
    return request


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_expression_is_that_of_the_test_part_of_each_training(compared: CompareRequest) -> None:
    found = rows(compared.out / "expression.tsv")
    assert [row["method"] for row in found] == list(METHODS)
    for row in found:
        folder = compared.out / "default" / "seed1" / row["method"]
        measured = json.loads((folder / "model" / "training.json").read_text())["measured"]["test"]
        assert float(row["mse"]) == pytest.approx(measured["mse"], rel=1e-5)
        test = [one for one in rows(folder / "model" / "predictions.tsv") if one["split"] == "test"]
        assert int(row["genes"]) == len(test)
    shares = {row["method"]: row["mask_read"] for row in found}
    assert shares["caduceus"] == "."
    evaluated = json.loads((compared.out / "default/seed1/soft/evaluation/evaluation.json").read_text())
    assert float(shares["soft"]) == pytest.approx(evaluated["mask"]["applied"], rel=1e-5)
    assert 0.1 < float(shares["macs3"]) < 0.4


def test_masks_are_measured_on_genes_of_the_test_part_alone(compared: CompareRequest) -> None:
    folder = compared.out / "default" / "seed1" / "soft"
    parts = {row["gene_id"]: row["split"] for row in rows(folder / "model" / "predictions.tsv")}
    run = Run.open(folder / "run")
    assert set(run.genes) == {gene for gene, part in parts.items() if part == "test"}
    assert {gene.chrom for gene in (one.gene for one in run.genes.values())} == {"chrC"}
    assert {entry.gene_id for entry in run.manifest.files if entry.track == "mask"} >= set(run.genes)
    record = json.loads((folder / "evaluation" / "evaluation.json").read_text())
    areas = {
        (row["scored_by"], row["over"], row["places"]): float(row["auprc"])
        for row in rows(compared.out / "elements.tsv")
    }
    assert areas["soft mask", "pairs", "distal"] == pytest.approx(
        next(
            one["auprc"]["value"]
            for one in record["elements"]["pairs"]
            if (one["method"], one["places"]) == ("mask", "distal")
        ),
        rel=1e-5,
    )
    assert "MACS3" in {name for name, _, _ in areas}


def test_retrain_reads_the_mask_that_soft_learned_of_all_genes(compared: CompareRequest) -> None:
    folder = compared.out / "default" / "seed1"
    recipe = json.loads((folder / "retrain" / "model" / "recipe.json").read_text())
    assert recipe["inputs"]["fixed_mask"]["path"] == str(folder / "soft" / "mask" / "mask.bw")
    parts = rows(folder / "soft" / "model" / "predictions.tsv")
    assert set(Run.open(folder / "soft" / "mask").genes) == {row["gene_id"] for row in parts}


def test_what_is_there_is_not_computed_again(compared: CompareRequest) -> None:
    folder = compared.out / "default"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    text = (compared.out / "comparison.md").read_text()
    assert compare(compared, Silent()).report == text
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == before


def test_a_mask_is_measured_again_where_the_content_of_the_truth_has_changed(
    compared: CompareRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    class AgainError(Exception):
        pass

    def again(*_: object) -> None:
        raise AgainError

    monkeypatch.setattr(steps, "evaluate_run", again)
    case, method = cases_of(compared)[0], Method.named("soft")
    steps.evaluate(case, method, Silent())
    truth = case.judged_by["truth"]
    before = truth.read_text()
    try:
        truth.write_text(before + "# another\n")
        with pytest.raises(AgainError):
            steps.evaluate(case, method, Silent())
    finally:
        truth.write_text(before)
    steps.evaluate(case, method, Silent())


def test_a_training_that_was_broken_off_has_no_time(compared: CompareRequest) -> None:
    times = {row["method"]: row["seconds"] for row in rows(compared.out / "expression.tsv")}
    assert [method for method, seconds in times.items() if seconds == "."] == ["caduceus"]


def test_an_interruption_leaves_no_trace_in_the_numbers(compared: CompareRequest, tmp_path: Path) -> None:
    unbroken = small_comparison(tmp_path / "out", "caduceus")
    compare(unbroken, Silent())
    names = ("best.safetensors", "log.csv", "predictions.tsv")
    broken, whole = (
        request.out / "default" / "seed1" / "caduceus" / "model" for request in (compared, unbroken)
    )
    for name in names:
        assert (broken / name).read_bytes() == (whole / name).read_bytes(), name
    summaries = [json.loads((folder / "training.json").read_text()) for folder in (broken, whole)]
    for summary in summaries:  # its recipe has the folders of the inputs
        del summary["recipe"]
    assert summaries[0] == summaries[1]
    assert summaries[0].keys() == {"best_step", "measured", "scales"}


def test_results_of_other_options_are_left_alone(compared: CompareRequest) -> None:
    other = small_comparison(compared.out, *METHODS)
    other = type(other)(
        **{name: getattr(other, name) for name in ("data", "out", "methods", "seeds", "workers")},
        training={**other.training, "steps": 5, "rate": 0.02},
    )
    with pytest.raises(InputError) as refused:
        compare(other, Silent())
    assert str(refused.value) == (
        f"{compared.out}: holds results of other values of training.rate, training.steps; "
        "give the same options, or compare into another folder"
    )


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(OutputError, match="holds something else than a comparison; choose another folder"):
        compare(small_comparison(tmp_path, "caduceus"), Silent())
    assert not (tmp_path / NAME).exists()


def test_two_comparisons_do_not_write_to_one_folder(compared: CompareRequest) -> None:
    with (
        claimed(compared.out, "comparison"),
        pytest.raises(OutputError, match="another comparison is being computed"),
    ):
        compare(compared, Silent())
