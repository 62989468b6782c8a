"""The command `train` on the data folder of Seq2Exp's authors, as it is."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from seq2exp_tracks_cli.main import main

SMALL = [
    *("--window", "2000", "--promoter", "400", "--d-model", "4", "--layers", "1"),
    *("--batch-size", "2", "--steps", "2", "--device", "cpu"),
]
CELL = ["--cell-type", "GM12878"]


@pytest.fixture(scope="module")
def data(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that can be written: the genome gets an index beside it."""
    folder: Path = tmp_path_factory.mktemp("published") / "data"
    shutil.copytree(golden / "data_folder", folder, copy_function=shutil.copyfile)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    return folder


def train(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["train", *map(str, arguments)])


def predictions(out: Path) -> list[dict[str, str]]:
    with (out / "predictions.tsv").open() as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_the_published_fold_is_trained_on(data: Path, golden: Path, tmp_path: Path) -> None:
    expected = json.loads((golden / "data_folder" / "expected.json").read_text())
    cage = {case["ensid"]: case["expr"][0] for case in expected["cases"] if case["expr_type"] == "CAGE"}
    done = train("--published", data, *CELL, *SMALL, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    rows = predictions(tmp_path / "out")
    parts: dict[str, list[str]] = {}
    for row in rows:
        parts.setdefault(row["split"], []).append(row["gene_name"])
        if row["split"] != "train":
            assert float(row["label"]) == pytest.approx(cage[row["gene_id"]], rel=1e-5)
            assert row["predicted"]
    assert parts == {"train": ["GB", "GE"], "valid": ["GC", "GF"], "test": ["GA", "GD"]}
    recipe = json.loads((tmp_path / "out" / "recipe.json").read_text())
    assert recipe["data"]["published"] == {"cell_type": "GM12878", "label": "CAGE", "alignment": "published"}
    assert sorted(recipe["inputs"]) == [
        *("blacklist", "fasta", "folds", "genes", "labels", "signal:DNase", "signal:H3K27ac")
    ]
    assert recipe["inputs"]["fasta"]["path"] == str(data / "hg38" / "hg38.ml.fa")


def test_labels_of_rna_and_other_splits_can_be_asked_for(data: Path, golden: Path, tmp_path: Path) -> None:
    expected = json.loads((golden / "data_folder" / "expected.json").read_text())
    rna = {case["ensid"]: case["expr"][0] for case in expected["cases"] if case["expr_type"] == "RNA"}
    split = tmp_path / "split.tsv"
    names = {
        gene[1]: part for gene, part in zip(expected["genes"], ["train", "valid", "test"] * 2, strict=True)
    }
    split.write_text("gene_name\tsplit\n" + "".join(f"{n}\t{part}\n" for n, part in names.items()))
    done = train(
        *("--published", data, *CELL, *SMALL, "--label-column", "RNA", "--split", split),
        *("--setting", "caduceus", "--out", tmp_path / "out"),
    )
    assert done.exit_code == 0, done.output
    rows = predictions(tmp_path / "out")
    assert {row["gene_name"]: row["split"] for row in rows} == names
    for row in rows:
        if row["split"] != "train":
            assert float(row["label"]) == pytest.approx(rna[row["gene_id"]], rel=1e-5)


def test_a_fixed_mask_is_that_of_the_published_peaks(data: Path, tmp_path: Path) -> None:
    done = train("--published", data, *CELL, *SMALL, "--setting", "fixed", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    recipe = json.loads((tmp_path / "out" / "recipe.json").read_text())
    assert recipe["inputs"]["peaks"]["path"].endswith("peaks/peaks_bigWig/macs3.bigWig")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--genome", "hg38"], "give --genome NAME (see: genome list), or --published FOLDER"),
        (["--no-contacts"], "--published has everything that a run reads; leave out --no-contacts"),
        (["--labels", "x.tsv"], "--published has everything that a run reads; leave out --labels"),
        (["--genes", "x.gtf"], "--published has genes and features of its own; leave out --genes"),
        (["--label-column", "TPM"], "--label-column TPM: the published labels are CAGE and RNA"),
        (["--cell-type", "K562"], "GeneList.txt"),
        (["--chrom", "chr9"], "--chrom chr9: "),
        (["--window", "300000"], "holds 200,000 bases, use a window of no more"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    data: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    done = train("--published", data, *CELL, *SMALL, *options, "--out", tmp_path / "out")
    assert done.exit_code == 1, done.output
    assert message in done.stderr.splitlines()[-1]


def test_a_pickle_that_asks_for_more_than_a_mask_is_refused(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(data, folder)
    (black,) = folder.glob("hg38_blacklist_dict_*.pkl")
    black.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    done = train("--published", folder, *CELL, *SMALL, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "refused: its pickle asks for 'os.system'" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "out").exists()
