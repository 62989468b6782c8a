"""EvaluationRequest: everything that a user decides about an evaluation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seq2exp_tracks.errors import InputError

MACS3 = "MACS3"
"""Name under which peaks stand in the tables."""

_TAKEN = frozenset({"mask", "mask.max", "dnase", "h3k27ac", "prior", "abc", "distance"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """What to measure of which run, against what.

    Attributes:
        run: Folder of the run, or of a training.
        labels: Table of measured expression; None for the labels that the run was given, if any.
        label_column: Column of `labels`.
        linear_labels: Labels are counts or TPM: log10(1 + x) is taken of them.
        split: Table with the part of each gene in the column `split`, or None.
        truth: `truth.bed` of a simulated genome, or None.
        crispr: Table of CRISPRi pairs, or None.
        cell_type: Rows of `crispr` that count; None where all are of one cell type.
        against: Files of intervals to compare with, by name.
        macs3: Peaks, or a BAM to call them from.
        evidence: Elements to hide; 0 for none.
        device: Where the model of the evidence runs: `auto`, `cpu` or `cuda`.
        threshold: Score from which a base counts as kept in the statistics of the mask.
        seed: Seed of the bootstrap and of the sample of elements.
    """

    run: Path
    labels: Path | None = None
    label_column: str | None = None
    linear_labels: bool = False
    split: Path | None = None
    truth: Path | None = None
    crispr: Path | None = None
    cell_type: str | None = None
    against: Mapping[str, Path] = field(default_factory=dict)
    macs3: Path | None = None
    evidence: int = 0
    device: str = "auto"
    threshold: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if (self.labels is None) != (self.label_column is None):
            raise InputError("--labels and --label-column belong together; give both or none")
        if self.truth is not None and self.crispr is not None:
            raise InputError("--truth and --crispr exclude each other; evaluate twice")
        if self.cell_type is not None and self.crispr is None:
            raise InputError("--cell-type chooses rows of --crispr, which is not given")
        known = self.truth is not None or self.crispr is not None
        if not known and (self.against or self.macs3):
            raise InputError("--against and --macs3 are compared with --truth or --crispr; give one of them")
        for name in self.against:
            if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9 ._+-]*[A-Za-z0-9._+-])?", name):
                raise InputError(
                    f"--against {name!r}: a name begins with a letter or digit and has letters, digits, "
                    "spaces and . _ + - only"
                )
            if name.casefold() in _TAKEN | {MACS3.casefold()}:
                raise InputError(f"--against {name}: that name is taken; choose another")
        if not 0 <= self.threshold <= 1:
            raise InputError(f"--threshold {self.threshold}: a mask score lies between 0 and 1")

    @property
    def needs_mask(self) -> tuple[str, ...]:
        """The options that ask for what only a mask can tell."""
        asked = {
            "--truth": self.truth is not None,
            "--crispr": self.crispr is not None,
            "--evidence": self.evidence > 0,
        }
        return tuple(name for name, given in asked.items() if given)
