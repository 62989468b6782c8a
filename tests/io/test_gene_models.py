"""Gene models: the same genes out of GTF, GFF3 and BED12, and what becomes of odd lines."""

import gzip
from dataclasses import dataclass

import pysam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.gene_models import GENE_MODEL_COLUMNS, read_gene_models

SIZES = ChromSizes({"chr1": 10_000, "chr22": 90_000})


@dataclass(frozen=True)
class Transcript:
    """Exons, 0-based and half-open, and the coding part, or None."""

    exons: tuple[tuple[int, int], ...]
    coding: tuple[int, int] | None = None
    tags: tuple[str, ...] = ()

    @property
    def span(self):
        return self.exons[0][0], self.exons[-1][1]

    @property
    def coding_exons(self):
        first, last = self.coding or (0, 0)
        return [(max(s, first), min(e, last)) for s, e in self.exons if max(s, first) < min(e, last)]


@dataclass(frozen=True)
class Locus:
    """A gene with its transcripts, the first of which stands for it."""

    gene_id: str
    name: str
    gene_type: str
    chrom: str
    strand: str
    transcripts: tuple[Transcript, ...]

    @property
    def span(self):
        return min(t.span[0] for t in self.transcripts), max(t.span[1] for t in self.transcripts)

    def row(self, **changes):
        chosen = self.transcripts[0]
        start, end = self.span
        pieces = chosen.coding_exons
        thick = (pieces[0][0], pieces[-1][1]) if pieces else (start, start)
        values = (self.gene_id, self.name, self.gene_type, self.chrom, start, end, self.strand, *thick)
        exons = [[s for s, _ in chosen.exons], [e for _, e in chosen.exons]]
        return dict(zip(GENE_MODEL_COLUMNS, [*values, *exons], strict=True)) | changes


A = Locus(
    *("ENSG00000000001", "AAA", "protein_coding", "chr22", "+"),
    (
        Transcript(((100, 200), (300, 400)), (150, 350), ("basic", "Ensembl_canonical", "MANE_Select")),
        Transcript(((50, 1_000),), (60, 900), ("basic",)),
    ),
)
B = Locus(
    *("ENSG00000000002", "BBB", "lncRNA", "chr1", "-"),
    (
        Transcript(((5_000, 5_100), (5_500, 6_000)), None, ("Ensembl_canonical",)),
        Transcript(((5_000, 6_500),), None, ("basic",)),
    ),
)
C = Locus(
    *("ENSG00000000003", "CCC", "protein_coding", "chr22", "-"),
    (
        Transcript(((40_000, 40_300),), (40_030, 40_120)),
        Transcript(((39_000, 40_400),)),
        Transcript(((40_000, 40_200),), (40_030, 40_120)),
    ),
)
GENES = (A, B, C)


def line(gene, kind, span, attributes):
    return "\t".join([
        *(gene.chrom, "HAVANA", kind, str(span[0] + 1), str(span[1]), ".", gene.strand, "."),
        attributes,
    ])  # fmt: skip


def gtf(*genes, with_genes=True):
    lines = ["##description: a test"]
    for gene in genes:
        about = f'gene_id "{gene.gene_id}.3"; '
        named = f'gene_type "{gene.gene_type}"; gene_name "{gene.name}"; level 2;'
        lines += [line(gene, "gene", gene.span, about + named)] * with_genes
        for number, transcript in enumerate(gene.transcripts):
            tags = "".join(f' tag "{tag}";' for tag in transcript.tags)
            all_of = f'{about}transcript_id "T{gene.gene_id}{number}"; {named}{tags}'
            lines.append(line(gene, "transcript", transcript.span, all_of))
            lines += [line(gene, "exon", exon, f"{all_of} exon_number 1;") for exon in transcript.exons]
            lines += [line(gene, "CDS", exon, all_of) for exon in transcript.coding_exons]
    return "\n".join(lines) + "\n"


def gff3(*genes):
    lines = ["##gff-version 3", "# anybody's"]
    for gene in genes:
        named = f"gene_biotype={gene.gene_type};Name={gene.name.replace('A', '%41')}"
        lines.append(line(gene, "gene", gene.span, f"ID=gene:{gene.gene_id};{named}"))
        for number, transcript in enumerate(gene.transcripts):
            name = f"transcript:{gene.gene_id}-{number}"
            tags = f";tag={','.join(transcript.tags)}" if transcript.tags else ""
            lines.append(
                line(
                    gene,
                    "mRNA",
                    transcript.span,
                    f"ID={name};Parent=gene:{gene.gene_id};Name=t{number}{tags}",
                )
            )
            lines += [line(gene, "exon", exon, f"Parent={name};rank=1") for exon in transcript.exons]
            lines += [line(gene, "CDS", exon, f"ID=CDS:1;Parent={name}") for exon in transcript.coding_exons]
        lines.append("###")
    return "\n".join(lines) + "\n"


