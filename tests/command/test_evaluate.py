"""`seq2exp-tracks evaluate` as a user types it."""

import csv
import json
from pathlib import Path

import pytest
from playground import Playground, Run

FILES = ["evaluation.json", "expression.tsv", "genes.tsv", "elements.tsv", "bases.tsv", "coverage.tsv"]
EVIDENCE = ["evidence.elements.tsv", "evidence.windows.tsv"]
PLOTS = ["expression.png", "elements.png", "bases.png"]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        lines = (line for line in file if not line.startswith("#seq2exp-tracks"))
        return list(csv.DictReader(lines, delimiter="\t"))


def test_everything_is_measured_told_and_written(inside: Run, playground: Playground, tmp_path: Path) -> None:
    peaks = tmp_path / "peaks.bed"
    peaks.write_text("chrA\t1000\t2000\nchrB\t5000\t9000\n")
    out = tmp_path / "out"
    done = inside(
        *("evaluate", playground.demo.run, "--truth", playground.genome.truth, "--macs3", peaks),
        *("--against", f"blacklist={playground.genome.blacklist}", "--evidence", "3", "--out", out),
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in out.iterdir()) == sorted([*FILES, *EVIDENCE, *PLOTS, "export.json"])
    record = json.loads((out / "evaluation.json").read_text())
    methods = ["mask", "mask.max", "DNase", "H3K27ac", "prior", "abc", "distance", "blacklist", "MACS3"]
    assert list(record["elements"]["methods"]) == methods
    assert [row["method"] for row in rows(out / "elements.tsv") if row["places"] == "all"] == methods
    for row, one in zip(rows(out / "bases.tsv"), record["elements"]["bases"], strict=True):
        assert (row["method"], row["places"], int(row["items"])) == (
            one["method"],
            one["places"],
            one["items"],
        )
        assert float(row["auprc"]) == pytest.approx(one["auprc"]["value"], rel=1e-5)
    lines = done.stdout.splitlines()
    assert lines[0].startswith(
        f"mask: mean {record['mask']['mean']:.4f} over {record['mask']['bases']:,} bases"
    )
    pearson = record["expression"][0]["measures"]["pearson"]
    value, low, high = (pearson[name] for name in ("value", "low", "high"))
    assert lines[1].startswith(f"expression, all (36 genes): pearson {value:.4f} [{low:.4f}, {high:.4f}]")
    assert "\x1b" not in done.stdout + done.stderr
    for plot in PLOTS:
        assert (out / plot).read_bytes().startswith(b"\x89PNG")


def test_evidence_begins_from_the_expression_of_the_run(
    inside: Run, playground: Playground, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = inside("evaluate", playground.demo.run, "--evidence", "4", "--seed", "2", "--out", out)
    assert done.returncode == 0, done.stderr
    genes = {row["gene_id"]: row for row in rows(out / "genes.tsv")}
    elements, windows = (rows(out / name) for name in EVIDENCE)
    assert len(elements) == 4
    assert {row["gene_id"] for row in elements} == {row["gene_id"] for row in windows}
    for row in [*elements, *windows]:
        assert float(row["expression"]) == pytest.approx(float(genes[row["gene_id"]]["predicted"]), abs=1e-4)
    for row in elements:
        assert float(row["change"]) == pytest.approx(
            float(row["hidden"]) - float(row["expression"]), abs=1e-5
        )
    assert "no --truth and no --crispr" in done.stderr


@pytest.mark.slow
def test_the_same_command_gives_the_same_bytes(run: Run, playground: Playground, tmp_path: Path) -> None:
    asked = ("evaluate", playground.demo.run, "--truth", playground.genome.truth)
    outs = [tmp_path / "a", tmp_path / "b"]
    for out in outs:
        assert run(*asked, "--out", out).returncode == 0
    names = [*FILES, *PLOTS]
    assert [(outs[0] / name).read_bytes() for name in names] == [
        (outs[1] / name).read_bytes() for name in names
    ]


def test_crispr_pairs_are_compared_within_tested_elements(
    inside: Run, playground: Playground, tmp_path: Path
) -> None:
    genes = {row["gene_id"]: row for row in rows(playground.demo.run / "genes.bed")}
    pairs = tmp_path / "pairs.tsv"
    lines = ["chrom\tchromStart\tchromEnd\tmeasuredGeneSymbol\tRegulated"]
    for number, row in enumerate(list(genes.values())[:12]):
        start = int(row["start"]) + 3_000
        lines.append(
            f"{row['#chrom']}\t{start}\t{start + 400}\t{row['name']}\t{str(number % 3 == 0).upper()}"
        )
    pairs.write_text("\n".join(lines) + "\n")
    out = tmp_path / "out"
    done = inside("evaluate", playground.demo.run, "--crispr", pairs, "--out", out)
    assert done.returncode == 0, done.stderr
    truth = json.loads((out / "evaluation.json").read_text())["elements"]["truth"]
    assert truth == {
        "rows": 12,
        "pairs": 12,
        "regulating_pairs": 4,
        "genes": 12,
        "untested_bases_count": False,
    }
    assert int(rows(out / "bases.tsv")[0]["items"]) <= 12 * 400


def refusal(inside: Run, *arguments: str | Path) -> str:
    """The one line that a user sees."""
    done = inside("evaluate", *arguments)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (1, 1, ""), done.stderr
    return done.stderr


def test_what_is_wrong_is_one_line(
    inside: Run, playground: Playground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A line of progress comes where the machine is slow, which is not what is tested.
    monkeypatch.setattr("seq2exp_tracks_cli.progress._SECONDS_TO_FIRST_LINE", float("inf"))
    scored, truth, out = playground.demo.run, playground.genome.truth, ("--out", tmp_path / "out")
    assert "not a run folder" in refusal(inside, tmp_path / "none", *out)
    assert "exclude each other" in refusal(inside, scored, "--truth", truth, "--crispr", truth, *out)
    assert "--truth or --crispr" in refusal(inside, scored, "--macs3", truth, *out)
    assert "--label-column belong together" in refusal(inside, scored, "--labels", truth, *out)
    assert "that name is taken" in refusal(
        inside, scored, "--truth", truth, "--against", f"ABC={truth}", *out
    )
    assert "cannot be read" in refusal(inside, scored, "--truth", tmp_path / "no.bed", *out)
    assert "no column gene_id" in refusal(inside, scored, "--truth", playground.genome.blacklist, *out)
    assert "choose another folder" in refusal(inside, scored, "--out", scored)
    assert not (tmp_path / "out").exists()


def test_evidence_needs_the_inputs_of_the_run_as_they_were(
    inside: Run, playground: Playground, tmp_path: Path
) -> None:
    copy = tmp_path / "run"
    copy.mkdir()
    for path in playground.demo.run.iterdir():
        if path.is_file():
            (copy / path.name).write_bytes(path.read_bytes())
    manifest = json.loads((copy / "manifest.json").read_text())
    checkpoint = tmp_path / "gone.safetensors"
    manifest["model"]["checkpoint"] = str(checkpoint)
    (copy / "manifest.json").write_text(json.dumps(manifest))
    out = ("--evidence", "2", "--out", tmp_path / "out")
    assert "the run's checkpoint is not there any more" in refusal(inside, copy, *out)
    checkpoint.write_bytes(b"other weights")
    assert "the run's checkpoint has changed since" in refusal(inside, copy, *out)
