"""Shards are computed in order; what is lost is tried again, what fails for good is set aside."""

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import pytest
from shard_samples import as_bytes, scores, shard, store_in

from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.pipeline.attempts import ATTEMPTS, MOST_ASIDE
from seq2exp_tracks.pipeline.computing import compute
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.lost import GenesLostError, GenesUnreadableError
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.shards.store import ShardStore
from seq2exp_tracks.worker_processes import WorkerDiedError

SHARDS = [shard(number) for number in range(6)]
DIED = WorkerDiedError("a worker process died; use fewer with --workers")


class Told:
    """Remembers what a run tells."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.stages: list[int] = []
        self.advanced = 0

    def stage(self, label: str, total: int) -> None:
        assert label == "Scoring genes"
        self.stages.append(total)
        self.advanced = 0

    def advance(self) -> None:
        self.advanced += 1

    def note(self, message: str) -> None:
        self.notes.append(message)


class Scorer:
    """Scores genes, and has something happen at some of them, the first few times that it comes to one."""

    def __init__(self, happens: dict[Gene, tuple[int, Callable[[Gene], Exception]]] | None = None) -> None:
        self.happens = happens or {}
        self.began: list[list[int]] = []
        self.times: Counter[Gene] = Counter()
        self.closed = 0

    def __call__(self, shards: Sequence[Shard]) -> Generator[WindowScores, None, None]:
        self.began.append([shard.number for shard in shards])
        try:
            for gene in (gene for shard in shards for gene in shard.genes):
                self.times[gene] += 1
                times, error = self.happens.get(gene, (0, None))
                if error is not None and self.times[gene] <= times:
                    raise error(gene)
                yield scores(gene)
        finally:
            self.closed += 1


def dies(gene: Gene) -> Exception:
    return GenesLostError([gene], DIED)


def is_unreadable(gene: Gene) -> Exception:
    return GenesUnreadableError([gene], InputError(f"signal.bw: damaged at {gene.name}"))


def run(store: ShardStore, scorer: Scorer, told: Told) -> list[int]:
    return [shard.number for shard in compute(SHARDS, store, scorer, told)]


def whole(store: ShardStore) -> list[int]:
    """The shards that are there, with the scores that they should have."""
    found = [one for one in SHARDS if store.is_whole(one)]
    for one in found:
        assert [as_bytes(read) for read in store.read(one)] == [as_bytes(scores(gene)) for gene in one.genes]
    return [one.number for one in found]


def test_shards_are_given_in_order_each_when_it_is_in_the_store(tmp_path: Path) -> None:
    store, scorer, told = store_in(tmp_path), Scorer(), Told()
    for done, one in enumerate(compute(SHARDS, store, scorer, told), start=1):
        assert one == SHARDS[done - 1]
        assert whole(store) == list(range(done))
    assert scorer.began == [[0, 1, 2, 3, 4, 5]]
    assert (told.stages, told.advanced, told.notes) == ([12], 12, [])


def test_nothing_is_scored_where_nothing_is_missing(tmp_path: Path) -> None:
    scorer = Scorer()
    assert list(compute([], store_in(tmp_path), scorer, Told())) == []
    assert scorer.began == []


def test_a_shard_whose_worker_dies_is_tried_again_and_what_was_done_is_not(tmp_path: Path) -> None:
    store, told = store_in(tmp_path), Told()
    scorer = Scorer({SHARDS[2].genes[1]: (ATTEMPTS - 1, dies)})
    assert run(store, scorer, told) == [0, 1, 2, 3, 4, 5]
    assert whole(store) == [0, 1, 2, 3, 4, 5]
    assert scorer.began == [[0, 1, 2, 3, 4, 5], *[[2, 3, 4, 5]] * (ATTEMPTS - 1)]
    assert told.stages == [12, 8, 8]
    assert told.notes == [f"{DIED}; trying again (gene G4, G5)"] * (ATTEMPTS - 1)
    assert store.failures() == {}


def test_a_shard_that_always_kills_its_worker_is_set_aside_while_the_rest_goes_on(tmp_path: Path) -> None:
    store, told = store_in(tmp_path), Told()
    scorer = Scorer({SHARDS[2].genes[0]: (99, dies)})
    computed = compute(SHARDS, store, scorer, told)
    assert [next(computed).number for _ in range(2)] == [0, 1]
    expected = (
        rf"^{DIED} \(1 shard\(s\) failed: gene G4, G5; what is done is kept in \S+/\.shards: mend .* again\)$"
    )
    with pytest.raises(TracksError, match=expected):
        next(computed)
    assert whole(store) == [0, 1, 3, 4, 5]
    assert scorer.times[SHARDS[2].genes[0]] == ATTEMPTS
    assert told.notes == [
        *[f"{DIED}; trying again (gene G4, G5)"] * (ATTEMPTS - 1),
        f"{DIED}; set aside after {ATTEMPTS} attempts (gene G4, G5), going on with the others",
    ]
    assert store.failures() == {2: str(DIED)}


def test_inputs_that_cannot_be_read_are_not_tried_again(tmp_path: Path) -> None:
    store, told = store_in(tmp_path), Told()
    scorer = Scorer({SHARDS[place].genes[1]: (99, is_unreadable) for place in (1, 4)})
    with pytest.raises(
        TracksError, match=r"^signal\.bw: damaged at G3 \(2 shard\(s\) failed: gene G2, G3, G8, G9;"
    ):
        run(store, scorer, told)
    assert whole(store) == [0, 2, 3, 5]
    assert scorer.began == [[0, 1, 2, 3, 4, 5], [2, 3, 4, 5], [5]]
    assert told.notes == [
        f"signal.bw: damaged at {last}; set aside (gene {genes}), going on with the others"
        for last, genes in (("G3", "G2, G3"), ("G9", "G8, G9"))
    ]
    assert store.failures() == {1: "signal.bw: damaged at G3", 4: "signal.bw: damaged at G9"}


def test_failures_in_a_row_end_the_run(tmp_path: Path) -> None:
    store, told = store_in(tmp_path), Told()
    scorer = Scorer({shard.genes[0]: (99, is_unreadable) for shard in SHARDS[1:]})
    with pytest.raises(TracksError, match=rf"^signal\.bw: damaged at G2 \({MOST_ASIDE} shard\(s\) failed:"):
        run(store, scorer, told)
    assert whole(store) == [0]
    assert len(scorer.began) == MOST_ASIDE
    assert sorted(store.failures()) == [1, 2, 3]


def test_failures_with_something_done_in_between_do_not(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    scorer = Scorer({SHARDS[place].genes[0]: (99, is_unreadable) for place in (0, 1, 3, 4)})
    with pytest.raises(TracksError, match=r"\(4 shard\(s\) failed: gene G0, G1, G2, G3 and 4 more;"):
        run(store, scorer, Told())
    assert whole(store) == [2, 5]


def test_deaths_that_nobody_can_explain_end_the_run_with_their_cause(tmp_path: Path) -> None:
    store, told = store_in(tmp_path), Told()
    scorer = Scorer({SHARDS[1].genes[0]: (99, lambda _: DIED)})
    with pytest.raises(WorkerDiedError) as raised:
        run(store, scorer, told)
    assert raised.value is DIED
    assert len(scorer.began) == ATTEMPTS
    assert told.notes == [f"{DIED}; trying again"] * (ATTEMPTS - 1)
    assert whole(store) == [0]


def test_a_death_that_nobody_can_explain_is_forgotten_when_a_shard_is_done(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    scorer = Scorer({shard.genes[0]: (ATTEMPTS - 1, lambda _: DIED) for shard in SHARDS})
    assert run(store, scorer, Told()) == [0, 1, 2, 3, 4, 5]


def test_an_input_that_was_replaced_is_told_instead_of_what_came_of_it(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    scorer = Scorer({SHARDS[1].genes[0]: (99, is_unreadable)})

    def changed() -> None:
        if scorer.times[SHARDS[1].genes[0]]:
            raise InputError("signal.bw: changed while the run was reading it")

    store.unchanged = changed
    with pytest.raises(InputError, match=r"^signal\.bw: changed while the run was reading it$"):
        run(store, scorer, Told())
    assert store.failures() == {}


@pytest.mark.parametrize("error", [TracksError("no room"), ZeroDivisionError("a bug"), KeyboardInterrupt()])
def test_other_errors_end_the_run_at_once(tmp_path: Path, error: BaseException) -> None:
    store = store_in(tmp_path)

    def fails(_: Gene) -> Exception:
        raise error

    scorer = Scorer({SHARDS[1].genes[1]: (99, fails)})
    with pytest.raises(type(error)):
        run(store, scorer, Told())
    assert whole(store) == [0]
    assert (len(scorer.began), scorer.closed) == (1, 1)


def test_scoring_ends_when_nobody_wants_the_shards_any_more(tmp_path: Path) -> None:
    scorer = Scorer()
    computed = compute(SHARDS, store_in(tmp_path), scorer, Told())
    next(computed)
    computed.close()
    assert scorer.closed == 1
