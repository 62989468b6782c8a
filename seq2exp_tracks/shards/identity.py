"""What decides the scores of a run: two runs that agree in it have the same shards.

How windows are merged and elements are called is not part of it: shards hold what the model says before that.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.manifest import Json
from seq2exp_tracks.shards.plan import Shard


@dataclass(frozen=True, slots=True)
class Identity:
    """What decides scores.

    Attributes:
        inputs: SHA-256 of every file that windows are made of, and of the checkpoint, by role.
        settings: Settings that the scores depend on.
        versions: Versions of the packages that whoever goes on with the run has to have as well.
        path: What computes: kinds of devices, kernels, precision, and of a GPU's kernels their compiler.
            Scores of another path differ within the precision that docs/formats.md states.
    """

    inputs: Mapping[str, str]
    settings: Mapping[str, Json]
    versions: Mapping[str, str]
    path: Mapping[str, Json]

    def key(self, shard: Shard) -> str:
        """The checksum of what decides the scores of a shard, but for the path."""
        decides = {name: value for name, value in asdict(self).items() if name != "path"}
        return checksum({"decides": decides, "genes": places(shard.genes)})

    def differences(self, other: "Identity") -> list[str]:
        """What is not as in another run, by name, a line each: this one's value after that one's.

        The path is left out: it is told of each shard.
        """
        here, there = dict(_flat(self)), dict(_flat(other))
        names = [*there, *(name for name in here if name not in there)]
        return [
            f"{name}: {_short(there.get(name))}, now {_short(here.get(name))}"
            for name in names
            if there.get(name) != here.get(name)
        ]


def checksum(content: Json) -> str:
    """SHA-256 of a JSON value in one fixed spelling, as hexadecimal digits."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def places(genes: Iterable[Gene]) -> list[Json]:
    """Genes as far as scores depend on them, for a checksum."""
    return [[gene.id, gene.chrom, gene.tss, str(gene.strand)] for gene in genes]


def _flat(identity: Identity) -> Iterator[tuple[str, Json]]:
    for role, digest in identity.inputs.items():
        yield f"the file of {role}", digest
    yield from identity.settings.items()
    for package, version in identity.versions.items():
        yield f"version of {package}", version


def _short(value: Json) -> str:
    """A value for a message; of a checksum its beginning."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text[:12] if len(text) == 64 and set(text) <= set("0123456789abcdef") else text[:80]
