"""The genome of a name: the user's own, else a preset whose files were fetched. Nothing is fetched here."""

from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources.catalog import genome_parts
from seq2exp_tracks.resources.opening import open_catalog
from seq2exp_tracks.resources.registry import GenomeEntry, Registry


def genome_of(name: str, registry: Registry) -> GenomeEntry:
    """The files of a genome, looked for as `score` looks for them.

    Raises:
        InputError: If there is no genome of that name, or a file of it lacks; says which and the way out.
    """
    if name in registry.genomes():
        return registry.get(name)
    with open_catalog(Silent(), lambda _: None, offline=True) as catalog:
        if name not in catalog.presets.genomes:
            return registry.get(name)  # tells how to register one
        try:
            files = catalog.bring(genome_parts(catalog.genome(name)))
        except TracksError as error:  # its lines name every place, as somebody who lacks a connection needs
            raise InputError(
                f"genome {name}: not all files of its preset are here; bring them with: seq2exp-tracks fetch "
                f"{name}"
            ) from error
    roles = {role: files.get(f"{name} {role}") for role in ("fasta", "genes", "blacklist", "features")}
    fasta, genes = roles["fasta"], roles["genes"]
    if fasta is None or genes is None:
        raise InputError(f"genome {name}: its preset names no fasta or no genes; see docs/resources.md")
    return GenomeEntry(name, fasta, genes, roles["blacklist"], roles["features"])
