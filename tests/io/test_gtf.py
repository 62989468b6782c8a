import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Strand
from seq2exp_tracks.io.gene_rows import GeneRow
from seq2exp_tracks.io.gtf import read_gff3, read_gtf


def lines(chrom, *rows):
    """Lines of GTF or GFF3: what all have alike is left to be filled in here."""
    return "".join(
        f"{chrom}\tsource\t{kind}\t{start}\t{end}\t.\t{strand}\t.\t{attributes}\n"
        for kind, start, end, strand, attributes in rows
    )


HMOX1 = 'gene_id "ENSG00000100292.18"; gene_type "protein_coding"; gene_name "HMOX1";'
MYH9 = 'gene_id "ENSG00000100345.23"; gene_type "protein_coding"; gene_name "MYH9";'
LINC9 = 'gene_id "ENSG00000000009.1"; gene_type "lncRNA"; gene_name "LINC9";'
GENCODE_GTF = "##description: GENCODE\n" + lines(
    "chr22",
    ("gene", 101, 900, "+", f"{HMOX1} level 1;"),
    ("transcript", 101, 800, "+", f'{HMOX1} transcript_id "T1"; tag "basic";'),
    ("transcript", 121, 800, "+", f'{HMOX1} transcript_id "T2"; tag "Ensembl_canonical";'),
    ("transcript", 131, 900, "+", f'{HMOX1} transcript_id "T3"; tag "basic"; tag "MANE_Select";'),
    ("exon", 131, 140, "+", f'{HMOX1} tag "MANE_Select";'),
    ("gene", 2001, 2900, "-", MYH9),
    ("transcript", 2001, 2850, "-", f'{MYH9} tag "Ensembl_canonical"; tag "CCDS";'),
    ("gene", 3001, 3900, "-", LINC9),
)
ROWS = [
    GeneRow("ENSG00000100292.18", "HMOX1", "chr22", 130, Strand.PLUS, "protein_coding"),
    GeneRow("ENSG00000100345.23", "MYH9", "chr22", 2849, Strand.MINUS, "protein_coding"),
    GeneRow("ENSG00000000009.1", "LINC9", "chr22", 3899, Strand.MINUS, "lncRNA"),
]

ENSEMBL_GFF3 = "##gff-version 3\n" + lines(
    "22",
    (
        "gene",
        101,
        900,
        "+",
        "ID=gene:ENSG00000100292;Name=HMOX1%3B1;biotype=protein_coding;gene_id=ENSG00000100292;version=18",
    ),
    ("mRNA", 101, 800, "+", "ID=transcript:T1;Parent=gene:ENSG00000100292;tag=basic"),
    (
        "mRNA",
        131,
        900,
        "+",
        "ID=transcript:T2;Parent=gene:ENSG00000100292;tag=basic,Ensembl_canonical,MANE_Select",
    ),
    ("ncRNA_gene", 3001, 3900, "-", "ID=gene:ENSG00000000009;Name=LINC9;biotype=lncRNA"),
    ("lnc_RNA", 3001, 3880, "-", "ID=transcript:T3;Parent=gene:ENSG00000000009;tag=Ensembl_canonical"),
    ("pseudogene", 5001, 5900, "+", "ID=gene:ENSG00000000010;biotype=processed_pseudogene"),
)

GENCODE_HMOX1 = "gene_id=ENSG00000100292.18;gene_type=protein_coding;gene_name=HMOX1"
GENCODE_GFF3 = lines(
    "chr22",
    ("gene", 101, 900, "+", f"ID=ENSG00000100292.18;{GENCODE_HMOX1}"),
    ("transcript", 131, 900, "+", f"ID=T2;Parent=ENSG00000100292.18;{GENCODE_HMOX1};tag=basic,MANE_Select"),
    ("exon", 131, 140, "+", f"ID=exon:T2:1;Parent=T2;{GENCODE_HMOX1};tag=basic,MANE_Select"),
)

NCBI_GFF3 = lines(
    "NC_000022.11",
    ("gene", 101, 900, "+", "ID=gene-HMOX1;Dbxref=GeneID:3162;Name=HMOX1;gene_biotype=protein_coding"),
    ("mRNA", 131, 900, "+", "ID=rna-NM_002133.3;Parent=gene-HMOX1;gene=HMOX1;tag=MANE Select"),
    ("exon", 131, 140, "+", "ID=exon-NM_002133.3-1;Parent=rna-NM_002133.3;gene=HMOX1;tag=MANE Select"),
)


def write(folder, text, name="genes.gtf"):
    path = folder / name
    path.write_text(text)
    return path


