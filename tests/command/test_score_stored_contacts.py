"""`score` with the authors' kind of Hi-C, a stored vector for each TSS: the same tracks as from the map."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from playground import Playground, Run

from seq2exp_tracks.evaluation.run_inputs import open_reader
from seq2exp_tracks.exports.panels import contact_panel
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.pipeline import ScoreRequest, job
from seq2exp_tracks.pipeline.opening import Opened, open_inputs
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.run_reader import Run as FinishedRun
from seq2exp_tracks.signals import ContactSignal
from seq2exp_tracks.windows import Window

WINDOW = 20_000

SMALL = (
    *("--split", "position", "--window", "3000", "--promoter", "400", "--d-model", "4", "--layers", "1"),
    *("--batch-size", "4", "--steps", "2", "--evaluate-every", "2"),
)


@pytest.fixture(scope="module")
def genes(playground: Playground) -> list[Gene]:
    with Fasta(playground.genome.fasta) as fasta:
        return list(read_genes(playground.genome.genes, fasta.sizes).genes)


@pytest.fixture(scope="module")
def vectors(playground: Playground, genes: list[Gene], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contact that the model reads from the map, stored; of one gene there is none."""
    folder = tmp_path_factory.mktemp("vectors")
    with (
        Fasta(playground.genome.fasta) as fasta,
        Contacts(playground.genome.contacts, fasta.sizes) as contacts,
    ):
        for gene in genes:
            if gene.name == "A11":
                continue
            window = Window.around(gene, WINDOW, fasta.sizes[gene.chrom])
            signal = ContactSignal("HiC", contacts).read(window).astype(np.float64)
            with h5py.File(folder / f"hic_feat_{gene.chrom}.h5", "a") as file:
                file[f"{gene.chrom}_{gene.tss}"] = window.pad(10**signal - 1, np.nan)
    return folder


