"""Damage for `fuzz.py`: valid files with bytes, lines, cells and values that nobody expects."""

import copy
import gzip
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

LONG = "9" * 5_000

CELLS = (
    *("", ".", "-", "+", "0", "-1", "1", "1e999", "nan", "inf", "-inf", "1_0", "0x10", "TRUE", "NA", "null"),
    *(LONG, str(2**31), str(2**63 - 1), str(2**63), str(-(2**63)), str(10**30), "1e300", "-0.0", "١٢", "²"),
    *('"', "'", "#", "##FASTA", "track", "browser", ";;;", "a=b", "chr1", "1", "MT", "..", "../..", "/"),
    *(
        "\x00",
        "\x1b[2J",
        "\r",
        "\u2028",
        "\ufeff",
        "é" * 200,
        "x" * 3_000,
        "gene_id",
        'gene_id "a"',
        "ID=a;Parent=a",
    ),
)
"""Cells that are wrong in most places."""

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 10**30, 1e308, 0.5, "", "x", "\n", "../..", "/etc/passwd", "nan", LONG),
    *([], {}, [[]], [None], {"": None}, {"name": []}, ["a", 1], "1.0", "2.0", "999999999.0", "x" * 3_000),
)
"""Values of JSON that are wrong in most places."""

Mutation = Callable[[bytes, random.Random], bytes]


def mutated(kind: str, seeds: Sequence[bytes], rng: random.Random) -> bytes:
    """A damaged file.

    Args:
        kind: What the files are: `text`, `json`, `safetensors` or `zip`.
        seeds: Valid files.
        rng: Decides everything.
    """
    seed = rng.choice(seeds)
    if rng.random() < 0.05:
        return rng.randbytes(rng.randrange(200))
    chosen = rng.choices(_BY_KIND[kind], k=rng.choice((1, 1, 1, 2, 3, 8)))
    # Changes of what a file holds come first: in damaged bytes they would find nothing.
    for mutation in sorted(chosen, key=_TEXT.__contains__):
        seed = mutation(seed, rng)
    return seed if rng.random() > 0.03 else _compressed(seed, rng)


def _flipped(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return data
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << rng.randrange(8))]) + data[place + 1 :]


def _inserted(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data) + 1)
    new = rng.choice((b"\n", b"\t", b",", b'"', b"\x00", b"\xff\xfe", b"\r\n", b"[" * 500, rng.randbytes(4)))
    return data[:place] + new + data[place:]


def _cut(data: bytes, rng: random.Random) -> bytes:
    first, last = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return data[:first] + data[last:] if rng.random() < 0.5 else data[:last]


def _repeated(data: bytes, rng: random.Random) -> bytes:
    first, last = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return data[:last] + data[first:last] * rng.choice((1, 2, 20)) + data[last:]


def _shuffled_lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join(lines)


def _other_cell(data: bytes, rng: random.Random) -> bytes:
    """One cell of one line replaced by an unexpected one."""
    lines = data.split(b"\n")
    line = rng.randrange(len(lines))
    separator = rng.choice((b"\t", b"\t", b"\t", b",", b";", b" ", b"="))
    cells = lines[line].split(separator)
    cells[rng.randrange(len(cells))] = rng.choice(CELLS).encode()
    lines[line] = separator.join(cells)
    return b"\n".join(lines)


def _other_number_of_cells(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    line = rng.randrange(len(lines))
    cells = lines[line].split(b"\t")
    lines[line] = b"\t".join(cells[: rng.randrange(len(cells) + 1)] if rng.random() < 0.5 else cells * 2)
    return b"\n".join(lines)


def _other_encoding(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("latin-1")
    return rng.choice(
        (data.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + data, text.encode("utf-16"), data + b"\xe9")
    )


def _compressed(data: bytes, rng: random.Random) -> bytes:
    whole = gzip.compress(data, mtime=0)
    return rng.choice((whole, _flipped(whole, rng), whole[: rng.randrange(len(whole))]))


_BYTES: tuple[Mutation, ...] = (_flipped, _inserted, _cut, _repeated)
_TEXT: tuple[Mutation, ...] = (
    *_BYTES,
    *(_shuffled_lines, _other_encoding, _other_number_of_cells),
    *(_other_cell,) * 5,
)


def _other_value(data: bytes, rng: random.Random) -> bytes:
    """One value of a JSON file replaced, dropped or put in twice."""
    try:
        return json.dumps(_changed(json.loads(data), rng)).encode()
    except ValueError:
        return _flipped(data, rng)


def _changed(value: Any, rng: random.Random) -> Any:
    value = copy.copy(value)
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        if rng.random() < 0.15:
            del value[key]
        elif rng.random() < 0.1:
            value[rng.choice(CELLS)] = value[key]
        else:
            value[key] = _changed(value[key], rng)
        return value
    if isinstance(value, list) and value and rng.random() < 0.7:
        place = rng.randrange(len(value))
        value[place : place + 1] = rng.choice(
            ([], value[place : place + 1] * 2, [_changed(value[place], rng)])
        )
        return value
    return rng.choice(VALUES)


def _other_header(data: bytes, rng: random.Random) -> bytes:
    """The JSON header of a safetensors file changed, of the right length or not."""
    length = struct.unpack("<Q", data[:8])[0]
    header, rest = data[8 : 8 + length], data[8 + length :]
    try:
        content = json.loads(header)
        ours = content["__metadata__"]
        key = next(iter(ours))
        if rng.random() < 0.8:
            ours[key] = (_other_value if rng.random() < 0.8 else _flipped)(ours[key].encode(), rng).decode(
                errors="replace"
            )
        else:
            content = _changed(content, rng)
        header = json.dumps(content).encode()
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        header = _flipped(header, rng)
    told = rng.choice((0, 2**63, len(header) + 1)) if rng.random() < 0.05 else len(header)
    return struct.pack("<Q", told) + header + rest


def _other_pickle(data: bytes, rng: random.Random) -> bytes:
    """The pickle in a checkpoint changed, in an archive that is whole."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    pickled = next(name for name in entries if name.endswith("data.pkl"))
    entries[pickled] = rng.choice((*_BYTES, _other_text))(entries[pickled], rng)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def _other_text(data: bytes, rng: random.Random) -> bytes:
    """A word of the same length in place of another: a name or a value that fits its frame."""
    place = rng.randrange(max(1, len(data) - 8))
    return (
        data[:place]
        + rng.choice((b"systems\n", b"\xff" * 8, b"\x00" * 8, b"(((((((("))[:8]
        + data[place + 8 :]
    )


_BY_KIND: dict[str, tuple[Mutation, ...]] = {
    "text": _TEXT,
    "json": (*(_other_value,) * 6, *_TEXT),
    "safetensors": (*(_other_header,) * 6, *_BYTES),
    "zip": (*(_other_pickle,) * 6, *_BYTES),
}
