"""Valid BED, GTF and GFF3: written, read, and compared with the places and genes that were drawn."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fuzz_readings import genes, genes_again, intervals
from fuzz_seeds import SIZES

from seq2exp_tracks.genome import Gene, Interval, Strand
from seq2exp_tracks.io.gene_models import read_gene_models
from seq2exp_tracks.io.gene_selection import genome_order
from seq2exp_tracks.io.transcripts import read_transcripts


def _ids(drawn: list[tuple[str, Interval, Strand]]) -> list[Gene]:
    """Genes at the 5' ends of intervals, with ids that no reader changes."""
    return [
        Gene(f"g{n}", f"s{name}", at.chrom, at.start if strand is Strand.PLUS else at.end - 1, strand)
        for n, (name, at, strand) in enumerate(drawn)
    ]


def expect(found: Any, expected: Any) -> None:
    """Raises if something else was read than was written."""
    if found != expected:
        raise AssertionError(f"read {found!r} where {expected!r} was written")


def bed(drawn: list[Interval], folder: Path) -> None:
    """Intervals of a blacklist: every base of them once, and no other."""
    path = folder / "a.bed"
    path.write_text("".join(f"{at.chrom}\t{at.start}\t{at.end}\tx\n" for at in drawn))
    found = [
        (chrom, base)
        for chrom, rows in intervals(path).items()
        for start, end in rows
        for base in range(start, end)
    ]
    expect(sorted(found), sorted({(at.chrom, base) for at in drawn for base in range(at.start, at.end)}))


def gene_file(name: str, line: Callable[[Gene, Interval], str]) -> Callable[[Any, Path], None]:
    """Writes genes a line each, and reads genes and gene models."""

    def check(drawn: list[tuple[str, Interval, Strand]], folder: Path) -> None:
        expected, path = _ids(drawn), folder / name
        lines = [line(gene, at) for gene, (_, at, _) in zip(expected, drawn, strict=True)]
        path.write_text("".join(f"{each}\n" for each in lines))
        ordered = sorted(expected, key=genome_order(SIZES))
        expect(genes(path), ordered)
        expect(genes_again(ordered, path), ordered)
        models = read_gene_models(path, SIZES).to_pylist()
        found = {(row["name"], row["chrom"], row["start"], row["end"], row["strand"]) for row in models}
        expect(
            found,
            {
                (g.name, at.chrom, at.start, at.end, str(g.strand))
                for g, (_, at, _) in zip(expected, drawn, strict=True)
            },
        )

    return check


def bed_line(gene: Gene, at: Interval) -> str:
    """A row; before the first one a header that names the column of the ids."""
    header = "#chrom\tstart\tend\tname\tscore\tstrand\tgene_id\n" if gene.id == "g0" else ""
    return f"{header}{at.chrom}\t{at.start}\t{at.end}\t{gene.name}\t0\t{gene.strand}\t{gene.id}"


def gtf_line(gene: Gene, at: Interval) -> str:
    """A gene as GENCODE has it."""
    told = f'gene_id "{gene.id}"; gene_name "{gene.name}"; gene_type "protein_coding";'
    return f"{at.chrom}\tx\tgene\t{at.start + 1}\t{at.end}\t.\t{gene.strand}\t.\t{told}"


def gff3_line(gene: Gene, at: Interval) -> str:
    """A gene as Ensembl has it."""
    told = f"ID=gene:{gene.id};Name={gene.name};biotype=protein_coding"
    return f"{at.chrom}\tx\tgene\t{at.start + 1}\t{at.end}\t.\t{gene.strand}\t.\t{told}"


def transcripts(drawn: list[tuple[str, Interval, Strand]], folder: Path) -> None:
    """One translated exon a gene, as BED12 and as GTF."""
    bed, gtf, expected = [], [], []
    for gene, (_, at, strand) in zip(_ids(drawn), drawn, strict=True):
        size = at.end - at.start
        head = f"{at.chrom}\t{at.start}\t{at.end}\t{gene.id}\t0\t{strand}"
        bed.append(f"{head}\t{at.start}\t{at.end}\t0\t1\t{size},\t0,\n")
        place = (
            f'{at.start + 1}\t{at.end}\t.\t{strand}\t.\tgene_id "{gene.id}"; transcript_id "t{gene.id}";\n'
        )
        gtf.extend(f"{at.chrom}\tx\t{kind}\t{place}" for kind in ("exon", "CDS"))
        expected.append((gene.id, at.chrom, strand, ((at.start, at.end),), (at.start, at.end)))
    for name, lines in (("t.bed", bed), ("t.gtf", gtf)):
        (folder / name).write_text("".join(lines))
        found = [
            (t.gene_id, t.chrom, t.strand, t.exons, t.coding) for t in read_transcripts(folder / name, SIZES)
        ]
        expect(sorted(found), sorted(expected))
