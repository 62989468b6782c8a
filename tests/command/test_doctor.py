"""`doctor` as a user runs it: lines or JSON, and the exit status."""

import json
import shutil
from pathlib import Path

import pytest
from playground import Playground, Run

from seq2exp_tracks.checkup import CheckupRequest


@pytest.fixture(autouse=True)
def _known_peaks(monkeypatch: pytest.MonkeyPatch) -> None:
    from seq2exp_tracks.scoring.bench.peaks import Peaks

    monkeypatch.setattr("seq2exp_tracks.checkup.needs.measure_peaks", lambda _: Peaks(1e12, 1e11))


def test_good_inputs_have_exit_status_0(playground: Playground, inside: Run) -> None:
    done = inside("doctor", *playground.inputs, "--device", "cpu")
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    sections = ("installation", "checkpoint", "genome", "genes", "signals", "contacts", "needs")
    assert tuple(line for line in lines if not line.startswith("  "))[:-1] == sections
    assert all(line[2:6].strip() in ("ok", "note") for line in lines if line.startswith("  "))
    assert lines[-1].endswith(" note, 0 warn, 0 bad")


def test_what_is_bad_has_exit_status_1_and_its_way_out(
    playground: Playground, inside: Run, tmp_path: Path
) -> None:
    (tmp_path / "DNase.bw").write_bytes(playground.genome.dnase.read_bytes()[:1_000])
    contacts = str(playground.genome.contacts)
    done = inside("doctor", "--genome", "sim", "--signal", f"DNase={tmp_path / 'DNase.bw'}", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["worst"] == "bad"
    assert [row for row in told["findings"] if row["level"] == "bad"] == [
        {
            "section": "signals",
            "level": "bad",
            "what": f"{tmp_path / 'DNase.bw'}: truncated: its 1,000 bytes are not the whole file",
            "way_out": "get it again",
        }
    ]
    assert "contacts" not in {row["section"] for row in told["findings"]}
    done = inside("doctor", "--genome", "sim", "--contacts", contacts, "--json")
    assert done.returncode == 0
    assert "contacts" in {row["section"] for row in json.loads(done.stdout)["findings"]}


def test_without_a_genome_inputs_cannot_be_looked_at(playground: Playground, inside: Run) -> None:
    done = inside("doctor", "--signal", f"DNase={playground.genome.dnase}")
    assert done.returncode == 0
    assert "without a genome it is not known where its genes are  →  give --genome NAME" in done.stdout
    done = inside("doctor", "--genome", "nowhere")
    assert done.returncode == 1
    assert "bad   genome 'nowhere' is not registered" in done.stdout


def test_a_preset_that_was_not_fetched_is_bad_and_nothing_is_fetched(
    playground: Playground, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQ2EXP_TRACKS_DATA", str(tmp_path / "store"))
    done = inside("doctor", "--genome", "hg38")
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if line.startswith("  bad")] == [
        "  bad   genome hg38: not all files of its preset are here  →  "
        "bring them with: seq2exp-tracks fetch hg38"
    ]
    assert not list((tmp_path / "store").glob("**/*.fa*"))


def test_the_authors_checkpoint_goes_by_its_name_once_it_is_fetched(
    playground: Playground, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQ2EXP_TRACKS_DATA", str(tmp_path / "store"))
    asked = ("doctor", "--genome", "hg38", "--checkpoint", "soft")
    assert (
        "bad   soft: no such file  →  score --checkpoint soft fetches the authors'" in inside(*asked).stdout
    )
    file = tmp_path / "store/huggingface.co/xingyusu/GeneExp_Seq2Exp/resolve/main/Seq2Exp_soft_K562.ckpt"
    file.parent.mkdir(parents=True)
    shutil.copy(playground.checkpoint, file)
    assert f"ok    {file}: soft, window " in inside(*asked).stdout


def test_what_a_checkpoint_was_trained_on_is_known_of_a_preset_alone(
    playground: Playground, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQ2EXP_TRACKS_DATA", str(tmp_path / "store"))
    file = tmp_path / "store/huggingface.co/xingyusu/GeneExp_Seq2Exp/resolve/main/Seq2Exp_soft_K562.ckpt"
    file.parent.mkdir(parents=True)
    shutil.copy(playground.checkpoint, file)
    cells = tmp_path / "cells.toml"
    cells.write_text('[cells]\nname = "mine"\ngenome = "hg38"\n[cells.signals]\nDNase = "a.bw"\n')
    seen: list[CheckupRequest] = []
    monkeypatch.setattr("seq2exp_tracks.checkup.check_up", lambda request, *_: seen.append(request) or [])
    for asked in (
        ("--genome", "hg38", "--checkpoint", "soft"),
        ("--cells", cells, "--checkpoint", "soft"),
        ("--genome", "hg38", "--checkpoint", playground.checkpoint),
        ("--genome", "sim", "--checkpoint", playground.checkpoint),
        ("--checkpoint", "soft"),
    ):
        assert inside("doctor", *asked).returncode == 0
    k562 = {"H3K27ac": "ENCFF465GBD.bigWig", "DNase": "ENCFF414OGC.bigWig"}
    assert [(request.checkpoint, request.trained_on) for request in seen] == [
        (file, k562),
        (file, k562),
        (playground.checkpoint, {}),
        (playground.checkpoint, {}),
        (Path("soft"), {}),
    ]


def test_cells_are_looked_at_as_their_file_names_them(
    playground: Playground, inside: Run, tmp_path: Path
) -> None:
    genome = playground.genome
    cells = tmp_path / "cells.toml"
    cells.write_text(
        f'[cells]\nname = "mine"\ngenome = "sim"\ncontacts = "{genome.contacts}"\n'
        f'remarks = ["features: derived"]\n[cells.signals]\nH3K27ac = "{genome.h3k27ac}"\n'
        f'DNase = "gone.bw"\n'
    )
    done = inside("doctor", "--cells", cells, "--checkpoint", playground.checkpoint)
    assert done.returncode == 1
    assert "note  features: derived" in done.stdout
    assert [line for line in done.stdout.splitlines() if line.startswith("  bad")] == [
        f"  bad   {tmp_path / 'gone.bw'}: the signal cannot be read: No such file or directory"
    ]
    done = inside(
        *("doctor", "--cells", cells, "--checkpoint", playground.checkpoint),
        *("--signal", f"DNase={genome.dnase}"),
    )
    assert done.returncode == 0, done.stdout
    cells.write_text("")
    assert inside("doctor", "--cells", cells).returncode == 1


def test_cells_of_another_genome_are_bad_as_score_refuses_them(
    playground: Playground, inside: Run, tmp_path: Path
) -> None:
    cells = tmp_path / "cells.toml"
    signals = f'[cells.signals]\nDNase = "{playground.genome.dnase}"\n'
    cells.write_text(f'[cells]\nname = "mine"\ngenome = "mm10"\n{signals}')
    done = inside("doctor", "--genome", "sim", "--cells", cells)
    assert done.returncode == 1
    what, way_out = f"{cells}: its cells belong to mm10, not to --genome sim", "change either"
    assert f"  bad   {what}  →  {way_out}" in done.stdout.splitlines()
    refused = inside("score", "--genome", "sim", "--cells", cells, "--out", tmp_path / "out")
    assert refused.stderr.splitlines()[-1] == f"Error: {what}; {way_out}"


def test_a_genome_that_cannot_be_read_leaves_its_signals_unread(
    playground: Playground, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQ2EXP_TRACKS_DATA", str(tmp_path / "store"))
    done = inside("doctor", "--genome", "hg38", "--signal", f"DNase={playground.genome.dnase}")
    assert (
        "  warn  signals and contacts were not looked at: without a genome it is not known where its genes "
        "are  →  mend what is bad of the genome first"
    ) in done.stdout.splitlines()
