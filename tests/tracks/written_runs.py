"""Runs of small drawn scores, written by the writer of runs and read back by other libraries."""

from pathlib import Path

import numpy as np
import pybigtools
import pyBigWig
from drawn_windows import scores_of

from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.manifest import FileEntry
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.elements import ElementSettings
from seq2exp_tracks.tracks.merge import MergeRule, merge_order
from seq2exp_tracks.tracks.summary import RunSummary
from seq2exp_tracks.tracks.writer import RunWriter

SIZES = ChromSizes({"chr1": 4000, "chr2": 900, "chr10": 700})
SETTINGS = ElementSettings(top_share=0.2, gap=3, min_length=5)
WINDOW = 400


def smooth(generator: np.random.Generator, length: int) -> np.ndarray:
    """Scores that rise and fall over tens of bases, so that elements are called."""
    waves = np.convolve(generator.normal(size=length + 40), np.ones(41) / 8, mode="valid")
    return (1 / (1 + np.exp(-waves))).astype(np.float32)


def gene_scores(number: int, chrom: str, tss: int, strand: Strand) -> WindowScores:
    generator = np.random.default_rng(number)
    gene = Gene(f"id{number}", f"GENE {number}", chrom, tss, strand)
    inside = min(tss + WINDOW // 2, SIZES[chrom]) - max(tss - WINDOW // 2, 0)
    return scores_of(
        gene,
        WINDOW,
        smooth(generator, inside),
        sd=smooth(generator, inside) / 4,
        applied=smooth(generator, inside),
        excluded=range(inside // 3, inside // 3 + 7),
        expression=float(generator.normal(1.5)),
        imputed=("utr5",) if number % 3 == 0 else (),
        contact=smooth(generator, inside) if number % 2 else None,
        sizes=SIZES,
    )


def all_scores() -> list[WindowScores]:
    """Fourteen genes: overlapping windows, both strands, padded ends, a shared TSS, one off the end."""
    places = [
        *(("chr1", tss, Strand.PLUS) for tss in (10, 300, 450, 2000, 2000, 3990, 4050)),
        *(("chr1", tss, Strand.MINUS) for tss in (300, 2100)),
        *(("chr10", tss, Strand.MINUS) for tss in (0, 350, 699)),
        *(("chr10", tss, Strand.PLUS) for tss in (351, 690)),
    ]
    scores = [gene_scores(number, *place) for number, place in enumerate(places)]
    return sorted(scores, key=lambda one: merge_order(one.window, SIZES))


Run = tuple[Path, tuple[FileEntry, ...], RunSummary]


def write_run(
    out: Path,
    scores: list[WindowScores],
    rule: MergeRule = MergeRule.MAX,
    *,
    labels: bool = True,
    **more: object,
) -> Run:
    with RunFolder(out) as folder:
        options = {"merge": rule, "elements": SETTINGS, "per_gene": True, "labels": labels} | more
        with RunWriter(folder, SIZES, **options) as writer:  # type: ignore[arg-type]  # of mixed kinds
            for one in scores:
                number = int(one.window.gene.id[2:])
                measured = None if number == 1 or not labels else number / 8
                writer.add(one, measured, ("no_contacts",) if number == 2 else ())
            entries, summary = writer.finish()
        folder.path("manifest.json").write_text("{}")
    return out, entries, summary


def read_bigwig(path: Path) -> dict[tuple[str, int], float]:
    """Value of every base that has one, by two readers that have to agree."""
    with pyBigWig.open(str(path)) as file:
        assert list(file.chroms().items()) == list(SIZES.items())
        first = {chrom: np.array(file.values(chrom, 0, length)) for chrom, length in SIZES.items()}
    other = pybigtools.open(str(path))
    for chrom, length in SIZES.items():
        np.testing.assert_array_equal(other.values(chrom, 0, length, fillna=None), first[chrom])
    return {
        (chrom, int(base)): float(values[base])
        for chrom, values in first.items()
        for base in np.flatnonzero(~np.isnan(values))
    }


def read_bed(path: Path) -> tuple[list[str], list[list[str]]]:
    header, *rows = path.read_text().splitlines()
    return header.removeprefix("#").split("\t"), [row.split("\t") for row in rows]
