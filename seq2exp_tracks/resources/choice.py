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
from seq2exp_tracks.resources.named import ROLES, given_cells, is_own, own_genome, preset_cells, preset_genome
from seq2exp_tracks.resources.naming_parts import shown, unverified
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
        self._registered = own_genome(asked.genome, catalog.presets, registry)
        self._given = None if asked.cells is None else given_cells(asked.cells, asked.genome)
        self._preset = preset_cells(asked, catalog)
        self._own = (self._given or Cells(name="", signals={})).overridden(asked.given, channel)
        self._named = {channel(name).casefold() for name in (*self._own.signals, *self._own.without)}

    def made(self) -> Chosen:
        """Fetches what lacks and puts it together."""
        asked, preset = self._asked, self._preset
        cells = self._cell_parts()
        vectors = self._vectors(cells)
        if vectors:
            cells = [part for part in cells if part.role != CONTACTS] + vectors
        weights = self._weights()
        parts = [*self._genome_parts(cells), *cells, *([weights] if isinstance(weights, Part) else [])]
        files = self._catalog.bring(parts)
        genome, features_from = self._genome(files)
        # The authors', by name or in their format, were trained on features; other weights tell of it.
        authors = isinstance(weights, Part) or weights.suffix == ".ckpt"
        signals = {
            part.role.removeprefix("signal:"): files[part.name]
            for part in cells
            if part.role.startswith("signal:")
        }
        contacts = None if asked.no_contacts else self._own.contacts or self._contacts(files)
        norm = preset.contacts_norm if preset and asked.contacts_norm is None else self._own.contacts_norm
        return Chosen(
            genome=genome,
            checkpoint=files[weights.name] if isinstance(weights, Part) else weights,
            signals=signals | dict(self._own.signals),
            contacts=contacts,
            without=self._own.without,
            contacts_norm=norm,
            derive_features=authors and genome.features is None,
            cells=self._name_of_cells(),
            remarks=(
                *self._told(cells, weights),
                *features_from,
                *unverified(parts, files),
            ),
        )

    def _name_of_cells(self) -> str | None:
        """That of the file, or of the preset unless signals of the user's own come before it unasked."""
        if self._given:
            return self._given.name
        asked = self._asked.cell_type is not None or not self._asked.signals
        return self._preset.name if self._preset and asked else None

    def _vectors(self, cells: list[Part]) -> list[Part]:
        """The files of stored contact, where they are taken in place of a .hic."""
        if self._preset is None or self._registered is not None:
            return []
        if CONTACTS not in {part.role for part in cells}:
            return []
        return chosen_vectors(self._asked, self._preset, self._catalog)

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
        if asked.checkpoint is not None and is_own(asked.checkpoint, self._catalog):
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
            own = {role: files.get(f"{name} {role}") for role in ROLES}
            entry = preset_genome(name, own | {"genes": asked.genes or authors or own["genes"]})
        of_cells = files.get(f"{preset.name} features") or authors if preset else None
        features = self._own.features or entry.features or of_cells
        entry = entry.with_files(genes=asked.genes, features=features)
        if entry.features is None and (preset or self._given or self._registered is None):
            return entry, [NO_FEATURES]
        if preset and features == authors:
            return entry, [f"features: published ({preset.name}, the authors' tables)"]
        return entry, []

    def _contacts(self, files: Mapping[str, Path]) -> Path | None:
        """The Hi-C of the cell type whose files are taken."""
        if self._preset is None:
            return None
        stored = (path for name, path in files.items() if name.startswith(f"{self._preset.name} {VECTORS}:"))
        vector = next(stored, None)
        return vector.parent if vector else files.get(f"{self._preset.name} {CONTACTS}")

    def _told(self, cells: list[Part], weights: Path | Part) -> list[str]:
        """What was chosen for the user, one line each."""
        lines = list(self._own.remarks)
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
