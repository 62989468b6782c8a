"""The same transcripts come from GTF, GFF3 and BED12, on the genome's chromosomes."""

from dataclasses import replace
from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Strand
from seq2exp_tracks.io.transcripts import Transcript, read_transcripts

SIZES = ChromSizes({"chr1": 1_000})
FIRST = Transcript("ENSG00000000001", "ALPHA", "chr1", Strand.PLUS, ((100, 150), (200, 300)), (120, 250))
SECOND = Transcript("ENSG00000000002", "BETA", "chr1", Strand.MINUS, ((400, 450),), (410, 440))

GTF = """\
1\tx\tgene\t101\t300\t.\t+\t.\tgene_id "ENSG00000000001.5"; gene_name "ALPHA";
1\tx\ttranscript\t101\t300\t.\t+\t.\tgene_id "ENSG00000000001.5"; transcript_id "T1";
1\tx\texon\t101\t150\t.\t+\t.\tgene_id "ENSG00000000001.5"; transcript_id "T1"; gene_name "ALPHA";
1\tx\texon\t201\t300\t.\t+\t.\tgene_id "ENSG00000000001.5"; transcript_id "T1"; gene_name "ALPHA";
1\tx\tCDS\t121\t150\t.\t+\t0\tgene_id "ENSG00000000001.5"; transcript_id "T1"; gene_name "ALPHA";
1\tx\tCDS\t201\t250\t.\t+\t0\tgene_id "ENSG00000000001.5"; transcript_id "T1"; gene_name "ALPHA";
1\tx\texon\t101\t300\t.\t+\t.\tgene_id "ENSG00000000001.5"; transcript_id "T9"; gene_name "ALPHA";
1\tx\texon\t401\t450\t.\t-\t.\tgene_id "ENSG00000000002.1"; transcript_id "T2"; gene_name "BETA";
1\tx\tCDS\t411\t440\t.\t-\t0\tgene_id "ENSG00000000002.1"; transcript_id "T2"; gene_name "BETA";
2\tx\texon\t401\t450\t.\t-\t.\tgene_id "ENSG00000000003.1"; transcript_id "T3"; gene_name "GAMMA";
2\tx\tCDS\t411\t440\t.\t-\t0\tgene_id "ENSG00000000003.1"; transcript_id "T3"; gene_name "GAMMA";
"""
GFF3 = """\
##gff-version 3
chr1\tx\tgene\t101\t300\t.\t+\t.\tID=gene:ENSG00000000001.5;Name=ALPHA
chr1\tx\tmRNA\t101\t300\t.\t+\t.\tID=T1;Parent=gene:ENSG00000000001.5
chr1\tx\texon\t201\t300\t.\t+\t.\tParent=T1
chr1\tx\texon\t101\t150\t.\t+\t.\tParent=T1
chr1\tx\tCDS\t121\t150\t.\t+\t0\tID=C1;Parent=T1
chr1\tx\tCDS\t201\t250\t.\t+\t0\tID=C1;Parent=T1
chr1\tx\tgene\t401\t450\t.\t-\t.\tID=g2;gene_id=ENSG00000000002.1;Name=BETA
chr1\tx\tmRNA\t401\t450\t.\t-\t.\tID=T2;Parent=g2
chr1\tx\texon\t401\t450\t.\t-\t.\tParent=T2
chr1\tx\tCDS\t411\t440\t.\t-\t0\tParent=T2
chr1\tx\texon\t601\t650\t.\t-\t.\tParent=nobody
chr1\tx\tCDS\t601\t650\t.\t-\t.\tParent=nobody
"""
BED12 = """\
chr1\t100\t300\tALPHA\t0\t+\t120\t250\t0\t2\t50,100,\t0,100,
chr1\t100\t300\tALPHA\t0\t+\t100\t100\t0\t1\t200,\t0,
1\t400\t450\tBETA\t0\t-\t410\t440\t0\t1\t50\t0
"""


def written(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(("name", "text"), [("a.gtf", GTF), ("a.gff3", GFF3)])
def test_annotations_give_their_translated_transcripts(tmp_path: Path, name: str, text: str) -> None:
    assert read_transcripts(written(tmp_path, name, text), SIZES) == [FIRST, SECOND]


def test_rows_of_bed12_are_transcripts_named_by_their_gene(tmp_path: Path) -> None:
    named = [replace(transcript, gene_id=transcript.gene_name) for transcript in (FIRST, SECOND)]
    assert read_transcripts(written(tmp_path, "a.bed12", BED12), SIZES) == named


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.gtf", GTF.replace("CDS", "UTR"), "no transcript in it has a coding sequence"),
        ("a.bed", "chr1\t100\t300\tA\t0\t+\n", r":1: 6 columns, BED12 has 12"),
        (
            "a.bed",
            "chr1\t100\t300\tA\t0\t+\t90\t250\t0\t1\t200\t0\n",
            r":1: not a thick part of 100-300: 90 250",
        ),
        ("a.bed", "chr1\t100\t300\tA\t0\t+\t100\t250\t0\t1\t201\t0\n", r":1: a block reaches over"),
        ("a.bed", "chr1\t100\t300\tA\t0\t+\t100\t250\t0\t2\t99,99\t0\n", r":1: not the blocks of BED12"),
        (
            "a.bed",
            BED12.replace("\t450\t", "\t1450\t").replace("\t50\t0\n", "\t1050\t0\n"),
            "another assembly",
        ),
        ("a.bed", BED12.replace("chr1", "chr8").replace("1\t400", "8\t400"), "none of its 2 translated"),
        ("a.tsv", "gene\ttss\n", r"read from \.gtf"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(tmp_path: Path, name: str, text: str, told: str) -> None:
    path = written(tmp_path, name, text)
    with pytest.raises(InputError, match=rf"^{path}.*{told}"):
        read_transcripts(path, SIZES)