def bed12(*genes):
    lines = []
    for gene in genes:
        for transcript in gene.transcripts:
            (start, end), pieces = transcript.span, transcript.coding_exons
            thick = (pieces[0][0], pieces[-1][1]) if pieces else (start, start)
            lengths = "".join(f"{last - first}," for first, last in transcript.exons)
            starts = "".join(f"{first - start}," for first, _ in transcript.exons)
            cells = (gene.chrom, start, end, gene.name, 0, gene.strand, *thick, 0)
            lines.append("\t".join(map(str, (*cells, len(transcript.exons), lengths, starts))))
    return "\n".join(lines) + "\n"


def read(path, text, sizes=SIZES):
    path.write_text(text)
    return read_gene_models(path, sizes).sort_by("name").to_pylist()


@pytest.mark.parametrize(("suffix", "write"), [("gtf", gtf), ("gff3", gff3), ("gff", gff3)])
def test_annotations_give_each_gene_with_the_exons_of_the_transcript_that_stands_for_it(
    tmp_path, suffix, write
):
    assert read(tmp_path / f"genes.{suffix}", write(*GENES)) == [gene.row() for gene in GENES]


def test_of_bed12_the_translated_transcript_of_most_exonic_bases_stands_for_a_gene(tmp_path):
    first = Locus(*("AAA", "AAA", None, "chr22", "+"), A.transcripts[::-1])
    genes = [first, Locus("BBB", "BBB", None, "chr1", "-", B.transcripts[::-1]),
             Locus("CCC", "CCC", None, "chr22", "-", C.transcripts)]  # fmt: skip
    assert read(tmp_path / "genes.bed", bed12(*genes)) == [gene.row() for gene in genes]


def test_a_gtf_without_lines_of_genes_gives_them_as_far_as_their_transcripts_reach(tmp_path):
    rows = read(tmp_path / "genes.gtf", gtf(*GENES, with_genes=False))
    assert rows == [gene.row() for gene in GENES]


def test_an_id_on_two_chromosomes_is_two_genes_with_their_own_exons(tmp_path):
    twin = Locus(A.gene_id, "AAB", A.gene_type, "chr1", A.strand, (Transcript(((7, 70),)),))
    rows = read(tmp_path / "genes.gtf", gtf(A, twin))
    assert rows == [A.row(), twin.row()]


def test_names_of_ncbi_and_tags_with_a_space_are_read(tmp_path):
    text = (
        'NC_1\tB\tgene\t11\t100\t.\t+\t.\tgene_id "MYC"; gene "MYC"; gene_biotype "protein_coding";\n'
        'NC_1\tB\ttranscript\t11\t60\t.\t+\t.\tgene_id "MYC"; transcript_id "N1";\n'
        'NC_1\tB\texon\t11\t60\t.\t+\t.\tgene_id "MYC"; transcript_id "N1";\n'
        'NC_1\tB\ttranscript\t11\t20\t.\t+\t.\tgene_id "MYC"; transcript_id "N2"; tag "MANE Select";\n'
        'NC_1\tB\texon\t11\t20\t.\t+\t.\tgene_id "MYC"; transcript_id "N2";\n'
    )
    (row,) = read(tmp_path / "genes.gtf", text, ChromSizes({"NC_1": 100}))
    assert (row["name"], row["gene_type"], row["exon_starts"], row["exon_ends"]) == (
        *("MYC", "protein_coding"),
        *([10], [20]),
    )


def test_exons_that_do_not_say_of_which_transcript_belong_to_none(tmp_path):
    text = (
        'chr22\tx\tgene\t11\t100\t.\t-\t.\tgene_id "G1";\n'
        'chr22\tx\ttranscript\t11\t100\t.\t-\t.\tgene_id "G1";\n'
        'chr22\tx\texon\t21\t30\t.\t-\t.\tgene_id "G1";\n'
    )
    (row,) = read(tmp_path / "genes.gtf", text)
    assert (row["exon_starts"], row["exon_ends"]) == ([10], [100])


def test_a_gene_without_exons_is_one_and_chromosomes_go_by_the_genomes_names(tmp_path):
    text = '22\tx\tgene\t11\t100\t.\t-\t.\tgene_id "G1";\nchrUn\tx\tgene\t1\t5\t.\t-\t.\tgene_id "G2";\n'
    (row,) = read(tmp_path / "genes.gtf", text)
    assert row == Locus("G1", "G1", None, "chr22", "-", (Transcript(((10, 100),)),)).row()


def test_a_bed_of_one_row_a_gene_takes_id_and_type_from_its_header(tmp_path):
    text = (
        "#chr\tstart\tend\tname\tscore\tstrand\tEnsembl_ID\tgene_type\n"
        "chr22\t10\t90\tX\t0\t-\tENSG00000000007.2\tlincRNA\nchr22\t10\t90\tY\t0\t+\tENSG00000000008\tmiRNA\n"
    )
    x, y = read(tmp_path / "genes.bed", text)
    assert x == Locus("ENSG00000000007", "X", "lincRNA", "chr22", "-", (Transcript(((10, 90),)),)).row()
    assert (y["gene_id"], y["strand"]) == ("ENSG00000000008", "+")


