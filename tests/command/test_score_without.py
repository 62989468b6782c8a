"""A signal that was not measured is 0 everywhere, and every output says so."""

import json
from pathlib import Path

import pyBigWig
import pytest
from playground import Playground, Run

from seq2exp_tracks.resources.cells import Cells


@pytest.mark.slow
def test_cells_without_a_signal_are_those_of_zeros(playground: Playground, run: Run, tmp_path: Path) -> None:
    genome = playground.genome
    zeros = tmp_path / "zeros.bw"
    with pyBigWig.open(str(zeros), "w") as file, pyBigWig.open(str(genome.dnase)) as sizes:
        chroms = list(sizes.chroms().items())
        file.addHeader(chroms)
        for chrom, length in chroms:
            file.addEntries([chrom], [0], ends=[length], values=[0.0])
    alike = ["score", "--genome", "sim", "--checkpoint", playground.checkpoint, "--gene", "A10"]
    contacts = ["--contacts", genome.contacts]
    measured = ["--signal", f"DNase={genome.dnase}", "--signal", f"H3K27ac={zeros}"]
    assert run(*alike, *contacts, *measured, "--out", tmp_path / "zeros").returncode == 0

    cells = Cells(name="few", signals={"DNase": genome.dnase}, contacts=genome.contacts, without=("H3K27ac",))
    cells.write(tmp_path / "few.toml")
    done = run(*alike, "--cells", tmp_path / "few.toml", "--out", tmp_path / "few")
    assert done.returncode == 0, done.stderr
    assert "Note: H3K27ac: absent (0 everywhere)" in done.stderr
    by_option = run(*alike, *contacts, *measured[:2], "--without", "H3K27ac", "--out", tmp_path / "by_option")
    assert by_option.returncode == 0, by_option.stderr
    for name, named in (("few", "few"), ("by_option", "")):
        manifest = json.loads((tmp_path / name / "manifest.json").read_text())
        assert manifest["cells"] == named
        assert manifest["settings"]["without"] == ["H3K27ac"]
        assert any(note.startswith("H3K27ac: absent") for note in manifest["notes"])
        for track in ("mask.bw", "mask.sd.bw", "genes.bed"):
            found, zeros_found = (
                (tmp_path / run_name / track).read_bytes().replace(run_id(tmp_path / run_name), b"")
                for run_name in (name, "zeros")
            )
            assert found == zeros_found
    # A signal that was not measured is another input than one of zeros.
    assert run_id(tmp_path / "few") == run_id(tmp_path / "by_option") != run_id(tmp_path / "zeros")


def run_id(run: Path) -> bytes:
    """The id that the run's text files begin with."""
    told: str = json.loads((run / "manifest.json").read_text())["run_id"]
    return told.encode()


@pytest.mark.slow
def test_a_run_without_a_signal_is_evaluated(playground: Playground, run: Run, tmp_path: Path) -> None:
    genome = playground.genome
    score = ["score", "--genome", "sim", "--checkpoint", playground.checkpoint, "--chrom", "chrA"]
    inputs = ["--signal", f"DNase={genome.dnase}", "--without", "H3K27ac", "--contacts", genome.contacts]
    assert run(*score, *inputs, "--out", tmp_path / "run").returncode == 0
    done = run(
        *("evaluate", tmp_path / "run", "--truth", genome.truth, "--evidence", "1"),
        *("--out", tmp_path / "quality"),
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "quality" / "evaluation.json").read_text())
    assert "H3K27ac" not in {one["method"] for one in found["elements"]["pairs"]}
    assert found["evidence"]["elements"]
