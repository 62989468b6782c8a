"""Reads per million in promoters by `prepare` against a count by pysam, gene by gene.

`pysam.AlignmentFile.count` is asked for each TSS ± 500 bp with the documented filters (docs/preparing.md):
mapping quality of at least 30; no duplicates, secondary or supplementary alignments, or reads that failed the
quality check. The table tells how many genes differ in reads per million of H3K27ac or of DNase, or in
promoter activity, by more than the six digits that are written.
"""

import csv
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import pysam

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import read_genes

COMMAND = Path(sys.executable).with_name("seq2exp-tracks")
COLUMNS = {"H3K27ac": "H3K27ac_RPM_TSS1Kb", "DNase": "DHS_RPM_TSS1Kb"}
REACH = 500
MIN_MAPQ = 30
WRITTEN = 1e-5  # relative, of six digits
FILE = click.Path(exists=True, path_type=Path)


@click.command()
@click.argument("fasta", type=FILE)
@click.argument("genes", type=FILE)
@click.argument("h3k27ac", type=FILE)
@click.argument("dnase", type=FILE)
@click.option("--half-life", type=FILE, help="Table of half-life features, if GENES have no coding part.")
def main(fasta: Path, genes: Path, h3k27ac: Path, dnase: Path, half_life: Path | None) -> None:
    """Prints the table for the BAMs H3K27AC and DNASE, and ends with status 1 if a gene differs."""
    bams = {"H3K27ac": h3k27ac, "DNase": dnase}
    sizes = Fasta(fasta).sizes
    found = read_genes(genes, sizes).genes
    with tempfile.TemporaryDirectory() as folder:
        rows = prepared(fasta, genes, bams, half_life, Path(folder) / "cells")
    expected = {name: list(reads_per_million(bam, found)) for name, bam in bams.items()}
    activity = [math.sqrt(one * other) for one, other in zip(*expected.values(), strict=True)]
    print("| column | genes | with reads | largest | differing |\n|---|---:|---:|---:|---:|")
    different = 0
    told = {COLUMNS[name]: values for name, values in expected.items()} | {"PromoterActivity": activity}
    for column, values in told.items():
        ours = [float(rows[gene.id][column]) for gene in found]
        wrong = sum(
            not math.isclose(one, other, rel_tol=WRITTEN) for one, other in zip(ours, values, strict=True)
        )
        different += wrong
        seen = sum(value > 0 for value in values)
        print(f"| `{column}` | {len(found):,} | {seen:,} | {max(values):,.1f} | {wrong:,} |")
    raise SystemExit(1 if different else 0)


def prepared(
    fasta: Path, genes: Path, bams: dict[str, Path], half_life: Path | None, out: Path
) -> dict[str, dict[str, str]]:
    """The table of features that `prepare` writes, by gene.

    Raises:
        SystemExit: If it fails, with what it said.
    """
    signals = [word for name, bam in bams.items() for word in ("--bam", f"{name}={bam}")]
    given = ["--half-life", str(half_life)] if half_life else []
    words = ["--fasta", str(fasta), "--gtf", str(genes), *signals, *given, "--name", "x", "--out", str(out)]
    done = subprocess.run([str(COMMAND), "prepare", *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    with (out / "features.tsv").open(newline="") as file:
        return {row["gene_id"]: row for row in csv.DictReader(file, delimiter="\t")}


def reads_per_million(bam: Path, genes: tuple[Gene, ...]) -> Iterator[float]:
    """Reads in each gene's promoter, per million of all."""
    with pysam.AlignmentFile(str(bam)) as file:
        total = sum(map(counts, file.fetch()))
        for gene in genes:
            end = min(gene.tss + REACH, file.get_reference_length(gene.chrom))
            reads = file.count(gene.chrom, max(gene.tss - REACH, 0), end, read_callback=counts)
            yield reads * 1e6 / total


def counts(read: pysam.AlignedSegment) -> bool:
    """Whether a read counts."""
    worse = read.is_duplicate or read.is_secondary or read.is_supplementary or read.is_qcfail
    return not worse and not read.is_unmapped and read.mapping_quality >= MIN_MAPQ


if __name__ == "__main__":
    main()
