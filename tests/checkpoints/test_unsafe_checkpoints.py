"""A checkpoint is not trusted: nothing that its pickle names is run, and nothing grows without bound."""

import io
import os
import pickle
import struct
import time
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from seq2exp_tracks.checkpoints import load_checkpoint, read_config
from seq2exp_tracks.checkpoints.archive import Archive
from seq2exp_tracks.checkpoints.unpickler import StoredTensor, unpickle
from seq2exp_tracks.errors import CheckpointError

PATH = Path("a.ckpt")


class Calls:
    """Pickles as a call of a function with arguments."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


def put_pickle_into(
    source: Path, target: Path, pickled: bytes, compression: int = zipfile.ZIP_STORED
) -> Path:
    """A well-formed archive with another pickle."""
    with zipfile.ZipFile(source) as whole, zipfile.ZipFile(target, "w", compression) as changed:
        for entry in whole.namelist():
            changed.writestr(entry, pickled if entry.endswith("data.pkl") else whole.read(entry))
    return target


@pytest.fixture
def source(golden: Path) -> Path:
    return golden / "soft_tiny" / "checkpoint.ckpt"


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("place", ["alone", "weights", "options", "key", "elsewhere"])
def test_code_in_the_pickle_is_refused_and_not_run(
    source: Path, tmp_path: Path, protocol: int, place: str
) -> None:
    trace = tmp_path / "trace"
    evil = Calls(os.mkdir, str(trace))
    content: Any = {
        "alone": evil,
        "weights": {"state_dict": OrderedDict({"model.a": evil})},
        "options": {"hyper_parameters": {"model": {"_name_": "BiMambaMIRNP", "config": [[evil]]}}},
        "key": {("a", evil): 1} if protocol else evil,
        "elsewhere": {"callbacks": [{"a": (1, [evil])}]},
    }[place]
    pickled = pickle.dumps(content, protocol)
    path = put_pickle_into(source, tmp_path / "a.ckpt", pickled)
    for read in (load_checkpoint, read_config):
        with pytest.raises(
            CheckpointError, match=r"a\.ckpt: refused: its pickle asks for '(posix|nt)\.mkdir'"
        ):
            read(path)
    assert not trace.exists()

    pickle.loads(pickled)  # the same bytes do run where nobody is careful: the test can fail
    assert trace.exists()


@pytest.mark.parametrize(
    "pickled",
    [
        b"cbuiltins\neval\n(V1\ntR.",
        b"c__builtin__\nexec\n(V1\ntR.",
        b"cbuiltins\ngetattr\n.",
        b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93.",
        b"\x80\x04\x8c\x05torch\x8c\x04load\x93.",
        b"\x80\x04\x8c\x05torch\x8c\x14FloatStorage.__class__\x93.",
        b"ctorch._utils\n_rebuild_tensor_v2.__globals__\n.",
        b"ctorch.storage\n_load_from_bytes\n.",
        b"(ios\nsystem\nV1\ntR.",
        b"(V1\nios\nsystem\n.",
    ],
)
def test_names_off_the_list_are_refused_however_they_are_written(pickled: bytes) -> None:
    with pytest.raises(CheckpointError, match=r"refused|damaged"):
        unpickle(pickled, PATH)


def test_a_name_is_shown_in_one_short_line() -> None:
    with pytest.raises(CheckpointError) as caught:
        unpickle(b"\x80\x04\x8c\xf0" + b"a\n" * 120 + b"\x8c\x04eval\x93.", PATH)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "name", ["torch\nFloatStorage", "torch._utils\n_rebuild_tensor_v2", "omegaconf.nodes\nAnyNode"]
)
def test_a_stand_in_that_a_pickle_changes_is_thrown_away(name: str) -> None:
    changes = f"c{name}\n".encode() + b"(N(dVdtype\nV1\nsVmarked\nV1\nstb."  # BUILD with attributes to set
    unpickle(changes, PATH)
    marked = unpickle(f"c{name}\n.".encode(), PATH)
    assert not hasattr(marked, "marked")


def test_a_stand_in_that_lies_about_its_type_is_refused() -> None:
    pickled = b"ctorch\nFloatStorage\np0\n(N(dVdtype\nV1\nstb0(Vstorage\ng0\nV0\nVcpu\nI1\ntQ."
    with pytest.raises(CheckpointError, match="which is no tensor"):
        unpickle(pickled, PATH)


@pytest.mark.parametrize(
    "reference",
    [b"(Vmodule\nctorch\nFloatStorage\nV0\nVcpu\nI1\ntQ.", b"(Vstorage\ntQ.", b"I5\nQ.", b"PV0\n."],
)
def test_references_to_anything_but_tensors_are_refused(reference: bytes) -> None:
    with pytest.raises(CheckpointError):
        unpickle(reference, PATH)


def tensor_pickle(offset: int, shape: tuple[int, ...], stride: tuple[int, ...]) -> bytes:
    def numbers(values: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(b"I%d\n" % value for value in values) + b"t"

    storage = b"(Vstorage\nctorch\nFloatStorage\nV0\nVcpu\nI4\ntQ"
    arguments = b"(" + storage + b"I%d\n" % offset + numbers(shape) + numbers(stride) + b"I00\nNt"
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + arguments + b"R."


@pytest.mark.parametrize(
    ("offset", "shape", "stride"),
    [
        (1, (4,), (1,)),
        (0, (5,), (1,)),
        (0, (2, 2), (3, 1)),
        (0, (100_000, 100_000), (0, 0)),
        (4, (1,), (1,)),
    ],
)
def test_a_tensor_stays_inside_its_bytes(
    tmp_path: Path, offset: int, shape: tuple[int, ...], stride: tuple[int, ...]
) -> None:
    path = write_archive(tmp_path, tensor_pickle(offset, shape, stride))
    archive = Archive(path)
    with pytest.raises(CheckpointError, match="a tensor reaches outside of entry 0"):
        archive.tensor(archive.content)


@pytest.mark.parametrize(
    ("offset", "shape", "stride"),
    [(-1, (1,), (1,)), (0, (-1,), (1,)), (0, (1,), (-1,)), (0, (2**62,), (1,)), (0, (2, 2), (1,))],
)
def test_sizes_that_no_tensor_has_are_refused(
    offset: int, shape: tuple[int, ...], stride: tuple[int, ...]
) -> None:
    with pytest.raises(CheckpointError, match="refused"):
        unpickle(tensor_pickle(offset, shape, stride), PATH)


def test_a_tensor_is_read_with_its_offset_and_strides(tmp_path: Path) -> None:
    archive = Archive(write_archive(tmp_path, tensor_pickle(1, (2, 1), (2, 1))))
    assert archive.content == StoredTensor("0", torch.float32, 1, (2, 1), (2, 1))
    assert torch.equal(archive.tensor(archive.content), torch.tensor([[1.0], [3.0]]))


def write_archive(folder: Path, pickled: bytes, **more: bytes) -> Path:
    path = folder / "a.ckpt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/data/0", struct.pack("<4f", 0, 1, 2, 3))
        for name, content in more.items():
            archive.writestr(f"archive/{name}", content)
    return path


def test_a_part_that_is_named_very_often_is_unwrapped_once() -> None:
    nested: list[Any] = []
    for _ in range(60):
        nested = [nested, nested]  # 2^60 leaves, if followed one by one
    start = time.monotonic()
    unpickle(pickle.dumps(nested), PATH)
    assert time.monotonic() - start < 5


def test_a_structure_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(CheckpointError, match="damaged or not a checkpoint's"):
        unpickle(pickle.dumps(loop), PATH)


def test_a_compressed_archive_is_refused_before_it_is_unpacked(source: Path, tmp_path: Path) -> None:
    path = put_pickle_into(source, tmp_path / "a.ckpt", b"\0" * 10**7, zipfile.ZIP_DEFLATED)
    with pytest.raises(CheckpointError, match="this file is compressed"):
        load_checkpoint(path)


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(CheckpointError, match=r"it holds no single data\.pkl"):
        load_checkpoint(path)


def test_another_byte_order_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="other byte order"):
        Archive(write_archive(tmp_path, b"N.", byteorder=b"big"))


@pytest.mark.parametrize("cut", [0, 1, 10, 1000])
def test_a_damaged_pickle_is_an_error_of_one_line(source: Path, tmp_path: Path, cut: int) -> None:
    with zipfile.ZipFile(source) as archive:
        pickled = archive.read("checkpoint/data.pkl")
    path = put_pickle_into(source, tmp_path / "a.ckpt", pickled[:cut])
    with pytest.raises(CheckpointError, match="its pickle is damaged") as caught:
        load_checkpoint(path)
    assert "\n" not in str(caught.value)


def test_the_same_real_checkpoint_without_stand_ins_needs_omegaconf(golden: Path) -> None:
    # The reason for all this: torch itself refuses the published files in its safe mode.
    path = golden / "real_lightning_soft" / "checkpoint.ckpt"
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        torch.load(io.BytesIO(path.read_bytes()), weights_only=True)
    assert load_checkpoint(path).config.d_model == 8
