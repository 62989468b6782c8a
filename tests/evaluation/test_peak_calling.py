"""Peaks of MACS3: the command that calls them, and what a user is told when they cannot be called."""

import os
import shutil
import sys
from pathlib import Path

import pysam
import pytest
from example_run import SIZES

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.evaluation.given import GivenIntervals
from seq2exp_tracks.evaluation.peaks import find_peaks
from seq2exp_tracks.genome import Interval


def bam(path: Path, places: list[int], paired: bool) -> Path:
    header = {"HD": {"VN": "1.6"}, "SQ": [{"SN": chrom, "LN": length} for chrom, length in SIZES.items()]}
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for number, place in enumerate(sorted(places)):
            read = pysam.AlignedSegment(file.header)
            read.query_name, read.query_sequence = f"r{number}", "A" * 36
            read.reference_id, read.reference_start, read.mapping_quality = 0, place, 60
            read.cigarstring, read.flag = "36M", (99 if paired else 16 * (number % 2))
            if paired:
                read.next_reference_id, read.next_reference_start, read.template_length = 0, place + 64, 100
            file.write(read)
    return path


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for `macs3` that notes how it was called and writes one peak."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "macs3"
    script.write_text(
        "#!/bin/sh\n"
        f'echo "$@" > {tmp_path}/called\n'
        'while [ "$1" != --outdir ]; do shift; done\n'
        'printf "chrA\\t10\\t20\\tp\\t5\\t.\\t3\\t1\\t1\\t4\\n" > "$2/macs3_peaks.narrowPeak"\n'
    )
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "elsewhere" / "python"))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "called"


@pytest.mark.parametrize(
    ("paired", "rest"),
    [(False, " --nomodel --shift -100 --extsize 200"), (True, "")],
    ids=["single", "pairs"],
)
def test_the_program_is_called_with_its_defaults_for_the_kind_of_reads(
    tmp_path: Path, program: Path, paired: bool, rest: str
) -> None:
    reads = bam(tmp_path / "reads.bam", [100, 200, 300], paired)
    peaks = find_peaks(reads, SIZES, tmp_path)
    kind = "BAMPE" if paired else "BAM"
    arguments = (
        f"callpeak --treatment {reads} --format {kind} --gsize 650000 --name macs3 --outdir {tmp_path}{rest}"
    )
    assert program.read_text().strip() == arguments
    assert peaks.command == f"macs3 {arguments}"
    assert GivenIntervals.read(peaks.path, SIZES).bases(Interval("chrA", 9, 11)).tolist() == [0, 1]


def test_given_peaks_are_taken_as_they_are(tmp_path: Path) -> None:
    found = find_peaks(tmp_path / "peaks.narrowPeak", SIZES, tmp_path)
    assert (found.path, found.command) == (tmp_path / "peaks.narrowPeak", None)


def test_a_bam_without_the_program_a_damaged_one_and_an_empty_one_are_one_line(
    tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "damaged.bam"
    damaged.write_bytes(b"no BAM at all, but long enough")
    with pytest.raises(InputError, match=r"damaged\.bam: cannot be read; is it a whole BAM file\?"):
        find_peaks(damaged, SIZES, tmp_path)
    with pytest.raises(InputError, match=r"none\.bam: no such file of reads"):
        find_peaks(tmp_path / "none.bam", SIZES, tmp_path)
    with pytest.raises(InputError, match=r"empty\.bam: has no read"):
        find_peaks(bam(tmp_path / "empty.bam", [], False), SIZES, tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        InputError, match=r"macs3 is not installed.*pip install 'seq2exp-tracks\[macs3\]', or give its peaks"
    ):
        find_peaks(damaged, SIZES, tmp_path)


def test_a_program_that_fails_is_told_by_its_last_line(tmp_path: Path, program: Path) -> None:
    script = tmp_path / "bin" / "macs3"
    script.write_text("#!/bin/sh\necho first >&2\necho the reason >&2\nexit 1\n")
    with pytest.raises(InputError, match="macs3 callpeak failed: the reason"):
        find_peaks(bam(tmp_path / "reads.bam", [100], False), SIZES, tmp_path)


def test_the_real_program_finds_a_heap_of_reads(tmp_path: Path) -> None:
    if not Path(sys.executable).with_name("macs3").is_file() and shutil.which("macs3") is None:
        message = "needs macs3, which is not installed (pip install 'seq2exp-tracks[macs3]')"
        if os.environ.get("SEQ2EXP_REQUIRE_MACS3") == "1":
            pytest.fail(message)
        pytest.skip(message)
    heap = [50_000 + 7 * number for number in range(60)]
    spread = list(range(1_000, 399_000, 4_000))
    peaks = find_peaks(bam(tmp_path / "reads.bam", [*heap, *spread], True), SIZES, tmp_path)
    found = GivenIntervals.read(peaks.path, SIZES)
    assert found.bases(Interval("chrA", 50_200, 50_201))[0] > 0
    assert found.bases(Interval("chrA", 200_000, 210_000)).max() == 0
