import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from drawn_windows import scores_of
from full_disk import no_file_larger_than
from process_table import is_running, still_running
from written_runs import SETTINGS, SIZES, all_scores, write_run

from seq2exp_tracks.errors import OutputError, TracksError
from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.bins import Bins
from seq2exp_tracks.tracks.merge import MergeRule
from seq2exp_tracks.tracks.writer import RunWriter

# A run on two chromosomes, whose first writer waits for windows, and whose second has always more to do.
PROGRAM = """
import itertools, multiprocessing, sys
from pathlib import Path
import numpy as np
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.elements import ElementSettings
from seq2exp_tracks.tracks.merge import MergeRule
from seq2exp_tracks.tracks.writer import RunWriter
from seq2exp_tracks.windows import Window

LENGTH = 20_000

def scored(chrom, tss):
    window = Window.around(Gene(f"{chrom}.{tss}", "g", chrom, tss, Strand.PLUS), LENGTH, SIZES[chrom])
    mask = np.random.default_rng(tss).random(LENGTH, np.float32)
    return WindowScores(window, mask, mask, mask, np.zeros(LENGTH, bool), 1.0, (), None)

if __name__ == "__main__":
    SIZES = ChromSizes({"chr1": 2_000_000_000, "chr2": 2_000_000_000})
    options = {"merge": MergeRule.MAX, "elements": ElementSettings(), "per_gene": False, "labels": False}
    with (
        RunFolder(Path(sys.argv[1])) as folder,
        RunWriter(folder, SIZES, writers=2, **options) as writer,
    ):
        writer.add(scored("chr1", LENGTH))
        for number in itertools.count(1):
            writer.add(scored("chr2", number * LENGTH))
            if number == 50:
                print(*(process.pid for process in multiprocessing.active_children()), flush=True)
"""


def nothing_is_left(folder: Path) -> bool:
    return list(folder.iterdir()) == [] and multiprocessing.active_children() == []


@pytest.mark.parametrize("bins", [Bins(), Bins(7)])
def test_every_number_of_writers_gives_the_same_files(tmp_path: Path, bins: Bins) -> None:
    runs = {
        count: write_run(tmp_path / str(count), all_scores(), writers=count, bins=bins)[1:]
        for count in (0, 1, 3)
    }
    assert runs[0] == runs[1] == runs[3]
    for count in runs:
        names = {path.name for path in (tmp_path / str(count)).rglob("*")}
        assert [name for name in names if name.startswith(".")] == []
    assert multiprocessing.active_children() == []


def test_more_windows_than_slots_wait_for_the_writer(tmp_path: Path) -> None:
    genes = [Gene(f"id{number}", "g", "chr1", 100 + number, Strand.PLUS) for number in range(100)]
    scores = [scores_of(gene, 40, 0.25, expression=1.0, sizes=SIZES) for gene in genes]
    assert write_run(tmp_path / "a", scores, writers=1)[1] == write_run(tmp_path / "b", scores)[1]


def test_a_run_without_any_gene_needs_no_process(tmp_path: Path) -> None:
    _, entries, summary = write_run(tmp_path / "out", [], writers=2)
    assert (entries, summary) == write_run(tmp_path / "plain", [])[1:]


def begun_run(out: Path, writers: int, go_on: Callable[[RunWriter, list[WindowScores]], None]) -> None:
    """A run of which the first gene is handed over; what comes then is up to the test."""
    options = {"merge": MergeRule.MAX, "elements": SETTINGS, "per_gene": False, "labels": False}
    with (
        RunFolder(out) as folder,
        RunWriter(folder, SIZES, writers=writers, **options) as writer,  # type: ignore[arg-type]  # of mixed kinds
    ):
        first, *others = all_scores()
        writer.add(first)
        go_on(writer, others)


def kill_the_writer(writer: RunWriter, others: list[WindowScores]) -> None:
    (process,) = multiprocessing.active_children()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    for scores in others:
        writer.add(scores)
    writer.finish()


def interrupt(writer: RunWriter, others: list[WindowScores]) -> None:
    raise KeyboardInterrupt


def test_a_killed_writer_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TracksError, match="process that writes tracks died, most likely because memory"):
        begun_run(tmp_path / "out", 1, kill_the_writer)
    assert nothing_is_left(tmp_path)


def test_an_interrupted_run_ends_its_writers(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        begun_run(tmp_path / "out", 2, interrupt)
    assert nothing_is_left(tmp_path)


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="looks for processes in /proc")
def test_writers_go_when_the_run_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        writers = [int(writer) for writer in parent.stdout.readline().split()]
        assert len(writers) == 2
        assert all(map(is_running, writers))
        parent.kill()
    assert still_running(writers, seconds=20) == []


def test_a_full_disk_in_a_writer_is_its_own_line(tmp_path: Path) -> None:
    with no_file_larger_than(2000), pytest.raises(OutputError, match=r"cannot be written \(File too large\)"):
        write_run(tmp_path / "out", all_scores(), writers=2)
    assert nothing_is_left(tmp_path)


def test_scores_that_are_no_numbers_are_refused_with_the_place_in_the_program(tmp_path: Path) -> None:
    scores = scores_of(Gene("id0", "g", "chr1", 50, Strand.PLUS), 4, float("nan"), sizes=SIZES)
    with pytest.raises(ValueError, match="not a finite number") as caught:
        write_run(tmp_path / "out", [scores], writers=1)
    assert "in a process that writes tracks" in caught.value.__notes__[0]
    assert nothing_is_left(tmp_path)
