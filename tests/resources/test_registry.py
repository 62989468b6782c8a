import stat
from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.resources.registry import GenomeEntry, Registry, config_folder


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "config")


@pytest.fixture
def hg38(tmp_path: Path) -> GenomeEntry:
    for name in ("hg38.fa", "genes.gtf", "black.bed"):
        (tmp_path / name).touch()
    return GenomeEntry("hg38", tmp_path / "hg38.fa", tmp_path / "genes.gtf", tmp_path / "black.bed")


def test_a_genome_is_found_again_under_its_name(registry: Registry, hg38: GenomeEntry) -> None:
    registry.add(hg38)
    assert registry.get("hg38") == hg38
    assert registry.genomes() == {"hg38": hg38}


def test_paths_are_kept_absolute(
    registry: Registry, hg38: GenomeEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    registry.add(GenomeEntry("hg38", Path("hg38.fa"), Path("genes.gtf"), Path("black.bed")))
    monkeypatch.chdir("/")
    assert registry.get("hg38") == hg38


def test_a_taken_name_needs_overwrite(registry: Registry, hg38: GenomeEntry) -> None:
    registry.add(hg38)
    with pytest.raises(OutputError, match="'hg38' is registered already; replace it with --overwrite"):
        registry.add(hg38)
    without_blacklist = GenomeEntry("hg38", hg38.fasta, hg38.genes)
    registry.add(without_blacklist, overwrite=True)
    assert registry.get("hg38") == without_blacklist


def test_a_removed_genome_is_gone_and_its_files_stay(registry: Registry, hg38: GenomeEntry) -> None:
    registry.add(hg38)
    registry.remove("hg38")
    assert registry.genomes() == {}
    assert hg38.fasta.exists()


def test_an_unknown_genome_says_how_to_add_it(registry: Registry, hg38: GenomeEntry) -> None:
    registry.add(hg38)
    with pytest.raises(InputError, match=r"'mm10' is not registered \(registered: hg38\).*genome add mm10"):
        registry.get("mm10")
    with pytest.raises(InputError, match="'mm10' is not registered"):
        registry.remove("mm10")


def test_a_file_that_is_gone_is_named(registry: Registry, hg38: GenomeEntry) -> None:
    registry.add(hg38)
    hg38.genes.unlink()
    with pytest.raises(InputError, match=r"hg38: its genes .*genes\.gtf is gone"):
        registry.get("hg38")


@pytest.mark.parametrize("text", ["not toml [", "[hg38]\nfasta = 1\n", "[hg38]\nsequence = 'a'\n"])
def test_a_damaged_registry_is_named(registry: Registry, text: str) -> None:
    registry.path.parent.mkdir()
    registry.path.write_text(text)
    with pytest.raises(InputError, match=r"genomes\.toml: not a registry of genomes"):
        registry.genomes()


def test_a_registry_that_cannot_be_written_says_where_else(tmp_path: Path, hg38: GenomeEntry) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match="SEQ2EXP_TRACKS_CONFIG"):
        Registry(tmp_path / "file").add(hg38)


def test_nothing_is_left_beside_the_registry(registry: Registry, hg38: GenomeEntry) -> None:
    registry.add(hg38)
    assert [path.name for path in registry.path.parent.iterdir()] == ["genomes.toml"]
    assert stat.S_ISREG(registry.path.stat().st_mode)


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQ2EXP_TRACKS_CONFIG", str(tmp_path))
    assert config_folder() == tmp_path
