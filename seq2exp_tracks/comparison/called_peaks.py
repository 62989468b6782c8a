"""The peaks of a case: given, or called once from its reads by MACS3 and kept."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from seq2exp_tracks.comparison.cases import Case
from seq2exp_tracks.comparison.request import are_reads
from seq2exp_tracks.evaluation.peaks import find_peaks, macs3_program
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.progress import Progress

_NAME = "macs3_peaks.narrowPeak"
_COMMAND = "macs3.txt"


def peaks_of(case: Case) -> Path | None:
    """Where the peaks of a case are or will be; None where it has none."""
    if case.peaks is None or not are_reads(case.peaks):
        return case.peaks
    return case.peaks_folder / _NAME


def call_peaks(case: Case, progress: Progress) -> None:
    """Calls the peaks of a case that are not there yet, and writes how beside them.

    Raises:
        InputError: If the reads cannot be read, or MACS3 fails.
        OutputError: If the folder cannot be written.
    """
    peaks = peaks_of(case)
    if case.peaks is None or peaks is None or peaks == case.peaks or peaks.exists():
        return
    progress.stage("Calling peaks", 1)
    sizes = Fasta(case.inputs["genome"].fasta).sizes
    with TemporaryDirectory(prefix="seq2exp-tracks-") as scratch:
        found = find_peaks(case.peaks, sizes, Path(scratch))
        with writing(case.peaks_folder):
            case.peaks_folder.mkdir(parents=True, exist_ok=True)
            (case.peaks_folder / _COMMAND).write_text(f"{found.command}\n")
        with whole_file(peaks) as partial:  # last: it says that the peaks are whole
            shutil.copyfile(found.path, partial)
    progress.advance()


def check_caller(case: Case) -> None:
    """Refuses peaks that are to be called where MACS3 is not installed.

    Raises:
        InputError: If it is not.
    """
    peaks = peaks_of(case)
    if peaks == case.peaks or (peaks is not None and peaks.exists()):
        return
    macs3_program("give its peaks with --peaks" if case.genome is None else "name --method without macs3")
