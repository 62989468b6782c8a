"""Several GPUs, each with a process; the CPU stands in for each of them."""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from limited_memory import limited
from random_windows import READER, TINY, TINY_HARD, NothingDecoded, RandomReader, gene, make

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.model import ModelConfig, Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring import executors, score_genes, score_window
from seq2exp_tracks.scoring.executors import gpus
from seq2exp_tracks.scoring.executors.board import PATIENCE
from seq2exp_tracks.scoring.executors.gpu_process import decode_genes
from seq2exp_tracks.scoring.executors.gpus import score_on_gpus
from seq2exp_tracks.scoring.lost import GenesLostError
from seq2exp_tracks.worker_processes import Processes

CPU = torch.device("cpu")
GENES = [
    *(gene(tss) for tss in (2000, 10, 4990, 2001, 300, 3000, 1500)),
    *(gene(tss, chrom="chr2") for tss in (20, 1500)),
    gene(500, chrom="chr3"),
]


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(multiprocessing.active_children())
    yield
    assert list(tmp_path.iterdir()) == []
    assert set(multiprocessing.active_children()) <= before


def as_bytes(scores: WindowScores) -> tuple[object, ...]:
    arrays = (scores.learned, scores.sd, scores.applied, scores.excluded)
    contact = None if scores.contact is None else scores.contact.tobytes()
    return scores.window, scores.expression, contact, *(array.tobytes() for array in arrays)


@pytest.mark.parametrize(
    ("config", "gpus", "in_flight"),
    [(TINY, 1, 4), (TINY, 2, None), pytest.param(TINY_HARD, 3, 2, marks=pytest.mark.slow)],
)
def test_any_number_of_gpus_and_of_windows_in_flight_gives_the_same_bits_in_the_same_order(
    config: ModelConfig, gpus: int, in_flight: int | None
) -> None:
    model = make(config)
    alone = [as_bytes(score_window(model, READER.read(one), CPU)) for one in GENES]
    scored = score_on_gpus(partial(make, config), READER, GENES, (CPU,) * gpus, in_flight)  # type: ignore[arg-type] # a stand-in
    assert [as_bytes(scores) for scores in scored] == alone


def test_a_gpu_that_runs_out_of_memory_goes_on_with_fewer_windows_and_says_so() -> None:
    told: list[str] = []
    load = partial(limited, TINY, 3)
    scored = list(score_on_gpus(load, READER, GENES, (CPU,), 5, told.append))  # type: ignore[arg-type] # a stand-in
    assert [scores.window.gene for scores in scored] == GENES
    assert told == [
        "cpu: out of memory with 5 windows in flight, going on with 2 (--windows-in-flight 2 begins so)"
    ]


def test_a_gpu_that_holds_no_window_ends_the_run_in_one_line() -> None:
    with pytest.raises(TracksError, match=r"^cpu: its memory does not hold a single window"):
        list(score_on_gpus(partial(limited, TINY, 0), READER, GENES, (CPU, CPU), 2))  # type: ignore[arg-type] # a stand-in


def full() -> Seq2Exp:
    raise torch.OutOfMemoryError("full")


def test_a_gpu_that_does_not_hold_the_model_ends_the_run_in_one_line() -> None:
    with pytest.raises(TracksError, match=r"^cpu: its memory does not hold the model; .* with --device$"):
        list(score_on_gpus(full, READER, GENES, (CPU,)))  # type: ignore[arg-type] # a stand-in


def test_a_process_that_dies_is_one_line_with_the_way_out() -> None:
    said = r"^a worker process died, .*; set fewer with --windows-in-flight$"
    with pytest.raises(TracksError, match=said):
        list(score_on_gpus(partial(make, TINY), READER, [gene(2000), gene(2100, "deadly")], (CPU,), 1))  # type: ignore[arg-type] # a stand-in


@pytest.mark.slow
def test_a_process_that_dies_blames_the_genes_of_its_batch() -> None:
    genes = [*GENES[:4], gene(2100, "deadly"), gene(2200), gene(2300)]
    with pytest.raises(GenesLostError, match=r"^a worker process died") as raised:
        list(score_on_gpus(partial(make, TINY), READER, genes, (CPU, CPU), 2))  # type: ignore[arg-type] # a stand-in
    # Of batches that were lost with it the first that was waited for: it is tried again, then the next.
    assert raised.value.genes in (tuple(genes[:2]), tuple(genes[4:6]))
    assert raised.value.again


