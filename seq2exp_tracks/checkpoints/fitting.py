"""Do the tensors of a file fit a model? Says in words what does not."""

import reprlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from seq2exp_tracks.errors import CheckpointError

LISTED = 8
"""So many problems are named in a message; the rest is counted."""


NO_SIZES = ("window", "promoter", "elements")
"""Whole numbers of a configuration on which no tensor depends."""

USUAL = 2048
"""No size up to this is impossible: what does not fit is told tensor by tensor."""


def refuse_sizes(config: Mapping[str, Any], weights: Mapping[str, Tensor], path: Path) -> None:
    """Refuses sizes that are larger than anything in the file.

    A damaged number would have a model of any size made before its tensors are compared.

    Args:
        config: A configuration as plain values.
        weights: The tensors of its file.
        path: The file.

    Raises:
        CheckpointError: If there are such sizes.
    """
    largest = max([USUAL, len(weights), *(size for shape in shapes_of(weights).values() for size in shape)])
    found = [f"{name} is {reprlib.repr(value)}" for name, value in _sizes(config) if value > largest]
    if found:
        raise CheckpointError(f"{path}: its configuration asks for impossible sizes ({', '.join(found)})")


def _sizes(config: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The whole numbers of a configuration, and of those inside it."""
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from _sizes(value)
        elif isinstance(value, int) and name not in NO_SIZES:
            yield name, value


def shapes_of(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor by name."""
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def misfits(found: Mapping[str, tuple[int, ...]], wanted: Mapping[str, tuple[int, ...]]) -> list[str]:
    """What is missing, left over or of another shape, in this order."""
    return [
        *(f"missing {name}" for name in wanted if name not in found),
        *(f"unexpected {name}" for name in found if name not in wanted),
        *(
            f"{name} has the shape {found[name]} instead of {shape}"
            for name, shape in wanted.items()
            if name in found and found[name] != shape
        ),
    ]


def refuse(problems: Sequence[str], path: Path) -> None:
    """Raises one error that lists the problems, if there are any.

    Raises:
        CheckpointError: If there are.
    """
    if problems:
        more = f" and {len(problems) - LISTED} more" if len(problems) > LISTED else ""
        raise CheckpointError(f"{path}: its weights do not fit: {'; '.join(problems[:LISTED])}{more}")
