"""Unpickles the structure of a checkpoint without trusting it: nothing that it names is imported or run.

A pickle can name any function and have it called. This reader knows a closed list of names, gives each a
stand-in that only stores what it is given, and refuses every other.
"""

import io
import pickle
import pickletools
import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from seq2exp_tracks.errors import CheckpointError

DTYPES = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}

LARGEST = 2**40
"""No size or offset of a tensor is larger."""


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """Where a tensor lies in the archive.

    Attributes:
        entry: Number of the entry that holds the bytes.
        dtype: Type of its elements.
        offset: First element.
        shape: Shape of the tensor.
        stride: Elements from one index to the next, for each axis.
    """

    entry: str
    dtype: torch.dtype
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Storage:
    entry: str
    dtype: torch.dtype


def unpickle(pickled: bytes, path: Path) -> Any:
    """The structure in plain values: dicts, lists, numbers, text, and `StoredTensor` for tensors.

    Omegaconf's containers become the dicts and lists that they hold.

    Raises:
        CheckpointError: If the pickle names anything that is not on the list, or is damaged.
    """
    try:
        _check_memo(pickled)
        return _plain(_RestrictedUnpickler(pickled).load(), {})
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    except Exception as error:  # a hostile or damaged pickle may fail in any way
        raise CheckpointError(
            f"{path}: its pickle is damaged or not a checkpoint's ({reprlib.repr(error)})"
        ) from error


def _check_memo(pickled: bytes) -> None:
    """Refuses a pickle whose memo has places far beyond its length, for which memory would be taken.

    Raises:
        CheckpointError: If there is one.
        ValueError: If it is no pickle, or cut short.
    """
    for opcode, argument, _ in pickletools.genops(pickled):
        if "PUT" in opcode.name and isinstance(argument, int) and argument > len(pickled):
            raise CheckpointError(f"refused: its pickle asks for {argument:,} places of a memo")


class _RestrictedUnpickler(pickle.Unpickler):
    """Unpickles with stand-ins alone.

    The stand-ins are made anew for every file, because a pickle can set attributes on what it is given.
    """

    def __init__(self, pickled: bytes) -> None:
        super().__init__(io.BytesIO(pickled))
        self._allowed = _stand_ins()

    def find_class(self, module: str, name: str) -> Any:
        """The stand-in of a name.

        Raises:
            CheckpointError: For every name that is not on the list.
        """
        if (module, name) not in self._allowed:
            asked = reprlib.repr(f"{module}.{name}")
            raise CheckpointError(
                f"refused: its pickle asks for {asked}, which no checkpoint needs; "
                "do not open this file with anything else"
            )
        return self._allowed[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        """A reference to an entry of raw bytes: ("storage", type, entry, device, elements)."""
        kind, storage_type, entry = pid[:3]
        dtype = storage_type.dtype
        if kind != "storage" or type(entry) is not str or not isinstance(dtype, torch.dtype):
            raise CheckpointError(f"refused: its pickle refers to {reprlib.repr(pid)}, which is no tensor")
        return _Storage(entry, dtype)


def _stand_ins() -> dict[tuple[str, str], Any]:
    """The closed list: each name that real checkpoints hold, with what takes its place."""

    class Mapping(dict[Any, Any]):
        """Any kind of dict; what it was built from is dropped, its items are set afterwards."""

        def __init__(self, *args: Any) -> None:
            super().__init__()

    class Inert:
        """An object that keeps its state and does nothing."""

        def __init__(self, *args: Any) -> None:
            pass

    class Config(Inert):
        """A container or leaf of omegaconf: the state holds `_content` or `_val`."""

    def storage(dtype: torch.dtype) -> Any:
        return type("Storage", (), {"dtype": dtype})

    allowed: dict[tuple[str, str], Any] = {("torch", name): storage(dtype) for name, dtype in DTYPES.items()}
    allowed |= {("collections", name): Mapping for name in ("OrderedDict", "defaultdict")}
    for builtins in ("__builtin__", "builtins"):
        allowed |= {(builtins, name): Inert for name in ("dict", "int", "list", "long")}
    allowed |= {
        ("typing", "Any"): Inert,
        ("omegaconf.base", "ContainerMetadata"): Inert,
        ("omegaconf.base", "Metadata"): Inert,
        ("omegaconf.dictconfig", "DictConfig"): Config,
        ("omegaconf.listconfig", "ListConfig"): Config,
        ("omegaconf.nodes", "AnyNode"): Config,
        ("torch._utils", "_rebuild_tensor_v2"): _fresh(_rebuild_tensor),
        ("torch._utils", "_rebuild_parameter"): _fresh(_rebuild_parameter),
    }
    return allowed


def _fresh(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function behind a new object, so that a pickle cannot reach the one of this module."""
    return lambda *args: function(*args)


def _rebuild_tensor(storage: Any, offset: Any, shape: Any, stride: Any, *_: Any) -> StoredTensor:
    numbers = (offset, *shape, *stride)
    if not isinstance(storage, _Storage) or len(shape) != len(stride):
        raise CheckpointError("refused: its pickle builds a tensor from something else")
    if any(type(number) is not int or not 0 <= number < LARGEST for number in numbers):
        raise CheckpointError(f"refused: a tensor with the sizes {reprlib.repr(numbers)}")
    return StoredTensor(storage.entry, storage.dtype, offset, tuple(shape), tuple(stride))


def _rebuild_parameter(tensor: Any, *_: Any) -> StoredTensor:
    if not isinstance(tensor, StoredTensor):
        raise CheckpointError("refused: its pickle builds a parameter from something else")
    return tensor


def _plain(value: Any, done: dict[int, Any]) -> Any:
    """Unwraps omegaconf's containers: their `_content` and `_val`, never the links to their parents.

    What was unwrapped once is remembered in `done`: a small pickle can name one part very often.
    """
    if id(value) in done:
        return done[id(value)]
    plain = value
    if type(value).__name__ == "Config":
        state = vars(value)
        plain = _plain(state["_content"] if "_content" in state else state.get("_val"), done)
    elif isinstance(value, dict):
        plain = {key: _plain(item, done) for key, item in value.items()}
    elif isinstance(value, list | tuple):
        plain = [_plain(item, done) for item in value]
    done[id(value)] = plain
    return plain