@pytest.mark.slow
def test_a_gpu_that_hangs_is_given_up_after_the_patience_and_its_genes_are_blamed() -> None:
    genes = [gene(2100, "slow"), gene(2200)]
    told = r"^a GPU was at 1 window\(s\) for more than 3 s \(--patience\) and given up$"
    with pytest.raises(GenesLostError, match=told) as raised:
        list(score_on_gpus(partial(make, TINY), READER, genes, (CPU,), 1, patience=3.0))  # type: ignore[arg-type] # a stand-in
    assert raised.value.genes == (genes[0],)


def never_loaded() -> Seq2Exp:
    """As from storage that does not answer."""
    time.sleep(60)
    raise AssertionError


@pytest.mark.slow
def test_a_gpu_that_never_gets_its_model_is_given_up_and_no_gene_is_to_blame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gpus, "STARTING", 3.0)
    told = r"^a GPU was being given the model for more than 3 s \(--patience\) and given up$"
    with pytest.raises(GenesLostError, match=told) as raised:
        list(score_on_gpus(never_loaded, READER, GENES, (CPU,), 1, patience=1.0))  # type: ignore[arg-type] # a stand-in
    assert (raised.value.genes, raised.value.again) == ((), True)


@dataclass(frozen=True)
class BadDecoder(RandomReader):
    """A reader whose process hangs, or dies, when it decodes chr2."""

    dies: bool = False

    def decode(self, genes: Sequence[Gene], folder: Path) -> NothingDecoded:
        if genes[0].chrom == "chr2":
            os._exit(1) if self.dies else time.sleep(60)
        return super().decode(genes, folder)


@pytest.mark.slow
@pytest.mark.parametrize("dies", [True, False])
def test_a_process_that_hangs_or_dies_while_it_decodes_loses_the_genes_that_it_does_that_for(
    monkeypatch: pytest.MonkeyPatch, dies: bool
) -> None:
    monkeypatch.setattr(gpus, "STARTING", 5.0)
    reader = BadDecoder(READER.sizes, dies=dies)
    with pytest.raises(GenesLostError) as raised:
        list(score_on_gpus(partial(make, TINY), reader, GENES, (CPU,), 2, patience=1.0))  # type: ignore[arg-type] # a stand-in
    assert (raised.value.genes, raised.value.again) == (tuple(GENES[7:9]), True)
    hung = "inputs of 2 gene(s) were being decoded for more than 5 s (--patience) and given up"
    died = "a worker process died, most likely because memory ran out; set fewer with --windows-in-flight"
    assert str(raised.value) == (died if dies else hung)


def test_genes_are_lost_in_their_order_where_a_process_died_before_it_was_given_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    submit = Processes.submit

    def when_it_is_dead(self: Processes, function: Callable[..., Any], *given: Any) -> Future[Any]:
        while function is decode_genes and given[0][0].chrom == "chr3" and not self.died():
            time.sleep(0.01)
        return submit(self, function, *given)

    monkeypatch.setattr(Processes, "submit", when_it_is_dead)
    reader = BadDecoder(READER.sizes, dies=True)
    with pytest.raises(GenesLostError) as raised:
        list(score_on_gpus(partial(make, TINY), reader, GENES, (CPU,), 2))  # type: ignore[arg-type] # a stand-in
    assert (raised.value.genes, raised.value.again) == (tuple(GENES[7:9]), True)


@pytest.mark.parametrize(
    ("devices", "chosen"), [(("cpu",), "inline"), (("cuda:0",), "gpus"), (("cuda:0", "cuda:1"), "gpus")]
)
def test_genes_go_to_the_gpus_where_there_are_any(
    monkeypatch: pytest.MonkeyPatch, devices: Sequence[str], chosen: str
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(executors, "score_inline", lambda *_: iter(["inline"]))
    monkeypatch.setattr(executors, "score_on_gpus", lambda *given: (asked.extend(given), iter(["gpus"]))[1])
    found = [torch.device(name) for name in devices]
    genes: list[Gene] = [gene(2000)]
    tell = asked.append
    scored = score_genes(partial(make, TINY), READER, genes, found, 1, in_flight=7, tell=tell)  # type: ignore[arg-type] # a stand-in
    assert list(scored) == [chosen]
    if chosen == "gpus":
        assert asked[1:] == [READER, genes, found, 7, tell, True, PATIENCE]
