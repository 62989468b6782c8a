"""A command that has made a run ends with those to go on with, which run as they stand."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from playground import Playground, Run
from seq2exp_tracks_cli.next_steps import next_steps

from seq2exp_tracks.run_reader import Run as ReadRun

ONE_GENE = ("--gene", "A10", "--window", "4000", "--workers", "1")


def test_score_ends_with_what_to_do_next(
    playground: Playground, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    labels = ("--labels", playground.genome.labels, "--label-column", "expression")
    done = inside("score", *playground.inputs, *ONE_GENE, *labels, "--out", "my runs/k 562")
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()[-5:]
    assert told == [
        "Look at it in the browser, or make a page of it to send:",
        "  seq2exp-tracks view 'my runs/k 562' --gene A10",
        "  seq2exp-tracks export html 'my runs/k 562' --out 'k 562.html'",
        "Compare prediction and measured expression:",
        "  seq2exp-tracks evaluate 'my runs/k 562' --out 'k 562.evaluation'",
    ]
    for line in told:
        program, *words = shlex.split(line)
        if program == "seq2exp-tracks" and words[0] != "view":
            assert inside(*words).returncode == 0
    (view,) = [shlex.split(line)[1:] for line in told if " view " in line]
    assert inside(*view, "--write-viewconf", "view.json").returncode == 0


def test_parts_end_with_the_merge_and_the_merge_with_what_to_do_next(
    playground: Playground, inside: Run, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    part = inside("score", *playground.inputs, *ONE_GENE, "--shard", "1/1", "--out", out)
    assert part.returncode == 0, part.stderr
    (line,) = part.stdout.splitlines()
    assert line.endswith(f"make the tracks with: seq2exp-tracks merge {out}")
    merged = inside("merge", out)
    assert merged.returncode == 0, merged.stderr
    assert merged.stdout.splitlines()[-3:] == [
        "Look at it in the browser, or make a page of it to send:",
        f"  seq2exp-tracks view {out} --gene A10",
        f"  seq2exp-tracks export html {out} --out run.html",
    ]


@pytest.mark.parametrize(
    ("names", "gene"),
    [
        (("A05", "A06"), "A05"),
        (("SIMG00005",), "SIMG00005"),
        ((), "{best}"),
        (("nobody",), "{best}"),
    ],
)
def test_a_view_opens_at_a_gene_that_was_asked_for_else_at_the_highest_prediction(
    playground: Playground, names: tuple[str, ...], gene: str
) -> None:
    genes = ReadRun.open(playground.demo.run).genes.values()
    best = max(genes, key=lambda scored: scored.expression).gene
    view = next_steps(playground.demo.run, names).splitlines()[1]
    assert view == f"  seq2exp-tracks view {playground.demo.run} --gene {gene.format(best=best.name)}"


def test_a_gene_whose_symbol_another_has_goes_by_its_id(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ReadRun.open(playground.demo.run)
    best = max(run.genes.values(), key=lambda scored: scored.expression)
    twin = replace(best, gene=replace(best.gene, id="TWIN"), expression=-1.0)
    monkeypatch.setattr(ReadRun, "open", lambda _: replace(run, genes=run.genes | {"TWIN": twin}))
    view = next_steps(playground.demo.run).splitlines()[1]
    assert view.endswith(f" --gene {best.gene.id}")


def test_a_run_without_genes_has_none_to_open_at(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ReadRun.open(playground.demo.run)
    monkeypatch.setattr(ReadRun, "open", lambda _: replace(run, genes={}))
    view = next_steps(playground.demo.run).splitlines()[1]
    assert view == f"  seq2exp-tracks view {playground.demo.run}"
