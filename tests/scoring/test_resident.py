"""A model that stays in this process scores as one that is loaded for a run; the CPU stands in for a GPU."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
import torch
from limited_memory import limited
from random_windows import READER, TINY, TINY_HARD, gene, make

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.model import ModelConfig, Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring import score_genes
from seq2exp_tracks.scoring.lost import GenesUnreadableError
from seq2exp_tracks.scoring.resident import ResidentScorer

CPU = torch.device("cpu")
SHARDS = [
    [gene(tss) for tss in (2000, 10, 4990, 2001, 300, 3000, 1500, 1501, 1502)],
    [gene(20, chrom="chr2")],
    [gene(500, chrom="chr3"), gene(700, chrom="chr3")],
]


class InBatches(ResidentScorer):
    """Scores as on a GPU, where there is none."""

    def score(self, genes: Sequence[Gene]) -> Iterator[WindowScores]:  # type: ignore[override] # as generators are
        return self._in_batches(genes)


Scorer = Callable[..., ResidentScorer]


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert list(tmp_path.iterdir()) == []


def as_bytes(scores: WindowScores) -> tuple[object, ...]:
    arrays = (scores.learned, scores.sd, scores.applied, scores.excluded)
    contact = None if scores.contact is None else scores.contact.tobytes()
    return scores.window, scores.imputed, scores.expression, contact, *(each.tobytes() for each in arrays)


@pytest.mark.parametrize("config", [TINY, TINY_HARD])
@pytest.mark.parametrize(("scorer", "in_flight"), [(ResidentScorer, None), (InBatches, 1), (InBatches, 4)])
def test_shard_after_shard_has_the_bits_of_a_run_over_all_genes_and_loads_the_model_once(
    config: ModelConfig, scorer: Scorer, in_flight: int | None
) -> None:
    loaded = []

    def load() -> Seq2Exp:
        loaded.append(1)
        return make(config)

    resident = scorer(load, READER, CPU, in_flight)
    every = [one for shard in SHARDS for one in shard]
    alone = score_genes(partial(make, config), READER, every, (CPU,), 1)  # type: ignore[arg-type] # a stand-in
    found = [as_bytes(scores) for shard in SHARDS for scores in resident.score(shard)]
    assert found == [as_bytes(scores) for scores in alone]
    assert loaded == [1]


@pytest.mark.parametrize("scorer", [ResidentScorer, InBatches])
def test_an_input_that_cannot_be_read_is_blamed_on_its_gene_and_the_next_shard_is_scored(
    scorer: Scorer,
) -> None:
    resident = scorer(partial(make, TINY), READER, CPU, 2)
    bad = gene(900, "unreadable")
    with pytest.raises(GenesUnreadableError, match=r"^signal\.bw: damaged$") as caught:
        list(resident.score([gene(10), bad, gene(1000)]))
    assert caught.value.genes == (bad,)
    assert [scores.window.gene for scores in resident.score(SHARDS[0])] == SHARDS[0]


@pytest.mark.parametrize("scorer", [ResidentScorer, InBatches])
def test_a_shard_that_cannot_be_decoded_is_to_blame_and_no_other(scorer: Scorer) -> None:
    resident = scorer(partial(make, TINY), READER, CPU, 2)
    bad = [gene(900), gene(1000, "undecodable")]
    with pytest.raises(GenesUnreadableError, match=r"^genome\.fa: damaged$") as caught:
        list(resident.score(bad))
    assert caught.value.genes == tuple(bad)
    assert [scores.window.gene for scores in resident.score(SHARDS[0])] == SHARDS[0]


def test_less_memory_than_expected_is_said_and_changes_no_bit() -> None:
    told: list[str] = []
    resident = InBatches(partial(limited, TINY, 1), READER, CPU, 2, told.append)  # type: ignore[arg-type] # a stand-in
    alone = score_genes(partial(make, TINY), READER, SHARDS[0], (CPU,), 1)  # type: ignore[arg-type] # a stand-in
    found = [as_bytes(scores) for scores in resident.score(SHARDS[0])]
    assert found == [as_bytes(scores) for scores in alone]
    assert told == [
        "cpu: out of memory with 2 windows in flight, going on with 1 (--windows-in-flight 1 begins so)"
    ]


def test_a_device_that_does_not_hold_the_model_is_one_line() -> None:
    def full() -> Seq2Exp:
        raise torch.OutOfMemoryError("full")

    with pytest.raises(TracksError, match=r"^cpu: its memory does not hold the model; .* with --device$"):
        list(InBatches(full, READER, CPU).score(SHARDS[0]))  # type: ignore[arg-type] # a stand-in
