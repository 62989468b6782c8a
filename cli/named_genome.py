"""The genome of a name, for every command that takes `--genome NAME` and no cell type by name."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from .progress import ProgressBar
from .resource_options import Fetching, told_what_is_kept

if TYPE_CHECKING:
    from seq2exp_tracks.resources.registry import GenomeEntry


def genome_named(
    name: str,
    fetching: Fetching,
    progress: ProgressBar,
    given: Mapping[str, Path | None],
    roles: Collection[str] = (),
) -> "GenomeEntry":
    """The user's own genome of a name, else a preset, of which what lacks is fetched.

    Args:
        name: What the user calls it.
        fetching: Where fetched files lie and how they are reached.
        progress: Who is told of what is fetched.
        given: Files of the user's own, by role, that stand in for the genome's; None where there is none.
            What they stand in for is not fetched.
        roles: What of a preset is needed; empty for all.

    Raises:
        TracksError: If no genome has the name, or a file of it cannot be had.
    """
    from seq2exp_tracks.resources.catalog import genome_parts
    from seq2exp_tracks.resources.named import ROLES, own_genome, preset_genome
    from seq2exp_tracks.resources.registry import Registry

    with fetching.catalog(progress) as catalog:
        if (entry := own_genome(name, catalog.presets, Registry())) is not None:
            entry = entry.with_files(**given)
            hold(entry)
            return entry
        parts = [part for part in genome_parts(catalog.genome(name)) if part.role in (roles or ROLES)]
        with told_what_is_kept(catalog.fetcher):
            found = catalog.bring(part for part in parts if given.get(part.role) is None)
    return preset_genome(name, {role: given.get(role) or found.get(f"{name} {role}") for role in ROLES})


def hold(genome: "GenomeEntry") -> None:
    """Keeps files of a genome that were fetched by their addresses as they are until the command ends.

    Raises:
        OutputError: If the cache that they lie in cannot be written.
    """
    from seq2exp_tracks.resources.cache_locks import held

    click.get_current_context().with_resource(held(genome.files.values()))


def with_derived_features(
    entry: "GenomeEntry",
    fetching: Fetching,
    progress: ProgressBar,
    gene_types: tuple[str, ...],
    bed_tss: Literal["strand", "middle"],
) -> tuple["GenomeEntry", tuple[str, ...]]:
    """A genome with the features that a model is trained on: its own, else those that can be derived of it.

    Args:
        entry: The genome.
        fetching: Where derived features are kept.
        progress: Who is told of what is derived.
        gene_types: Biotypes to take; empty for the default of the annotation's format.
        bed_tss: Where the TSS of a BED row is.

    Returns:
        The genome, and what is to be recorded of its features; the user has been told.

    Raises:
        TracksError: If sequence or annotation cannot be used, or derived features cannot be kept.
    """
    if entry.features is not None:
        return entry, ()
    from seq2exp_tracks.derived_features import DERIVED, derive_features
    from seq2exp_tracks.processes import usable_cores
    from seq2exp_tracks.resources.store import Store

    found = derive_features(
        entry,
        Store(fetching.data_folder),
        progress,
        gene_types=gene_types,
        bed_tss=bed_tss,
        workers=usable_cores(),
    )
    if found.features is None:
        return found, ()
    progress.note(DERIVED)
    return found, (DERIVED,)
