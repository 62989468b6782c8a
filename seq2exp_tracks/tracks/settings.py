"""How the scores of a run become files."""

from dataclasses import dataclass

from seq2exp_tracks.origin import Origin
from seq2exp_tracks.tracks.bins import ONE_BASE, Bins
from seq2exp_tracks.tracks.elements import ElementSettings
from seq2exp_tracks.tracks.merge import MergeRule
from seq2exp_tracks.tracks.track import TrackSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterSettings:
    """What decides the content of a run's files, beside the scores.

    Attributes:
        merge: Rule for bases of several windows.
        elements: Which elements are called.
        per_gene: Whether each gene's own window is written as well, before merging.
        labels: Whether there is measured expression.
        bins: Bases that share a value in the tracks; elements are called base by base all the same.
        precision: Decimals of the mask's tracks; None for those of the table of tracks.
        origin: What the files say of the run; None for nothing.
    """

    merge: MergeRule
    elements: ElementSettings
    per_gene: bool
    labels: bool
    bins: Bins = ONE_BASE
    precision: int | None = None
    origin: Origin | None = None

    def first_line(self, file: str) -> str:
        """The line by which a text file says what made it; empty for none."""
        return "" if self.origin is None else self.origin.line(file)

    def decimals(self, spec: TrackSpec) -> int:
        """Decimals of one of the mask's tracks."""
        return spec.decimals if self.precision is None else self.precision
