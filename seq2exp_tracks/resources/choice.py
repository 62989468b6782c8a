"""What `score` reads where the user does not say: presets, each overridden by what is given."""

from collections.abc import Callable, Mapping
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.asked import NO_FEATURES, Asked, Chosen
from seq2exp_tracks.resources.catalog import (
    AUTHORS_TABLES,
    CONTACTS,
    VECTORS,
    Catalog,
    Part,
    cell_parts,
    genome_parts,
)
from seq2exp_tracks.resources.cells import Cells
from seq2exp_tracks.resources.chosen_vectors import chosen_vectors
from seq2exp_tracks.resources.naming_parts import shown, unverified
from seq2exp_tracks.resources.presets import CellPreset
from seq2exp_tracks.resources.registry import GenomeEntry, Registry

DEFAULT_CHECKPOINT = "soft"


def choose(asked: Asked, catalog: Catalog, registry: Registry, channel: Callable[[str], str] = str) -> Chosen:
    """Chooses what the user leaves open, and fetches what lacks of it.

    Args:
        asked: What the user says.
        catalog: What is known by name.
        registry: The user's own genomes, which come before presets of the same name.
        channel: The model's name of a signal that people call otherwise.

    Raises:
        TracksError: If something cannot be chosen or had, in one line that says the way out.
    """
    return _Choice(asked, catalog, registry, channel).made()


class _Choice:
    """One choice on its way; see `choose`."""

    def __init__(
        self, asked: Asked, catalog: Catalog, registry: Registry, channel: Callable[[str], str]
    ) -> None:
        self._asked, self._catalog = asked, catalog
        self._registered = _registered(asked.genome, catalog, registry)
        self._given = None if asked.cells is None else _given_cells(asked.cells, asked.genome)
        self._preset = _preset(asked, catalog)
        self._without = tuple(dict.fromkeys((*asked.without, *(self._given.without if self._given else ()))))
        self._named = {channel(name).casefold() for name in (*asked.signals, *self._without)}

    def made(self) -> Chosen:
        """Fetches what lacks and puts it together."""
        asked, given, preset = self._asked, self._given, self._preset
        cells = self._cell_parts()
        vectors = self._vectors(cells)
        if vectors:
            cells = [part for part in cells if part.role != CONTACTS] + vectors
        weights = self._weights()
        parts = [*self._genome_parts(cells), *cells, *([weights] if isinstance(weights, Part) else [])]
        files = self._catalog.bring(parts)
        genome, features_from = self._genome(files)
        derive = genome.features is None and self._may_derive(weights)
        signals = {
            part.role.removeprefix("signal:"): files[part.name]
            for part in cells
            if part.role.startswith("signal:")
        }
        contacts = None if asked.no_contacts else self._contacts(files)
        norm = given.contacts_norm if given else preset.contacts_norm if preset else "VC"
        return Chosen(
            genome=genome,
            checkpoint=files[weights.name] if isinstance(weights, Part) else weights,
            signals=signals | dict(given.signals if given else {}) | dict(asked.signals),
            contacts=asked.contacts or contacts,
            without=self._without,
            contacts_norm=asked.contacts_norm or norm,
            derive_features=derive,
            remarks=(
                *self._told(cells, weights),
                *features_from,
                *unverified(parts, files),
            ),
        )

    def _vectors(self, cells: list[Part]) -> list[Part]:
        """The files of stored contact, where they are taken in place of a .hic."""
        if self._preset is None or self._registered is not None:
            return []
        if CONTACTS not in {part.role for part in cells}:
            return []
        return chosen_vectors(self._asked, self._preset, self._catalog)

    def _may_derive(self, weights: Path | Part) -> bool:
        """Whether features are derived where there are none: for weights that were trained on features.

        Those are the authors', by name or in their format. What somebody trained here without features saw
        zeros, and is to see them again.
        """
        authors = isinstance(weights, Part) or weights.suffix == ".ckpt"
        return authors and (self._registered is None or self._preset is not None or self._given is not None)

    def _cell_parts(self) -> list[Part]:
        """What is taken of the cell type: all that the user does not give."""
        if self._preset is None:
            return []
        asked = self._asked
        has_features = asked.features is not None or bool(self._registered and self._registered.features)
        needs_genes = asked.genes is None and self._registered is None
        needs = {
            "contacts": asked.contacts is None and not asked.no_contacts,
            "features": not has_features,
        } | dict.fromkeys(
            AUTHORS_TABLES, needs_genes or not (has_features or "features" in self._preset.files)
        )
        return [
            part
            for part in cell_parts(self._preset)
            if needs.get(part.role, part.role.removeprefix("signal:").casefold() not in self._named)
        ]

    def _genome_parts(self, cells: list[Part]) -> list[Part]:
        """What is taken of the genome's preset; the authors' genes come before its own."""
        if self._registered is not None:
            return []
        given = {"genes": self._asked.genes, "features": self._asked.features}
        tables = [part for part in cells if part.role in AUTHORS_TABLES]
        authors = len(tables) == len(AUTHORS_TABLES) and all(map(self._catalog.resolve, tables))
        return [
            part
            for part in genome_parts(self._catalog.genome(self._asked.genome))
            if given.get(part.role) is None and not (part.role == "genes" and authors)
        ]

    def _weights(self) -> Path | Part:
        """The checkpoint: a file, or one of a preset."""
        asked, preset = self._asked, self._preset
        if asked.checkpoint is not None and _is_own(asked.checkpoint, self._catalog):
            return asked.checkpoint
        kind = str(asked.checkpoint or DEFAULT_CHECKPOINT)
        cells = (preset.checkpoint_cells or preset.name) if preset else self._default_cells()
        if cells is None:
            raise InputError(f"genome {asked.genome} has no checkpoint of its own; give --checkpoint FILE")
        return self._catalog.checkpoint(kind, cells)

    def _default_cells(self) -> str | None:
        known = self._catalog.presets.genomes.get(self._asked.genome)
        return known.cells if known else None

    def _genome(self, files: Mapping[str, Path]) -> tuple[GenomeEntry, list[str]]:
        """The genome with genes and features, and what to remark on the features."""
        asked, preset = self._asked, self._preset
        authors = self._catalog.joined_genes(preset.name, files) if preset else None
        entry = self._registered
        if entry is None:
            name = asked.genome
            own = {role: files.get(f"{name} {role}") for role in ("fasta", "genes", "blacklist", "features")}
            if own["fasta"] is None or (genes := asked.genes or authors or own["genes"]) is None:
                raise InputError(
                    f"genome {name}: its preset names no fasta or no genes; see docs/resources.md"
                )
            entry = GenomeEntry(name, own["fasta"], genes, own["blacklist"], own["features"])
        of_cells = files.get(f"{preset.name} features") or authors if preset else None
        features = (
            asked.features or (self._given.features if self._given else None) or entry.features or of_cells
        )
        entry = entry.with_files(genes=asked.genes, features=features)
        if entry.features is None and (preset or self._given or self._registered is None):
            return entry, [NO_FEATURES]
        if preset and features == authors:
            return entry, [f"features: published ({preset.name}, the authors' tables)"]
        return entry, []

    def _contacts(self, files: Mapping[str, Path]) -> Path | None:
        if self._given:
            return self._given.contacts
        if self._preset is None:
            return None
        stored = (path for name, path in files.items() if name.startswith(f"{self._preset.name} {VECTORS}:"))
        vector = next(stored, None)
        return vector.parent if vector else files.get(f"{self._preset.name} {CONTACTS}")

    def _told(self, cells: list[Part], weights: Path | Part) -> list[str]:
        """What was chosen for the user, one line each."""
        lines = list(self._given.remarks if self._given else ())
        if self._preset:
            taken = [shown(part.role) for part in cells if part.role not in AUTHORS_TABLES]
            taken = list(dict.fromkeys(taken))
            named = "" if self._asked.cell_type else ", as no other is named"
            lines += self._preset.remarks
            lines += [f"cell type {self._preset.name}{named}: {', '.join(taken)} of it"] if taken else []
        if isinstance(weights, Part):
            foreign = ", which was not trained on these cells" if self._given else ""
            lines.append(f"checkpoint: {weights.owner} of the authors{foreign}")
        return lines


