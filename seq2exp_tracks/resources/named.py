"""What the user names, looked up: the genome, the cells, the checkpoint."""

from collections.abc import Mapping
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.asked import Asked
from seq2exp_tracks.resources.catalog import Catalog
from seq2exp_tracks.resources.cells import Cells
from seq2exp_tracks.resources.presets import CellPreset, Presets
from seq2exp_tracks.resources.registry import GenomeEntry, Registry

ROLES = ("fasta", "genes", "blacklist", "features")
"""Files of a genome."""


def own_genome(name: str, presets: Presets, registry: Registry) -> GenomeEntry | None:
    """The user's own genome of a name; None where a preset has it.

    Raises:
        InputError: If there is neither; says how to register one.
    """
    if name in registry.genomes():
        return registry.get(name)
    if name in presets.genomes:
        return None
    try:
        return registry.get(name)
    except InputError as error:
        raise InputError(f"{error} (known without: {', '.join(presets.genomes) or 'none'})") from None


def preset_genome(name: str, files: Mapping[str, Path | None]) -> GenomeEntry:
    """The genome that files of a preset make, by their roles.

    Raises:
        InputError: If there is no sequence or no annotation.
    """
    fasta, genes = files["fasta"], files["genes"]
    if fasta is None or genes is None:
        raise InputError(f"genome {name}: its preset names no fasta or no genes; see docs/resources.md")
    return GenomeEntry(name, fasta, genes, files["blacklist"], files["features"])


def given_cells(path: Path, genome: str) -> Cells:
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


def is_own(checkpoint: Path, catalog: Catalog) -> bool:
    """Whether a checkpoint is a file, and not the name of a preset."""
    return str(checkpoint) not in catalog.presets.checkpoints or checkpoint.exists()


def preset_cells(asked: Asked, catalog: Catalog) -> CellPreset | None:
    """The cell type whose files are taken; none for a model of the user's own with signals of their own."""
    if asked.cell_type is not None:
        cells = catalog.cells(asked.cell_type)
        if cells.genome != asked.genome:
            raise InputError(
                f"--cell-type {cells.name} belongs to the genome {cells.genome}, not to --genome "
                f"{asked.genome}; change either"
            )
        return cells
    own_model = asked.checkpoint is not None and is_own(asked.checkpoint, catalog) and bool(asked.signals)
    genome = catalog.presets.genomes.get(asked.genome)
    if asked.cells is not None or own_model or genome is None or genome.cells is None:
        return None
    return catalog.cells(genome.cells)
