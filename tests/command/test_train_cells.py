"""`train` and `compare` take the cells that `prepare` made as `score` does."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from playground import Playground, Run
from seq2exp_tracks_cli.main import main

from seq2exp_tracks.comparison.run import Compared
from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.resources.cells import Cells

# What both commands tell the library of the cells.
TOLD = ("signals", "contacts", "no_contacts", "contacts_norm", "cells", "without", "remarks")
SMALL = (
    *("--split", "position", "--gap", "0", "--window", "3000", "--promoter", "400", "--d-model", "4"),
    *("--layers", "1", "--batch-size", "2", "--steps", "1", "--size", "small", "--device", "cpu"),
)
Ask = Callable[..., dict[str, Any]]


class ReadToTheEndError(TracksError):
    """Ends a command where the library begins."""


@pytest.fixture
def cells(playground: Playground, tmp_path: Path) -> Cells:
    """Cells of the simulated genome, which `cells.toml` names."""
    genome = playground.genome
    made = Cells(
        name="mine",
        genome="sim",
        signals={"H3K27ac": genome.h3k27ac, "DNase": genome.dnase},
        contacts=genome.contacts,
        contacts_norm="ICE",
        features=genome.features,
        remarks=("features: derived", "DNase: from ATAC"),
    )
    made.write(tmp_path / "cells.toml")
    return made


@pytest.fixture
def command(playground: Playground, tmp_path: Path) -> Callable[..., Result]:
    """A command on the cells, in this process."""

    def call(name: str, *more: str | Path) -> Result:
        given = ("--cells", tmp_path / "cells.toml", "--out", tmp_path / "out", *more)
        environment = {"SEQ2EXP_TRACKS_CONFIG": str(playground.config)}
        return CliRunner().invoke(main, [name, *map(str, given)], env=environment)

    return call


@pytest.fixture
def ask(command: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """What `train` or `compare` asks of the library, and says."""
    seen: list[dict[str, Any]] = []

    def train_model(request: Any, _: object) -> None:
        seen.append({name: getattr(request, name) for name in (*TOLD, "genome")})
        raise ReadToTheEndError("read to the end")

    def compare(request: Any, _: object) -> Compared:
        nothing = {"cells": None, "without": (), "remarks": ()}
        seen.append({name: (nothing | request.data.inputs)[name] for name in (*TOLD, "genome")})
        return Compared("read to the end", ())

    monkeypatch.setattr("seq2exp_tracks.training.run.train_model", train_model)
    monkeypatch.setattr("seq2exp_tracks.comparison.run.compare", compare)

    def call(name: str, *more: str | Path) -> dict[str, Any]:
        done = command(name, "--genome", "sim", "--labels", "labels.tsv", *more)
        assert seen, done.stderr
        found = seen.pop()
        features = found.pop("genome").features
        return found | {"features": features, "said": done.stderr.splitlines()[:2]}

    return call


@pytest.mark.parametrize("name", ["train", "compare"])
def test_all_that_the_file_says_is_read_and_told(ask: Ask, cells: Cells, name: str) -> None:
    assert ask(name) == {
        "signals": cells.signals,
        "contacts": cells.contacts,
        "no_contacts": False,
        "contacts_norm": "ICE",
        "cells": "mine",
        "without": (),
        "remarks": ("features: derived", "DNase: from ATAC"),
        "features": cells.features,
        "said": ["Note: features: derived", "Note: DNase: from ATAC"],
    }


@pytest.mark.parametrize("name", ["train", "compare"])
def test_what_is_given_beside_it_comes_first(
    ask: Ask, cells: Cells, playground: Playground, tmp_path: Path, name: str
) -> None:
    replace(cells, without=("H3K27ac",), signals={"DNase": cells.signals["DNase"]}).write(
        tmp_path / "cells.toml"
    )
    found = ask(name, "--signal", "DHS=d.bw", "--features", "f.tsv", "--contacts-norm", "VC", "--no-contacts")
    assert {key: value for key, value in found.items() if key != "said"} == {
        "signals": {"DHS": Path("d.bw")},
        "contacts": None,
        "no_contacts": True,
        "contacts_norm": "VC",
        "cells": "mine",
        "without": ("H3K27ac",),
        "remarks": (),
        "features": Path("f.tsv"),
    }


@pytest.mark.usefixtures("cells")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("train", "--genome", "hg38", "--labels", "l.tsv"),
            "cells.toml: its cells belong to sim, not to --genome hg38; change either",
        ),
        (("train", "--published", "folder"), "--published has cells of its own; leave out --cells"),
        (
            ("compare", "--simulate", "default"),
            "--cells: simulated genomes bring their own; leave it out, or leave out --simulate",
        ),
    ],
)
def test_cells_of_something_else_are_refused_in_one_line(
    command: Callable[..., Result], words: tuple[str, ...], told: str
) -> None:
    done = command(*words)
    assert (done.exit_code, done.stderr.splitlines()[-1].endswith(told)) == (1, True), done.stderr


@pytest.mark.slow
def test_a_training_on_cells_records_what_they_tell_and_its_runs_tell_it_again(
    inside: Run, playground: Playground, cells: Cells, tmp_path: Path
) -> None:
    only = replace(cells, signals={"DNase": cells.signals["DNase"]}, without=("H3K27ac",), contacts_norm="VC")
    only.write(tmp_path / "cells.toml")
    given = ("--genome", "sim", "--cells", tmp_path / "cells.toml")
    labels = ("--labels", playground.genome.labels, "--label-column", "expression")
    done = inside("train", *given, *labels, *SMALL, "--out", tmp_path / "trained")
    assert done.returncode == 0, done.stderr
    assert "Note: H3K27ac: absent (0 everywhere); score with --without H3K27ac too" in done.stderr
    recipe = json.loads((tmp_path / "trained" / "recipe.json").read_text())
    told = {"cells": "mine", "without": ["H3K27ac"], "remarks": list(cells.remarks)}
    assert {name: recipe["data"][name] for name in told} == told
    assert recipe["inputs"]["features"]["path"] == str(cells.features)
    assert [role for role in recipe["inputs"] if role.startswith("signal:")] == ["signal:DNase"]
    weights = tmp_path / "trained" / "best.safetensors"
    done = inside("score", *given, "--checkpoint", weights, "--gene", "A10", "--out", tmp_path / "scored")
    assert done.returncode == 0, done.stderr
    done = inside("evaluate", weights, "--device", "cpu", "--out", tmp_path / "evaluated")
    assert done.returncode == 0, done.stderr
    compared = ("compare", *given, *labels, *SMALL, "--method", "soft", "--seeds", "3")
    done = inside(*compared, "--workers", "1", "--out", tmp_path / "compared")
    assert done.returncode == 0, done.stderr
    protocol = json.loads((tmp_path / "compared" / "protocol.json").read_text())
    assert {name: protocol["data"][name] for name in told} == told
    for run in ("scored", "evaluated/run", "compared/sim/seed3/soft/run"):
        manifest = json.loads((tmp_path / run / "manifest.json").read_text())
        assert (manifest["cells"], manifest["settings"]["without"]) == ("mine", ["H3K27ac"])
        assert manifest["settings"]["remarks"] == list(cells.remarks)
