"""The user's genomes, by name, so that `--genome hg38` means files on this machine.

One TOML file in the user's configuration folder (or in the folder that the environment variable
`SEQ2EXP_TRACKS_CONFIG` names), one table a genome:

    [hg38]
    fasta = "/data/hg38.fa.gz"
    genes = "/data/gencode.v43.gtf.gz"
    blacklist = "/data/blacklist.bed"
    features = "/data/gene_features.tsv"
"""

import os
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import platformdirs
import tomli_w

from seq2exp_tracks.errors import InputError, OutputError

CONFIG_VARIABLE = "SEQ2EXP_TRACKS_CONFIG"


@dataclass(frozen=True, slots=True)
class GenomeEntry:
    """The files of a genome, known by a name.

    Attributes:
        name: What the user calls it, for example hg38.
        fasta: Sequence; it defines the chromosomes, their order and their lengths.
        genes: Annotation: GTF, GFF3, BED or a table.
        blacklist: BED of regions that never count as regulatory, or None.
        features: Table of the nine features of each gene, or None.
    """

    name: str
    fasta: Path
    genes: Path
    blacklist: Path | None = None
    features: Path | None = None

    @property
    def files(self) -> dict[str, Path]:
        """The files that this genome has, by role."""
        return {role: path for role, path in asdict(self).items() if isinstance(path, Path)}

    def with_files(self, **files: Path | None) -> Self:
        """The same genome with other files for the roles that are given."""
        given = {role: path for role, path in files.items() if path is not None}
        return type(self)(self.name, **{**self.files, **given})

    def absolute(self) -> Self:
        """The same genome with absolute paths, so that it means the same from any folder."""
        return type(self)(self.name, **{role: path.resolve() for role, path in self.files.items()})


class Registry:
    """Genomes by name, kept in one TOML file.

    Args:
        folder: Folder of the file; the user's configuration folder where it is None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or config_folder()) / "genomes.toml"

    def genomes(self) -> dict[str, GenomeEntry]:
        """Every registered genome.

        Raises:
            InputError: If the file is not what this module writes.
        """
        if not self.path.exists():
            return {}
        try:
            tables = tomllib.loads(self.path.read_text(encoding="utf-8"))
            return {name: _entry(name, table) for name, table in tables.items()}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(
                f"{self.path}: not a registry of genomes ({error}); mend or delete it"
            ) from error

    def get(self, name: str) -> GenomeEntry:
        """The genome of a name.

        Raises:
            InputError: If there is none, or one of its files is gone.
        """
        known = self.genomes()
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise InputError(
                f"genome {name!r} is not registered (registered: {listed}); "
                f"add it with: seq2exp-tracks genome add {name} --fasta FILE --genes FILE"
            )
        for role, path in known[name].files.items():
            if not path.exists():
                raise InputError(
                    f"genome {name}: its {role} {path} is gone; put it back or register {name} again"
                )
        return known[name]

    def check_free(self, name: str, overwrite: bool = False) -> None:
        """Refuses a name that is taken, before its files are read, which takes minutes.

        Raises:
            OutputError: If the name is taken and `overwrite` is False.
        """
        if name in self.genomes() and not overwrite:
            raise OutputError(f"genome {name!r} is registered already; replace it with --overwrite")

    def add(self, genome: GenomeEntry, overwrite: bool = False) -> None:
        """Registers a genome under its name.

        Raises:
            OutputError: If the name is taken and `overwrite` is False, or the file cannot be written.
        """
        self.check_free(genome.name, overwrite)
        self._write(self.genomes() | {genome.name: genome.absolute()})

    def remove(self, name: str) -> None:
        """Forgets a genome; its files stay where they are.

        Raises:
            InputError: If there is none of that name.
        """
        known = self.genomes()
        if name not in known:
            raise InputError(
                f"genome {name!r} is not registered (registered: {', '.join(sorted(known)) or 'none'})"
            )
        self._write({other: genome for other, genome in known.items() if other != name})

    def _write(self, genomes: dict[str, GenomeEntry]) -> None:
        """Replaces the file in one step, so that a reader never sees half of it."""
        tables = {
            name: {role: str(path) for role, path in genome.files.items()}
            for name, genome in sorted(genomes.items())
        }
        partial = self.path.with_suffix(f".{os.getpid()}.partial")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                partial.write_text(tomli_w.dumps(tables), encoding="utf-8")
                partial.replace(self.path)
            finally:
                partial.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                f"{self.path}: cannot be written ({error.strerror}); "
                f"name another folder with the environment variable {CONFIG_VARIABLE}"
            ) from error


def config_folder() -> Path:
    """The folder of the user's registry."""
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_config_path("seq2exp-tracks"))


def _entry(name: str, table: dict[str, str]) -> GenomeEntry:
    return GenomeEntry(name, **{role: Path(path) for role, path in table.items()})
