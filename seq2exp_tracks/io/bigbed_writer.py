"""Writes bigBed files with pybigtools, made honest.

pybigtools 0.3 takes items past their chromosome's end, leaves a file without items unreadable, tells of an
error on the terminal instead of raising it, and meets a full disk by a panic. So the items are checked here,
room for the file is taken first, and what was written is read back before the file gets its name.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pybigtools

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bed_writer import Field, bed_text
from seq2exp_tracks.io.bigwig_format import BIGBED_MAGIC
from seq2exp_tracks.io.whole_file import whole_file

# Place of definedFieldCount in the header: Kent et al., Bioinformatics 26:2204 (2010), supplement.
_DEFINED_FIELDS_AT = 34
# What an item takes at most beside its text: its place, its share of the index and of the zoom levels.
_ITEM_BYTES = 80
_FILE_BYTES = 1 << 16
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class BigBedItems:
    """Items of a bigBed file, in columns.

    Attributes:
        chroms: Chromosome of each item.
        starts: First base, 0-based.
        ends: One past the last base.
        rests: The other fields, tab-separated.
    """

    chroms: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    rests: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.chroms)

    def add(self, chrom: str, start: int, end: int, rest: Sequence[Field]) -> None:
        """Adds an item; white space within a field becomes `_`, an empty field `.`."""
        self.chroms.append(chrom)
        self.starts.append(start)
        self.ends.append(end)
        self.rests.append("\t".join(map(bed_text, rest)))


def write_bigbed(path: Path, sizes: ChromSizes, items: BigBedItems, autosql: str, bed_fields: int) -> None:
    """Writes a bigBed file, sorted by the name of the chromosome, start and end, as UCSC wants it.

    Args:
        path: The file to write, which ends in `.bb`; an existing one is replaced when the new one is whole.
        sizes: Chromosomes of the genome; the file names those that have items.
        items: The items, in any order.
        autosql: Names, types and descriptions of the fields.
        bed_fields: How many of the fields are those of BED.

    Raises:
        InputError: If there is no item (readers cannot open a bigBed file without), or one does not lie on
            its chromosome.
        OutputError: If the file cannot be written.
    """
    _check(path, sizes, items)
    order = sorted(
        range(len(items)), key=lambda index: (items.chroms[index], items.starts[index], items.ends[index])
    )
    columns = (items.chroms, items.starts, items.ends, items.rests)
    # Lists and zip alone: whatever a generator of ours raised, Ctrl-C included, pybigtools would swallow.
    rows = zip(*([column[index] for index in order] for column in columns), strict=True)
    with whole_file(path) as partial:
        _take_room(partial, sum(map(len, items.rests)) + _ITEM_BYTES * len(items) + _FILE_BYTES)
        try:
            pybigtools.open(str(partial), "w").write(dict(sorted(sizes.items())), rows, autosql=autosql)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a Rust panic is no Exception
            raise _unwritten(path, str(error)) from error
        _check_written(path, partial, items)
        _set_bed_fields(partial, bed_fields)


def _check(path: Path, sizes: ChromSizes, items: BigBedItems) -> None:
    if not len(items):
        raise InputError(
            f"{path}: nothing to write: a bigBed file without items cannot be read; leave it out"
        )
    for chrom, start, end in zip(items.chroms, items.starts, items.ends, strict=True):
        if not 0 <= start < end <= sizes.get(chrom, 0):
            raise InputError(
                f"{path}: cannot be written: {chrom}:{start}-{end} (0-based) does not lie on a chromosome of "
                f"the genome ({chrom} has {sizes.get(chrom, 0):,} bp); was the run's table edited?"
            )


def _take_room(path: Path, size: int) -> None:
    """Fills the file with as many bytes as it can come to need, so that a full disk is met here."""
    zeros = bytes(_PIECE)
    with path.open("wb") as file:
        for done in range(0, size, _PIECE):
            file.write(zeros[: size - done])


def _check_written(path: Path, partial: Path, items: BigBedItems) -> None:
    """Reads all items again: errors of the writer are seen only by what is missing."""
    try:
        reader = pybigtools.open(str(partial))
        written = sum(sum(1 for _ in reader.records(chrom)) for chrom in reader.chroms())
        with partial.open("rb") as file:
            file.seek(-4, 2)
            whole = struct.unpack("<I", file.read(4)) == (BIGBED_MAGIC,)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a Rust panic is no Exception
        raise _unwritten(path, str(error)) from error
    if not whole or written != len(items):
        raise _unwritten(path, f"{written:,} of {len(items):,} items arrived")


def _set_bed_fields(path: Path, bed_fields: int) -> None:
    """Tells readers how many fields are BED's own: pybigtools counts ours among them."""
    with path.open("r+b") as file:
        file.seek(_DEFINED_FIELDS_AT)
        file.write(struct.pack("<H", bed_fields))


def _unwritten(path: Path, reason: str) -> OutputError:
    text = " ".join(reason.split())[:200]
    return OutputError(
        f"{path}: cannot be written ({text}); free some space there and in the folder for temporary files"
    )
