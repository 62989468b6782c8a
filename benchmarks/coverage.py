"""Coverage by `prepare` against bamCoverage of deepTools, base by base and in time.

Draws pairs of reads from a signal, counts them in both ways at a resolution of 1 bp with the same filters,
and prints for each way how many bases differ and how long either took on one core. deepTools goes into an
environment of its own (`pip install deeptools==3.5.6`); both commands read the same BAM.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import numpy as np
import pyBigWig
import pysam

COMMAND = Path(sys.executable).with_name("seq2exp-tracks")
READ = 50
LONGEST = 400
DUPLICATE_OR_WORSE = 256 | 512 | 1024 | 2048  # flags of reads that neither counts

WAYS = {
    "fragment": (["--count", "fragment"], ["--extendReads", "--samFlagInclude", "64"]),
    "read": (["--count", "read"], []),
    "cut": (["--count", "cut", "--extend", "1"], ["--Offset", "1"]),
}
"""What counts, as `prepare` is told and as bamCoverage is."""


@click.command()
@click.argument("signal", type=click.Path(exists=True, path_type=Path))
@click.argument("fasta", type=click.Path(exists=True, path_type=Path))
@click.argument("bam_coverage")
@click.option("--pairs", type=int, default=400_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def main(signal: Path, fasta: Path, bam_coverage: str, pairs: int, seed: int) -> None:
    """Prints the table for SIGNAL, a bigWig, and ends with status 1 if a base differs."""
    version = subprocess.run([bam_coverage, "--version"], capture_output=True, text=True, check=True)
    print(f"{pairs:,} pairs; {version.stdout.strip()}; one core\n")
    print("| counted | bases that differ | prepare, s | bamCoverage, s | times |\n|---|---:|---:|---:|---:|")
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        chrom, genes = draw(signal, work / "reads.bam", pairs, seed), work / "genes.bed"
        genes.write_text(one_gene(chrom))
        for way, (ours, theirs) in WAYS.items():
            prepared = [
                COMMAND,
                "prepare",
                "--fasta",
                fasta,
                "--gtf",
                genes,
                "--bam",
                f"DNase={work / 'reads.bam'}",
            ]
            prepared += ["--without", "H3K27ac", "--scale", "raw", *ours, "--workers", "1"]
            own = timed([*prepared, "--name", way, "--out", work / way])
            deep = [bam_coverage, "-b", work / "reads.bam", "-o", work / f"{way}.bw", "-bs", "1", "-p", "1"]
            deep += ["--minMappingQuality", "30", "--samFlagExclude", str(DUPLICATE_OR_WORSE), *theirs]
            other = timed(deep)
            wrong = differing(work / way / "DNase.bw", work / f"{way}.bw", chrom)
            different += wrong
            print(f"| {way} | {wrong:,} | {own:.1f} | {other:.1f} | {other / own:.1f} |")
    raise SystemExit(1 if different else 0)


def draw(signal: Path, bam: Path, pairs: int, seed: int) -> str:
    """Writes pairs whose middles are drawn in proportion to a signal; returns the chromosome's name.

    A tenth has a low mapping quality, and a twentieth is marked as duplicates.
    """
    random = np.random.default_rng(seed)
    with pyBigWig.open(str(signal)) as file:
        (chrom, length), *_ = file.chroms().items()
        weights = np.cumsum(np.nan_to_num(file.values(chrom, 0, length, numpy=True)).astype(np.float64))
    middle = np.searchsorted(weights, random.random(pairs) * weights[-1])
    lengths = random.integers(READ + 10, LONGEST, pairs)
    starts = np.clip(middle - lengths // 2, 0, length - LONGEST)
    quality = np.where(random.random(pairs) < 0.1, 10, 60)
    duplicate = random.random(pairs) < 0.05
    positions = np.concatenate([starts, starts + lengths - READ])
    header = pysam.AlignmentHeader.from_dict(
        {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": chrom, "LN": length}]}
    )
    with pysam.AlignmentFile(str(bam), "wb", header=header) as file:
        for place in np.argsort(positions, kind="stable").tolist():
            pair, right = place % pairs, place >= pairs
            read = pysam.AlignedSegment(header)
            read.query_name, read.query_sequence = f"pair{pair}", "A" * READ
            first = (pair % 2 == 0) != right
            read.flag = (
                1 | 2 | (64 if first else 128) | (16 if right else 32) | (1024 if duplicate[pair] else 0)
            )
            read.reference_id = read.next_reference_id = 0
            read.reference_start = int(positions[place])
            read.next_reference_start = int(positions[pair if right else pair + pairs])
            read.mapping_quality, read.cigartuples = int(quality[pair]), [(0, READ)]
            read.template_length = int(-lengths[pair] if right else lengths[pair])
            file.write(read)
    pysam.index(str(bam))
    return str(chrom)


def one_gene(chrom: str) -> str:
    """BED12 of one gene of two exons: `prepare` wants some, and coverage does not depend on them."""
    fields = (
        chrom,
        20_000_000,
        20_010_000,
        "GENE",
        0,
        "+",
        20_000_100,
        20_009_900,
        0,
        2,
        "500,500",
        "0,9500",
    )
    return "\t".join(map(str, fields)) + "\n"


def timed(command: list[object]) -> float:
    """Seconds that a command takes.

    Raises:
        SystemExit: If it fails, with what it said.
    """
    began = time.perf_counter()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return time.perf_counter() - began


def differing(ours: Path, theirs: Path, chrom: str) -> int:
    """How many bases do not have the same value in two bigWigs."""
    with pyBigWig.open(str(ours)) as one, pyBigWig.open(str(theirs)) as other:
        length = one.chroms()[chrom]
        values = [np.nan_to_num(file.values(chrom, 0, length, numpy=True)) for file in (one, other)]
    return int((values[0] != values[1]).sum())


if __name__ == "__main__":
    main()
