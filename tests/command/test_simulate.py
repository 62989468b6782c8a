"""`simulate` from end to end: what it prints, what it refuses, and that its own advice works."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from playground import COMMAND
from seq2exp_tracks_cli.main import main

SMALLEST = ("--genes", "6", "--window", "8000")


def simulate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the installed command in a folder, with a registry of its own."""
    return subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"SEQ2EXP_TRACKS_CONFIG": str(folder / "config")},
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulate")


@pytest.fixture(scope="module")
def made(folder: Path) -> subprocess.CompletedProcess[str]:
    """A genome `sim` of two cell types with names of the user's."""
    arguments = ("--out", "sim", "--seed", "4", "--setting", "promoter-only", "--cell-types", "K562,HepG2")
    return simulate(folder, "simulate", *arguments, *SMALLEST)


def test_it_lists_every_file_and_nothing_else(made: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert made.returncode == 0
    assert (
        "sim: 6 genes on 2 chromosomes, 115,000 bp; what acts on a gene lies in its window of 8,000 bp"
        in (made.stdout)
    )
    listed = set(re.findall(r"^  (\S+)\s+[\d,.]+ kB  \w", made.stdout, flags=re.MULTILINE))
    written = {path.relative_to(folder / "sim").as_posix() for path in (folder / "sim").rglob("*.*")}
    assert listed == {name for name in written if not name.endswith((".fai", ".bai"))}
    assert {name.split("/")[0] for name in listed if "/" in name} == {"K562", "HepG2"}


def test_the_options_are_in_the_parameters(made: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert made.returncode == 0
    found = json.loads((folder / "sim" / "parameters.json").read_text())
    assert (found["seed"], found["setting"]["name"], found["cell_types"]) == (
        4,
        "promoter-only",
        ["K562", "HepG2"],
    )
    assert (found["layout"]["genes"], found["layout"]["window"]) == (6, 8_000)


def advice(made: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """The arguments of each of our commands that it names next."""
    lines = made.stdout.replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("  seq2exp-tracks ")]


def test_the_commands_that_it_names_next_register_the_genome_and_train_on_it(
    made: subprocess.CompletedProcess[str], folder: Path
) -> None:
    add, _, train = advice(made)
    registered = simulate(folder, *add)
    assert registered.returncode == 0
    assert registered.stdout.startswith("sim registered in ")
    # Options and files only: training takes minutes.
    given = main.commands["train"].make_context("train", train[1:]).params
    assert (given["genome"], given["window"], given["split"]) == ("sim", 8_000, "position")
    # The cells are what the command before makes, and so not there yet.
    assert (given["cells"], given["signals"], given["contacts"]) == (Path("sim.cells/cells.toml"), {}, None)
    assert [file for file in given["labels"] if not (folder / file).exists()] == []
    assert "macs3 callpeak -f BAMPE -t sim/K562/DNase.bam -g 115000" in made.stdout


@pytest.mark.slow
def test_cells_are_prepared_by_the_command_that_it_names(
    made: subprocess.CompletedProcess[str], folder: Path
) -> None:
    add, prepare, _ = advice(made)
    simulate(folder, *add, "--overwrite")
    prepared = simulate(folder, *prepare)
    assert prepared.returncode == 0, prepared.stderr
    assert (folder / "sim.cells" / "cells.toml").exists()


def test_a_folder_that_holds_something_is_refused_and_replaced_when_asked(
    made: subprocess.CompletedProcess[str], folder: Path
) -> None:
    assert made.returncode == 0
    arguments = ("simulate", "--out", "sim", "--seed", "4", "--cell-types", "K562", *SMALLEST)
    refused = simulate(folder, *arguments)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "Error: sim: holds a simulated genome already; choose another folder or replace it with --overwrite\n"
    )
    assert (folder / "sim" / "HepG2").exists()
    assert simulate(folder, *arguments, "--overwrite").returncode == 0
    assert not (folder / "sim" / "HepG2").exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--seed", "-1"), "seed -1: a seed is a whole number from 0"),
        (("--window", "9001"), "a window of 9,001 bp has no middle; give an even number"),
        (("--cell-types", "A,A"), "cell types A, A: give one or more different names"),
        (("--chromosomes", "one=10000"), "one of 10,000 bp is too short to simulate; give it 40,000 or more"),
        (
            ("--chromosomes", "one=60000", "--genes", "9"),
            "9 genes in 60,000 bp: a simulated genome of this size takes 1 to 5",
        ),
        (("--chromosomes", "one"), "'one' is not NAME=BP,NAME=BP, such as chrA=400000,chrB=250000"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(
    arguments: tuple[str, ...], problem: str, tmp_path: Path
) -> None:
    environment = {"SEQ2EXP_TRACKS_CONFIG": str(tmp_path / "config")}
    words = ["simulate", "--out", str(tmp_path / "out"), *arguments]
    refused = CliRunner().invoke(main, words, env=environment, catch_exceptions=False)
    assert refused.exit_code != 0
    assert refused.stderr.splitlines()[-1].endswith(problem)
    assert list(tmp_path.iterdir()) == []


def test_chromosomes_can_be_named(tmp_path: Path) -> None:
    assert (
        simulate(tmp_path, "simulate", "--out", "out", "--chromosomes", "one=50000,two=60000").returncode == 0
    )
    found = json.loads((tmp_path / "out" / "parameters.json").read_text())["layout"]
    assert (found["chromosomes"], found["genes"]) == ({"one": 50_000, "two": 60_000}, 6)
