"""All that goes by a name: what it consists of, where that lies, and how to fetch it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.authors_tables import joined_table
from seq2exp_tracks.resources.fetching import Fetcher, Wanted
from seq2exp_tracks.resources.hub import Hub
from seq2exp_tracks.resources.presets import CellPreset, GenomePreset, Presets, checkpoint_of
from seq2exp_tracks.resources.sources import Local, OnHub, Remote, Source

AUTHORS_TABLES = ("half_life", "gene_list")
"""Roles of the two tables that are joined into one of genes with their features."""

VECTORS = "contact_vectors"
"""Role of the authors' stored contact, a file a chromosome."""

CONTACTS = "contacts"
FASTA = "fasta"

Preset = TypeVar("Preset")


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a genome, a cell type or a checkpoint.

    Attributes:
        owner: What it belongs to, such as `K562`.
        role: What it is there, such as `signal:DNase`.
        source: Where it comes from.
        optional: Whether one does without it where the Hub has none.
    """

    owner: str
    role: str
    source: Source
    optional: bool = False

    @property
    def name(self) -> str:
        """What the user calls it."""
        return f"{self.owner} {self.role}"


class Catalog:
    """Genomes, cell types and checkpoints, and the files that they have become.

    Args:
        presets: What is known by name.
        fetcher: Brings files here.
        hub: Finds files of repositories.
    """

    def __init__(self, presets: Presets, fetcher: Fetcher, hub: Hub) -> None:
        self.presets, self.fetcher, self._hub = presets, fetcher, hub

    def cells(self, name: str) -> CellPreset:
        """The cell type of a name.

        Raises:
            InputError: If there is none.
        """
        return _known(self.presets.cells, name, "cell type")

    def genome(self, name: str) -> GenomePreset:
        """The genome of a name.

        Raises:
            InputError: If there is none.
        """
        return _known(self.presets.genomes, name, "genome")

    def checkpoint(self, kind: str, cells: str) -> Part:
        """The trained weights of a kind for a cell type.

        Raises:
            InputError: If there is no such kind.
        """
        source = _known(self.presets.checkpoints, kind, "checkpoint")
        return Part(f"{kind} {cells}", "checkpoint", checkpoint_of(source, cells))

    def named(self, names: Sequence[str]) -> list[Part]:
        """The files of everything that is named; checkpoints for the cell types named with them.

        Without a cell type, a checkpoint is that of the named genome's default, else of every genome's.

        Raises:
            InputError: If nothing has one of the names.
        """
        parts: list[Part] = []
        cells = [name for name in names if name in self.presets.cells]
        genomes = [name for name in names if name in self.presets.genomes] or list(self.presets.genomes)
        cells_of_checkpoints = cells or [
            default for name in genomes if (default := self.presets.genomes[name].cells)
        ]
        for name in names:
            if name in self.presets.genomes:
                parts += genome_parts(self.presets.genomes[name])
            elif name in self.presets.cells:
                parts += cell_parts(self.presets.cells[name])
                if (vectors := self.presets.cells[name].vectors) is not None:
                    parts.append(Part(name, VECTORS, vectors, optional=True))
            elif name in self.presets.checkpoints:
                parts += [self.checkpoint(name, cell) for cell in cells_of_checkpoints]
            else:
                listed = (*self.presets.genomes, *self.presets.cells, *self.presets.checkpoints)
                raise InputError(f"{name!r} is not known; known: {', '.join(listed)}")
        return parts

    def to_fetch(self, names: Sequence[str]) -> list[Part]:
        """The files of everything that is named, as `score` takes them: stored contact comes before a .hic.

        Raises:
            InputError: If nothing has one of the names, or the Hub cannot be asked.
        """
        parts = [part for part in self.named(names) if part.role != VECTORS]
        for name in dict.fromkeys(names):
            vectors = self.vector_parts(self.presets.cells[name]) if name in self.presets.cells else []
            if vectors and self.has_authors_genes(self.presets.cells[name]):
                parts = [part for part in parts if (part.owner, part.role) != (name, CONTACTS)] + vectors
        return parts

    def has_authors_genes(self, cells: CellPreset) -> bool:
        """Whether both tables of the authors' genes are to be had for a cell type."""
        tables = [part for part in cell_parts(cells) if part.role in AUTHORS_TABLES]
        return len(tables) == len(AUTHORS_TABLES) and all(map(self.resolve, tables))

    def vector_parts(self, cells: CellPreset, chroms: Collection[str] | None = None) -> list[Part]:
        """The files of stored contact of a cell type.

        Args:
            cells: The cell type.
            chroms: Chromosomes that are needed; None for all that there are.

        Returns:
            The files; none unless there is one for each chromosome, and h5py to read them.
        """
        if cells.vectors is None or find_spec("h5py") is None:
            return []
        found = self._hub.vectors(cells.vectors)
        if chroms is not None and not found.keys() >= set(chroms):
            return []
        taken = {chrom: found[chrom] for chrom in found if chroms is None or chrom in chroms}
        return [Part(cells.name, f"{VECTORS}:{chrom}", remote) for chrom, remote in taken.items()]

    def resolve(self, part: Part) -> Remote | Local | None:
        """Where a file comes from, with its name in a repository found.

        Returns:
            The source; None for an optional file that the Hub has not, and without a connection for any that
            does not lie here.

        Raises:
            InputError: If the Hub has none that fits and it cannot be done without.
        """
        if not isinstance(part.source, OnHub):
            return part.source
        found = self._hub.find(part.source)
        if found is None and not part.optional and not self.fetcher.way.offline:
            raise InputError(self._not_found(part, part.source))
        return found

    def bring(self, parts: Iterable[Part]) -> dict[str, Path]:
        """Fetches what lacks of some files, all in one go.

        Returns:
            Where each lies, by its name; optional ones that are not to be had are left out.

        Raises:
            TracksError: If one cannot be had, in one line that says where to put it.
        """
        here: dict[str, Path] = {}
        wanted, lacking = [], {}
        for part in parts:
            source = self.resolve(part)
            if isinstance(source, Local):
                # Stored contact may be a folder.
                if not (source.path.is_file() or (part.role == CONTACTS and source.path.is_dir())):
                    raise InputError(f"{part.name}: no file {source.path}; correct it in resources.toml")
                here[part.name] = source.path
            elif source is None and not part.optional and isinstance(part.source, OnHub):
                lacking[part.name] = self._described(part.source)
            elif source is not None:
                wanted.append(Wanted(part.name, source, fasta=part.role == FASTA))
        return here | self.fetcher.ensure(wanted, lacking)

    def _not_found(self, part: Part, source: OnHub) -> str:
        """What to say of a file that a repository lacks."""
        files = self._hub.listing(source)
        has = (
            f"it has {', '.join(files[:12])}{' …' if len(files) > 12 else ''}"
            if files
            else "no such repository"
        )
        return (
            f"{part.name}: needs {self._described(source)} ({has}); or name the file (--checkpoint FILE, or "
            "resources.toml)"
        )

    def _described(self, source: OnHub) -> str:
        """Which file of a repository is meant and where it would lie."""
        words, suffixes = " and ".join(source.words), " or ".join(source.suffixes)
        folder = self.fetcher.store.path(source.remote("x")).parent
        return (
            f"a file of https://huggingface.co/{source.hub} with {words} in its path, ending in {suffixes}, "
            f"in {folder}"
        )

    def joined_genes(self, cells: str, files: Mapping[str, Path]) -> Path | None:
        """The authors' table of genes and features for a cell type, made of the two that were fetched.

        Args:
            cells: Name of the cell type.
            files: Files by name, as `bring` returns them.
        """
        half_life, gene_list = (files.get(f"{cells} {role}") for role in AUTHORS_TABLES)
        if half_life is None or gene_list is None:
            return None
        return joined_table(self.fetcher.store, cells, half_life, gene_list)


def genome_parts(genome: GenomePreset) -> list[Part]:
    """The files of a genome."""
    return [Part(genome.name, role, source) for role, source in genome.files.items()]


def cell_parts(cells: CellPreset) -> list[Part]:
    """The files of a cell type, without those of stored contact."""
    return [
        Part(cells.name, role, source, optional=role in AUTHORS_TABLES)
        for role, source in cells.all_files.items()
    ]


def _known(presets: Mapping[str, Preset], name: str, what: str) -> Preset:
    if name not in presets:
        raise InputError(f"{what} {name!r} is not known; known: {', '.join(presets) or 'none'}")
    return presets[name]
