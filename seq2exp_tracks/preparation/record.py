"""prepare.json: what `prepare` did, for people and for `doctor`, which need not guess what stands there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self, get_args

from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.preparation.counting import Count, Counting, Scale
from seq2exp_tracks.preparation.request import PrepareRequest

RECORD = "prepare.json"
FORMAT = "seq2exp-tracks prepared cells"

_SCALES = {"rpm": "RPM", "fold": "fold over the genome's mean", "raw": "raw counts"}


@dataclass(frozen=True, slots=True)
class CountedSignal:
    """How the bigWig of a signal was made of reads.

    Attributes:
        counting: The settings.
        factors: Value that a base would have which one of what counts covers, by scale: at least by that of
            the settings.
    """

    counting: Counting
    factors: Mapping[Scale, float]

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Reads the entry of a signal.

        Raises:
            LookupError, TypeError or ValueError: If it is something else.
        """
        plus, minus = map(int, told["counting"]["shift"])
        counting = Counting(**dict(told["counting"]) | {"shift": (plus, minus)})
        if counting.count not in get_args(Count) or counting.scale not in get_args(Scale):
            raise ValueError(f"reads counted as {counting.count} on the scale {counting.scale}")
        factors = told.get("factors", {counting.scale: told["factor"]})
        found = cls(counting, {scale: float(factor) for scale, factor in factors.items()})
        if not all(factor > 0 for factor in (found.factor, *found.factors.values())):
            raise ValueError("a factor that is not above 0")
        return found

    @property
    def factor(self) -> float:
        """Value of a base that one of what counts covers."""
        return self.factors[self.counting.scale]

    def __str__(self) -> str:
        """What the values are, in words."""
        counting = self.counting
        plus, minus = counting.shift
        shifted = f" shifted by {plus:+d}/{minus:+d} bp" if any(counting.shift) else ""
        what = {
            "cut": f"5' cuts{shifted}, {counting.extend} bp around each",
            "fragment": f"fragments, single reads extended to {counting.extend} bp",
            "read": "reads",
        }[counting.count]
        return f"{_SCALES[counting.scale]} by prepare: {what}, mapping quality {counting.min_mapq} and more"


def write_record(
    path: Path,
    request: PrepareRequest,
    signals: Mapping[str, Any],
    files: Sequence[str],
    *,
    genes: int,
    without_half_life: int,
    remarks: Sequence[str],
) -> None:
    """Writes what was done.

    Args:
        path: Where to.
        request: What was asked for.
        signals: How the reads of each signal were counted.
        files: The files of the folder.
        genes: Genes in the table of features.
        without_half_life: Those of them whose half-life features are not known.
        remarks: What every run on the cells will tell.

    Raises:
        OutputError: If it cannot be written.
    """
    record = {
        "format": FORMAT,
        "version": version("seq2exp-tracks"),
        "name": request.name,
        "files": list(files),
        "fasta": str(request.fasta.resolve()),
        "genes": str(request.genes.resolve()),
        "half_life": str(request.half_life.resolve()) if request.half_life else None,
        "excluded": str(request.exclude.resolve()) if request.exclude else None,
        "signals": signals,
        "features": {"genes": genes, "without_half_life": without_half_life},
        "remarks": list(remarks),
    }
    with writing(path):
        path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def read_counted(folder: Path) -> dict[Path, CountedSignal]:
    """The bigWigs of a folder of cells that were counted from reads, and how.

    Returns:
        None of them where the folder has no record, or none that can be read: then nobody knows.
    """
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if record["format"] != FORMAT:
            return {}
        return {
            folder / f"{name}.bw": CountedSignal.from_json(told) for name, told in record["signals"].items()
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}
