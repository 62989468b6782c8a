"""What goes by a name: the package's presets, mended by the user's file and by that of the working folder."""

import re
from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.presets import Presets
from seq2exp_tracks.resources.sources import Local, OnHub, Remote


def load(tmp_path: Path, users: str = "", local: str = "") -> Presets:
    for folder, name, text in (("config", "resources.toml", users), ("work", "seq2exp-tracks.toml", local)):
        (tmp_path / folder).mkdir(exist_ok=True)
        if text:
            (tmp_path / folder / name).write_text(text)
    return Presets.load(tmp_path / "config", tmp_path / "work")


def test_the_accessions_of_the_paper(tmp_path: Path) -> None:
    presets = load(tmp_path)
    accessions = {
        name: tuple(
            re.findall(r"(?:ENCFF|4DNF)\w+", source.address)[-1]
            for source in (*cells.signals.values(), cells.files["contacts"])
            if isinstance(source, Remote)
        )
        for name, cells in presets.cells.items()
    }
    assert accessions == {
        "K562": ("ENCFF465GBD", "ENCFF414OGC", "4DNFITUOMFUQ"),
        "GM12878": ("ENCFF798KYP", "ENCFF960FMM", "4DNFI1UEG1HD"),
        "H1": ("ENCFF771GNB", "ENCFF232GUZ", "4DNFIFI6NIKJ"),
    }
    assert {name: tuple(cells.signals) for name, cells in presets.cells.items()} == dict.fromkeys(
        accessions, ("H3K27ac", "DNase")
    )
    assert list(presets.genomes) == ["hg38", "mm10", "mm39"]
    assert presets.genomes["hg38"].cells == "K562"
    assert list(presets.checkpoints) == ["soft", "hard"]


def test_no_preset_claims_to_be_verified_or_to_know_a_checksum(tmp_path: Path) -> None:
    presets = load(tmp_path)
    sources = [
        *(source for genome in presets.genomes.values() for source in genome.files.values()),
        *(source for cells in presets.cells.values() for source in cells.all_files.values()),
        *(cells.vectors for cells in presets.cells.values() if cells.vectors),
        *presets.checkpoints.values(),
    ]
    assert len(sources) == 25
    assert {getattr(source, "verified", None) for source in sources} == {False}
    assert {getattr(source, "sha256", None) for source in sources} == {None}


def test_later_files_replace_single_sources_by_name(tmp_path: Path) -> None:
    users = """
        [cells.K562]
        contacts_norm = "ICE"
        contacts = { address = "https://files.example.org/k562.mcool" }
        [genomes.dm6.fasta]
        path = "dm6.fa.gz"
        """
    local = """
        [cells.K562.contacts]
        path = "mine.cool"
        [checkpoints.soft]
        path = "/weights/soft.ckpt"
        """
    before, presets = load(tmp_path), load(tmp_path, users, local)
    assert presets.cells["K562"].contacts_norm == "ICE"
    assert presets.cells["K562"].files["contacts"] == Local(tmp_path / "work" / "mine.cool")
    assert presets.cells["K562"].signals == before.cells["K562"].signals
    assert presets.genomes["dm6"].files == {"fasta": Local(tmp_path / "config" / "dm6.fa.gz")}
    assert presets.checkpoints["soft"] == Local(Path("/weights/soft.ckpt"))
    assert presets.cells["GM12878"] == before.cells["GM12878"]
    # What replaces the Hi-C comes before the authors' stored contact, too.
    assert (before.cells["K562"].vectors is None, presets.cells["K562"].vectors) == (False, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[genomes.a.fasta]\naddress = 'file:///etc/passwd'", "no address https://host/path"),
        ("[genomes.a.fasta]\naddress = 'https://a.org/../../b'", "does not end in the name of a file"),
        ("[genomes.a.fasta]\naddress = 'https://a.org/'", "does not end in the name of a file"),
        ("[genomes.a.fasta]\naddress = 'https://a.org/b'\nsha256 = '12'", "no sha256"),
        ("[genomes.a.fasta]\naddress = 'https://a.org/b'\nsize = 3", "size"),
        ("[genomes.a.sequence]\npath = 'b'", "sequence"),
        ("[genomes.a]\nfasta = 'b'", "fasta has no address, hub or path"),
        ("[cells.a]\ncontacts_norm = 'KR'", "not VC or ICE"),
        ("[cells.a.signals]\nDNase = 'b.bw'", "DNase has no address, hub or path"),
        ("[checkpoints.a]\nwords = ['b']", "checkpoint a has no address, hub or path"),
        ("[checkpoints.a]\nhub = 'a/b/c/d'\nwords = []\nsuffixes = []", "no repository owner/name"),
        ("[cell.a]\ngenome = 'hg38'", "unknown tables: cell"),
        ("cells = 3", "not a file of resources"),
        ("[cells", "not a file of resources"),
        ("[cells.'../a']\ngenome = 'hg38'", "'../a' is no name"),
        ("[genomes.'']\ncells = 'K562'", "'' is no name"),
        ("[checkpoints.soft]\nhub = 'a/b'\nwords = 'soft'\nsuffixes = ['.ckpt']", "words: no list of texts"),
        ("[checkpoints.soft]\nhub = 'a/..'\nwords = ['a']\nsuffixes = ['.b']", "no repository owner/name"),
        ("[cells.K562.contact_vectors]\npath = 'a'", "of your own name the folder as contacts"),
    ],
)
def test_what_is_no_file_of_resources(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=r"seq2exp-tracks\.toml: not a file of resources \(") as caught:
        load(tmp_path, local=text)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_a_repository_is_found_by_words_and_suffix() -> None:
    source = OnHub(hub="a/b", words=("soft",), suffixes=(".ckpt",)).of("K562")
    files = ["soft_K562.ckpt", "K562/Soft/best.ckpt", "soft_GM12878.ckpt", "hard_K562.ckpt", "soft_K562.txt"]
    assert [file for file in files if source.fits(file)] == files[:2]
    assert source.listing == "https://huggingface.co/api/models/a/b"
    assert source.remote("x/y.ckpt").address == "https://huggingface.co/a/b/resolve/main/x/y.ckpt"
    dataset = OnHub(hub="datasets/a/b", words=(), suffixes=(".csv",))
    assert dataset.listing == "https://huggingface.co/api/datasets/a/b"
    assert dataset.remote("x.csv").address == "https://huggingface.co/datasets/a/b/resolve/main/x.csv"
