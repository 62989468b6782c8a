"""What shards cost a run: scores written, synced, hashed and read back, beside the time that scoring takes.

The published soft model with initial weights on random inputs, on one core: neither decides what is computed.
Masks of trained weights take other sizes on the disk. Two genes make a shard, so that receipts and syncs
weigh more than in a run of a genome.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click
import torch

from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.io.run_folder import SHARDS
from seq2exp_tracks.model.config import SOFT
from seq2exp_tracks.model.reading import one_thread
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.bench.windows import random_window
from seq2exp_tracks.scoring.engine import score_window
from seq2exp_tracks.shards.identity import Identity
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.shards.store import ShardStore
from seq2exp_tracks.windows import Window

GENES_OF_A_SHARD = 2
CHROMOSOME = 300_000_000
IDENTITY = Identity({"checkpoint": "0" * 64}, {"window": SOFT.window}, {}, {"devices": ["cpu"]})


def gene(number: int) -> Gene:
    """A gene far from both ends of its chromosome, 500 kb after the one before."""
    return Gene(f"G{number}", f"G{number}", "chr1", 1_000_000 + 500_000 * number, Strand.PLUS)


def window_of(one: Gene) -> Window:
    """The window of a gene."""
    return Window.around(one, SOFT.window, CHROMOSOME)


class Clock:
    """Seconds of some work, and of the waiting for the disk that is part of it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, work: Callable[[], object]) -> None:
        """Adds what a call takes."""
        began = time.monotonic()
        work()
        self.seconds += time.monotonic() - began


def scored(model: Seq2Exp, genes: tuple[Gene, ...]) -> Iterator[WindowScores]:
    """Scores of genes from random inputs."""
    for one in genes:
        inputs = replace(random_window(SOFT.window, len(SOFT.signals), one.tss), window=window_of(one))
        with one_thread():
            yield score_window(model, inputs, torch.device("cpu"))


@click.command()
@click.option("--shards", default=3, show_default=True, help="Shards, of two genes each.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where they are written.  [default: TMPDIR]")
def main(shards: int, folder: Path | None) -> None:
    """Tell what share of a run writing and reading its shards takes."""
    model = Seq2Exp.initialised(SOFT, seed=0)
    scoring, writing, checking, reading = Clock(), Clock(), Clock(), Clock()
    with tempfile.TemporaryDirectory(dir=folder) as name:
        (Path(name) / SHARDS).mkdir()
        store = ShardStore(Path(name), IDENTITY, window_of)
        first = Shard(shards, (gene(GENES_OF_A_SHARD * shards),))
        store.write(first, scored(model, first.genes))  # compiles the model, and loads what writes parquet
        list(store.read(first))
        size = 0
        for number in range(shards):
            genes = tuple(gene(GENES_OF_A_SHARD * number + place) for place in range(GENES_OF_A_SHARD))
            shard, found = Shard(number, genes), list[WindowScores]()
            scoring(lambda genes=genes, found=found: found.extend(scored(model, genes)))  # type: ignore[misc]
            writing(lambda shard=shard, found=found: store.write(shard, found))  # type: ignore[misc]
            checking(lambda shard=shard: store.is_whole(shard))  # type: ignore[misc]
            reading(lambda shard=shard: list(store.read(shard)))  # type: ignore[misc]
            receipt = store.receipt(shard)
            size += 0 if receipt is None else receipt.bytes
    windows = GENES_OF_A_SHARD * shards
    print(
        f"{windows} windows of {SOFT.window:,} bp in {shards} shards, {size / windows / 1e6:.2f} MB a window"
    )
    for told, clock in (
        ("scoring", scoring),
        ("writing and syncing", writing),
        ("reading", reading),
        ("checking, when a run goes on", checking),
    ):
        share = clock.seconds / scoring.seconds
        print(f"{told:<30}{1000 * clock.seconds / windows:>10.1f} ms a window{100 * share:>8.2f} %")
    added = (writing.seconds + reading.seconds) / scoring.seconds
    print(f"shards add {100 * added:.2f} % to scoring on one core")


if __name__ == "__main__":
    main()
