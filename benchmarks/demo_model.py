"""How the demo's checkpoint was made: `python benchmarks/demo_model.py WORK`.

Simulates a genome like the demo's but larger and of another seed, trains Seq2Exp-soft on it and measures it
on a chromosome that was not trained on, all through the command; then puts weights and record into the
package. Needs macs3 on the path. Takes about six minutes on two cores.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click

from seq2exp_tracks.manifest import sha256_of
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
COMPARE = [
    *("compare", "--genome", "simulated", "--size", "small", "--window", str(WINDOW), "--device", "cpu"),
    *("--signal", "H3K27ac=genome/A/H3K27ac.bw", "--signal", "DNase=genome/A/DNase.bw"),
    *("--contacts", "genome/A/contacts.cool", "--labels", "genome/A/labels.tsv"),
    *("--label-column", "expression", "--valid-chrom", "chrD", "--test-chrom", "chrC"),
    *("--truth", "genome/A/truth.bed", "--bam", "genome/A/DNase.bam"),
    *("--seeds", str(SEED), "--method", "soft", "--out", "compared"),
]


@click.command()
@click.argument("work", type=click.Path(path_type=Path))
def main(work: Path) -> None:
    """Make the demo's checkpoint and its record, by way of the folder WORK."""
    work.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"SEQ2EXP_TRACKS_CONFIG": str(work.resolve() / "config")}
    commands = [SIMULATE, ADD, COMPARE]
    for command in commands:
        if command is SIMULATE and (work / "genome" / "parameters.json").exists():
            continue  # a comparison that was broken off goes on
        subprocess.run([_program(), *command], cwd=work, env=environment, check=True)
    compared = work / "compared"
    (model,) = compared.glob("*/seed*/soft/model/best.safetensors")
    record = {
        "sha256": sha256_of(model),
        "commands": [" ".join(["seq2exp-tracks", *command]) for command in commands],
        "expression_of_chrC": _expression(compared / "expression.tsv"),
        "auprc_of_distal_pairs_on_chrC": _areas(compared / "elements.tsv"),
        "versions": {name: version(name) for name in ("seq2exp-tracks", "torch", "numpy")},
    }
    WEIGHTS.parent.mkdir(exist_ok=True)
    shutil.copyfile(model, WEIGHTS)
    RECORD.write_text(json.dumps(record, indent=2) + "\n")
    click.echo(f"{WEIGHTS}: {WEIGHTS.stat().st_size:,} bytes\n{RECORD.read_text()}")


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
