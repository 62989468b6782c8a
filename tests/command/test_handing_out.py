"""What the leader of a run makes of what the workers of a cluster say; a stand-in is the cluster."""

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import pytest

from seq2exp_tracks.errors import OutputError, TracksError
from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.pipeline import on_ray
from seq2exp_tracks.pipeline.on_ray import compute_on_ray
from seq2exp_tracks.pipeline.ray_cluster import Ended
from seq2exp_tracks.pipeline.shard_worker import Outcome
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.scoring.lost import GenesLostError
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.worker_processes import WorkerDiedError

SHARDS = [
    Shard(number, (Gene(f"g{number}", f"G{number}", "chr1", 100 * number, Strand.PLUS),))
    for number in range(6)
]
JOB: Any = SimpleNamespace(
    request=SimpleNamespace(out=Path("run"), workers=2, address=None), hardware=SimpleNamespace()
)
DONE = Outcome("here", None, ())
Answer = Callable[[int, int], Outcome | WorkerDiedError]
"""What becomes of a shard at one of its attempts, counted from 1."""


class Store:
    """Holds the numbers of the shards that are whole."""

    def __init__(self) -> None:
        self.folder = Path("run/.shards")
        self.whole: set[int] = set()
        self.told: dict[int, str] = {}

    def receipt(self, shard: Shard) -> object:
        return shard

    def is_whole(self, shard: Shard) -> bool:
        return shard.number in self.whole

    def set_aside(self, shard: Shard, why: str) -> None:
        self.told[shard.number] = why


class Cluster:
    """Two workers, of which the later one to be asked answers first."""

    def __init__(self, store: Store, answer: Answer) -> None:
        self._store, self._answer = store, answer
        self._busy: deque[int] = deque()
        self.tried: list[int] = []
        self.ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended = True

    def has_room(self) -> bool:
        return len(self._busy) < 2

    def hand_out(self, number: int) -> None:
        self._busy.append(number)
        self.tried.append(number)

    def let_go(self) -> None:
        pass

    def wait(self, seconds: float) -> list[Ended]:
        if not self._busy:
            return []
        number = self._busy.pop()
        outcome = self._answer(number, self.tried.count(number))
        if outcome == DONE:
            self._store.whole.add(number)
        return [Ended(number, outcome)]


class Told(Silent):
    """Progress that keeps what it hears."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.steps = 0

    def advance(self) -> None:
        self.steps += 1

    def note(self, message: str) -> None:
        self.notes.append(message)


@pytest.fixture
def computed(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Answer], tuple[Any, Store, Cluster, Told]]:
    def begin(answer: Answer) -> tuple[Any, Store, Cluster, Told]:
        store, told = Store(), Told()
        cluster = Cluster(store, answer)
        monkeypatch.setattr(on_ray, "RayCluster", lambda *_: cluster)
        stored: Any = store
        return compute_on_ray(JOB, SHARDS, stored, told), store, cluster, told

    return begin


def numbers(shards: Sequence[Shard]) -> list[int]:
    return [shard.number for shard in shards]


def test_shards_come_in_their_order_whichever_is_done_first(computed: Any) -> None:
    shards, _, cluster, told = computed(lambda *_: DONE)
    assert numbers(list(shards)) == [0, 1, 2, 3, 4, 5]
    assert sorted(cluster.tried) == [0, 1, 2, 3, 4, 5]
    assert (told.steps, told.notes) == (6, [])
    assert cluster.ended


def test_a_shard_that_loses_its_worker_for_good_is_set_aside_and_the_rest_goes_on(computed: Any) -> None:
    dead = WorkerDiedError("a worker of the cluster was lost")
    shards, store, cluster, told = computed(lambda number, _: dead if number == 2 else DONE)
    found: list[Shard] = []
    with pytest.raises(TracksError, match=r"^a worker .*1 shard\(s\) failed: gene G2"):
        found.extend(shards)
    assert store.whole == {0, 1, 3, 4, 5}
    assert list(store.told) == [2]
    assert cluster.tried.count(2) == 3
    assert told.notes[:2] == ["a worker of the cluster was lost; trying again (gene G2)"] * 2
    assert cluster.ended


def test_genes_that_were_lost_once_are_tried_again(computed: Any) -> None:
    lost = Outcome("there", GenesLostError(SHARDS[3].genes, TracksError("hung")), ())
    shards, _, cluster, told = computed(lambda number, time: lost if (number, time) == (3, 1) else DONE)
    assert numbers(list(shards)) == [0, 1, 2, 3, 4, 5]
    assert cluster.tried.count(3) == 2
    assert told.notes == ["hung; trying again (gene G3)"]


def test_a_shard_that_is_here_not_as_it_was_written_there_is_not_believed(computed: Any) -> None:
    told_so = Outcome("there", None, ("said",))  # the stand-in puts nothing into the store then
    shards, _, cluster, told = computed(lambda number, time: told_so if (number, time) == (4, 1) else DONE)
    assert numbers(list(shards)) == [0, 1, 2, 3, 4, 5]
    assert cluster.tried.count(4) == 2
    assert told.notes[0] == "there: said"
    assert told.notes[1].startswith(
        "run/.shards/000004.parquet: not as there wrote it, or not to be seen here"
    )


def test_what_is_no_fault_of_a_shard_ends_the_run_at_once(computed: Any) -> None:
    full = Outcome("there", OutputError("run: cannot be written (No space left on device)"), ())
    shards, store, cluster, _ = computed(lambda *_: full)
    with pytest.raises(OutputError, match="No space left"):
        list(shards)
    assert store.told == {}
    assert cluster.ended


def test_whoever_stops_listening_ends_the_workers(computed: Any) -> None:
    shards, _, cluster, _ = computed(lambda *_: DONE)
    assert next(shards).number == 0
    shards.close()
    assert cluster.ended


def test_a_mistake_of_the_program_is_raised_where_it_is_waited_for(computed: Any) -> None:
    def wrong(*_: int) -> Outcome:
        raise ZeroDivisionError

    shards, *_ = computed(wrong)
    with pytest.raises(ZeroDivisionError):
        list(shards)


def test_nothing_to_do_starts_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_ray, "RayCluster", None)
    store: Any = Store()
    assert list(compute_on_ray(JOB, [], store, Silent())) == []
