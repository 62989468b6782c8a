"""How the demo's checkpoint was made: `python benchmarks/demo_model.py WORK`.

Simulates a genome like the demo's but larger and of another seed, trains Seq2Exp-soft on it and measures it
on a chromosome that was not trained on, all through the command; then puts weights and record into the
package. Needs macs3 on the path. Takes about six minutes on two cores.

`--scales-only` leaves the weights as they are, and adds to them how the signals of their training were
distributed, as `train` writes it: by a training of one update on the same data, whose weights are not used.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from seq2exp_tracks.checkpoints import load_checkpoint, read_scales, save_checkpoint
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.simulation.checkpoint import RECORD, WEIGHTS

SEED = 1  # the demo's own genome has seed 0
WINDOW = 20_000

SIMULATE = ["simulate", "--seed", str(SEED), "--size", "small", "--window", str(WINDOW), "--out", "genome"]
ADD = [
    *("genome", "add", "simulated", "--overwrite", "--fasta", "genome/genome.fa"),
    *(
        "--genes",
        "genome/genes.gtf",
        "--blacklist",
        "genome/blacklist.bed",
        "--features",
        "genome/A/features.tsv",
    ),
]
DATA = [
    *("--genome", "simulated", "--size", "small", "--window", str(WINDOW), "--device", "cpu"),
    *("--signal", "H3K27ac=genome/A/H3K27ac.bw", "--signal", "DNase=genome/A/DNase.bw"),
    *("--contacts", "genome/A/contacts.cool", "--labels", "genome/A/labels.tsv"),
    *("--label-column", "expression", "--valid-chrom", "chrD", "--test-chrom", "chrC"),
]
COMPARE = [
    *("compare", *DATA),
    *("--truth", "genome/A/truth.bed", "--bam", "genome/A/DNase.bam"),
    *("--seeds", str(SEED), "--method", "soft", "--out", "compared"),
]
# Which genes train, and what is measured of their signals, depends on neither the updates nor the seed.
MEASURE = ["train", *DATA, "--setting", "soft", "--seed", str(SEED), "--steps", "1", "--out", "measured"]


@click.command()
@click.argument("work", type=click.Path(path_type=Path))
@click.option("--scales-only", is_flag=True, help="Only add the scales of the training to the weights.")
def main(work: Path, scales_only: bool) -> None:
    """Make the demo's checkpoint and its record, by way of the folder WORK."""
    work.mkdir(parents=True, exist_ok=True)
    record = _scaled(work) if scales_only else _trained(work)
    RECORD.write_text(json.dumps(record, indent=2) + "\n")
    click.echo(f"{WEIGHTS}: {WEIGHTS.stat().st_size:,} bytes\n{RECORD.read_text()}")


def _trained(work: Path) -> dict[str, Any]:
    """Trains the model and puts it into the package; returns its record."""
    commands = [SIMULATE, ADD, COMPARE]
    _run(commands, work)
    compared = work / "compared"
    (model,) = compared.glob("*/seed*/soft/model/best.safetensors")
    WEIGHTS.parent.mkdir(exist_ok=True)
    shutil.copyfile(model, WEIGHTS)
    return {
        "sha256": sha256_of(WEIGHTS),
        "commands": _told(commands),
        "expression_of_chrC": _expression(compared / "expression.tsv"),
        "auprc_of_distal_pairs_on_chrC": _areas(compared / "elements.tsv"),
        "versions": _versions(),
    }


def _scaled(work: Path) -> dict[str, Any]:
    """Adds the scales of the training to the weights of the package; returns the record of both."""
    commands = [SIMULATE, ADD, MEASURE]
    _run(commands, work)
    scales = read_scales(work / "measured" / "best.safetensors")
    save_checkpoint(load_checkpoint(WEIGHTS), WEIGHTS, scales)
    record: dict[str, Any] = json.loads(RECORD.read_text())
    added = {"commands": _told(commands), "versions": _versions()}
    return record | {"sha256": sha256_of(WEIGHTS), "scales_added_by": added}


def _run(commands: Sequence[list[str]], work: Path) -> None:
    """Runs commands in a folder, with a registry of its own."""
    environment = os.environ | {"SEQ2EXP_TRACKS_CONFIG": str(work.resolve() / "config")}
    for command in commands:
        if command is SIMULATE and (work / "genome" / "parameters.json").exists():
            continue  # a comparison that was broken off goes on
        subprocess.run([_program(), *command], cwd=work, env=environment, check=True)


def _told(commands: Sequence[list[str]]) -> list[str]:
    return [" ".join(["seq2exp-tracks", *command]) for command in commands]


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("seq2exp-tracks", "torch", "numpy")}


def _program() -> str:
    """The command of this installation."""
    return str(Path(sys.executable).with_name("seq2exp-tracks"))


def _expression(path: Path) -> dict[str, float]:
    (row,) = _rows(path)
    return {"genes": int(row["genes"]), "mse": float(row["mse"]), "pearson": float(row["pearson"])}


def _areas(path: Path) -> dict[str, float]:
    """Average precision of each method over pairs of a distal element and a gene."""
    rows = [row for row in _rows(path) if (row["over"], row["places"]) == ("pairs", "distal")]
    chance = {"random order": int(rows[0]["positive"]) / int(rows[0]["items"])}
    return {row["scored_by"]: float(row["auprc"]) for row in rows} | chance


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))


if __name__ == "__main__":
    main()