def test_a_name_at_two_places_of_a_chromosome_is_two_genes(tmp_path):
    text = "chr22\t10\t90\tY_RNA\t0\t+\nchr22\t80\t200\tY_RNA\t0\t+\nchr22\t200\t300\tY_RNA\t0\t+\n"
    rows = read(tmp_path / "genes.bed", text)
    assert sorted((row["start"], row["end"]) for row in rows) == [(10, 200), (200, 300)]


@pytest.mark.parametrize("compress", [gzip.compress, None])
def test_gzipped_and_bgzipped_files_are_read(tmp_path, compress):
    path = tmp_path / "genes.gtf.gz"
    if compress:
        path.write_bytes(compress(gtf(*GENES).encode()))
    else:
        with pysam.BGZFile(str(path), "wb") as file:
            file.write(gtf(*GENES).encode())
    assert read_gene_models(path, SIZES).sort_by("name").to_pylist() == [gene.row() for gene in GENES]


def test_sequences_at_the_end_of_a_gff3_are_passed_over(tmp_path):
    rows = read(tmp_path / "genes.gff3", gff3(A) + "##FASTA\n>chr22\nACGT\nNN\n")
    assert rows == [A.row()]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.gtf", "", "none of its 0 genes"),
        ("a.gtf", "# nothing\n", "none of its 0 genes"),
        ("a.gtf", "chr22\tx\tgene\t1\n", "cannot be read as GTF or GFF3"),
        ("a.gtf", 'chr22\tx\tgene\tone\t5\t.\t+\t.\tgene_id "G";\n', "cannot be read as GTF or GFF3"),
        ("a.gtf", 'chr22\tx\tgene\t9\t5\t.\t+\t.\tgene_id "G";\n', "not an interval: chr22 9 5"),
        ("a.gtf", 'chr22\tx\tgene\t0\t5\t.\t+\t.\tgene_id "G";\n', "not an interval: chr22 0 5"),
        ("a.gtf", "chr22\tx\tgene\t1\t5\t.\t+\t.\tnote 1;\n", "a gene without gene_id"),
        ("a.gtf", 'chr22\tx\tgene\t1\t90001\t.\t+\t.\tgene_id "G";\n', "G ends at chr22:90,001, past"),
        ("a.gff3", "chr22\tx\tgene\t1\t5\t.\t+\t.\tName=G\n", "a gene without gene_id"),
        ("a.bed", "chr22\t5\t5\tG\n", r"a\.bed:1: not an interval"),
        ("a.bed", "chr22\t5\t9\tG\t0\t+\t5\t10\t0\t1\t4,\t0,\n", r"a\.bed:1: not a thick part"),
        ("a.bed", "chr22\t5\t9\tG\t0\t+\t5\t5\t0\t1\t5,\t0,\n", r"a\.bed:1: a block reaches over"),
        ("a.bed", "chr22\t5\t9\tG\t0\t+\t5\t5\t0\t2\t1,\t0,2,\n", r"a\.bed:1: not the blocks"),
        ("a.tsv", "gene\n", r"genes are drawn from \.gtf"),
        ("a.gtf", "\x00\xff", "cannot be read as GTF or GFF3"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_file(tmp_path, name, text, says):
    with pytest.raises(InputError, match=says) as caught:
        read(tmp_path / name, text)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_or_cut_off_file_is_one_line(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_gene_models(tmp_path / "none.gtf", SIZES)
    (tmp_path / "cut.gtf.gz").write_bytes(gzip.compress(gtf(*GENES).encode())[:-20])
    with pytest.raises(InputError, match="cannot be read"):
        read_gene_models(tmp_path / "cut.gtf.gz", SIZES)


@st.composite
def loci(draw):
    """Genes far from each other, the first transcript of each the one that stands for it."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        transcripts = []
        for place in range(draw(st.integers(1, 3))):
            edges = sorted(draw(st.sets(st.integers(0, 5_000), min_size=2, max_size=10)))
            exons = tuple(zip(edges[::2], edges[1::2], strict=False))
            shifted = tuple((10_000 * number + s, 10_000 * number + e) for s, e in exons)
            coding = (shifted[0][0], shifted[-1][1]) if draw(st.booleans()) else None
            transcripts.append(Transcript(shifted, coding, ("MANE_Select",) if place == 0 else ()))
        strand = draw(st.sampled_from("+-"))
        made.append(Locus(f"ENSG{number:011}", f"N{number}", "x", "chr22", strand, tuple(transcripts)))
    return made


@settings(max_examples=40)
@given(genes=loci(), write=st.sampled_from([gtf, gff3]), block=st.sampled_from([700, 1 << 20]))
def test_genes_come_back_as_they_were_written_whatever_the_size_of_a_block(
    tmp_path_factory, genes, write, block
):
    path = tmp_path_factory.mktemp("genes") / f"a.{write.__name__}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seq2exp_tracks.io.annotation_lines._BLOCK", block)
        assert read(path, write(*genes)) == [gene.row() for gene in genes]
