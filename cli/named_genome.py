"""The genome of a name, for every command that takes `--genome NAME` and no cell type by name."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .progress import ProgressBar
from .resource_options import Fetching, told_what_is_kept

if TYPE_CHECKING:
    from seq2exp_tracks.resources.registry import GenomeEntry

ROLES = ("fasta", "genes", "blacklist", "features")


def genome_named(
    name: str,
    fetching: Fetching,
    progress: ProgressBar,
    given: Mapping[str, Path | None],
    roles: Collection[str] = ROLES,
) -> "GenomeEntry":
    """The user's own genome of a name, else a preset, of which what lacks is fetched.

    Args:
        name: What the user calls it.
        fetching: Where fetched files lie and how they are reached.
        progress: Who is told of what is fetched.
        given: Files of the user's own, by role, that stand in for the genome's; None where there is none.
            What they stand in for is not fetched.
        roles: What of a preset is needed.

    Raises:
        TracksError: If no genome has the name, or a file of it cannot be had.
    """
    from seq2exp_tracks.errors import InputError
    from seq2exp_tracks.resources.catalog import genome_parts
    from seq2exp_tracks.resources.registry import GenomeEntry, Registry

    registry = Registry()
    if name in registry.genomes():
        return registry.get(name).with_files(**given)
    with fetching.catalog(progress) as catalog:
        presets = catalog.presets.genomes
        if name not in presets:
            try:
                return registry.get(name)  # says how to register one
            except InputError as error:
                raise InputError(f"{error} (known without: {', '.join(presets) or 'none'})") from None
        parts = [part for part in genome_parts(presets[name]) if part.role in roles]
        with told_what_is_kept(catalog.fetcher):
            found = catalog.bring(part for part in parts if given.get(part.role) is None)
    files = {role: given.get(role) or found.get(f"{name} {role}") for role in ROLES}
    fasta, genes = files["fasta"], files["genes"]
    if fasta is None or genes is None:
        raise InputError(f"genome {name}: its preset names no fasta or no genes; see docs/resources.md")
    return GenomeEntry(name, fasta, genes, files["blacklist"], files["features"])
