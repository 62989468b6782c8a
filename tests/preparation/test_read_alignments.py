"""Reads come back from BAM and CRAM as they were written, those not worth counting are told by reason."""

import os
import pickle
import shutil
from collections import Counter
from pathlib import Path

import pytest
from small_alignments import DUPLICATE, FAILED, REVERSE, SECONDARY, SUPPLEMENTARY, Read, write_alignments

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.alignments import AlignedReads, Alignments

SIZES = {"chr1": 5_000, "chr2": 3_000}
READS = [
    Read("chr1", 100),
    Read("chr1", 90, 50, REVERSE, fragment=-170),
    Read("chr1", 4_900, 40, deleted=7, fragment=300),
    Read("chr2", 5),
]


def rows(reads: AlignedReads) -> list[tuple[int, int, int, int]]:
    columns = (reads.starts, reads.ends, reads.flags, reads.lengths)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_reads_of_a_chromosome_come_by_place(tmp_path: Path) -> None:
    alignments = Alignments(write_alignments(tmp_path / "a.bam", SIZES, READS), ChromSizes(SIZES))
    assert rows(alignments.read("chr1", 30)) == [(90, 140, 16, 170), (100, 136, 0, 0), (4_900, 4_940, 0, 300)]
    assert rows(alignments.read("chr2", 30)) == [(5, 41, 0, 0)]
    copy = pickle.loads(pickle.dumps(alignments))
    assert rows(copy.read("chr2", 30)) == [(5, 41, 0, 0)]


def test_what_is_not_worth_counting_is_told_by_reason(tmp_path: Path) -> None:
    bad = [
        Read("chr1", 10, flag=DUPLICATE),
        Read("chr1", 20, flag=DUPLICATE),
        Read("chr1", 30, flag=SECONDARY),
        Read("chr1", 40, flag=SUPPLEMENTARY),
        Read("chr1", 50, flag=FAILED | DUPLICATE),
        Read("chr1", 60, mapq=29),
        Read("chr1", 70, mapq=30),
    ]
    alignments = Alignments(write_alignments(tmp_path / "a.bam", SIZES, bad), ChromSizes(SIZES))
    found = alignments.read("chr1", 30)
    assert rows(found) == [(70, 106, 0, 0)]
    assert found.left_out == Counter(
        {
            "duplicate": 2,
            "secondary or supplementary": 2,
            "failed the quality check": 1,
            "mapping quality below 30": 1,
        }
    )
    assert len(rows(alignments.read("chr1", 0))) == 2


def test_a_cram_is_read_without_its_reference(tmp_path: Path) -> None:
    fasta = tmp_path / "genome.fa"
    fasta.write_text("".join(f">{name}\n{'A' * length}\n" for name, length in SIZES.items()))
    cram = write_alignments(tmp_path / "a.cram", SIZES, READS, reference=fasta)
    for made in tmp_path.glob("genome.fa*"):
        made.unlink()
    alignments = Alignments(cram, ChromSizes(SIZES))
    assert rows(alignments.read("chr1", 30)) == [(90, 140, 16, 170), (100, 136, 0, 0), (4_900, 4_940, 0, 300)]
    assert alignments.elsewhere() == 0


def test_names_are_matched_and_reads_elsewhere_told(tmp_path: Path) -> None:
    bam = write_alignments(tmp_path / "a.bam", SIZES, READS)
    alignments = Alignments(bam, ChromSizes({"2": 3_000, "X": 700}))
    assert alignments.chroms == ("2",)
    assert rows(alignments.read("2", 30)) == [(5, 41, 0, 0)]
    assert rows(alignments.read("X", 30)) == []
    assert alignments.elsewhere() == 3 / 4


def test_a_missing_index_is_made_beside_the_file(tmp_path: Path) -> None:
    bam = write_alignments(tmp_path / "a.bam", SIZES, READS, index=False)
    first, second = Alignments(bam, ChromSizes(SIZES)), Alignments(bam, ChromSizes(SIZES))
    assert (first.note, second.note) == ("indexed a.bam: wrote a.bam.bai", None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bam", "a.bam.bai"]
    assert rows(second.read("chr2", 0)) == [(5, 41, 0, 0)]


def refused(path: Path, sizes: dict[str, int] = SIZES) -> str:
    with pytest.raises(InputError) as error:
        Alignments(path, ChromSizes(sizes)).read("chr1", 30)
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message


def test_another_assembly_is_refused(tmp_path: Path) -> None:
    bam = write_alignments(tmp_path / "a.bam", SIZES, READS)
    assert "chr1 has 5,000 bp, but chr1 of the genome has 5,001" in refused(bam, {"chr1": 5_001})
    assert "no chromosome in common" in refused(bam, {"chr7": 5_000})


def test_what_names_no_chromosomes_is_refused(tmp_path: Path) -> None:
    fasta = tmp_path / "genome.bam"
    fasta.write_text(">chr1\nACGTACGT\n")
    assert refused(fasta) == (
        f"{fasta}: names no chromosomes; give a BAM or CRAM of reads that were aligned to the genome"
    )


def test_unsorted_reads_are_refused(tmp_path: Path) -> None:
    backwards = [Read("chr1", 500), Read("chr1", 100)]
    told = write_alignments(tmp_path / "told.bam", SIZES, backwards, index=False, order="unsorted")
    assert "samtools sort -o sorted.bam told.bam" in refused(told)
    silent = write_alignments(tmp_path / "silent.bam", SIZES, backwards, index=False, order="unknown")
    assert "not sorted by position" in refused(silent)
    assert not list(tmp_path.glob("*.bai*"))


def test_damaged_files_are_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    many = [Read("chr1", start % 4_900, 36 + start % 7) for start in range(0, 90_000, 3)]
    bam = write_alignments(tmp_path / "a.bam", SIZES, many)
    whole = bam.read_bytes()
    cut = tmp_path / "cut.bam"
    cut.write_bytes(whole[: len(whole) // 2])
    shutil.copy(f"{bam}.bai", f"{cut}.bai")
    assert "not a whole BAM or CRAM file" in refused(cut)
    other = tmp_path / "other.bam"
    other.write_text("no reads")
    assert "not a whole BAM or CRAM file" in refused(other)
    assert "no such file" in refused(tmp_path / "none.bam")
    assert capfd.readouterr().err == ""


def test_an_index_that_is_older_is_refused(tmp_path: Path) -> None:
    bam = write_alignments(tmp_path / "a.bam", SIZES, READS)
    os.utime(f"{bam}.bai", (1, 1))
    with pytest.raises(InputError, match=r"a\.bam\.bai: older than a\.bam.*samtools index a\.bam"):
        Alignments(bam, ChromSizes(SIZES))
