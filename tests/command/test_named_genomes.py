"""`--genome` of `train`, `compare` and `doctor` takes a preset's name, and the first two fetch what lacks."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playground import Playground, Run

from seq2exp_tracks.comparison.run import Compared
from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.resources.presets import Presets
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.resources.sources import Remote

SIGNALS = ("--signal", "H3K27ac=a.bw", "--signal", "DNase=b.bw", "--no-contacts")
Asked = Callable[..., GenomeEntry]


class ReadToTheEndError(TracksError):
    """Ends a command where the library begins."""


@pytest.fixture(scope="module")
def mirror(playground: Playground, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that stands in for the servers of hg38, with the simulated genome."""
    folder, nowhere = tmp_path_factory.mktemp("mirror"), tmp_path_factory.mktemp("nowhere")
    genome = playground.genome
    ours = {"fasta": genome.fasta, "genes": genome.genes, "blacklist": genome.blacklist}
    for role, source in Presets.load(nowhere, nowhere).genomes["hg38"].files.items():
        assert isinstance(source, Remote)
        place = folder / source.place
        place.parent.mkdir(parents=True, exist_ok=True)
        content = ours[role].read_bytes()
        place.write_bytes(gzip.compress(content) if not content.startswith(b"\x1f\x8b") else content)
    return folder


@pytest.fixture
def asked(inside: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asked:
    """The genome that the library is asked for by `train` or `compare`."""
    seen: list[GenomeEntry] = []

    def train_model(request: Any, _: object) -> None:
        seen.append(request.genome)
        raise ReadToTheEndError("read to the end")

    def compare(request: Any, _: object) -> Compared:
        seen.append(request.data.inputs["genome"])
        return Compared("read to the end", ())

    monkeypatch.setattr("seq2exp_tracks.training.run.train_model", train_model)
    monkeypatch.setattr("seq2exp_tracks.comparison.run.compare", compare)

    def call(command: str, *options: str | Path) -> GenomeEntry:
        given = ("--labels", "labels.tsv", *SIGNALS, "--out", tmp_path / "out")
        done = inside(command, *given, "--data-folder", tmp_path / "store", *options)
        assert seen, done.stderr
        return seen.pop()

    return call


@pytest.mark.parametrize("command", ["train", "compare"])
def test_a_preset_is_fetched_and_then_used_as_it_lies_there(
    command: str, asked: Asked, mirror: Path, tmp_path: Path
) -> None:
    first = asked(command, "--genome", "hg38", "--mirror", mirror)
    assert {role: path.is_file() for role, path in first.files.items()} == {
        "fasta": True,
        "genes": True,
        "blacklist": True,
    }
    assert all(path.is_relative_to(tmp_path / "store") for path in first.files.values())
    assert asked(command, "--genome", "hg38", "--offline") == first


@pytest.mark.parametrize("command", ["train", "compare"])
def test_what_is_given_is_not_fetched(command: str, asked: Asked, mirror: Path, tmp_path: Path) -> None:
    mine = ("--genes", "mine.gtf", "--features", "mine.tsv")
    found = asked(command, "--genome", "hg38", *mine, "--mirror", mirror)
    assert (found.genes, found.features) == (Path("mine.gtf"), Path("mine.tsv"))
    assert not list((tmp_path / "store").glob("**/*.gtf.gz"))


@pytest.mark.parametrize("command", ["train", "compare"])
def test_a_registered_genome_comes_first(
    command: str, asked: Asked, playground: Playground, tmp_path: Path
) -> None:
    assert asked(command, "--genome", "sim").fasta == playground.genome.fasta
    assert not (tmp_path / "store").exists()


def test_mistakes_are_told_before_anything_is_fetched(inside: Run, mirror: Path, tmp_path: Path) -> None:
    folders = ("--mirror", mirror, "--data-folder", tmp_path / "store", "--out", tmp_path / "out")
    labels = ("--labels", "labels.tsv", "--gap", "5")
    for command, words, told in (
        ("train", labels, "--gap 5: bases, at least 0, and with --split position only"),
        ("compare", (*labels[:2], "--method", "none"), "none"),
        ("prepare", ("--name", "mine"), "no signal is given"),
    ):
        done = inside(command, "--genome", "hg38", *words, *folders)
        assert (done.returncode, told in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "store").exists()


def test_doctor_looks_at_a_preset_that_was_fetched(inside: Run, mirror: Path, tmp_path: Path) -> None:
    store = ("--data-folder", tmp_path / "store")
    assert inside("fetch", "hg38", "--mirror", mirror, *store).returncode == 0
    done = inside("doctor", "--genome", "hg38", *store)
    # The simulated genome lies where hg38 should.
    assert [line for line in done.stdout.splitlines() if line.startswith("  bad")] == [
        f"  bad   {next((tmp_path / 'store').glob('**/*.fa.gz'))}: its lengths are not those of hg38  →  "
        "register the FASTA of hg38, or another name"
    ]


def test_an_interrupted_fetch_says_what_is_kept(
    inside: Run, mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr("seq2exp_tracks.resources.fetching.adopt", interrupt)
    done = inside(
        *("train", "--genome", "hg38", "--labels", "labels.tsv", *SIGNALS, "--mirror", mirror),
        *("--data-folder", tmp_path / "store", "--out", tmp_path / "out"),
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        f"Error: interrupted: 3 files that arrived kept in {tmp_path / 'store'}; the same command goes on "
        "where it was",
    )
