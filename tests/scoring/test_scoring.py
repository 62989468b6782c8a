"""The engine and its executors, on random inputs that need no files."""

import multiprocessing
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from random_windows import LENGTH, READER, TINY, TINY_HARD, gene, make

from seq2exp_tracks.errors import CheckpointError, InputError, TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.model import ModelConfig
from seq2exp_tracks.model.mask_rules import FixedKind, FixedMask
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring import score_genes, score_window
from seq2exp_tracks.scoring.engine import one_hot
from seq2exp_tracks.scoring.executors.gpus import score_on_gpus

CPU = torch.device("cpu")


@pytest.mark.parametrize("config", [TINY, TINY_HARD])
@pytest.mark.parametrize("tss", [2500, 40, 4900])
def test_scores_are_the_models_output_without_the_padding(config: ModelConfig, tss: int) -> None:
    model = make(config)
    inputs = READER.read(gene(tss))
    scores = score_window(model, inputs, CPU)

    with torch.inference_mode():
        output = model(
            torch.eye(5)[inputs.bases.astype(int)][None, :, :4],
            torch.from_numpy(inputs.signals)[None],
            torch.from_numpy(inputs.features)[None],
            blacklist=torch.from_numpy(inputs.excluded)[None],
        )
    assert output.alpha is not None
    assert output.beta is not None
    distribution = torch.distributions.Beta(output.alpha[0].double(), output.beta[0].double())
    inside = slice(inputs.window.pad_left, LENGTH - inputs.window.pad_right)
    assert scores.window == inputs.window
    assert len(scores.learned) == len(inputs.window.inside)
    np.testing.assert_allclose(scores.learned, distribution.mean[inside], rtol=1e-6)
    np.testing.assert_allclose(scores.sd, distribution.stddev[inside], rtol=1e-5)
    np.testing.assert_array_equal(scores.applied, output.mask[0][inside])
    np.testing.assert_array_equal(scores.excluded, inputs.excluded[inside])
    assert scores.expression == output.expression.item()
    assert scores.imputed == ("UTR5GC",)
    np.testing.assert_array_equal(scores.contact, inputs.signals[inside, config.signals.index("HiC")])


def test_contact_is_none_where_the_tss_was_not_seen_or_the_model_reads_no_contact() -> None:
    inputs = READER.read(gene(2500))
    unseen = inputs.signals.copy()
    unseen[:, TINY.signals.index("HiC")] = 0
    assert score_window(make(TINY), replace(inputs, signals=unseen), CPU).contact is None
    others = ("H3K27ac", "DNase")
    blind = replace(TINY, signals=others, beta=replace(TINY.beta, signals=others))
    assert score_window(make(blind), replace(inputs, signals=inputs.signals[:, :2]), CPU).contact is None


def test_one_hot_has_a_column_a_base_and_no_row_for_n() -> None:
    encoded = one_hot(torch.tensor([[0, 1, 2, 3, 4]], dtype=torch.uint8))
    assert encoded.dtype == torch.float32
    assert encoded.tolist() == [[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]]


def as_bytes(scores: WindowScores) -> tuple[object, ...]:
    arrays = (scores.learned, scores.sd, scores.applied, scores.excluded)
    return scores.window, scores.expression, *(array.tobytes() for array in arrays)


Score = Callable[[list[Gene]], Generator[WindowScores, None, None]]


def scorer(workers: int | None, decode: bool = True) -> Score:
    """Scores genes by one of the executors: `None` workers stand for two GPUs."""
    load = partial(make, TINY)
    if workers is None:
        return lambda genes: score_on_gpus(load, READER, genes, (CPU, CPU), 2, decode=decode)  # type: ignore[arg-type] # a stand-in
    return lambda genes: score_genes(load, READER, genes, (CPU,), workers, decode)  # type: ignore[arg-type] # a stand-in


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where decoded inputs go; nothing may be left of them, nor of processes and threads."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(multiprocessing.active_children())
    yield tmp_path
    assert list(tmp_path.iterdir()) == []
    assert set(multiprocessing.active_children()) <= before
    assert [thread for thread in threading.enumerate() if thread.name == "prefetch"] == []


