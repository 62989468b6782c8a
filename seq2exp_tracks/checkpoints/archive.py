"""The file that PyTorch writes: a zip with a pickle of the structure and one entry of raw bytes a tensor.

Knows nothing of models: names and meanings are `published`'s business.
"""

import math
import sys
import zipfile
from pathlib import Path

import torch
from torch import Tensor

from seq2exp_tracks.checkpoints.unpickler import StoredTensor, unpickle
from seq2exp_tracks.errors import CheckpointError

UNREADABLE = (zipfile.BadZipFile, OSError, EOFError, KeyError, RuntimeError, ValueError)
"""What `zipfile` raises for archives that are damaged, encrypted or cut short."""


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
        except UNREADABLE as error:
            raise CheckpointError(
                f"{path}: not a whole checkpoint ({error}); copy or download it again"
            ) from error
        self.content = unpickle(pickled, path)

    def tensor(self, stored: StoredTensor) -> Tensor:
        """Reads a tensor.

        Raises:
            CheckpointError: If its bytes are missing or damaged, or it reaches outside of them.
        """
        try:
            with zipfile.ZipFile(self._path) as archive:
                data = bytearray(archive.read(f"{self._root}/data/{stored.entry}"))
        except UNREADABLE as error:
            raise CheckpointError(
                f"{self._path}: damaged in entry {stored.entry} ({error}); copy or download it again"
            ) from error
        if 0 in stored.shape:
            return torch.empty(stored.shape, dtype=stored.dtype)
        held = len(data) // stored.dtype.itemsize
        steps = zip(stored.shape, stored.stride, strict=True)
        last = stored.offset + sum((size - 1) * step for size, step in steps)
        if last >= held or math.prod(stored.shape) > held:
            raise CheckpointError(f"{self._path}: a tensor reaches outside of entry {stored.entry}")
        elements = torch.frombuffer(data, dtype=stored.dtype, count=held)
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
    if byteorder in names and archive.read(byteorder) != sys.byteorder.encode():
        raise CheckpointError(f"{path}: written on a machine of the other byte order; convert it there")
    return roots[0]
