"""`score` from end to end: the files it writes, read by other libraries."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pybigtools
import pyBigWig
import pytest
from playground import Playground, Run

from seq2exp_tracks.checkpoints import save_checkpoint
from seq2exp_tracks.model import SOFT, Seq2Exp

TRACKS = ("mask", "mask.sd", "mask.applied", "expression.plus", "expression.minus")


@pytest.fixture(scope="module")
def demo_run(playground: Playground) -> Path:
    return playground.demo.run


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a run but the manifest, which alone tells time, command and host."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "manifest.json"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_a_run_holds_the_files_that_its_manifest_lists_and_no_other(demo_run: Path) -> None:
    manifest = json.loads((demo_run / "manifest.json").read_text())
    listed = {entry["path"]: entry["bytes"] for entry in manifest["files"]}
    assert listed == {name: len(content) for name, content in files_of(demo_run).items()}
    assert {f"{name}.bw" for name in TRACKS} | {"elements.bed", "genes.bed", "genes.parquet"} <= set(listed)


@pytest.mark.parametrize("track", TRACKS)
def test_two_other_libraries_read_the_same_values(demo_run: Path, track: str) -> None:
    path = str(demo_run / f"{track}.bw")
    with pyBigWig.open(path) as one, pybigtools.open(path) as other:
        assert one.chroms() == {"chrA": 400_000, "chrB": 250_000}
        assert other.chroms() == one.chroms()
        assert one.header()["nLevels"] > 0
        for chrom, length in one.chroms().items():
            ours = one.values(chrom, 0, length, numpy=True)
            theirs = np.asarray(other.values(chrom, 0, length, fillna=None), dtype=np.float32)
            np.testing.assert_array_equal(ours, theirs)
            assert np.isfinite(ours).any()


def test_bases_in_no_window_have_no_value(demo_run: Path) -> None:
    rows = pyarrow.parquet.read_table(demo_run / "genes.parquet").to_pylist()
    covered = {"chrA": np.zeros(400_000, bool), "chrB": np.zeros(250_000, bool)}
    for row in rows:
        covered[row["chrom"]][row["window_start"] : row["window_end"]] = True
    for name in ("mask", "mask.sd", "mask.applied"):
        with pyBigWig.open(str(demo_run / f"{name}.bw")) as track:
            for chrom, inside in covered.items():
                written = np.isfinite(track.values(chrom, 0, len(inside), numpy=True))
                np.testing.assert_array_equal(written, inside)


def test_labels_stand_beside_the_prediction(playground: Playground) -> None:
    rows = pyarrow.parquet.read_table(playground.demo.run / "genes.parquet").to_pylist()
    table = [line.split("\t") for line in playground.genome.labels.read_text().splitlines()]
    column = table[0].index("expression")
    measured = {line[0]: float(line[column]) for line in table[1:]}
    assert {row["gene_id"]: row["measured"] for row in rows} == measured


@pytest.mark.parametrize("workers", [pytest.param("1", marks=pytest.mark.slow), "2"])
def test_workers_and_the_order_of_genes_leave_no_trace(
    playground: Playground, run: Run, tmp_path: Path, workers: str
) -> None:
    lines = playground.genome.genes.read_text().splitlines()
    shuffled = tmp_path / "shuffled.gtf"
    shuffled.write_text("\n".join(reversed(lines)) + "\n")
    out = tmp_path / "run"
    labels = ["--labels", playground.genome.labels, "--label-column", "expression"]
    done = run("score", *playground.inputs, *labels, "--genes", shuffled, "--workers", workers, "--out", out)
    assert done.returncode == 0, done.stderr
    assert files_of(out) == files_of(playground.demo.run)


def test_a_gene_has_its_own_mask_whoever_is_scored_with_it(
    playground: Playground, inside: Run, tmp_path: Path
) -> None:
    done = inside("score", *playground.inputs, "--gene", "A10", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "1 gene scored with a soft model" in done.stdout
    for suffix in ("mask", "sd"):
        name = f"genes/SIMG00010.{suffix}.bw"
        assert (tmp_path / "run" / name).read_bytes() == (playground.demo.run / name).read_bytes()


def test_tracks_are_written_in_bins_and_by_other_processes_where_asked_for(
    playground: Playground, inside: Run, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    asked = ["--resolution", "10", "--bin-by", "max", "--precision", "2", "--writers", "1"]
    done = inside("score", *playground.inputs, "--gene", "A10", *asked, "--out", out)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((out / "manifest.json").read_text())
    settings = {name: manifest["settings"][name] for name in ("resolution", "bin_by", "precision")}
    assert settings == {"resolution": 10, "bin_by": "max", "precision": 2}
    name = "genes/SIMG00010.mask.bw"
    with pyBigWig.open(str(playground.demo.run / name)) as bases, pyBigWig.open(str(out / name)) as bins:
        largest = np.nanmax(bases.values("chrA", 0, 400_000, numpy=True).reshape(-1, 10), axis=1, initial=-1)
        largest[largest < 0] = np.nan
        found = bins.values("chrA", 0, 400_000, numpy=True)
        np.testing.assert_allclose(found, np.repeat(largest, 10), atol=0.0056)


@pytest.mark.slow
def test_the_merge_rule_decides_where_windows_overlap(
    playground: Playground, inside: Run, tmp_path: Path
) -> None:
    names = ("A10", "A11", "A12", "A13")
    genes = [word for name in names for word in ("--gene", name)]
    merged = {}
    for rule in ("max", "mean", "nearest"):
        out = tmp_path / rule
        done = inside("score", *playground.inputs, *genes, "--merge", rule, "--out", out)
        assert done.returncode == 0, done.stderr
        assert json.loads((out / "manifest.json").read_text())["merge"] == rule
        with pyBigWig.open(str(out / "mask.bw")) as track:
            merged[rule] = track.values("chrA", 0, 400_000, numpy=True)

    rows = pyarrow.parquet.read_table(tmp_path / "max" / "genes.parquet").to_pylist()
    own = np.full((len(rows), 400_000), np.nan, np.float32)
    for index, row in enumerate(rows):
        with pyBigWig.open(str(tmp_path / "max" / "genes" / f"{row['gene_id']}.mask.bw")) as track:
            own[index] = track.values("chrA", 0, 400_000, numpy=True)
    covered = np.isfinite(own).any(axis=0)
    assert (np.isfinite(own).sum(axis=0) > 1).any(), "the genes' windows do not overlap"
    away = np.abs(np.arange(400_000) - np.array([[row["tss"]] for row in rows])).astype(float)
    away[np.isnan(own)] = np.inf
    nearest = np.take_along_axis(own, away.argmin(axis=0)[None], axis=0)[0]
    np.testing.assert_array_equal(merged["max"][covered], np.nanmax(own[:, covered], axis=0))
    np.testing.assert_allclose(merged["mean"][covered], np.nanmean(own[:, covered], axis=0), atol=1.01e-3)
    np.testing.assert_array_equal(merged["nearest"][covered], nearest[covered])


def test_a_region_takes_the_genes_whose_tss_lies_in_it(
    playground: Playground, inside: Run, tmp_path: Path
) -> None:
    rows = pyarrow.parquet.read_table(playground.demo.run / "genes.parquet").to_pylist()
    # 1-based and inclusive: the base of the last gene's TSS is 0-based `tss`, that is tss + 1 here.
    first, last = (row["tss"] + 1 for row in (rows[3], rows[6]))
    region = f"A:{first:,}-{last:,}"
    done = inside("score", *playground.inputs, "--region", region, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    scored = pyarrow.parquet.read_table(tmp_path / "run" / "genes.parquet").column("gene_id").to_pylist()
    assert scored == [row["gene_id"] for row in rows[3:7]]


def test_no_contacts_is_told_by_every_output(playground: Playground, inside: Run, tmp_path: Path) -> None:
    without = [
        word for word in playground.inputs if word not in ("--contacts", str(playground.genome.contacts))
    ]
    done = inside("score", *without, "--no-contacts", "--gene", "A10", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["settings"]["contacts"] == "none"
    assert any("without Hi-C" in note for note in manifest["notes"])
    assert "no_contacts" in (tmp_path / "run" / "genes.bed").read_text()
    (row,) = pyarrow.parquet.read_table(tmp_path / "run" / "genes.parquet").to_pylist()
    assert row["flags"] == ["no_contacts"]


def test_a_model_that_uses_no_contacts_is_not_said_to_lack_them(
    playground: Playground, inside: Run, tmp_path: Path
) -> None:
    signals = ("H3K27ac", "DNase")
    sizes = {"window": 4000, "d_model": 8, "generator_layers": 1, "encoder_layers": 1}
    config = replace(SOFT, **sizes, signals=signals, beta=replace(SOFT.beta, signals=signals))
    checkpoint = tmp_path / "two.safetensors"
    save_checkpoint(Seq2Exp.initialised(config, seed=0), checkpoint)
    inputs = [word.replace(str(playground.checkpoint), str(checkpoint)) for word in playground.inputs[:-2]]
    done = inside("score", *inputs, "--gene", "A10", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["notes"] == []
    (row,) = pyarrow.parquet.read_table(tmp_path / "run" / "genes.parquet").to_pylist()
    assert row["flags"] == []


@pytest.mark.parametrize("place", [["--gene", "A05"], ["--region", "A:50,000-120,000"]])
def test_a_gene_or_a_region_can_be_drawn(
    playground: Playground, inside: Run, tmp_path: Path, place: list[str]
) -> None:
    done = inside("plot", playground.demo.run, *place, "--out", tmp_path / "picture.png")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("place", [[], ["--gene", "A05", "--region", "A:50,000-120,000"]])
def test_a_picture_is_of_one_thing(
    playground: Playground, inside: Run, tmp_path: Path, place: list[str]
) -> None:
    done = inside("plot", playground.demo.run, *place, "--out", tmp_path / "picture.png")
    assert done.returncode == 2
    assert "name either a --gene or a --region" in done.stderr
    assert not (tmp_path / "picture.png").exists()
