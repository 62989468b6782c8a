"""The evaluation of a run as a whole: what is looked at first, and what is left where nothing is ranked."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from example_run import SIZES, ExampleRun

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.evaluation import evaluate, run_inputs
from seq2exp_tracks.evaluation.evaluate import evaluate_run
from seq2exp_tracks.evaluation.plots import write_plots
from seq2exp_tracks.evaluation.record import write_record
from seq2exp_tracks.evaluation.request import EvaluationRequest
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.run_reader import Run


class Stages(Silent):
    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []
        self.done: Counter[str] = Counter()

    def stage(self, label: str, total: int) -> None:
        self.told.append((label, total))

    def advance(self) -> None:
        self.done[self.told[-1][0]] += 1


class Folder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str, _: str) -> Path:
        return self.folder / name


def screen(path: Path, example: ExampleRun) -> Path:
    """A table of pairs: an element 3 kb downstream of each gene."""
    rows = ["chrom\tchromStart\tchromEnd\tmeasuredGeneSymbol\tRegulated"]
    for number, scored in enumerate(Run.open(example.folder).genes.values()):
        gene = scored.gene
        start, regulated = gene.tss + 3_000, str(number % 3 == 0).upper()
        rows.append(f"{gene.chrom}\t{start}\t{start + 400}\t{gene.name}\t{regulated}")
    path.write_text("\n".join(rows) + "\n")
    return path


def test_each_input_is_read_once_for_its_checksum_and_each_is_told(
    example: ExampleRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[Path] = Counter()

    def counted(path: Path) -> str:
        read[path] += 1
        return sha256_of(path)

    run_inputs._sha256.cache_clear()
    monkeypatch.setattr(run_inputs, "sha256_of", counted)
    stages = Stages()
    evaluate_run(EvaluationRequest(run=example.folder, crispr=screen(tmp_path / "a.tsv", example)), stages)
    genome = example.genome
    assert read == Counter([genome.dnase, genome.h3k27ac, genome.contacts])
    assert stages.told == [("Checking the inputs of the run", 3), ("Evaluating", 3)]
    assert stages.done == dict(stages.told)


def test_a_device_that_is_not_there_is_told_before_anything_is_looked_at(
    example: ExampleRun, tmp_path: Path
) -> None:
    asked = EvaluationRequest(run=example.folder, truth=tmp_path / "no.bed", evidence=1, device="cuda:99")
    with pytest.raises(TracksError, match=r"device 'cuda:99'"):
        evaluate_run(asked, Silent())


def test_where_the_blacklist_covers_all_that_is_tested_pairs_are_ranked_and_bases_are_not(
    example: ExampleRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {chrom: np.array([[0, length]]) for chrom, length in SIZES.items()}
    monkeypatch.setattr(evaluate, "open_blacklist", lambda _: IntervalSet(whole))
    asked = EvaluationRequest(run=example.folder, crispr=screen(tmp_path / "a.tsv", example))
    found = evaluate_run(asked, Silent())
    assert "no base is left that is tested and not blacklisted: bases are not ranked" in found.notes
    assert found.elements is not None
    assert (found.elements.bases, found.elements.coverage) == ([], [])
    assert np.isnan([*found.elements.calls["all"], *found.elements.calls["distal"]]).all()
    assert {one.items for one in found.elements.elements if one.places == "all"} == {36}
    write_record(found, Folder(tmp_path))
    write_plots(found, Folder(tmp_path))
    for name in ("bases.tsv", "coverage.tsv"):
        (header,) = (tmp_path / name).read_text().splitlines()
        assert header.startswith("method\tplaces\t")
    assert (tmp_path / "elements.png").is_file()
    assert not (tmp_path / "bases.png").exists()
