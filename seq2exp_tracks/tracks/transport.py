"""A scored gene in shared memory: its arrays as bytes, one after another, and the rest beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import UInt8

from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.section import ScoredGene

_ARRAYS = {
    "learned": np.float32,
    "sd": np.float32,
    "applied": np.float32,
    "contact": np.float32,
    "excluded": np.bool_,
}
"""The arrays of `WindowScores`, the widest first, so that each begins at a multiple of its width."""

_NO_ARRAYS: dict[str, np.ndarray] = {name: np.zeros(0, kind) for name, kind in _ARRAYS.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """What is left of a gene when its arrays are taken out.

    Attributes:
        gene: The gene, with arrays of no length in place of its own.
        lengths: Number of values of each array; None for an array that it does not have.
    """

    gene: ScoredGene
    lengths: tuple[int | None, ...]


def packed_bytes(length: int) -> int:
    """Bytes that the arrays of a window take, a multiple of 64.

    Args:
        length: Length of the window in bp.
    """
    return -(-length * sum(np.dtype(kind).itemsize for kind in _ARRAYS.values()) // 64) * 64


def pack(gene: ScoredGene, memory: UInt8[np.ndarray, " bytes"]) -> Packed:
    """Copies the arrays of a gene into memory; returns the rest.

    Raises:
        ValueError: If they do not fit.
    """
    lengths: list[int | None] = []
    at = 0
    for name, kind in _ARRAYS.items():
        values = getattr(gene.scores, name)
        lengths.append(None if values is None else len(values))
        if values is not None:
            end = at + len(values) * np.dtype(kind).itemsize
            if end > len(memory):
                raise ValueError(f"gene {gene.scores.window.gene.id}: its window is longer than the first")
            memory[at:end].view(kind)[:] = values
            at = end
    return Packed(replace(gene, scores=_with_arrays(gene.scores, _NO_ARRAYS)), tuple(lengths))


def unpack(packed: Packed, memory: UInt8[np.ndarray, " bytes"]) -> ScoredGene:
    """The gene again; its arrays are views of the memory, good as long as that is not used again."""
    arrays: dict[str, np.ndarray | None] = {}
    at = 0
    for (name, kind), length in zip(_ARRAYS.items(), packed.lengths, strict=True):
        end = at + (length or 0) * np.dtype(kind).itemsize
        arrays[name] = None if length is None else memory[at:end].view(kind)
        at = end
    return replace(packed.gene, scores=_with_arrays(packed.gene.scores, arrays))


def _with_arrays(scores: WindowScores, arrays: Mapping[str, Any]) -> WindowScores:
    return replace(scores, **arrays)
