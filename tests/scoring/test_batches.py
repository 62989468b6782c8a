"""Batches on one device, which the CPU stands in for: the very code that runs on a GPU, copies apart."""

import threading
from collections.abc import Callable, Sequence

import pytest
import torch
from limited_memory import Limited, limited
from random_windows import READER, TINY, TINY_HARD, gene

from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.model import ModelConfig
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring import score_window
from seq2exp_tracks.scoring.batches import BatchScorer

CPU = torch.device("cpu")
WINDOWS = [READER.read(gene(tss)) for tss in (2000, 10, 4990, 2001, 300, 3000, 1500, 77, 78)]


def as_bytes(scores: WindowScores) -> tuple[object, ...]:
    arrays = (scores.learned, scores.sd, scores.applied, scores.excluded)
    contact = None if scores.contact is None else scores.contact.tobytes()
    return scores.window, scores.expression, scores.imputed, contact, *(array.tobytes() for array in arrays)


def reading(windows: Sequence[WindowInputs]) -> Callable[[], Sequence[WindowInputs]]:
    return lambda: windows


def score(model: Limited, sizes: Sequence[int], most: int) -> tuple[list[list[WindowScores]], list[str]]:
    """Scores the windows in batches of these sizes, each fed one ahead, as a run does."""
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    batches = [WINDOWS[end - size : end] for end, size in zip(ends, sizes, strict=True)]
    scored, remarks = [], []
    with BatchScorer(model, CPU, most) as scorer:
        scorer.feed(reading(batches[0]))
        for following in [*batches[1:], None]:
            if following is not None:
                scorer.feed(reading(following))
            found = scorer.take()
            scored.append(found.scores)
            remarks.extend(found.remarks)
    return scored, remarks


@pytest.mark.parametrize("config", [TINY, TINY_HARD])
@pytest.mark.parametrize(("sizes", "most"), [([9], 9), ([4, 4, 1], 4), ([1] * 9, 1), ([2, 5, 2], 3)])
def test_every_window_has_its_own_scores_whatever_it_is_launched_with(
    config: ModelConfig, sizes: list[int], most: int
) -> None:
    model = limited(config, holds=9)
    scored, remarks = score(model, sizes, most)
    assert [len(batch) for batch in scored] == sizes
    assert max(model.seen) == min(most, max(sizes))
    alone = [as_bytes(score_window(model, window, CPU)) for window in WINDOWS]
    assert [as_bytes(one) for batch in scored for one in batch] == alone
    assert remarks == []


def test_the_next_batch_is_launched_before_the_scores_of_the_last_one_are_awaited() -> None:
    model = limited(TINY, holds=9)
    with BatchScorer(model, CPU, 9) as scorer:
        for size in (1, 2, 3):
            scorer.feed(reading(WINDOWS[:size]))
        launched = [(len(scorer.take().scores), list(model.seen)) for _ in range(3)]
    assert launched == [(1, [1, 2]), (2, [1, 2, 3]), (3, [1, 2, 3])]


@pytest.mark.parametrize(
    "words", [None, "Triton Error [CUDA]: out of memory", "CUDA error: out of memory\nCUDA kernel errors"]
)
def test_where_memory_runs_out_half_as_many_windows_are_launched_and_the_user_told(
    words: str | None,
) -> None:
    model = limited(TINY, holds=2, words=words)
    scored, remarks = score(model, [8, 1], most=8)
    assert model.seen == [8, 4, 2, 2, 2, 2, 1]
    assert remarks == [
        "cpu: out of memory with 8 windows in flight, going on with 4 (--windows-in-flight 4 begins so)",
        "cpu: out of memory with 4 windows in flight, going on with 2 (--windows-in-flight 2 begins so)",
    ]
    alone = [as_bytes(score_window(model, window, CPU)) for window in WINDOWS]
    assert [as_bytes(one) for batch in scored for one in batch] == alone


def test_fewer_windows_stay_fewer_for_the_batches_that_follow() -> None:
    model = limited(TINY, holds=3)
    _, remarks = score(model, [4, 4], most=4)
    assert model.seen == [4, 2, 2, 2, 2]
    assert len(remarks) == 1


def test_memory_that_is_full_is_given_back_when_nothing_computes_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, log = limited(TINY, holds=1), list[str]()
    module = "seq2exp_tracks.scoring.batches"
    collect = BatchScorer._collect
    monkeypatch.setattr(f"{module}.let_go", lambda device: log.append(f"let go of {device}"))
    monkeypatch.setattr(
        BatchScorer, "_collect", lambda scorer, keep: (log.append(f"keep {keep}"), collect(scorer, keep))
    )
    score(model, [2], most=2)
    assert log[:2] == ["keep 0", "let go of cpu"]


def test_a_window_that_does_not_fit_by_itself_is_one_line_with_the_way_out() -> None:
    model = limited(TINY, holds=0)
    said = r"^cpu: its memory does not hold a single window; end other programs .* or use --device cpu$"
    with pytest.raises(TracksError, match=said):
        score(model, [4], most=4)
    assert model.seen == [4, 2, 1]
    assert [thread for thread in threading.enumerate() if thread.name == "prefetch"] == []


def test_any_other_error_of_the_device_is_not_taken_for_want_of_memory() -> None:
    model = limited(TINY, holds=0, words="an illegal memory access was encountered")
    with pytest.raises(RuntimeError, match="illegal memory access"):
        score(model, [2], most=2)
    assert model.seen == [2]


def test_a_window_that_cannot_be_read_ends_it_with_its_own_error() -> None:
    def failing() -> Sequence[WindowInputs]:
        raise InputError("signal.bw: damaged")

    with BatchScorer(limited(TINY, holds=9), CPU, 9) as scorer:
        scorer.feed(failing)
        with pytest.raises(InputError, match=r"^signal\.bw: damaged$"):
            scorer.take()
