"""What a user gets wrong ends in one line that names it, exit status 1, and no file."""

import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet
import pyBigWig
import pytest
from playground import Playground, Run


@pytest.fixture
def refused(inside: Run, playground: Playground, tmp_path: Path) -> Callable[..., str]:
    """Scores with the playground's inputs and more options; returns the one line of the refusal."""

    def call(*more: str | Path, inputs: list[str] | None = None) -> str:
        out = tmp_path / "out"
        done = inside("score", *(playground.inputs if inputs is None else inputs), *more, "--out", out)
        assert done.returncode == 1, done.stderr
        assert done.stdout == ""
        *notes, line = done.stderr.splitlines()
        assert all(note.startswith("Note: ") for note in notes), done.stderr
        assert line.startswith("Error: "), done.stderr
        assert not out.exists()
        return line

    return call


def swapped(playground: Playground, old: Path, new: Path) -> list[str]:
    return [word.replace(str(old), str(new)) for word in playground.inputs]


def test_an_unknown_genome(refused: Callable[..., str], playground: Playground) -> None:
    line = refused(inputs=["--genome", "dm6", *playground.inputs[2:]])
    assert "genome 'dm6' is not registered (registered: sim)" in line
    assert line.endswith("(known without: hg38, mm10, mm39)")


def test_a_bigwig_of_another_assembly(
    refused: Callable[..., str], playground: Playground, tmp_path: Path
) -> None:
    other = tmp_path / "hg19.bw"
    with pyBigWig.open(str(other), "w") as file:
        file.addHeader([("chrA", 390_000), ("chrB", 250_000)])
        file.addEntries("chrA", [0], values=[1.0], span=1, step=1)
    line = refused(inputs=swapped(playground, playground.genome.dnase, other))
    assert "hg19.bw: chrA has 390,000 bp, but chrA of the genome has 400,000" in line
    assert "another assembly" in line


def test_a_truncated_bigwig(refused: Callable[..., str], playground: Playground, tmp_path: Path) -> None:
    cut = tmp_path / "cut.bw"
    cut.write_bytes(playground.genome.dnase.read_bytes()[:-1000])
    line = refused(inputs=swapped(playground, playground.genome.dnase, cut))
    assert "cut.bw" in line
    assert "truncated" in line


def test_a_gene_over_the_end_is_padded_and_no_error(
    playground: Playground, inside: Run, tmp_path: Path
) -> None:
    genes = tmp_path / "genes.bed"
    genes.write_text("chrA\t0\t900\tfirst\t0\t+\nchrB\t249000\t251000\tlast\t0\t-\n")
    done = inside("score", *playground.inputs, "--genes", genes, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    rows = pyarrow.parquet.read_table(tmp_path / "out" / "genes.parquet").to_pylist()
    places = [(row["gene_name"], row["tss"], row["pad_left"], row["pad_right"]) for row in rows]
    assert places == [("first", 0, 10_000, 0), ("last", 250_999, 0, 10_999)]


def test_an_unknown_gene_with_what_may_be_meant(refused: Callable[..., str]) -> None:
    line = refused("--gene", "SIMG0010")
    assert "unknown gene 'SIMG0010'; did you mean SIMG00010" in line


def test_an_unknown_gene_with_the_file_of_all_names_and_what_of_it_is_taken(
    refused: Callable[..., str], playground: Playground, tmp_path: Path
) -> None:
    told = "Error: unknown gene 'MALAT1'; genes are named by symbol or id, as in"
    genes = playground.genome.genes
    assert refused("--gene", "MALAT1") == (
        f"{told} {genes}, of which protein_coding genes are taken (--gene-type)"
    )
    assert refused("--gene", "MALAT1", "--gene-type", "all") == f"{told} {genes}"
    bed = tmp_path / "genes.bed"
    bed.write_text("chrA\t0\t900\tfirst\t0\t+\n")
    assert refused("--gene", "MALAT1", "--genes", bed) == f"{told} {bed}"


def test_an_unknown_chromosome_with_those_there_are(refused: Callable[..., str]) -> None:
    line = refused("--chrom", "chr22")
    assert "chr22" in line
    assert "chrA" in line


@pytest.mark.parametrize("region", ["chrA:5-2", "chrA:1-9000000", "nowhere", "chrA:x-y"])
def test_a_region_that_is_none(refused: Callable[..., str], region: str) -> None:
    assert region.split(":")[0] in refused("--region", region)


def test_a_signal_too_few(refused: Callable[..., str], playground: Playground) -> None:
    dnase = playground.inputs.index(f"DNase={playground.genome.dnase}")
    few = playground.inputs[: dnase - 1] + playground.inputs[dnase + 1 :]
    line = refused(inputs=few)
    assert "expects the signals H3K27ac, DNase, HiC; given: H3K27ac, HiC" in line


def test_a_signal_too_many(refused: Callable[..., str], playground: Playground) -> None:
    line = refused("--signal", f"CTCF={playground.genome.dnase}")
    assert "expects the signals H3K27ac, DNase, HiC; given: H3K27ac, DNase, CTCF, HiC" in line


def test_a_window_that_the_checkpoint_cannot_read(refused: Callable[..., str]) -> None:
    line = refused("--window", "1000")
    assert "demo.safetensors: a window of 1,000 bp is shorter than the model's promoter of 2,000 bp" in line


def test_contacts_that_are_forgotten(refused: Callable[..., str], playground: Playground) -> None:
    line = refused(inputs=playground.inputs[:-2])
    assert "needs Hi-C; give --contacts FILE, or --no-contacts" in line


def test_a_file_that_is_no_checkpoint(refused: Callable[..., str], playground: Playground) -> None:
    line = refused(inputs=swapped(playground, playground.checkpoint, playground.genome.dnase))
    assert "DNase.bw" in line
    assert "checkpoint" in line


class Malice:
    """Unpickled by a careless reader, it would create a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.target}",)


def test_a_checkpoint_with_code_in_it_runs_nothing(
    refused: Callable[..., str], playground: Playground, tmp_path: Path
) -> None:
    evil, target = tmp_path / "evil.ckpt", tmp_path / "done"
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"state_dict": Malice(target)}, protocol=2))
        archive.writestr("archive/version", "3\n")
    line = refused(inputs=swapped(playground, playground.checkpoint, evil))
    assert "evil.ckpt" in line
    assert "system" in line
    assert not target.exists()


def test_a_features_table_that_lacks_a_column(
    refused: Callable[..., str], playground: Playground, tmp_path: Path
) -> None:
    table = tmp_path / "features.tsv"
    table.write_text(playground.genome.features.read_text().replace("UTR5GC", "GC_of_UTR5"))
    line = refused("--features", table)
    assert "features.tsv" in line
    assert "UTR5GC" in line


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--top-share", "2"], "--top-share 2.0"),
        (["--top-share", "0.1", "--threshold", "0.5"], "exclude each other"),
        (["--labels", "labels.tsv"], "--labels and --label-column belong together"),
        (["--no-contacts"], "--contacts and --no-contacts exclude each other"),
        (["--device", "gpu"], "'gpu' is unknown"),
        (["--precision-compute", "bf16", "--device", "cpu"], "the CPU computes in fp32 only"),
        (["--gap", "-1"], "--gap -1"),
    ],
)
def test_settings_that_make_no_sense(refused: Callable[..., str], options: list[str], said: str) -> None:
    assert said in refused(*options)