def test_the_tss_is_that_of_mane_select_then_canonical_then_the_genes_own_5_prime_end(tmp_path):
    assert read_gtf(write(tmp_path, GENCODE_GTF)) == ROWS


@given(order=st.permutations(GENCODE_GTF.splitlines()[1:]))
def test_the_order_of_lines_does_not_matter(tmp_path_factory, order):
    path = write(tmp_path_factory.mktemp("gtf"), "\n".join(order))
    assert sorted(read_gtf(path), key=lambda row: row.tss) == ROWS


def test_a_gzipped_file_reads_alike(tmp_path):
    path = tmp_path / "genes.gtf.gz"
    path.write_bytes(gzip.compress(GENCODE_GTF.encode()))
    assert read_gtf(path) == ROWS


def test_a_gtf_of_ensembl_says_biotype_and_numbers_without_quotes(tmp_path):
    line = (
        '22\thavana\tgene\t5\t9\t.\t+\t.\tgene_id "ENSG00000000001"; gene_version 3; gene_biotype "lncRNA";\n'
    )
    assert read_gtf(write(tmp_path, line)) == [
        GeneRow("ENSG00000000001", "ENSG00000000001", "22", 4, Strand.PLUS, "lncRNA")
    ]


@pytest.mark.parametrize(("strand", "tss"), [("+", 10), ("-", 89)])
def test_a_gtf_without_genes_has_them_from_their_transcripts(tmp_path, strand, tss):
    transcripts = [
        ("transcript", start, end, strand, 'gene_id "A";') for start, end in ((21, 60), (11, 40), (31, 90))
    ]
    assert read_gtf(write(tmp_path, lines("chr1", *transcripts))) == [
        GeneRow("A", "A", "chr1", tss, Strand(strand), None)
    ]


def test_a_word_of_any_length_among_the_attributes_is_passed_over(tmp_path):
    # Tried from each of its characters, it would take hours.
    assert read_gtf(
        write(tmp_path, lines("chr1", ("gene", 11, 20, "+", f'{"9" * 10**6}; gene_id "A";')))
    ) == [GeneRow("A", "A", "chr1", 10, Strand.PLUS, None)]


def test_a_gff3_of_ensembl(tmp_path):
    assert read_gff3(write(tmp_path, ENSEMBL_GFF3)) == [
        GeneRow("ENSG00000100292", "HMOX1;1", "22", 130, Strand.PLUS, "protein_coding"),
        GeneRow("ENSG00000000009", "LINC9", "22", 3879, Strand.MINUS, "lncRNA"),
        GeneRow("ENSG00000000010", "ENSG00000000010", "22", 5000, Strand.PLUS, "processed_pseudogene"),
    ]


def test_a_gff3_of_gencode(tmp_path):
    assert read_gff3(write(tmp_path, GENCODE_GFF3)) == [ROWS[0]]


def test_a_gff3_of_ncbi(tmp_path):
    assert read_gff3(write(tmp_path, NCBI_GFF3)) == [
        GeneRow("HMOX1", "HMOX1", "NC_000022.11", 130, Strand.PLUS, "protein_coding")
    ]


def test_sequences_at_the_end_of_a_gff3_are_not_read(tmp_path):
    assert read_gff3(write(tmp_path, GENCODE_GFF3 + "##FASTA\n>chr22\nACGT\n")) == [ROWS[0]]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("chr1 gene 1 5", "1 columns, GTF and GFF3 have 9"),
        ('chr1\tx\tgene\t0\t5\t.\t+\t.\tgene_id "A";', "not an interval: chr1 0 5 (1-based, inclusive)"),
        ('chr1\tx\tgene\t9\t5\t.\t+\t.\tgene_id "A";', "not an interval: chr1 9 5"),
        ('chr1\tx\tgene\tone\t5\t.\t+\t.\tgene_id "A";', "not an interval: chr1 one 5"),
        ('chr1\tx\tgene\t1\t5\t.\t.\t.\tgene_id "A";', "not a strand: '.'"),
        ('chr1\tx\tgene\t1\t5\t.\t+\t.\tgene_name "A";', "a gene without gene_id"),
    ],
)
def test_a_malformed_line_is_named_with_its_number(tmp_path, line, problem):
    with pytest.raises(InputError) as caught:
        read_gtf(write(tmp_path, f"# comment\n{line}\n"))
    assert f"genes.gtf:2: {problem}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_gene_of_a_gff3_needs_an_id(tmp_path):
    with pytest.raises(InputError, match=r"genes\.gff3:1: a gene without ID"):
        read_gff3(write(tmp_path, "chr1\tx\tgene\t1\t5\t.\t+\t.\tName=A\n", "genes.gff3"))
