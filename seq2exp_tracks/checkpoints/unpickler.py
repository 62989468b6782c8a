"""Reads a PyTorch archive without trusting it: nothing that the pickle names is imported or run.

A `.ckpt` is a zip file with a pickle of the structure and one entry of raw bytes a tensor. Pickles can
name any function and have it called, so this reader knows a closed list of names, gives each a stand-in
that only stores what it is given, and refuses every other. Tensors are read when asked for.

It knows nothing of models: names and meanings are `published`'s business.
"""

import io
import pickle
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

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


class Archive:
    """An opened archive: its structure in plain values, and its tensors on request.

    Args:
        path: The file.

    Attributes:
        content: The unpickled structure. Dicts, lists, tuples and plain values; tensors as
            `StoredTensor`; omegaconf's containers as the dicts and lists they hold.

    Raises:
        CheckpointError: If it is no such archive, is damaged, or names anything not on the list.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with zipfile.ZipFile(path) as archive:
                self._root = _check_entries(archive, path)
                pickled = archive.read(f"{self._root}/data.pkl")
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
            raise CheckpointError(
                f"{path}: not a whole checkpoint ({error}); copy or download it again"
            ) from error
        self.content = _unpickle(pickled, path)

    def tensor(self, stored: StoredTensor) -> Tensor:
        """Reads a tensor.

        Raises:
            CheckpointError: If its bytes are missing or damaged, or it reaches outside of them.
        """
        try:
            with zipfile.ZipFile(self._path) as archive:
                data = bytearray(archive.read(f"{self._root}/data/{stored.entry}"))
        except (zipfile.BadZipFile, KeyError, OSError) as error:
            raise CheckpointError(
                f"{self._path}: damaged in entry {stored.entry} ({error}); copy or download it again"
            ) from error
        last = stored.offset + sum(
            (size - 1) * step for size, step in zip(stored.shape, stored.stride, strict=True)
        )
        if 0 in stored.shape:
            return torch.empty(stored.shape, dtype=stored.dtype)
        if (last + 1) * stored.dtype.itemsize > len(data):
            raise CheckpointError(f"{self._path}: a tensor reaches outside of entry {stored.entry}")
        elements = torch.frombuffer(data, dtype=stored.dtype)
        return elements.as_strided(stored.shape, stored.stride, stored.offset).clone()


def _check_entries(archive: zipfile.ZipFile, path: Path) -> str:
    """The archive's root folder. Stored entries only, so that no small file unpacks into a huge one."""
    names = archive.namelist()
    roots = [
        name.removesuffix("/data.pkl")
        for name in names
        if name.count("/") == 1 and name.endswith("/data.pkl")
    ]
    if len(roots) != 1:
        raise CheckpointError(f"{path}: a zip file, but not a checkpoint: it holds no single data.pkl")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
        raise CheckpointError(f"{path}: not a checkpoint: PyTorch does not compress, this file is compressed")
    byteorder = f"{roots[0]}/byteorder"
    if sys.byteorder != "little" or (byteorder in names and archive.read(byteorder) != b"little"):
        raise CheckpointError(f"{path}: written on (or read on) a big-endian machine; convert it on another")
    return roots[0]


def _unpickle(pickled: bytes, path: Path) -> Any:
    try:
        return _plain(_RestrictedUnpickler(pickled).load())
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    except Exception as error:  # a hostile or damaged pickle may fail in any way
        raise CheckpointError(
            f"{path}: its pickle is damaged or not a checkpoint's ({type(error).__name__}: {error})"
        ) from error


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
            raise CheckpointError(
                f"refused: its pickle asks for {module}.{name}, which no checkpoint needs; "
                "do not open this file with other tools either"
            )
        return self._allowed[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        """A reference to an entry of raw bytes: ("storage", type, entry, device, elements)."""
        kind, storage_type, entry = pid[:3]
        if kind != "storage" or type(entry) is not str or not entry.isdigit():
            raise CheckpointError(f"refused: its pickle refers to {pid!r}, which is no tensor")
        return _Storage(entry, storage_type.dtype)


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
    if any(type(number) is not int or number < 0 for number in numbers):
        raise CheckpointError(f"refused: a tensor of shape {shape}, stride {stride}, offset {offset}")
    return StoredTensor(storage.entry, storage.dtype, offset, tuple(shape), tuple(stride))


def _rebuild_parameter(tensor: Any, *_: Any) -> StoredTensor:
    if not isinstance(tensor, StoredTensor):
        raise CheckpointError("refused: its pickle builds a parameter from something else")
    return tensor


def _plain(value: Any) -> Any:
    """Unwraps omegaconf's containers: their `_content` and `_val`, never the links to their parents."""
    state = getattr(value, "__dict__", {}) if type(value).__name__ == "Config" else None
    if state is not None:
        return _plain(state["_content"] if "_content" in state else state.get("_val"))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
