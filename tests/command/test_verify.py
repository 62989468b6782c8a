"""`verify`: a run against its manifest, and its tracks against the model by the reference path."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from changed_tracks import rewrite
from playground import Playground, Run

from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.model.compiled.machine import VARIABLE
from seq2exp_tracks.run_reader import Run as Written
from seq2exp_tracks.verification import reference


@pytest.fixture
def run(playground: Playground, inside: Run, tmp_path: Path) -> Path:
    """A run of two genes that are far from each other."""
    chosen = ["--gene", "A10", "--gene", "B10", "--window", "2500", "--workers", "1"]
    done = inside("score", *playground.inputs, *chosen, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    return tmp_path / "run"


def tamper(run: Path) -> str:
    """Gives the base of a TSS another score, and the manifest the checksum of what then is there."""
    written = Written.open(run)
    gene = next(iter(written.genes.values())).gene
    rewrite(run / "mask.bw", written.manifest.sizes, gene.chrom, gene.tss, 0.0)
    files = [
        replace(entry, sha256=sha256_of(run / entry.path), bytes=(run / entry.path).stat().st_size)
        for entry in written.manifest.files
    ]
    replace(written.manifest, files=tuple(files)).write(run / "manifest.json")
    return f"mask.bw: {gene.chrom}:{gene.tss + 1:,} holds 0, and the reference says "


def test_a_run_that_is_what_it_says_and_one_whose_tracks_are_not(
    run: Path, inside: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.environ.get(VARIABLE)
    done = inside("verify", run, "--full", "--sample", "5", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    manifest = Manifest.read(run)
    assert (found["files"], found["full"], found["findings"]) == (len(manifest.files), True, [])
    assert found["genes"] == list(Written.open(run).genes)
    # Three merged tracks, and two of each gene's own window.
    assert (found["bases"], found["tracks"]) == (2 * 2500 * 5, 3 + 2 * 2)
    assert os.environ.get(VARIABLE) == before

    told = tamper(run)
    assert inside("verify", run, "--full").returncode == 0  # every file is as its manifest says
    monkeypatch.setattr(reference, "_WORTH_A_TRIAL", 2500)
    done = inside("verify", run, "--sample", "2")
    assert done.returncode == 1
    assert re.search(
        r"Note: windows of 2,500 bp through the reference path take about \d+ s each here", done.stderr
    )
    line, summary = done.stdout.splitlines()
    assert line.startswith(told)
    assert summary.endswith(
        f"; 2 genes scored again, {2 * 2500 * 5:,} bases compared over 7 tracks: 1 wrong "
        "(sizes only; --full reads every byte)"
    )


def test_files_that_changed_and_inputs_that_are_gone(run: Path, inside: Run) -> None:
    table = run / "genes.bed"
    table.write_bytes(table.read_bytes().replace(b"A10", b"A11"))
    done = inside("verify", run)
    assert done.returncode == 0  # of the same size
    assert done.stdout.endswith(" files: all as it should be (sizes only; --full reads every byte)\n")
    done = inside("verify", run, "--full")
    assert done.returncode == 1
    assert done.stdout.startswith("genes.bed: has other content: sha256 ")

    manifest = Manifest.read(run)
    gone = replace(manifest.model, checkpoint=str(run / "gone.safetensors"))
    replace(manifest, model=gone).write(run / "manifest.json")
    done = inside("verify", run, "--sample", "1")
    assert done.returncode == 1
    assert done.stdout.startswith(
        f"not recomputed: {run}/gone.safetensors: the run's checkpoint is not there"
    )


def test_a_folder_without_a_run(inside: Run, tmp_path: Path) -> None:
    done = inside("verify", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {tmp_path}: not a run folder")
