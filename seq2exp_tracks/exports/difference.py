"""Compares two runs on the same genome: A - B at every base that both have scored, and gene by gene.

Read and written piece by piece: memory is bounded by a piece, not by a chromosome.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyBigWig
from jaxtyping import Bool, Float64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.exports.destination import ExportFolder
from seq2exp_tracks.exports.difference_record import DECIMALS, RECORD, describe
from seq2exp_tracks.exports.gene_differences import SharedGenes, write_genes
from seq2exp_tracks.exports.mask_comparison import MaskComparison
from seq2exp_tracks.exports.placing import Placement, check_unchanged
from seq2exp_tracks.exports.run_differences import RunDifference, run_differences
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.bigwig_writer import BigWigWriter
from seq2exp_tracks.manifest import FileEntry
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.run_reader import Run

GENES = "genes.difference.tsv"
# Bases read at once: 32 MB for the four tracks.
_PIECE = 1 << 20

Piece = tuple[Interval, dict[str, Float64[np.ndarray, " bases"]]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a comparison found.

    Attributes:
        masks: How alike the masks are.
        genes: The genes of both runs.
        unlike: In what the runs differ that decides their results.
        files: Names, sizes and descriptions of what was written.
        notes: What the user should know, one line each.
    """

    masks: MaskComparison
    genes: SharedGenes
    unlike: tuple[RunDifference, ...]
    files: tuple[FileEntry, ...]
    notes: tuple[str, ...]


def write_difference(
    a: Path, b: Path, out: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> Difference:
    """Writes the difference of two runs into a folder, whole or not at all.

    Args:
        a: Folder of the first run.
        b: Folder of the second run, which is taken off.
        out: Folder to make.
        overwrite: Whether an older comparison in it may be replaced.
        progress: Who is told how far it is.

    Raises:
        InputError: If a folder holds no run, a file of it has changed, or the genomes differ.
        OutputError: If the folder is taken or cannot be written; it is then as it was before.
    """
    progress = progress or Silent()
    runs = (Run.open(a), Run.open(b))
    sizes = _same_genome(*runs)
    with ExportFolder(out, "difference", overwrite=overwrite, placement=Placement.COPY) as folder:
        tracks = _checked_tracks(runs, progress)
        paths = {name: folder.path(name, text) for name, text in _descriptions(runs).items()}
        masks = _write_tracks(tracks, sizes, paths, progress)
        genes = SharedGenes.of(*runs)
        write_genes(paths[GENES], genes.genes)
        unlike = run_differences(*(run.manifest for run in runs))
        nothing = () if masks.bases else ("no base has a value in both runs",)
        notes = (*map(str, unlike), *nothing, *genes.notes())
        record, files = describe(runs, paths, _descriptions(runs), masks, genes, unlike, notes)
        folder.write(RECORD, record, "What the comparison was made from")
    return Difference(masks, genes, unlike, files, notes)


def _same_genome(a: Run, b: Run) -> ChromSizes:
    """The chromosomes of both runs.

    Raises:
        InputError: If they are not the same.
    """
    ours, theirs = a.manifest.sizes, b.manifest.sizes
    for chrom in (*ours, *theirs):
        if ours.get(chrom) != theirs.get(chrom):
            lengths = [f"{sizes[chrom]:,} bp" if chrom in sizes else "not there" for sizes in (ours, theirs)]
            raise InputError(
                f"{a.folder} and {b.folder}: runs on different genomes ({chrom}: {lengths[0]} and "
                f"{lengths[1]}); score both on the same FASTA"
            )
    return ours


def _checked_tracks(runs: tuple[Run, Run], progress: Progress) -> dict[str, Path]:
    """The files that are compared, after checking that none has changed since its run."""
    progress.stage("Checking the runs", 4)
    paths = {}
    for letter, run in zip("ab", runs, strict=True):
        for track in ("mask", "mask.sd"):
            entry = run.track(track)
            if entry is None:
                raise InputError(f"{run.folder}: the run has no track {track}; score again")
            paths[f"{track}.{letter}"] = run.folder / entry.path
            check_unchanged(run.folder / entry.path, entry)
            progress.advance()
    return paths


def _descriptions(runs: tuple[Run, Run]) -> dict[str, str]:
    """What each file holds, by its name."""
    a, b = (run.folder.resolve().name for run in runs)
    return {
        "mask.difference.bw": f"Learned mask of A ({a}) minus that of B ({b}), where both have a value",
        "mask.sd.a.bw": f"Standard deviation of the learned mask of A ({a}) at the same bases",
        "mask.sd.b.bw": f"Standard deviation of the learned mask of B ({b}) at the same bases",
        GENES: "Predicted expression of the genes that both runs have, and its difference",
    }


def _write_tracks(
    tracks: dict[str, Path], sizes: ChromSizes, paths: dict[str, Path], progress: Progress
) -> MaskComparison:
    """Writes the three bigWig files; returns how alike the masks are."""
    masks = MaskComparison()
    progress.stage("Comparing masks", sum(-(-length // _PIECE) for length in sizes.values()))
    with ExitStack() as opened:
        writers = [
            opened.enter_context(BigWigWriter(paths[name], sizes, decimals))
            for name, decimals in DECIMALS.items()
        ]
        for place, values in _pieces(tracks, sizes):
            both = np.logical_and.reduce([np.isfinite(column) for column in values.values()])
            masks.add(values["mask.a"][both], values["mask.b"][both])
            written = (values["mask.a"] - values["mask.b"], values["mask.sd.a"], values["mask.sd.b"])
            for start, end in _runs(both):
                for writer, column in zip(writers, written, strict=True):
                    writer.write(place.chrom, place.start + start, column[start:end])
            progress.advance()
    return masks


def _pieces(tracks: dict[str, Path], sizes: ChromSizes) -> Iterator[Piece]:
    """The values of all tracks, NaN where there is none, piece by piece along the genome."""
    with ExitStack() as opened:
        files = {}
        for name, path in tracks.items():
            try:
                files[name] = opened.enter_context(pyBigWig.open(str(path)))
            except RuntimeError as error:
                raise InputError(f"{path}: cannot be read; is it a whole bigWig file?") from error
        for chrom, length in sizes.items():
            for start in range(0, length, _PIECE):
                place = Interval(chrom, start, min(start + _PIECE, length))
                yield (
                    place,
                    {
                        name: np.asarray(file.values(chrom, start, place.end, numpy=True), np.float64)
                        for name, file in files.items()
                    },
                )


def _runs(both: Bool[np.ndarray, " bases"]) -> list[tuple[int, int]]:
    """Starts and ends of the stretches of bases that have values."""
    steps = np.flatnonzero(np.diff(both, prepend=False, append=False)).tolist()
    return list(zip(steps[::2], steps[1::2], strict=True))
