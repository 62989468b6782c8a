"""What a file says of the run that it is of: the same words in every kind of file."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The run that a file belongs to.

    Nothing of it tells of a time, a place or a machine; the genome is told by its sequence, as each machine
    may have another name for it.

    Attributes:
        run: Id of the run; see `run_id` of the manifest.
        fasta: SHA-256 of the genome's sequence, as hexadecimal digits.
        model: `soft` or `hard`.
        merge: Rule for bases of several windows.
        weights: SHA-256 of the checkpoint, as hexadecimal digits.
        version: Version of the package that wrote the run.
    """

    run: str
    fasta: str
    model: str
    merge: str
    weights: str
    version: str

    def line(self, file: str) -> str:
        """The first line of a text file, without its end; it has no tab, so that nobody takes it for names.

        Args:
            file: Name of the file.
        """
        return f"#seq2exp-tracks run={self.run} file={_word(file)}"

    def metadata(self) -> dict[str, str]:
        """The metadata of a parquet file."""
        return {"prov": json.dumps(asdict(self), sort_keys=True)}


def described(autosql: str, origin: Origin | None) -> str:
    """An autoSql with the run's id at the end of the description of the table.

    Args:
        autosql: Names, types and descriptions of fields; its second line is the table's, in quotes.
        origin: The run; None leaves it as it is.
    """
    if origin is None:
        return autosql
    name, description, fields = autosql.split("\n", 2)
    return f'{name}\n{description[:-1]}; seq2exp-tracks run={origin.run}"\n{fields}'


def _word(text: str) -> str:
    """A value without white space, which would end it."""
    return "_".join(text.split())
