"""Reads per million in promoters are those of a count by pysam, whatever reads there are."""

import random
from pathlib import Path

import numpy as np
import pytest
from promoter_counts import reads_per_million as by_pysam
from small_alignments import DUPLICATE, FAILED, REVERSE, SECONDARY, SUPPLEMENTARY, Read, write_alignments

from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.alignments import Alignments
from seq2exp_tracks.preparation.counting import Counting
from seq2exp_tracks.preparation.coverage import CountTask, SignalCount, count_chromosome
from seq2exp_tracks.preparation.promoters import promoter_bounds, reads_per_million

SIZES = ChromSizes({"chr1": 4_000, "chr2": 900})
GENES = tuple(
    Gene(f"{chrom}:{tss}", f"{chrom}:{tss}", chrom, tss, Strand(strand))
    for chrom, tss, strand in (
        *(("chr1", 0, "+"), ("chr1", 499, "-"), ("chr1", 2_000, "+"), ("chr1", 2_001, "-")),
        *(("chr1", 3_999, "-"), ("chr2", 400, "+"), ("chr2", 899, "-")),
    )
)


def drawn(seed: int) -> list[Read]:
    """Reads of every kind, many about the ends of promoters."""
    rng = random.Random(seed)
    reads = []
    for _ in range(400):
        chrom, length = rng.choice(list(SIZES.items()))
        edges = [gene.tss + reach for gene in GENES if gene.chrom == chrom for reach in (-500, 500)]
        size, place = rng.randint(20, 60), rng.choice([rng.choice(edges), rng.randrange(length)])
        start = min(max(0, place - rng.randint(0, size + 1)), length - size)
        flag = rng.choice([0] * 8 + [DUPLICATE, SECONDARY, SUPPLEMENTARY, FAILED]) | rng.choice([0, REVERSE])
        mapq, deleted = rng.choice([29, 30, 60, 60]), rng.choice([0, 0, 10])
        reads.append(Read(chrom, start, size, flag, mapq, deleted=deleted))
    return reads


@pytest.mark.parametrize("count", ["fragment", "read", "cut"])
def test_they_are_those_of_pysam_whatever_coverage_is_made_of(tmp_path: Path, count: str) -> None:
    for seed in range(5):
        bam = write_alignments(tmp_path / f"{seed}.bam", SIZES, drawn(seed))
        bounds = promoter_bounds(GENES, SIZES)
        with Alignments(bam, SIZES) as alignments:
            chroms = tuple(
                count_chromosome(
                    CountTask(
                        alignments,
                        chrom,
                        SIZES[chrom],
                        Counting(count=count),  # type: ignore[arg-type]
                        None,
                        bounds[[gene.chrom == chrom for gene in GENES]],
                        tmp_path / f"{seed}-{chrom}.npy",
                    )
                )
                for chrom in SIZES
            )
        found = reads_per_million(SignalCount(bam, Counting(), chroms), GENES, SIZES)
        np.testing.assert_allclose(found, list(by_pysam(bam, GENES)), rtol=1e-12)
        assert (found > 0).all()
