"""A genome of two short chromosomes with three genes, and reads on it."""

import random
from pathlib import Path

import pysam
from small_alignments import PAIRED, PROPER, Read, proper_pair, write_alignments

SIZES = {"chr1": 12_000, "chr2": 5_000}
UNKNOWN = (3_000, 3_500)
"""Bases of chr1 that are N."""

# Name: chromosome, strand, exons, coding part.
GENES = {
    "ALPHA": ("chr1", "+", [(4_000, 4_200), (5_000, 5_300)], (4_100, 5_150)),
    "BETA": ("chr1", "-", [(8_000, 8_400)], (8_100, 8_301)),
    "GAMMA": ("chr2", "+", [(100, 400)], None),
}
TSS = {"ALPHA": ("chr1", 4_000), "BETA": ("chr1", 8_399), "GAMMA": ("chr2", 100)}


def write_fasta(folder: Path) -> Path:
    rng = random.Random(7)
    letters = {name: "".join(rng.choices("ACGT", k=length)) for name, length in SIZES.items()}
    start, end = UNKNOWN
    letters["chr1"] = letters["chr1"][:start] + "N" * (end - start) + letters["chr1"][end:]
    path = folder / "genome.fa"
    path.write_text("".join(f">{name}\n{text}\n" for name, text in letters.items()))
    pysam.faidx(str(path))
    return path


def write_gtf(folder: Path) -> Path:
    lines = []
    for name, (chrom, strand, exons, coding) in GENES.items():
        about = f'gene_id "{name}"; gene_name "{name}"; gene_type "protein_coding"; transcript_id "T{name}";'
        rows = [("gene", exons[0][0], exons[-1][1]), *(("exon", *exon) for exon in exons)]
        if coding:
            pieces = ((max(start, coding[0]), min(end, coding[1])) for start, end in exons)
            rows += [("CDS", *piece) for piece in pieces]
        lines += [
            f"{chrom}\tx\t{kind}\t{start + 1}\t{end}\t.\t{strand}\t.\t{about}" for kind, start, end in rows
        ]
    path = folder / "genes.gtf"
    path.write_text("\n".join(lines) + "\n")
    return path


def dnase_reads(seed: int = 3) -> list[Read]:
    """Single reads, many around the promoters, on either strand; one in ten is not sure of its place."""
    rng = random.Random(seed)
    found = []
    for _ in range(600):
        name = rng.choice(list(TSS))
        chrom, tss = TSS[name]
        start = min(max(0, round(rng.gauss(tss, 400))), SIZES[chrom] - 40)
        mapq = 60 if rng.random() < 0.9 else 5
        found.append(Read(chrom, start, rng.randint(25, 40), rng.choice([0, 16]), mapq))
    return found


def acetylation_reads(seed: int = 4) -> list[Read]:
    """Proper pairs, and some reads whose mate is lost."""
    rng = random.Random(seed)
    found = []
    for _ in range(300):
        chrom = rng.choice(list(SIZES))
        start = rng.randrange(SIZES[chrom] - 300)
        if rng.random() < 0.1:
            found.append(Read(chrom, start, 36, PAIRED))
        else:
            found += proper_pair(chrom, start, start + rng.randint(80, 300))
    assert any(read.flag & PROPER for read in found)
    return found


def write_reads(folder: Path) -> dict[str, Path]:
    return {
        "DNase": write_alignments(folder / "dnase.bam", SIZES, dnase_reads()),
        "H3K27ac": write_alignments(folder / "h3k27ac.bam", SIZES, acetylation_reads()),
    }
