"""The published black list: a pickle of one array of booleans a chromosome, read without trusting it.

A pickle can name any function and have it called. This reader knows the names that such arrays need, puts
stand-ins in their place that store bytes and do nothing else, and refuses every other name.
"""

import pickle
import reprlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from jaxtyping import Bool, Int64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.bed import IntervalSet

# numpy moved its helpers in version 2; both spellings mean the same.
_NUMPY = ("numpy.core", "numpy._core")

_BOOLEANS = ("b1", "?", "|b1", "bool")


def read_mask_pickle(path: Path) -> IntervalSet:
    """Reads the bases that a pickle marks, as intervals.

    Args:
        path: A pickle of a dict: chromosome to array, one boolean a base. The file is read as a whole: a byte
            of memory a base, 3 GB for a human genome, until it has been turned into intervals.

    Raises:
        InputError: If it is missing or damaged, or holds or names anything else.
    """
    try:
        with path.open("rb") as file:
            content = _RestrictedUnpickler(file).load()
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; is the data folder whole?") from error
    except Exception as error:  # a hostile or damaged pickle may fail in any way
        raise InputError(f"{path}: damaged, or no pickle of masks ({reprlib.repr(error)})") from error
    if not isinstance(content, dict) or not all(type(name) is str for name in content):
        raise InputError(f"{path}: holds {type(content).__name__}, not masks by chromosome")
    intervals = {}
    for name, stored in content.items():
        if not isinstance(stored, _Stored) or stored.mask is None:
            raise InputError(f"{path}: what it holds for {reprlib.repr(name)} is no array of booleans")
        intervals[name] = _stretches(stored.mask)
    return IntervalSet(intervals)


def _stretches(mask: Bool[np.ndarray, " bases"]) -> Int64[np.ndarray, "stretches 2"]:
    """Starts and ends of the marked stretches."""
    changes = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return changes.reshape(-1, 2).astype(np.int64)


class _Stored:
    """Takes the place of an array: keeps the booleans that it is given."""

    def __init__(self) -> None:
        self.mask: Bool[np.ndarray, " bases"] | None = None

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, _, data = state  # version, shape, type, order, bytes
        self.fill(data, dtype, shape)

    def fill(self, data: Any, dtype: Any, shape: Any) -> None:
        """Takes over the bytes of a one-dimensional array of booleans.

        Raises:
            InputError: If they are anything else.
        """
        if not isinstance(dtype, _Type) or dtype.name not in _BOOLEANS:
            raise InputError("refused: an array of something else than booleans")
        if not isinstance(data, bytes | bytearray) or shape != (len(data),):
            raise InputError(
                "refused: an array of more than one dimension, or of another length than it says"
            )
        values = np.frombuffer(data, np.uint8)
        if values.size and values.max() > 1:
            raise InputError("refused: booleans that are neither 0 nor 1")
        self.mask = values.view(bool)


class _Type:
    """Takes the place of a dtype: keeps its name, and forgets the byte order that is set afterwards."""

    def __init__(self, name: Any = None, *_: Any) -> None:
        self.name = name if type(name) is str else None

    def __setstate__(self, state: Any) -> None:
        pass


class _RestrictedUnpickler(pickle.Unpickler):
    """Unpickles with stand-ins alone, made anew for every file."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._allowed = _stand_ins()

    def find_class(self, module: str, name: str) -> Any:
        """The stand-in of a name.

        Raises:
            InputError: For every name that arrays of booleans do not need.
        """
        if (module, name) not in self._allowed:
            asked = reprlib.repr(f"{module}.{name}")
            raise InputError(
                f"refused: its pickle asks for {asked}, which no mask needs; do not open this file with "
                "anything else"
            )
        return self._allowed[module, name]


def _stand_ins() -> dict[tuple[str, str], Any]:
    """The closed list. `_reconstruct` makes an empty array, `_frombuffer` (protocol 5) a full one."""

    def reconstruct(*_: Any) -> _Stored:
        return _Stored()

    def from_buffer(data: Any, dtype: Any, shape: Any, *_: Any) -> _Stored:
        stored = _Stored()
        stored.fill(data, dtype, shape)
        return stored

    class Type(_Type):
        """A type that a pickle may change as it likes."""

    allowed: dict[tuple[str, str], Any] = {("numpy", "ndarray"): None, ("numpy", "dtype"): Type}
    for module in _NUMPY:
        allowed[f"{module}.multiarray", "_reconstruct"] = reconstruct
        allowed[f"{module}.numeric", "_frombuffer"] = from_buffer
    return allowed
