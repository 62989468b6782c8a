"""Do the tensors of a file fit a model? Says in words what does not."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from seq2exp_tracks.errors import CheckpointError

LISTED = 8
"""So many problems are named in a message; the rest is counted."""


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
