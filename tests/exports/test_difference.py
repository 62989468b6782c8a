"""Two runs compared: against numpy on the arrays that they were written from, read by another library."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pybigtools
import pytest
from full_disk import no_file_larger_than
from small_runs import SIZES, SmallRun, gene, write_small_run

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.exports import difference
from seq2exp_tracks.exports.difference import write_difference
from seq2exp_tracks.genome import ChromSizes


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallRun, SmallRun]:
    """Windows of 400 and of 300 bp: some the same, some half over one another, some in one run alone."""
    folder = tmp_path_factory.mktemp("runs")
    ours = [
        *((gene("SAME", "chr2", 300), 1.25), (gene("M", "chr2", 900), 0.5), (gene("LONE", "chr2", 2_000), 2)),
        *((gene("EDGE", "chr10", 1_050), -0.125), (gene("MOVED", "chr10", 300), 1)),
    ]
    theirs = [
        *((gene("SAME", "chr2", 300), 1.0), (gene("M", "chr2", 900), 3.5), (gene("OTHER", "chr2", 2_700), 2)),
        *(
            (gene("EDGE", "chr10", 1_050), -0.25),
            (gene("MOVED", "chr10", 400), 1),
            (gene("MT", "chrM", 20), 0),
        ),
    ]
    return (
        write_small_run(folder / "ours", ours, seed=1),
        write_small_run(folder / "theirs", theirs, seed=2, length=300),
    )


def read(path: Path) -> dict[str, np.ndarray]:
    file = pybigtools.open(str(path))
    assert file.chroms() == dict(SIZES)
    return {chrom: file.values(chrom, 0, length, fillna=None) for chrom, length in SIZES.items()}


@pytest.mark.parametrize("piece", [1 << 20, 97])
def test_tracks_hold_a_minus_b_and_both_spreads_where_both_have_a_value(
    runs: tuple[SmallRun, SmallRun], tmp_path: Path, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(difference, "_PIECE", piece)
    a, b = runs
    found = write_difference(a.folder, b.folder, tmp_path / "out")
    written = {
        name: read(tmp_path / "out" / name) for name in ("mask.difference.bw", "mask.sd.a.bw", "mask.sd.b.bw")
    }
    pairs = []
    for chrom in SIZES:
        # The runs hold three decimals of the mask and four of its spread.
        mask_a, mask_b = np.round(a.mask[chrom], 3), np.round(b.mask[chrom], 3)
        both = np.isfinite(mask_a) & np.isfinite(mask_b)
        expected = {
            "mask.difference.bw": np.round(mask_a - mask_b, 3),
            "mask.sd.a.bw": np.round(a.sd[chrom], 4),
            "mask.sd.b.bw": np.round(b.sd[chrom], 4),
        }
        for name, values in expected.items():
            np.testing.assert_allclose(written[name][chrom], np.where(both, values, np.nan), atol=1e-6)
        pairs.append(np.stack([mask_a[both], mask_b[both]]))
    first, second = np.concatenate(pairs, axis=1)
    assert found.masks.bases == len(first) == 300 + 300 + 200 + 250
    assert found.masks.mean_absolute_difference == pytest.approx(abs(first - second).mean(), abs=1e-6)
    assert found.masks.pearson == pytest.approx(np.corrcoef(first, second)[0, 1], abs=1e-6)


def test_the_table_has_the_genes_of_both_at_the_same_tss_and_the_notes_count_the_others(
    runs: tuple[SmallRun, SmallRun], tmp_path: Path
) -> None:
    found = write_difference(runs[0].folder, runs[1].folder, tmp_path / "out")
    header, *rows = (tmp_path / "out" / "genes.difference.tsv").read_text().splitlines()
    assert header.split("\t") == [
        *("gene_id", "gene_name", "chrom", "tss", "strand", "expression_a", "expression_b", "difference")
    ]
    assert [row.split("\t") for row in rows] == [
        ["IDSAME", "SAME", "chr2", "300", "+", "1.2500", "1.0000", "0.2500"],
        ["IDM", "M", "chr2", "900", "-", "0.5000", "3.5000", "-3.0000"],
        ["IDEDGE", "EDGE", "chr10", "1050", "+", "-0.1250", "-0.2500", "0.1250"],
    ]
    assert [one.gene.name for one in found.genes.most_different(2)] == ["M", "SAME"]
    assert found.notes == (
        "the runs differ in the window: 400 bp in A, 300 bp in B",
        "the runs differ in the weights: model.safetensors (sha256 111111111111) in A, model.safetensors "
        "(sha256 222222222222) in B",
        "1 gene is in run A alone: it is not in the table",
        "2 genes are in run B alone: they are not in the table",
        "1 gene has another TSS in run B: it is not in the table",
    )


def test_the_record_tells_what_it_was_made_from_and_lists_every_file(
    runs: tuple[SmallRun, SmallRun], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    found = write_difference(runs[0].folder, runs[1].folder, out)
    record = json.loads((out / "difference.json").read_text())
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()
    assert [field for field in record if f"`{field}`" not in page.split("| record field |")[1]] == []
    assert (record["format"], record["version"]) == ("seq2exp-tracks difference", "1.1")
    for letter, run in zip("ab", runs, strict=True):
        made = record[letter]
        manifest = (run.folder / "manifest.json").read_bytes()
        assert made["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
        assert (made["name"], made["genome"], made["versions"]) == (run.folder.name, "toy", {"torch": "1"})
    assert record["b"]["model"] == {"setting": "soft", "window": 300, "sha256": "2" * 64}
    assert record["differences"] == [
        {"what": "the window", "a": "400 bp", "b": "300 bp"},
        {
            "what": "the weights",
            "a": "model.safetensors (sha256 111111111111)",
            "b": "model.safetensors (sha256 222222222222)",
        },
    ]
    assert (record["bases"], record["n_genes"], record["only_a"], record["only_b"]) == (1_050, 3, 1, 2)
    assert record["pearson"] == found.masks.pearson
    for entry in record["files"]:
        content = (out / entry["path"]).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    listed = {entry["path"] for entry in record["files"]}
    assert {path.name for path in out.iterdir()} == listed | {"difference.json", "export.json"}
    assert str(tmp_path) not in (out / "difference.json").read_text()


def test_a_run_does_not_differ_from_itself(runs: tuple[SmallRun, SmallRun], tmp_path: Path) -> None:
    found = write_difference(runs[0].folder, runs[0].folder, tmp_path / "out")
    assert (found.masks.mean_absolute_difference, found.unlike, found.notes) == (0, (), ())
    assert found.masks.pearson == pytest.approx(1)
    values = np.concatenate(list(read(tmp_path / "out" / "mask.difference.bw").values()))
    assert set(values[np.isfinite(values)]) == {0}


def test_runs_without_a_common_base_have_an_empty_difference(tmp_path: Path) -> None:
    a = write_small_run(tmp_path / "a", [(gene("A", "chr2", 500), 1)], seed=1)
    b = write_small_run(tmp_path / "b", [(gene("B", "chr2", 2_500), 1)], seed=1)
    found = write_difference(a.folder, b.folder, tmp_path / "out")
    assert found.notes[0] == "no base has a value in both runs"
    assert np.isnan(np.concatenate(list(read(tmp_path / "out" / "mask.difference.bw").values()))).all()
    record = json.loads((tmp_path / "out" / "difference.json").read_text())
    assert (record["bases"], record["mean_absolute_difference"], record["pearson"]) == (0, None, None)


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ({"chr2": 3_000, "chr10": 1_200, "chrM": 40}, "chr10: 1,100 bp and 1,200 bp"),
        ({"chr2": 3_000, "chr10": 1_100}, "chrM: 40 bp and not there"),
        ({**SIZES, "chrX": 50}, "chrX: not there and 50 bp"),
    ],
)
def test_another_genome_is_one_line_that_names_both_runs(
    runs: tuple[SmallRun, SmallRun], tmp_path: Path, sizes: dict[str, int], told: str
) -> None:
    other = write_small_run(
        tmp_path / "other", [(gene("A", "chr2", 500), 1)], seed=1, sizes=ChromSizes(sizes)
    )
    with pytest.raises(InputError) as caught:
        write_difference(runs[0].folder, other.folder, tmp_path / "out")
    assert str(caught.value) == (
        f"{runs[0].folder} and {other.folder}: runs on different genomes ({told}); "
        "score both on the same FASTA"
    )
    assert not (tmp_path / "out").exists()


def test_a_file_that_changed_since_its_run_is_refused(
    runs: tuple[SmallRun, SmallRun], tmp_path: Path
) -> None:
    changed = write_small_run(tmp_path / "changed", [(gene("A", "chr2", 500), 1)], seed=1)
    path = changed.folder / "mask.sd.bw"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match=r"mask\.sd\.bw: has changed since the run"):
        write_difference(runs[0].folder, changed.folder, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["changed"]


def test_a_full_disk_is_one_line_and_leaves_nothing(runs: tuple[SmallRun, SmallRun], tmp_path: Path) -> None:
    with (
        no_file_larger_than(1_500),
        pytest.raises(OutputError, match=r"cannot be written \(File too large\)"),
    ):
        write_difference(runs[0].folder, runs[1].folder, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_older_comparison_stays_unless_it_may_be_replaced_and_a_run_is_never_replaced(
    runs: tuple[SmallRun, SmallRun], tmp_path: Path
) -> None:
    a, b = (run.folder for run in runs)
    write_difference(a, b, tmp_path / "out")
    before = (tmp_path / "out" / "difference.json").read_bytes()
    with pytest.raises(OutputError, match="--overwrite"):
        write_difference(b, a, tmp_path / "out")
    assert (tmp_path / "out" / "difference.json").read_bytes() == before
    write_difference(b, a, tmp_path / "out", overwrite=True)
    assert json.loads((tmp_path / "out" / "difference.json").read_text())["a"]["name"] == b.name
    with pytest.raises(OutputError, match="which no difference wrote"):
        write_difference(a, b, a, overwrite=True)
