"""`prepare --genome NAME` takes a preset, of which it fetches what lacks; and tells what it leaves out."""

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner
from seq2exp_tracks_cli.main import main
from small_genome import write_fasta, write_gtf, write_reads

from seq2exp_tracks.resources.cells import Cells
from seq2exp_tracks.resources.presets import Presets
from seq2exp_tracks.resources.sources import Remote


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The small genome, its reads, and a mirror that has it as mm39."""
    folder, nowhere = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("nowhere")
    ours = {"fasta": write_fasta(folder), "genes": write_gtf(folder)}
    mirror = folder / "mirror"
    for role, source in Presets.load(nowhere, nowhere).genomes["mm39"].files.items():
        assert isinstance(source, Remote)
        place = mirror / source.place
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(gzip.compress(ours[role].read_bytes()))
    return {**ours, **write_reads(folder), "mirror": mirror}


def prepare(files: dict[str, Path], folder: Path, *more: str | Path) -> tuple[int, list[str], list[str]]:
    """Runs the command; returns its status and what it printed on stdout and stderr."""
    reads = [word for name in ("DNase", "H3K27ac") for word in ("--bam", f"{name}={files[name]}")]
    words = ["prepare", "--name", "mine", "--workers", "1", *reads, "--data-folder", folder / "store", *more]
    config = {"SEQ2EXP_TRACKS_CONFIG": str(folder / "config")}
    done = CliRunner().invoke(main, [str(word) for word in words], env=config, catch_exceptions=False)
    return done.exit_code, done.stdout.splitlines(), done.stderr.splitlines()


def test_a_preset_gives_the_same_cells_as_its_files(files: dict[str, Path], tmp_path: Path) -> None:
    mine = ("--fasta", files["fasta"], "--gtf", files["genes"])
    assert prepare(files, tmp_path, *mine, "--out", tmp_path / "mine")[0] == 0
    named = ("--genome", "mm39", "--mirror", files["mirror"])
    status, told, _ = prepare(files, tmp_path, *named, "--out", tmp_path / "named")
    assert status == 0
    cells = tmp_path / "named" / "cells.toml"
    given = f"--genome mm39 --cells {cells} --checkpoint CKPT"
    assert told[-3:] == [
        "Check them, then score them with a checkpoint CKPT:",
        f"  seq2exp-tracks doctor {given}",
        f"  seq2exp-tracks score {given} --no-contacts --out named.run",
    ]
    assert Cells.read(cells).genome == "mm39"
    for name in ("DNase.bw", "H3K27ac.bw", "features.tsv"):
        assert (tmp_path / "named" / name).read_bytes() == (tmp_path / "mine" / name).read_bytes()
    again = ("--genome", "mm39", "--offline", "--overwrite", "--out", tmp_path / "named")
    assert prepare(files, tmp_path, *again)[0] == 0


def test_a_preset_without_a_blacklist_excludes_none(files: dict[str, Path], tmp_path: Path) -> None:
    named = ("--genome", "mm39", "--mirror", files["mirror"], "--exclude-blacklist")
    status, _, told = prepare(files, tmp_path, *named, "--out", tmp_path / "out")
    assert (status, told[-1]) == (
        1,
        "Error: --exclude-blacklist needs --genome with a blacklist, and no --exclude",
    )
    assert not (tmp_path / "out").exists()


def test_without_a_connection_what_lacks_is_told_with_its_place(
    files: dict[str, Path], tmp_path: Path
) -> None:
    named = ("--genome", "mm39", "--offline", "--gtf", files["genes"], "--out", tmp_path / "out")
    status, _, told = prepare(files, tmp_path, *named)
    assert status == 1
    place = tmp_path / "store/hgdownload.soe.ucsc.edu/goldenPath/mm39/bigZips/mm39.fa.gz"
    assert told[-1] == f"    to {place}"
    assert not any("gencode" in line for line in told)


def test_what_is_left_out_of_the_files_is_told(files: dict[str, Path], tmp_path: Path) -> None:
    regions, genes = tmp_path / "exclude.bed", tmp_path / "genes.gtf"
    regions.write_text("chr1\t0\t10\nchr9\t0\t10\nchr9\t20\t30\n")
    elsewhere = 'chr9\tme\tgene\t1\t90\t.\t+\t.\tgene_id "Z"; gene_name "Z"; gene_type "protein_coding";\n'
    genes.write_text(files["genes"].read_text() + elsewhere)
    given = ("--fasta", files["fasta"], "--gtf", genes, "--exclude", regions, "--out", tmp_path / "out")
    status, _, told = prepare(files, tmp_path, *given)
    assert (status, told) == (
        0,
        [
            f"Note: {regions}: 2 rows on chromosomes that the FASTA lacks were left out",
            f"Note: {genes}: 1 rows on chromosomes that the FASTA lacks were left out",
        ],
    )


def test_names_that_differ_in_case_alone_are_one_signal(files: dict[str, Path], tmp_path: Path) -> None:
    given = ("--fasta", files["fasta"], "--gtf", files["genes"], "--signal", "dnase=a.bw")
    status, _, told = prepare(files, tmp_path, *given, "--out", tmp_path / "out")
    assert (status, told[-1]) == (1, "Error: the signal DNase is given 2 times; leave one of them")


def test_a_folder_that_is_taken_is_told_before_anything_is_fetched(
    files: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "features.tsv").write_text("mine")
    named = ("--genome", "mm39", "--mirror", files["mirror"], "--out", tmp_path / "out")
    status, _, told = prepare(files, tmp_path, *named)
    message = "holds features.tsv already; choose another folder or replace it with --overwrite"
    assert (status, told) == (1, [f"Error: {tmp_path / 'out'}: {message}"])
    assert not (tmp_path / "store").exists()


def test_stored_contacts_are_taken_as_they_are(files: dict[str, Path], tmp_path: Path) -> None:
    vectors = tmp_path / "vectors"
    vectors.mkdir()
    given = ("--fasta", files["fasta"], "--gtf", files["genes"], "--contacts", vectors)
    status, _, told = prepare(files, tmp_path, *given, "--out", tmp_path / "out")
    assert (status, told[-1]) == (
        1,
        f"Error: {vectors}: no hic_feat_CHROM.h5 of a chromosome of the genome; name a folder of them, one, "
        "or a .hic",
    )
    (vectors / "hic_feat_chr1.h5").touch()
    assert prepare(files, tmp_path, *given, "--out", tmp_path / "out")[0] == 0
    assert Cells.read(tmp_path / "out" / "cells.toml").contacts == vectors
