"""Copies of the example run that differ in what its manifest says."""

import shutil
from dataclasses import replace
from pathlib import Path

from example_run import ExampleRun

from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.manifest import InputEntry, Manifest


def copy_of_run(example: ExampleRun, folder: Path, *, genome: str = "simulated", name: str = "cells") -> Path:
    """A copy whose manifest names the FASTA, and the genome as wanted."""
    run = folder / name
    shutil.copytree(example.folder, run)
    manifest = Manifest.read(run)
    fasta = example.genome.fasta
    entry = InputEntry("fasta", str(fasta), fasta.stat().st_size, sha256_of(fasta))
    replace(manifest, genome=genome, inputs=(entry, *manifest.inputs)).write(run / "manifest.json")
    return run


def change_manifest(run: Path, **changes: object) -> None:
    """Gives fields of a run's manifest other values."""
    replace(Manifest.read(run), **changes).write(run / "manifest.json")
