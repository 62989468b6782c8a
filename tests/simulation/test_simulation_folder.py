"""A simulated genome is in its folder whole or not at all."""

from pathlib import Path

import pysam
import pytest
from full_disk import no_file_larger_than
from simulated_tables import digests

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.simulation.genome import simulate
from seq2exp_tracks.simulation.indices import write_index
from seq2exp_tracks.simulation.layout import Layout

LAYOUT = Layout(chromosomes={"one": 60_000}, genes=3)


class Interrupted(Silent):
    """Presses Ctrl-C when so many steps are done."""

    def __init__(self, after: int) -> None:
        self.left = after

    def advance(self) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def test_a_folder_with_anything_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"holds notes.txt already; .* or replace it with --overwrite"):
        simulate(tmp_path, layout=LAYOUT)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_older_genome_is_refused_or_replaced_whole_and_other_files_stay(tmp_path: Path) -> None:
    simulate(tmp_path / "fresh", seed=5, layout=LAYOUT)
    simulate(tmp_path / "used", seed=6, layout=LAYOUT, cell_types=("A", "B", "old"))
    (tmp_path / "used" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="used: holds a simulated genome already; choose another folder"):
        simulate(tmp_path / "used", seed=5, layout=LAYOUT)
    simulate(tmp_path / "used", seed=5, layout=LAYOUT, overwrite=True)
    assert (tmp_path / "used" / "notes.txt").read_text() == "mine"
    (tmp_path / "used" / "notes.txt").unlink()
    assert digests(tmp_path / "used") == digests(tmp_path / "fresh")
    assert not (tmp_path / "used" / "old").exists()


@pytest.mark.parametrize("steps", [1, 3, 9])
def test_an_interrupted_one_leaves_nothing_or_what_was_there(steps: int, tmp_path: Path) -> None:
    simulate(tmp_path / "there", seed=5, layout=LAYOUT)
    before = digests(tmp_path / "there")
    for name in ("there", "new"):
        with pytest.raises(KeyboardInterrupt):
            simulate(
                tmp_path / name, seed=6, layout=LAYOUT, overwrite=True, progress=Interrupted(after=steps)
            )
    assert not (tmp_path / "new").exists()
    assert digests(tmp_path / "there") == before


def test_two_cannot_be_written_to_one_folder_at_once(tmp_path: Path) -> None:
    class Meanwhile(Silent):
        def advance(self) -> None:
            with pytest.raises(OutputError, match="another simulated genome is being written to it"):
                simulate(tmp_path / "out", seed=6, layout=LAYOUT)

    simulate(tmp_path / "out", seed=5, layout=LAYOUT, progress=Meanwhile())
    simulate(tmp_path / "alone", seed=5, layout=LAYOUT)
    assert digests(tmp_path / "out") == digests(tmp_path / "alone")


def test_what_a_killed_one_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "out" / ".partial").mkdir(parents=True)
    (tmp_path / "out" / ".partial" / "genome.fa").write_text(">half")
    simulate(tmp_path / "out", layout=LAYOUT)
    assert not (tmp_path / "out" / ".partial").exists()


def test_files_outside_its_folder_are_never_removed(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "parameters.json").write_text('{"files": ["../mine", "/tmp/no", "B/../../mine"]}')
    simulate(tmp_path / "out", layout=LAYOUT, overwrite=True)
    assert (tmp_path / "mine").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "genome", tmp_path / "file"):
        with pytest.raises(OutputError, match=f"{place}: cannot be written"):
            simulate(place, layout=LAYOUT)


@pytest.mark.parametrize("bytes_left", [100, 30_000])
def test_a_full_disk_is_one_line_and_leaves_nothing(bytes_left: int, tmp_path: Path) -> None:
    with no_file_larger_than(bytes_left), pytest.raises(OutputError, match="out: cannot be written"):
        simulate(tmp_path / "out", layout=LAYOUT)
    assert list(tmp_path.iterdir()) == []


def test_an_index_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "genome.fa").write_text(">one\nACGT\n")
    with no_file_larger_than(2), pytest.raises(OutputError, match=r"genome\.fa: its index cannot be written"):
        write_index(pysam.faidx, tmp_path / "genome.fa")
