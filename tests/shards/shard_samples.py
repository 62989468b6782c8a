"""Genes, windows and scores for tests of shards, and a store that keeps them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.io.run_folder import SHARDS
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.shards.identity import Identity
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.shards.store import ShardStore
from seq2exp_tracks.windows import Window

WINDOW, CHROMOSOME = 40, 1_000
IDENTITY = Identity(
    inputs={"checkpoint": "c" * 64, "fasta": "f" * 64},
    settings={"window": WINDOW, "signals": ["DNase"]},
    versions={"torch": "2.0"},
    path={"devices": ["cpu"], "kernels": "AVX2"},
)


def gene(number: int, chrom: str = "chr1") -> Gene:
    return Gene(f"{chrom}.{number}", f"G{number}", chrom, 10 + 10 * number, Strand.PLUS)


def shard(number: int, genes: int = 2) -> Shard:
    return Shard(number, tuple(gene(genes * number + place) for place in range(genes)))


def window_of(gene: Gene) -> Window:
    return Window.around(gene, WINDOW, CHROMOSOME)


def scores(gene: Gene) -> WindowScores:
    """Scores drawn from the gene's place."""
    window, random = window_of(gene), np.random.default_rng(gene.tss)
    learned, sd = random.random((2, len(window.inside)), np.float32)
    excluded = random.random(len(learned)) < 0.2
    applied = np.where(excluded, np.float32(0), learned)
    return WindowScores(window, learned, sd, applied, excluded, float(random.random()), ("UTR5GC",), None)


def as_bytes(scores: WindowScores) -> tuple[object, ...]:
    """Everything of some scores, bit for bit."""
    arrays = (scores.learned, scores.sd, scores.applied, scores.excluded, scores.contact)
    bits = [None if array is None else (array.dtype, array.shape, array.tobytes()) for array in arrays]
    return scores.window, np.float64(scores.expression).tobytes(), scores.imputed, *bits


def store_in(run: Path, **changed: object) -> ShardStore:
    """A store of a run; of one that was made otherwise where parts of its identity are given."""
    (run / SHARDS).mkdir(parents=True, exist_ok=True)
    return ShardStore(run, replace(IDENTITY, **changed), window_of)  # type: ignore[arg-type] # by name


def write(store: ShardStore, shards: Sequence[Shard]) -> None:
    for one in shards:
        store.write(one, map(scores, one.genes))
