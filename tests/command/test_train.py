"""The command `train` on the simulated genome: killed, resumed, scored with, and refusing what it should."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from playground import COMMAND, Playground, Run
from seq2exp_tracks_cli.main import main

from seq2exp_tracks.io.checksum import sha256_of

Refusal = Callable[..., str]

UPDATES = 12
SMALL = [
    *("--split", "position", "--window", "3000", "--promoter", "400"),
    *("--d-model", "4", "--layers", "1", "--batch-size", "4", "--rate", "0.01"),
    *("--steps", str(UPDATES), "--evaluate-every", "2"),
]


@pytest.fixture(scope="module")
def inputs(playground: Playground) -> list[str]:
    genome = playground.genome
    return [
        *("train", "--genome", "sim", "--labels", str(genome.labels), "--label-column", "expression"),
        *("--signal", f"H3K27ac={genome.h3k27ac}", "--signal", f"DNase={genome.dnase}"),
        *("--contacts", str(genome.contacts)),
    ]


@pytest.fixture(scope="module")
def trained(inside: Run, inputs: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out: Path = tmp_path_factory.mktemp("trained") / "out"
    done = inside(*inputs, *SMALL, "--out", out)
    assert done.returncode == 0, done.stderr
    assert f"Best checkpoint: {out / 'best.safetensors'}" in done.stdout
    return out


@pytest.fixture(scope="module")
def refusal(playground: Playground) -> Refusal:
    """The line in which a command ends that cannot be done, without a process of its own."""
    environment = {"SEQ2EXP_TRACKS_CONFIG": str(playground.config)}

    def refused(*arguments: str | Path) -> str:
        done = CliRunner().invoke(main, [str(argument) for argument in arguments], env=environment)
        assert done.exit_code == 1, done.output
        return done.stderr.splitlines()[-1]

    return refused


@pytest.mark.slow
def test_a_killed_run_ends_with_the_numbers_of_an_unbroken_one(
    playground: Playground, run: Run, inputs: list[str], trained: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    environment = os.environ | {"SEQ2EXP_TRACKS_CONFIG": str(playground.config)}
    began = subprocess.Popen(
        [COMMAND, *inputs, *SMALL, "--out", str(out)], env=environment, stderr=subprocess.DEVNULL
    )
    while began.poll() is None and not (out / "last.pt").exists():
        time.sleep(0.005)
    began.send_signal(signal.SIGKILL)
    assert began.wait() == -signal.SIGKILL
    assert not (out / "training.json").exists()
    done = run(*inputs, *SMALL, "--out", out, "--resume")
    assert done.returncode == 0, done.stderr
    assert f"of {UPDATES} updates" in done.stderr
    names = ("best.safetensors", "log.csv", "predictions.tsv", "training.json", "recipe.json")
    assert {name: (out / name).read_bytes() for name in names} == {
        name: (trained / name).read_bytes() for name in names
    }


def test_the_checkpoint_scores_at_once(
    playground: Playground, inside: Run, trained: Path, tmp_path: Path
) -> None:
    genome = playground.genome
    done = inside(
        *("score", "--genome", "sim", "--checkpoint", trained / "best.safetensors", "--gene", "A10"),
        *("--signal", f"H3K27ac={genome.h3k27ac}", "--signal", f"DNase={genome.dnase}"),
        *("--contacts", genome.contacts, "--out", tmp_path / "run"),
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "mask.bw").exists()


def test_a_folder_tells_what_was_measured_and_from_what(trained: Path) -> None:
    summary = json.loads((trained / "training.json").read_text())
    assert summary["recipe"] == json.loads((trained / "recipe.json").read_text())
    assert summary["measured"].keys() == {"valid", "test"}
    rows = [line.split("\t") for line in (trained / "predictions.tsv").read_text().splitlines()]
    pairs = [(float(row[5]), float(row[6])) for row in rows[1:] if row[4] == "valid"]
    error = sum((label - predicted) ** 2 for label, predicted in pairs) / len(pairs)
    assert error == pytest.approx(summary["measured"]["valid"]["mse"], rel=1e-4)
    assert {row[4] for row in rows[1:] if row[6] == ""} == {"train"}
    assert summary["recipe"]["parts"]["valid"]["genes"] == len(pairs)
    assert (trained / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_goes_on_with_the_same_options_only(refusal: Refusal, inputs: list[str], trained: Path) -> None:
    assert refusal(*inputs, *SMALL, "--out", trained, "--resume", "--seed", "5") == (
        f"Error: {trained}: cannot go on with this run, which began with other values of training.seed; "
        "give the same options, or train anew with --overwrite"
    )


def test_a_folder_that_holds_a_run_is_left_alone(refusal: Refusal, inputs: list[str], trained: Path) -> None:
    assert refusal(*inputs, *SMALL, "--out", trained) == (
        f"Error: {trained}: holds a run already; choose another folder, or add --resume (to go on) "
        "or --overwrite"
    )


@pytest.mark.slow
def test_genes_without_label_are_counted_and_left_out(
    run: Run, inputs: list[str], playground: Playground, tmp_path: Path
) -> None:
    lines = playground.genome.labels.read_text().splitlines()
    column = lines[0].split("\t").index("expression")
    cells = lines[1].split("\t")
    cells[column] = "NaN"
    labels = tmp_path / "labels.tsv"
    labels.write_text("\n".join([lines[0], "\t".join(cells), *lines[3:]]) + "\n")
    arguments = [str(labels) if cell == str(playground.genome.labels) else cell for cell in inputs]
    done = run(*arguments, *SMALL, "--steps", "1", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    total = len(lines) - 1
    assert f"no label for 2 of {total} genes" in done.stderr
    recipe = json.loads((tmp_path / "out" / "recipe.json").read_text())
    assert sum(part["genes"] for part in recipe["parts"].values()) <= total - 2


def test_a_predictor_is_trained_on_the_best_bases_of_a_track(
    playground: Playground, inputs: list[str], tmp_path: Path
) -> None:
    scores = playground.genome.dnase
    mask = ["--setting", "fixed", "--fixed-mask", str(scores), "--fixed-share", "0.1"]
    done = CliRunner().invoke(
        main,
        [*inputs, *SMALL, *mask, "--steps", "2", "--out", str(tmp_path / "out")],
        env={"SEQ2EXP_TRACKS_CONFIG": str(playground.config)},
    )
    assert done.exit_code == 0, done.output
    recipe = json.loads((tmp_path / "out" / "recipe.json").read_text())
    assert recipe["data"]["fixed_share"] == 0.1
    assert recipe["inputs"]["fixed_mask"] == {"path": str(scores), "sha256": sha256_of(scores)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--split", "chromosomes"],
            "Error: genes on chrA and chrB only: a split by chromosomes needs three; use --split position, "
            "or --split FILE with a part for each gene",
        ),
        (["--chrom", "chrA", "--split", "chromosomes"], "Error: genes on chrA only: a split by chromosomes"),
        (
            ["--split", "chromosomes", "--gap", "5"],
            "Error: --gap 5: bases, at least 0, and with --split position",
        ),
        (["--precision", "bf16-mixed"], "Error: --precision bf16-mixed: on CUDA only"),
        (["--setting", "fixed"], "Error: --setting fixed and --fixed-mask FILE belong together"),
        (["--fixed-share", "0.1"], "Error: --fixed-share belongs to --fixed-mask FILE.bw; give both or none"),
        (
            ["--setting", "fixed", "--fixed-mask", "mask.bw"],
            "Error: mask.bw: holds scores; say with --fixed-share 0.1 how many of the bases are kept",
        ),
        (
            ["--setting", "fixed", "--fixed-mask", "peaks.bed", "--fixed-share", "0.1"],
            "Error: peaks.bed: a BED is kept as it is; leave out --fixed-share",
        ),
        (["--promoter", "4000"], "Error: --window 3,000: shorter than the promoter of 4,000 bp"),
        (
            ["--setting", "hard", "--promoter", "401"],
            "Error: no model of these sizes: odd window or promoter",
        ),
        (["--warmup", "12"], "Error: --steps 12: a warm-up of 12 in 12 steps"),
        (["--label-column", "nothing"], "no column nothing; its columns are"),
    ],
)
def test_what_cannot_be_trained_is_told_in_one_line(
    refusal: Refusal, inputs: list[str], tmp_path: Path, options: list[str], message: str
) -> None:
    assert message in refusal(*inputs, *SMALL, *options, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_split_that_leaks_is_refused(
    refusal: Refusal, inputs: list[str], playground: Playground, tmp_path: Path
) -> None:
    genes = tmp_path / "genes.bed"
    places = {"one": 100_000, "two": 100_000, "three": 200_000}
    genes.write_text("".join(f"chrA\t{tss}\t{tss + 1}\t{name}\t0\t+\n" for name, tss in places.items()))
    labels, split = tmp_path / "labels.tsv", tmp_path / "split.tsv"
    labels.write_text("gene_id\texpression\n" + "".join(f"{name}\t1\n" for name in places))
    split.write_text("gene_id\tsplit\none\ttrain\ntwo\tvalid\nthree\ttest\n")
    arguments = [str(labels) if cell == str(playground.genome.labels) else cell for cell in inputs]
    line = refusal(*arguments, *SMALL, "--genes", genes, "--split", split, "--out", tmp_path / "o")
    assert line == (
        "Error: the split leaks: genes with the TSS chrA:100,001 (two) are in train and in valid; "
        "put all genes of a TSS into one part"
    )