MANY = [
    *(gene(tss) for tss in (2000, 10, 4990, 2001, 300, 3000, 1500)),
    *(gene(tss, chrom="chr2") for tss in (20, 1500)),
    gene(500, chrom="chr3"),
]


@pytest.mark.parametrize(
    ("workers", "decode"),
    [
        *((1, True), (1, False), (None, True)),
        *(pytest.param(*each, marks=pytest.mark.slow) for each in ((3, True), (None, False))),
    ],
)
def test_any_number_of_workers_gives_the_same_bits_in_the_same_order(
    workers: int | None, decode: bool
) -> None:
    model = make(TINY)
    alone = [as_bytes(score_window(model, READER.read(one), CPU)) for one in MANY]
    assert [as_bytes(scores) for scores in scorer(workers, decode)(MANY)] == alone


@pytest.mark.parametrize("workers", [1, None])
def test_genes_that_come_back_to_a_chromosome_are_scored_in_their_order(workers: int | None) -> None:
    genes = [gene(2000), gene(20, chrom="chr2"), gene(300)]
    assert [scores.window.gene for scores in scorer(workers)(genes)] == genes


@pytest.mark.parametrize("workers", [1, 2, None])
def test_no_genes_give_no_scores(workers: int | None) -> None:
    assert list(scorer(workers)([])) == []


@pytest.mark.parametrize("workers", [1, 2, None])
@pytest.mark.parametrize(
    ("name", "message"), [("unreadable", r"^signal\.bw: damaged$"), ("undecodable", r"^genome\.fa: damaged$")]
)
def test_a_users_mistake_in_a_worker_arrives_as_it_was_made(
    workers: int | None, name: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        list(scorer(workers)([gene(2000), gene(2100, name), gene(2200)]))


def test_a_worker_that_dies_is_one_line_with_the_way_out() -> None:
    with pytest.raises(TracksError, match=r"^a worker process died, .* use fewer with --workers$"):
        list(scorer(2)([gene(2000), gene(2100, "deadly"), gene(2200)]))


@pytest.mark.parametrize("workers", [1, 2, pytest.param(None, marks=pytest.mark.slow)])
def test_nothing_is_left_of_a_run_that_is_broken_off(workers: int | None) -> None:
    genes = [gene(2000), gene(2100), gene(2200), gene(2300, "slow" if workers == 2 else "")]
    scored = scorer(workers)(genes)
    next(scored)
    scored.close()  # the fixture looks for what is left


def test_the_files_of_a_chromosome_are_gone_when_it_is_scored(scratch: Path) -> None:
    """However many chromosomes there are; what is kept of them is bounded by the windows under way."""
    genes = [gene(tss, chrom=chrom) for chrom in ("chr1", "chr2", "chr3") for tss in (10, 20, 30, 40, 50, 60)]
    kept = [{int(path.parent.name) for path in scratch.glob("*/*/genes")} for _ in scorer(2)(genes)]
    for place, folders in enumerate(kept):
        scored = place // 6
        assert folders <= {scored, scored + 1, scored + 2}
        assert scored in folders or place % 6 == 5
    assert max(len(folders) for folders in kept) <= 3
    assert kept[-1] == set()


def test_the_callers_threads_are_left_as_they_were() -> None:
    before = torch.get_num_threads()
    list(scorer(1)([gene(2000)]))
    assert torch.get_num_threads() == before


def test_a_model_whose_mask_is_given_has_nothing_to_show() -> None:
    fixed = replace(TINY, mask=FixedMask(FixedKind.PEAKS), generator_layers=0)
    model = make(fixed)
    model.forward = partial(model.forward, fixed_mask=torch.ones(1, LENGTH))  # type: ignore[method-assign] # given
    with pytest.raises(CheckpointError, match="takes its mask from outside"):
        score_window(model, READER.read(gene(2000)), CPU)
