"""The plan of an unfinished run, in its folder of shards: what it is made of, for whoever goes on with it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.manifest import Json
from seq2exp_tracks.shards.identity import Identity

FILE_NAME = "plan.json"
FORMAT = "seq2exp-tracks plan"
VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an unfinished run is made of.

    Attributes:
        identity: What decides its scores.
        shards: Number of genes of each shard.
        genes: Checksum of the genes in their order.
        request: What the user asked for, as JSON.
        command: The command line that began it.
        created: When, ISO 8601 with time zone.
        keys: Checksum of what decides the scores of each shard; see `Identity.key`.
    """

    identity: Identity
    shards: tuple[int, ...]
    genes: str
    request: dict[str, Json]
    command: str
    created: str
    keys: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.keys) != len(self.shards):
            raise ValueError(f"{len(self.keys)} keys of {len(self.shards)} shards")

    def write(self, folder: Path) -> None:
        """Writes the plan into the folder of shards, whole or not at all.

        Raises:
            OutputError: If it cannot be written.
        """
        content: dict[str, Any] = {"format": FORMAT, "version": VERSION} | asdict(self)
        with whole_file(folder / FILE_NAME) as partial:
            partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    def differences(self, other: "Plan") -> list[str]:
        """What decides shards and is not as in another plan: a line each, this one's value last."""
        found = self.identity.differences(other.identity)
        if (self.shards, self.genes) != (other.shards, other.genes):
            before, now = sum(other.shards), sum(self.shards)
            found.append(f"genes: {before:,}, now {now:,}" + (" other ones" if before == now else ""))
        return found

    @classmethod
    def read(cls, folder: Path) -> "Plan | None":
        """The plan in a folder of shards; None if there is none.

        Raises:
            InputError: If it is damaged or of a later version.
        """
        file = folder / FILE_NAME
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            raise _damaged(file, error) from error
        try:
            if content["format"] != FORMAT or str(content["version"]).split(".")[0] != VERSION.split(".")[0]:
                raise ValueError(f"version {content['version']}, and not {VERSION}")
            return cls(
                identity=Identity(**{name: dict(part) for name, part in content["identity"].items()}),
                shards=tuple(int(genes) for genes in content["shards"]),
                genes=str(content["genes"]),
                request=dict(content["request"]),
                command=str(content["command"]),
                created=str(content["created"]),
                keys=tuple(str(key) for key in content["keys"]),
            )
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise _damaged(file, error) from error


def _damaged(file: Path, error: Exception) -> InputError:
    return InputError(
        f"{file}: cannot be read ({' '.join(str(error).split())[:200]}); give the command of `score` again, "
        "with --resume to keep the shards that fit it, or with --overwrite to begin anew"
    )