@pytest.fixture(scope="module")
def runs(
    playground: Playground, run: Run, vectors: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Runs of two genes inside chrA, from the map and from the vectors."""
    folder = tmp_path_factory.mktemp("runs")
    found = {}
    for name, contacts in (("map", playground.genome.contacts), ("vectors", vectors)):
        found[name] = folder / name
        words = [*playground.inputs[:-1], contacts, "--gene", "A10", "--gene", "A11"]
        done = run("score", *words, "--out", found[name])
        assert done.returncode == 0, done.stderr
    return found


@pytest.mark.slow
def test_expression_and_contact_are_those_of_the_map(runs: dict[str, Path]) -> None:
    tables = {name: genes_of(folder) for name, folder in runs.items()}
    assert math.isclose(tables["map"]["A10"], tables["vectors"]["A10"], rel_tol=1e-5)
    assert not math.isclose(tables["map"]["A11"], tables["vectors"]["A11"], rel_tol=1e-5)


def genes_of(folder: Path) -> dict[str, float]:
    """Predicted expression by gene."""
    run = FinishedRun.open(folder)
    return {scored.gene.name: scored.expression for scored in run.genes.values()}


@pytest.mark.slow
def test_the_manifest_names_the_files_that_were_read_and_the_gene_without(
    runs: dict[str, Path], vectors: Path
) -> None:
    manifest = json.loads((runs["vectors"] / "manifest.json").read_text())
    contacts = {entry["role"]: entry for entry in manifest["inputs"] if "contacts" in entry["role"]}
    file = vectors / "hic_feat_chrA.h5"
    assert contacts == {
        "contacts:chrA": {
            "role": "contacts:chrA",
            "path": str(file),
            "bytes": file.stat().st_size,
            "sha256": sha256_of(file),
        }
    }
    assert manifest["settings"]["contacts"] == "stored"
    note = f"{vectors}: no vector at the TSS of 1 of 2 genes, whose contact is 0"
    assert any(line.startswith(note) for line in manifest["notes"])


@pytest.mark.slow
def test_the_run_is_read_and_drawn_with_the_same_contact(runs: dict[str, Path], genes: list[Gene]) -> None:
    (gene,) = (gene for gene in genes if gene.name == "A10")
    run = FinishedRun.open(runs["vectors"])
    window = Window.around(gene, WINDOW, run.manifest.sizes[gene.chrom])
    by_vectors = open_reader(run).read(gene).signals
    by_map = open_reader(FinishedRun.open(runs["map"])).read(gene).signals
    np.testing.assert_allclose(by_vectors, by_map, atol=1e-6)
    panel = contact_panel(run, window)
    assert panel.values is not None
    np.testing.assert_allclose(panel.values, by_map[:, 2], atol=1e-6)


Come = Callable[[str, str], Path]


@pytest.fixture
def come(vectors: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Come:
    """A folder of vectors into which, while a run opens its inputs, those of a chromosome come."""
    folder, really = tmp_path / "vectors", open_inputs

    def place(chrom: str, when: str) -> Path:
        file = f"hic_feat_{chrom}.h5"
        shutil.copytree(vectors, folder, ignore=shutil.ignore_patterns(file))

        def opening(request: ScoreRequest, progress: Progress) -> Opened:
            if when == "before":
                shutil.copy(vectors / file, folder)
            opened = really(request, progress)
            if when == "after":
                shutil.copy(vectors / file, folder)
            return opened

        monkeypatch.setattr(job, "open_inputs", opening)
        return folder

    return place


@pytest.mark.parametrize("when", ["before", "after"])
def test_vectors_of_another_chromosome_that_come_meanwhile_are_not_read(
    playground: Playground, inside: Run, come: Come, tmp_path: Path, when: str
) -> None:
    words = [*playground.inputs[:-1], come("chrB", when), "--gene", "A10", "--window", "4000"]
    done = inside("score", *words, "--workers", "1", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    roles = [entry["role"] for entry in manifest["inputs"]]
    assert [role for role in roles if role.startswith("contacts")] == ["contacts:chrA"]


def test_vectors_that_would_be_read_and_come_meanwhile_are_one_line(
    playground: Playground, inside: Run, come: Come, tmp_path: Path
) -> None:
    """They were not there when the run remembered what its inputs are."""
    folder = come("chrA", "before")
    words = [*playground.inputs[:-1], folder, "--gene", "A10", "--window", "4000"]
    done = inside("score", *words, "--workers", "1", "--out", tmp_path / "run")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"Error: {folder}/hic_feat_chrA.h5: came while the inputs were being opened; give the same command "
        "again"
    )


@pytest.mark.slow
def test_another_normalisation_is_refused(
    playground: Playground, run: Run, vectors: Path, tmp_path: Path
) -> None:
    words = [*playground.inputs[:-1], vectors, "--contacts-norm", "ICE"]
    done = run("score", *words, "--out", tmp_path / "out")
    assert done.stderr.splitlines()[-1] == (
        f"Error: {vectors}: stored vectors are normalised by VC already; leave --contacts-norm out"
    )


@pytest.mark.slow
def test_a_training_reads_vectors_and_is_evaluated_with_them(
    playground: Playground, run: Run, vectors: Path, tmp_path: Path
) -> None:
    genome, out = playground.genome, tmp_path / "trained"
    signals = ("--signal", f"H3K27ac={genome.h3k27ac}", "--signal", f"DNase={genome.dnase}")
    labels = ("--labels", genome.labels, "--label-column", "expression")
    words = ("--genome", "sim", *signals, *labels, "--contacts", vectors, *SMALL, "--out", out)
    done = run("train", *words)
    assert done.returncode == 0, done.stderr
    assert f"{vectors}: no vector at the TSS of 1 of " in done.stderr
    inputs = json.loads((out / "recipe.json").read_text())["inputs"]
    assert {role for role in inputs if role.startswith("contacts")} == {"contacts:chrA", "contacts:chrB"}
    done = run("evaluate", out / "best.safetensors", "--out", tmp_path / "quality")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "quality" / "run" / "manifest.json").read_text())
    assert manifest["settings"]["contacts"] == "stored"
