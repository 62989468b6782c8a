"""Whether the tracks and the table of a run hold what the reference says of a gene."""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Bool

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.manifest import FileEntry
from seq2exp_tracks.run_reader import Run
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.listing import EXPRESSION_TRACKS
from seq2exp_tracks.tracks.merge import MergeRule
from seq2exp_tracks.tracks.track import EXPRESSION_DECIMALS, TRACKS, TrackSpec
from seq2exp_tracks.verification.deciding import decides
from seq2exp_tracks.verification.expected import Expected, Grid, Tolerance
from seq2exp_tracks.verification.finding import Finding
from seq2exp_tracks.windows import Window

_FLOAT32 = 1e-6
"""What a number below 10 may be off by when it is kept as float32."""


class GeneCheck:
    """Compares genes of a run with the reference.

    Args:
        run: The run.
        windows: The windows of all its genes.

    Attributes:
        bases: How many bases were compared so far, over all tracks.
        tracks: Paths of these tracks.
    """

    def __init__(self, run: Run, windows: Sequence[Window]) -> None:
        self.bases = 0
        self.tracks: set[str] = set()
        self._run, self._windows = run, windows
        self._rule = MergeRule(run.manifest.merge)
        self._grid, self._tolerance = Grid.of(run.manifest), Tolerance.of(run.manifest)

    def __call__(self, scores: WindowScores) -> Iterator[Finding]:
        """What is wrong with a gene: at most one finding for each file."""
        yield from self._expression(scores)
        gene = scores.window.gene
        decided = decides(self._rule, scores.window, self._windows)
        everywhere = np.ones_like(decided)
        for spec in TRACKS:
            entry = self._run.track(spec.name)
            if entry is None:
                yield Finding("manifest.json", f"lists no track {spec.name}")
            else:
                highest = self._rule is MergeRule.MAX
                yield from self._track(entry, spec, scores, decided, highest=highest)
            own = self._run.track(spec.name, gene.id)
            if own is not None:
                yield from self._track(own, spec, scores, everywhere, highest=False)

    def _track(
        self,
        entry: FileEntry,
        spec: TrackSpec,
        scores: WindowScores,
        decided: Bool[np.ndarray, " inside"],
        *,
        highest: bool,
    ) -> Iterator[Finding]:
        """What is wrong with a track of the mask."""
        unsure = self._unsure(spec, scores)
        expected = self._grid.expected(spec, scores, decided, highest=highest, unsure=unsure)
        if not len(expected.values):
            return
        chrom, size = scores.window.inside.chrom, expected.size
        place = Interval(chrom, expected.start, expected.start + len(expected.values) * size)
        try:
            found = self._run.values(entry, place).reshape(-1, size)
        except InputError as error:
            yield Finding(entry.path, str(error))
            return
        allowed = self._tolerance.mask + _rounding(entry.decimals)
        wrong = _wrong(expected, found, allowed)
        self.tracks.add(entry.path)
        self.bases += int((expected.equal | expected.at_least).sum()) * size
        if wrong.any():
            index = int(np.argmax(wrong))
            base, value = index // size, expected.values[index // size]
            relation = "" if expected.equal[base] else "at least "
            yield Finding(
                entry.path,
                f"{chrom}:{place.start + index + 1:,} holds {found.flat[index]:g}, and the reference says "
                f"{relation}{value:.6f} ({scores.window.gene.name}; {int(wrong.sum()):,} bases differ by "
                f"more than {allowed:g})",
            )

    def _unsure(self, spec: TrackSpec, scores: WindowScores) -> Bool[np.ndarray, " inside"]:
        """Bases of a hard model's applied mask that are 0 or 1 by less than the tolerance."""
        mask = self._run.manifest.model.config.get("mask")
        threshold = mask.get("threshold") if isinstance(mask, dict) else None
        if spec.name != "mask.applied" or not isinstance(threshold, int | float):
            return np.zeros(len(scores.learned), np.bool_)
        near: Bool[np.ndarray, " inside"] = np.abs(scores.learned - threshold) <= self._tolerance.mask
        return near

    def _expression(self, scores: WindowScores) -> Iterator[Finding]:
        """What is wrong with the predicted expression in the table and in the track of its strand."""
        gene = scores.window.gene
        allowed = self._tolerance.expression + _rounding(EXPRESSION_DECIMALS)
        told = self._run.genes[gene.id].expression
        if not abs(told - scores.expression) <= allowed:
            yield Finding("genes.parquet", _told_expression(scores, told, allowed))
        entry = self._run.track(EXPRESSION_TRACKS[gene.strand])
        if entry is None or not 0 <= gene.tss < self._run.manifest.sizes[gene.chrom]:
            return
        same = [
            window.gene
            for window in self._windows
            if (window.gene.chrom, window.gene.tss, window.gene.strand) == (gene.chrom, gene.tss, gene.strand)
        ]
        try:
            (value,) = self._run.values(entry, Interval(gene.chrom, gene.tss, gene.tss + 1))
        except InputError as error:
            yield Finding(entry.path, str(error))
            return
        off = abs(value - scores.expression) if len(same) == 1 else scores.expression - value
        if not off <= allowed:
            yield Finding(entry.path, _told_expression(scores, float(value), allowed))


def _wrong(expected: Expected, found: np.ndarray, allowed: float) -> Bool[np.ndarray, " bases"]:
    """Bases that hold something else, or nothing."""
    value = expected.values[:, None]
    # Comparisons with NaN are false.
    off = (expected.equal[:, None] & ~(np.abs(found - value) <= allowed)) | (
        expected.at_least[:, None] & ~(found >= value - allowed)
    )
    wrong: Bool[np.ndarray, " bases"] = off.reshape(-1)
    return wrong


def _rounding(decimals: int | None) -> float:
    return (0 if decimals is None else 0.5 * 10.0**-decimals) + _FLOAT32


def _told_expression(scores: WindowScores, found: float, allowed: float) -> str:
    gene = scores.window.gene
    return (
        f"{gene.name} ({gene.id}) has a predicted expression of {found:g}, and the reference says "
        f"{scores.expression:.4f} (more than {allowed:g} apart)"
    )