def _registered(name: str, catalog: Catalog, registry: Registry) -> GenomeEntry | None:
    """The user's own genome of a name; None where a preset has it.

    Raises:
        InputError: If there is neither.
    """
    if name in registry.genomes():
        return registry.get(name)
    if name in catalog.presets.genomes:
        return None
    try:
        return registry.get(name)
    except InputError as error:
        presets = ", ".join(catalog.presets.genomes) or "none"
        raise InputError(f"{error} (known without: {presets})") from None


def _given_cells(path: Path, genome: str) -> Cells:
    """The cells of a file.

    Raises:
        InputError: If they belong to another genome.
    """
    cells = Cells.read(path)
    if cells.genome not in (None, genome):
        raise InputError(
            f"{path}: its cells belong to {cells.genome}, not to --genome {genome}; change either"
        )
    return cells


def _is_own(checkpoint: Path, catalog: Catalog) -> bool:
    """Whether a checkpoint is a file, and not the name of a preset."""
    return str(checkpoint) not in catalog.presets.checkpoints or checkpoint.exists()


def _preset(asked: Asked, catalog: Catalog) -> CellPreset | None:
    """The cell type whose files are taken; none for a model of the user's own with signals of their own."""
    if asked.cell_type is not None:
        cells = catalog.cells(asked.cell_type)
        if cells.genome != asked.genome:
            raise InputError(
                f"--cell-type {cells.name} belongs to the genome {cells.genome}, not to --genome "
                f"{asked.genome}; change either"
            )
        return cells
    own_model = asked.checkpoint is not None and _is_own(asked.checkpoint, catalog) and bool(asked.signals)
    genome = catalog.presets.genomes.get(asked.genome)
    if asked.cells is not None or own_model or genome is None or genome.cells is None:
        return None
    return catalog.cells(genome.cells)
