"""Which contact `score` reads by the name of a cell type: the authors' stored vectors, else the .hic."""

from pathlib import Path

import pytest
from preset_mirror import DATASET, FOUR_DN, TABLES, Choose, list_repository, place

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources.opening import open_catalog
from seq2exp_tracks.resources.registry import GenomeEntry, Registry

STORED = f"{DATASET}/resolve/main/HiC/K562"


@pytest.fixture
def vectors(dataset: Path) -> Path:
    """The mirror with the authors' stored contact, too; some of GM12878 only, and some in another folder."""
    names = [f"HiC/K562/hic_feat_{chrom}.h5" for chrom in ("chr1", "chr2")]
    names += ["HiC/GM12878/hic_feat_chr1.h5", "HiC/GM12878/hic_feat_chr3.h5", "K562/old/hic_feat_chr3.h5"]
    list_repository(dataset, "datasets/xingyusu/GeneExp", [*TABLES, *names])
    for name in names:
        place(dataset, f"{DATASET}/resolve/main/{name}", name.encode())
    return dataset


def test_stored_contact_comes_before_the_hic_with_the_authors_genes(
    choose_inputs: Choose, vectors: Path, here: Path
) -> None:
    chosen = choose_inputs()
    assert chosen.contacts == here / STORED
    # Their genes are on chr1 only.
    assert [path.name for path in chosen.contacts.glob("*.h5")] == ["hic_feat_chr1.h5"]
    assert not (here / FOUR_DN.format("4DNFITUOMFUQ")).exists()
    assert chosen.remarks[0] == "cell type K562, as no other is named: H3K27ac, DNase, stored contacts of it"
    assert "K562 contact_vectors" in chosen.remarks[-1]
    assert "K562 contacts" not in chosen.remarks[-1]
    assert choose_inputs(offline=True) == chosen


def test_only_chromosomes_of_genes_that_are_asked_for_are_fetched(
    choose_inputs: Choose, vectors: Path, here: Path
) -> None:
    gene_list = vectors / DATASET / "resolve/main/tables/K562_DNase_abc/GeneList.txt"
    gene_list.write_text(gene_list.read_text().replace("chr1\t500", "chr2\t500"))

    def fetched() -> list[str]:
        return sorted(path.name for path in (here / STORED).glob("*.h5"))

    for asked in ({"names": ("GB",)}, {"region": "chr2:400-600"}, {"chroms": ("2",)}):
        assert choose_inputs(**asked).contacts == here / STORED
        assert fetched() == ["hic_feat_chr2.h5"]
    with pytest.raises(InputError, match="unknown gene 'MYH9'"):
        choose_inputs(names=("MYH9",))
    choose_inputs()
    assert fetched() == ["hic_feat_chr1.h5", "hic_feat_chr2.h5"]


def test_without_a_file_for_each_chromosome_the_hic_is_read(
    choose_inputs: Choose, vectors: Path, here: Path
) -> None:
    gene_list = vectors / DATASET / "resolve/main/tables/K562_DNase_abc/GeneList.txt"
    gene_list.write_text(gene_list.read_text().replace("chr1\t500", "chr3\t500"))
    assert choose_inputs().contacts == here / FOUR_DN.format("4DNFITUOMFUQ")
    assert not (here / STORED).exists()


def test_with_other_genes_contacts_or_normalisation_no_vector_is_read(
    choose_inputs: Choose, registry: Registry, vectors: Path, here: Path, tmp_path: Path
) -> None:
    mine, hic = tmp_path / "mine", here / FOUR_DN.format("4DNFITUOMFUQ")
    assert choose_inputs(contacts=mine).contacts == mine
    assert choose_inputs(no_contacts=True).contacts is None
    assert choose_inputs(contacts_norm="ICE").contacts == hic
    assert choose_inputs(genes=mine).contacts == hic
    registry.path.parent.mkdir()
    (registry.path.parent / "resources.toml").write_text("[cells.K562]\ncontacts.path = 'vectors'\n")
    (registry.path.parent / "vectors").mkdir()
    assert choose_inputs().contacts == registry.path.parent / "vectors"
    (registry.path.parent / "resources.toml").unlink()
    for name in ("own.fa", "own.gtf"):
        (tmp_path / name).touch()
    registry.add(GenomeEntry("hg38", tmp_path / "own.fa", tmp_path / "own.gtf"))
    assert choose_inputs().contacts == hic
    assert not (here / STORED).exists()


def test_without_h5py_the_hic_is_read(
    choose_inputs: Choose, vectors: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seq2exp_tracks.resources.catalog.find_spec", lambda name: None)
    assert choose_inputs().contacts == here / FOUR_DN.format("4DNFITUOMFUQ")


def test_fetch_brings_what_score_takes(
    vectors: Path, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEQ2EXP_TRACKS_CONFIG", str(tmp_path / "config"))

    def roles(*names: str) -> list[str]:
        with open_catalog(Silent(), print, folder=here, mirror=str(vectors)) as catalog:
            return [part.role for part in catalog.to_fetch(names)]

    signals, tables = ["signal:H3K27ac", "signal:DNase"], ["half_life", "gene_list"]
    stored = ["contact_vectors:chr1", "contact_vectors:chr2"]
    assert roles("K562", "soft") == [*signals, *tables, "checkpoint", *stored]
    # Of GM12878 there is no list of the authors' genes, and of H1 nothing of theirs.
    assert roles("GM12878") == [*signals, "contacts", *tables]
    assert roles("H1") == [*signals, "contacts"]
