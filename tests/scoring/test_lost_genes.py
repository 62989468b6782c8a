"""Workers that die, hang or cannot read: which genes are told to be lost, and what comes of trying again."""

import os
import signal
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
import torch
from random_windows import READER, TINY, RandomReader, gene, make

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.io.run_folder import SHARDS
from seq2exp_tracks.model import Seq2Exp
from seq2exp_tracks.pipeline.computing import compute
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring import score_genes
from seq2exp_tracks.scoring.executors import board
from seq2exp_tracks.scoring.executors.local import score_in_processes
from seq2exp_tracks.scoring.lost import GenesLostError, GenesUnreadableError
from seq2exp_tracks.shards.identity import Identity
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.shards.store import ShardStore
from seq2exp_tracks.windows import Window

CPU = torch.device("cpu")
GENES = [gene(tss) for tss in (300, 900, 1500, 2100, 2700, 3300)]
IDENTITY = Identity({}, {}, {}, {"devices": ["cpu"]})


@dataclass(frozen=True)
class FaultyReader(RandomReader):
    """A reader whose workers are killed or hang at some genes, the first few times that it comes to them.

    Attributes:
        folder: Where it counts.
        kills: Times that a worker is killed, by gene.
        hangs: Times that one hangs.
    """

    folder: Path = Path()
    kills: tuple[tuple[str, int], ...] = ()
    hangs: tuple[tuple[str, int], ...] = ()

    def read(self, gene: Gene) -> WindowInputs:
        if self._has_times_left("kill", dict(self.kills), gene):
            os.kill(os.getpid(), signal.SIGKILL)
        if self._has_times_left("hang", dict(self.hangs), gene):
            signal.pause()
        return super().read(gene)

    def _has_times_left(self, what: str, times: dict[str, int], gene: Gene) -> bool:
        done = self.folder / f"{what}.{gene.id}"
        count = len(done.read_text()) if done.exists() else 0
        if count >= times.get(gene.id, 0):
            return False
        done.write_text("x" * (count + 1))
        return True


def lost(genes: Sequence[Gene], reader: RandomReader = READER, patience: float = 60.0) -> GenesLostError:
    """What two workers say of genes that they cannot score."""
    with pytest.raises(GenesLostError) as raised:
        list(score_in_processes(partial(make, TINY), reader, genes, 2, patience=patience))  # type: ignore[arg-type] # a stand-in
    return raised.value


@pytest.mark.slow
def test_the_gene_that_a_worker_died_at_is_lost_and_no_other(tmp_path: Path) -> None:
    reader = FaultyReader(READER.sizes, folder=tmp_path, kills=((GENES[3].id, 1),))
    found = lost(GENES, reader)
    assert (found.genes, found.again) == ((GENES[3],), True)
    assert str(found) == "a worker process died, most likely because memory ran out; use fewer with --workers"


@dataclass(frozen=True)
class DeadlyDecoder(RandomReader):
    """A reader whose workers are killed, or hang, when they decode a chromosome."""

    hangs: bool = False

    def decode(self, genes: Sequence[Gene], folder: Path) -> None:  # type: ignore[override] # it never returns
        if self.hangs:
            signal.pause()
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("hangs", [False, True])
def test_a_worker_that_ends_while_it_decodes_loses_the_genes_that_it_does_that_for(hangs: bool) -> None:
    found = lost(GENES, DeadlyDecoder(READER.sizes, hangs=hangs), patience=2.0)
    assert (found.genes, found.again) == (tuple(GENES), True)
    if hangs:
        told = f"gene {GENES[0].name} ({GENES[0].id}) and 5 more: a worker was at it for more than 2 s"
        assert str(found) == f"{told} (--patience) and was ended"


def never_loaded() -> Seq2Exp:
    """As from storage that does not answer."""
    signal.pause()
    raise AssertionError


@pytest.mark.slow
def test_workers_that_hang_while_they_load_the_model_are_given_up_and_no_gene_is_to_blame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(board, "STARTING", 2.0)
    with pytest.raises(GenesLostError, match=r"^no worker was ready within 2 s; [^\n]*$") as raised:
        list(score_in_processes(never_loaded, READER, GENES, 2, patience=1.0))  # type: ignore[arg-type] # a stand-in
    assert (raised.value.genes, raised.value.again) == ((), True)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_gene_whose_inputs_cannot_be_read_is_lost_for_good(workers: int) -> None:
    genes = [GENES[0], gene(2100, "unreadable"), GENES[1]]
    with pytest.raises(GenesUnreadableError, match=r"^signal\.bw: damaged$") as raised:
        list(score_genes(partial(make, TINY), READER, genes, (CPU,), workers))  # type: ignore[arg-type] # a stand-in
    assert (raised.value.genes, raised.value.again) == ((genes[1],), False)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_of_a_chromosome_that_cannot_be_decoded_all_genes_are_lost_and_those_of_others_are_not(
    workers: int,
) -> None:
    bad = (gene(500, chrom="chr2"), gene(900, "undecodable", chrom="chr2"))
    genes = [*GENES, *bad, gene(300, chrom="chr3")]
    scored = score_genes(partial(make, TINY), READER, genes, (CPU,), workers)  # type: ignore[arg-type] # a stand-in
    found: list[Gene] = []
    with pytest.raises(GenesUnreadableError, match=r"^genome\.fa: damaged$") as raised:
        found.extend(scores.window.gene for scores in scored)
    assert (raised.value.genes, raised.value.again) == (bad, False)
    # Several workers are at the last windows when its turn comes.
    assert found == GENES[: len(found)]
    assert len(found) == len(GENES) or workers > 1


