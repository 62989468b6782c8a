"""Contact that is stored as a vector for each TSS: the authors' Hi-C, one HDF5 file a chromosome.

`hic_feat_chr22.h5` holds, under the key `chr22_36388067`, the contact of each base about that TSS (0-based)
with it: observed, VC-normalised, NaN where it is not known. The TSS is in the middle of its vector.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.genome import ChromSizes

CONTACTS_ROLE = "contacts"

_NAME = re.compile(r"hic_feat_(?P<chrom>[\w.-]+)\.h5")


@dataclass(frozen=True, slots=True)
class ContactVectors:
    """The vectors of some chromosomes. Files are opened for each reading, so it goes to any process.

    Attributes:
        path: The folder or the one file that the user names.
        files: File of each chromosome, by the genome's name for it.
    """

    path: Path
    files: Mapping[str, Path]
    normalization: ClassVar[str] = "stored"
    computed: ClassVar[bool] = False
    warning: ClassVar[None] = None

    @classmethod
    def open(cls, path: Path, sizes: ChromSizes | None = None) -> Self:
        """Finds the files of a folder, or takes one.

        Args:
            path: A folder of `hic_feat_CHROM.h5`, or one such file.
            sizes: The genome whose names of chromosomes count, and which leaves out others; None for all
                files by their own names.

        Raises:
            InputError: If there is no such file for any chromosome of the genome.
            TracksError: If h5py is not installed.
        """
        _library()
        found = vector_files(path)
        if sizes is not None:
            found = {name: file for chrom, file in found.items() if (name := sizes.resolve(chrom))}
        if not found:
            whose = "" if sizes is None else " of a chromosome of the genome"
            raise InputError(f"{path}: no hic_feat_CHROM.h5{whose}; name a folder of them, one, or a .hic")
        return cls(path, found)

    def read(self, chrom: str, tss: int, start: int, end: int) -> Float64[np.ndarray, " bases"] | None:
        """Contact of some bases with a TSS; NaN where it is not known.

        Args:
            chrom: Chromosome, as the genome calls it.
            tss: The TSS.
            start: First base.
            end: One past the last base.

        Returns:
            One contact a base; None where the TSS has no vector.

        Raises:
            InputError: If the file is damaged, or the vector does not reach as far.
        """
        file = self.files.get(chrom)
        if file is None:
            return None
        with _opened(file) as vectors:
            key = _key(file, tss)
            if key not in vectors:
                return None
            first = start - tss + _checked(file, key, vectors[key], tss, start, end) // 2
            contact: Float64[np.ndarray, " bases"] = vectors[key][first : first + end - start]
        if (contact < 0).any() or np.isinf(contact).any():
            raise InputError(f"{file}: {key} holds a contact below 0 or without end; get the file again")
        return contact

    def lacking(self, places: Iterable[tuple[str, int, int, int]]) -> list[tuple[str, int]]:
        """Looks beforehand whether every vector is there and long enough.

        Args:
            places: Chromosome, TSS, and the first and one past the last base that will be read of each.

        Returns:
            Chromosome and TSS of those that have no vector.

        Raises:
            InputError: If a file is damaged, or a vector does not reach as far.
        """
        by_chrom: dict[str, list[tuple[int, int, int]]] = {}
        for chrom, *place in places:
            by_chrom.setdefault(chrom, []).append((place[0], place[1], place[2]))
        lacking = []
        for chrom, wanted in by_chrom.items():
            file = self.files.get(chrom)
            if file is None:
                lacking += [(chrom, tss) for tss, _, _ in wanted]
                continue
            with _opened(file) as vectors:
                for tss, start, end in wanted:
                    key = _key(file, tss)
                    if key in vectors:
                        _checked(file, key, vectors[key], tss, start, end)
                    else:
                        lacking.append((chrom, tss))
        return lacking


def is_vectors(path: Path) -> bool:
    """Whether contacts are stored vectors, by their name: a folder, or `.h5`."""
    return path.is_dir() or path.suffix.casefold() == ".h5"


def chromosome_of(name: str) -> str | None:
    """The chromosome that a file's name tells; None for other files."""
    found = _NAME.fullmatch(name)
    return found["chrom"] if found else None


def vector_files(path: Path) -> dict[str, Path]:
    """The files of a folder, or the one file, by the chromosome that the name tells."""
    paths = sorted(path.iterdir()) if path.is_dir() else [path]
    return {chrom: file for file in paths if (chrom := chromosome_of(file.name)) and file.is_file()}


def contact_inputs(path: Path) -> dict[str, Path]:
    """The files of contacts by role: `contacts`, or `contacts:CHROM` for each file of vectors."""
    if not is_vectors(path):
        return {CONTACTS_ROLE: path}
    return {f"{CONTACTS_ROLE}:{chrom}": file for chrom, file in vector_files(path).items()}


def contacts_of_inputs(files: Mapping[str, Path]) -> Path | None:
    """What to name as contacts so that the same files are read again; None where there are none.

    Args:
        files: Files by role, as `contact_inputs` gives them, among others.
    """
    vectors = [path for role, path in files.items() if role.startswith(f"{CONTACTS_ROLE}:")]
    if len(vectors) > 1:
        return vectors[0].parent
    return vectors[0] if vectors else files.get(CONTACTS_ROLE)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A file of vectors, open for reading; what HDF5 says of a damaged one becomes one line."""
    library = _library()
    try:
        with library.File(path, "r") as file:
            yield file
    except (OSError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{path}: cannot be read as HDF5 ({reason}); get the file again") from error


def _key(file: Path, tss: int) -> str:
    """What a vector goes by: by the name of the chromosome in the file, not in the genome."""
    return f"{chromosome_of(file.name)}_{tss}"


def _checked(file: Path, key: str, vector: Any, tss: int, start: int, end: int) -> int:
    """The length of a vector that holds some bases."""
    shape = getattr(vector, "shape", None)
    if shape is None or len(shape) != 1:
        raise InputError(f"{file}: {key} has the shape {shape}, which is no vector")
    held = int(shape[0])
    if start < tss - held // 2 or end > tss - held // 2 + held:
        raise InputError(f"{file}: {key} holds {held:,} bases, use a window of no more")
    return held


def _library() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise TracksError(
            "stored vectors of Hi-C (.h5) need a package that is not installed: "
            "pip install 'seq2exp-tracks[published-data]'"
        ) from error
    return h5py
