"""Peaks of MACS3: those of a file, or called from reads by the `macs3` program where it is installed."""

import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pysam

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes

_INSTEAD = "give its peaks (narrowPeak) with --macs3"
_LOOKED_AT = 1000  # reads that tell whether they are pairs

# What MACS3's documentation advises for cut sites, such as those of DNase-seq: reads are centred on the cut.
_CUT_SITES = ("--nomodel", "--shift", "-100", "--extsize", "200")


@dataclass(frozen=True, slots=True)
class Peaks:
    """Where peaks are.

    Attributes:
        path: The peaks.
        command: How they were called; None for peaks that were given.
    """

    path: Path
    command: str | None


def find_peaks(source: Path, sizes: ChromSizes, folder: Path) -> Peaks:
    """The peaks of a file of peaks, or of a BAM.

    Args:
        source: narrowPeak or BED; or a `.bam`, sorted or not.
        sizes: Chromosomes of the genome: their sum is the genome size that MACS3 is told.
        folder: Where peaks are called into.

    Raises:
        InputError: If the BAM cannot be read, the program is not installed, or it fails.
    """
    if source.suffix.lower() != ".bam":
        return Peaks(source, None)
    command = macs3_command(source, sizes, folder, program=macs3_program(_INSTEAD), paired=_is_paired(source))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = folder / "macs3_peaks.narrowPeak"
    if done.returncode != 0 or not found.is_file():
        told = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise InputError(f"{source}: macs3 callpeak failed: {told[-1] if told else 'it says nothing'}")
    if found.stat().st_size == 0:
        raise InputError(f"{source}: macs3 callpeak found no peak; are there reads enough?")
    return Peaks(found, shlex.join(["macs3", *command[1:]]))


def macs3_command(bam: Path, sizes: ChromSizes, folder: Path, *, program: str, paired: bool) -> list[str]:
    """The command that calls peaks: MACS3's defaults, with cut sites for single reads."""
    return [
        *(program, "callpeak", "--treatment", str(bam), "--format", "BAMPE" if paired else "BAM"),
        *("--gsize", str(sum(sizes.values())), "--name", "macs3", "--outdir", str(folder)),
        *(() if paired else _CUT_SITES),
    ]


def macs3_program(instead: str) -> str:
    """The program `macs3`: beside this Python, or on the PATH.

    Args:
        instead: What to do without it, for the message.

    Raises:
        InputError: If it is not installed.
    """
    beside = Path(sys.executable).with_name("macs3")
    found = str(beside) if beside.is_file() else shutil.which("macs3")
    if found is None:
        raise InputError(
            "macs3 is not installed, so it cannot call peaks: pip install 'seq2exp-tracks[macs3]', or "
            f"{instead}"
        )
    return found


def _is_paired(bam: Path) -> bool:
    """Whether the first reads of a BAM are halves of pairs."""
    if not bam.is_file():  # pysam would print a line of its own
        raise InputError(f"{bam}: no such file of reads")
    try:
        with pysam.AlignmentFile(str(bam), "rb", check_sq=False) as file:
            reads = [read.is_paired for read, _ in zip(file, range(_LOOKED_AT), strict=False)]
    except (OSError, ValueError) as error:
        raise InputError(f"{bam}: cannot be read; is it a whole BAM file?") from error
    if not reads:
        raise InputError(f"{bam}: has no read")
    return all(reads)
