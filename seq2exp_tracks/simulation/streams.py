"""Random numbers: every part of a genome draws from its own stream, so that one change leaves the others."""

import numpy as np

# Parts that draw random numbers: a new part goes to the end.
STREAMS = (
    "plan",
    "sequence",
    "h3k27ac",
    "dnase",
    "contacts",
    "expression",
    "features",
    "cell_type",
    "reads",
)


def stream(seed: int, part: str, cell_type: int = 0) -> np.random.Generator:
    """The random numbers of one part, for what all cell types share or for one of them.

    Args:
        seed: Seed of the genome.
        part: One of `STREAMS`.
        cell_type: Index of the cell type; 0 for what all share. No part is drawn both ways.
    """
    number = STREAMS.index(part)
    key = (number,) if cell_type == 0 else (number, cell_type)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
