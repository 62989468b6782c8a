"""Which shards are tried again, which are set aside, and when there is nothing to be hoped from going on."""

from collections import Counter
from collections.abc import Sequence

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scoring.lost import GenesLostError
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.shards.store import ShardStore

ATTEMPTS = 3
"""How often a shard is tried whose worker dies or hangs."""

MOST_ASIDE = 3
"""After so many failures without a shard that is done in between, the fault is not theirs: the run ends."""


class Attempts:
    """What is left to compute, and what went wrong with it.

    Args:
        shards: Those that are missing.
        store: Is told of those that are set aside.
        progress: Is told what went wrong.

    Attributes:
        left: Shards that are neither done nor set aside, in their order.
        aside: Why shards were set aside.
    """

    def __init__(self, shards: Sequence[Shard], store: ShardStore, progress: Progress) -> None:
        self.left = list(shards)
        self.aside: dict[Shard, Exception] = {}
        self._store, self._progress = store, progress
        self._tries: Counter[int] = Counter()
        self._unexplained = self._aside_in_a_row = 0

    def done(self, shard: Shard) -> None:
        """A shard is in the store."""
        self.left.remove(shard)
        self._unexplained = self._aside_in_a_row = 0

    def blame(self, lost: GenesLostError) -> None:
        """Decides what becomes of shards whose genes were lost, and says so.

        Raises:
            TracksError: If nothing is to be hoped from going on.
        """
        genes = set(lost.genes)
        blamed = [shard for shard in self.left if genes & set(shard.genes)]
        if not blamed:
            self._unexplained += 1
            if self._unexplained >= ATTEMPTS:
                raise lost.cause
        self._tries.update(shard.number for shard in blamed)
        hopeless = [shard for shard in blamed if not lost.again or self._tries[shard.number] >= ATTEMPTS]
        again = [shard for shard in blamed if shard not in hopeless]
        if hopeless:
            self._set_aside(hopeless, lost)
        if again or not blamed:
            told = f" (gene {names(again)})" if again else ""
            self._progress.note(f"{lost}; trying again{told}")

    def failure(self) -> TracksError:
        """What to tell in the end."""
        shards, first = list(self.aside), next(iter(self.aside.values()))
        return TracksError(
            f"{first} ({len(shards)} shard(s) failed: gene {names(shards)}; what is done is kept in "
            f"{self._store.folder}: mend the cause and give the same command again)"
        )

    def _set_aside(self, shards: Sequence[Shard], lost: GenesLostError) -> None:
        for shard in shards:
            self.left.remove(shard)
            self.aside[shard] = lost.cause
            self._store.set_aside(shard, str(lost))
        self._aside_in_a_row += 1
        if self._aside_in_a_row >= MOST_ASIDE:
            raise self.failure()
        tried = f" after {ATTEMPTS} attempts" if lost.again else ""
        self._progress.note(f"{lost}; set aside{tried} (gene {names(shards)}), going on with the others")


def names(shards: Sequence[Shard]) -> str:
    """Genes of shards, for a message."""
    genes = [gene.name for shard in shards for gene in shard.genes]
    return ", ".join(genes[:4]) + (f" and {len(genes) - 4} more" if len(genes) > 4 else "")