@dataclass(frozen=True)
class ShortOfMemory(RandomReader):
    """A reader of a machine whose memory does not hold one of the genes."""

    error: Exception | None = None

    def read(self, gene: Gene) -> WindowInputs:
        if gene == GENES[1] and self.error is not None:
            raise self.error
        return super().read(gene)


ALLOCATOR = "[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory: you tried to"


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError(ALLOCATOR)])
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_gene_that_memory_does_not_hold_is_lost_and_can_be_tried_again(
    workers: int, error: Exception
) -> None:
    reader = ShortOfMemory(READER.sizes, error=error)
    told = rf"^gene {GENES[1].name} \({GENES[1].id}\): memory ran out; use fewer with --workers$"
    with pytest.raises(GenesLostError, match=told) as raised:
        list(score_genes(partial(make, TINY), reader, GENES, (CPU,), workers))  # type: ignore[arg-type] # a stand-in
    assert (raised.value.genes, raised.value.again) == ((GENES[1],), True)


def test_another_error_is_a_mistake_of_ours() -> None:
    reader = ShortOfMemory(READER.sizes, error=RuntimeError("shapes differ"))
    with pytest.raises(RuntimeError, match=r"^shapes differ$"):
        list(score_genes(partial(make, TINY), reader, GENES, (CPU,), 1))  # type: ignore[arg-type] # a stand-in


def window_of(gene: Gene) -> Window:
    return Window.around(gene, READER.window, READER.sizes[gene.chrom])


class Notes(Silent):
    """Remembers what a run says."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def computed(
    run: Path, reader: RandomReader, patience: float = 60.0, progress: Silent | None = None
) -> dict[str, bytes]:
    """The shards, of two genes each, that two workers compute."""
    shards = [Shard(number, tuple(GENES[2 * number : 2 * number + 2])) for number in range(3)]
    (run / SHARDS).mkdir(parents=True)
    store = ShardStore(run, IDENTITY, window_of)

    def score(left: Sequence[Shard]) -> Generator[WindowScores, None, None]:
        genes = [gene for shard in left for gene in shard.genes]
        return score_in_processes(partial(make, TINY), reader, genes, 2, patience=patience)  # type: ignore[arg-type] # a stand-in

    try:
        assert list(compute(shards, store, score, progress or Silent())) == shards
    except TracksError as error:
        (run / "error").write_text(str(error))
    return {path.name: path.read_bytes() for path in (run / SHARDS).glob("*.parquet")}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return computed(tmp_path_factory.mktemp("runs") / "undisturbed", READER)


@pytest.mark.slow
def test_workers_that_are_killed_change_nothing_of_what_comes_out(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    reader = FaultyReader(READER.sizes, folder=tmp_path)
    killed = replace(reader, kills=((GENES[0].id, 2), (GENES[5].id, 1)))
    assert computed(tmp_path / "killed", killed) == undisturbed
    assert not (tmp_path / "killed" / "error").exists()


@pytest.mark.slow
def test_a_worker_that_hangs_is_ended_and_its_gene_tried_again(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    # Long enough for the first windows, at which kernels are compiled, on a machine that others use.
    hanging = FaultyReader(READER.sizes, folder=tmp_path, hangs=((GENES[2].id, 1),))
    told = Notes()
    assert computed(tmp_path / "run", hanging, patience=20.0, progress=told) == undisturbed
    assert not (tmp_path / "run" / "error").exists()
    blamed, shard = f"gene {GENES[2].name} ({GENES[2].id})", f"gene {GENES[2].name}, {GENES[3].name}"
    assert told.notes == [
        f"{blamed}: a worker was at it for more than 20 s (--patience) and was ended; trying again ({shard})"
    ]


@pytest.mark.slow
def test_a_shard_that_always_kills_its_worker_is_set_aside_and_the_rest_is_kept(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    reader = FaultyReader(READER.sizes, folder=tmp_path, kills=((GENES[2].id, 99),))
    found = computed(tmp_path / "run", reader)
    del undisturbed["000001.parquet"]
    assert found == undisturbed
    failed = tmp_path / "run" / SHARDS / "000001.failed"
    said = "a worker process died, most likely because memory ran out; use fewer with --workers"
    assert failed.read_text() == f"{said}\n"
    names = f"{GENES[2].name}, {GENES[3].name}"
    assert (tmp_path / "run" / "error").read_text() == (
        f"{said} (1 shard(s) failed: gene {names}; what is done is kept in {tmp_path}/run/{SHARDS}: mend the "
        "cause and give the same command again)"
    )
    assert (tmp_path / f"kill.{GENES[2].id}").read_text() == "xxx"  # tried three times
