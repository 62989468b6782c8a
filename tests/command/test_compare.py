"""`seq2exp-tracks compare` as a user types it, in this process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from playground import Playground
from seq2exp_tracks_cli.compare import METHODS
from seq2exp_tracks_cli.main import main

from seq2exp_tracks.comparison.methods import DEFAULT

Call = Callable[..., Result]

TINY = [
    *("--window", "6000", "--promoter", "400", "--d-model", "4", "--layers", "1", "--rate", "0.01"),
    *("--steps", "2", "--evaluate-every", "2", "--batch-size", "2", "--workers", "1", "--device", "cpu"),
]


@pytest.fixture(scope="module")
def call(playground: Playground) -> Call:
    environment = {"SEQ2EXP_TRACKS_CONFIG": str(playground.config)}

    def called(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, ["compare", *map(str, arguments)], env=environment)

    return called


@pytest.fixture(scope="module")
def own(playground: Playground) -> list[str]:
    genome = playground.genome
    return [
        *("--genome", "sim", "--labels", str(genome.labels), "--label-column", "expression"),
        *("--signal", f"H3K27ac={genome.h3k27ac}", "--signal", f"DNase={genome.dnase}"),
        *("--contacts", str(genome.contacts), "--split", "position"),
    ]


def test_own_data_is_compared_and_the_tables_are_printed(
    call: Call, own: list[str], playground: Playground, tmp_path: Path
) -> None:
    peaks, against = tmp_path / "peaks.narrowPeak", tmp_path / "ccres.bed"
    for path in (peaks, against):
        rows = (
            f"chrA\t{start}\t{start + 500}\tp\t0\t.\t3\t-1\t-1\t9\n" for start in range(0, 390_000, 3_000)
        )
        path.write_text("".join(rows))
    out = tmp_path / "out"
    asked = [
        *(*own, *TINY, "--method", "soft", "--method", "macs3", "--seeds", "7", "--peaks", peaks),
        *("--truth", playground.genome.truth, "--against", f"cCRE={against}", "--out", out),
    ]
    done = call(*asked)
    assert done.exit_code == 0, done.output
    assert (out / "comparison.md").read_text() in done.stdout
    assert done.stdout.splitlines()[-1] == f"  {out / 'comparison.json'}"
    record = json.loads((out / "comparison.json").read_text())
    assert [(one["data"], one["seed"], one["method"]) for one in record["outcomes"]] == [
        *(("sim", 7, "soft"), ("sim", 7, "macs3"))
    ]
    protocol = record["protocol"]
    assert (protocol["methods"], protocol["seeds"], protocol["reference"]) == (["soft", "macs3"], [7], "soft")
    assert protocol["training"]["window"] == 6000
    assert protocol["data"]["split"] == "position"
    assert {"fasta", "labels:1", "peaks", "truth", "against:cCRE"} <= protocol["inputs"].keys()
    scored_by = {area["scored_by"] for area in record["outcomes"][0]["areas"]}
    assert {"soft mask", "DNase", "H3K27ac", "prior", "abc", "distance", "MACS3", "cCRE"} <= scored_by
    peaks.write_text(peaks.read_text().replace("\t3\t", "\t4\t"))
    refused = call(*asked)
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-1] == (
        f"Error: {out}: holds results of other values of inputs.peaks; give the same options, or compare "
        "into another folder"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Error: give --genome and --labels for own data, or --simulate for simulated genomes"),
        (
            ["--simulate", "default", "--labels", "l.tsv"],
            "Error: --labels: simulated genomes bring their own",
        ),
        (
            ["--simulate", "default", "--method", "best"],
            "Error: --method best: no such method; there are",
        ),
        (["--simulate", "default", "--simulate-genes", "0"], "Error: 0 genes: a simulated genome takes 1"),
        (["--simulate", "default", "--devices", "2"], "Error: --devices: a comparison trains on one device"),
        (
            ["--simulate", "default", "--simulate", "default"],
            "Error: --simulate default, default: name each setting once",
        ),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(
    call: Call, tmp_path: Path, options: list[str], message: str
) -> None:
    done = call(*options, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith(message)
    assert not (tmp_path / "out").exists()


def test_options_of_simulated_genomes_are_refused_for_own_data(
    call: Call, own: list[str], tmp_path: Path
) -> None:
    done = call(*own, "--simulate-genes", "30", "--out", tmp_path / "out")
    assert done.stderr.splitlines()[-1] == (
        "Error: --simulate-size and --simulate-genes belong to --simulate"
    )


@pytest.mark.parametrize("seeds", ["", "a", "3-1", "1,,2", "-1"])
def test_seeds_are_numbers_and_ranges(call: Call, tmp_path: Path, seeds: str) -> None:
    done = call("--simulate", "default", f"--seeds={seeds}", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "is not a list of seeds such as 1-5 or 2,22,222" in done.stderr


def test_help_names_the_default_methods() -> None:
    assert METHODS == DEFAULT
