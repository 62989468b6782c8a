"""What `score` reads where the user does not say: presets, overridden one by one by what is given."""

from pathlib import Path

import pytest
from preset_mirror import BLACKLIST, ENCODE, FOUR_DN, GENCODE, GENOME, WEIGHTS, Choose, place

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import GeneFeatures
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.resources.asked import Chosen
from seq2exp_tracks.resources.cells import Cells
from seq2exp_tracks.resources.registry import GenomeEntry, Registry


def test_with_nothing_given_k562_and_its_soft_checkpoint(choose_inputs: Choose, here: Path) -> None:
    assert choose_inputs() == Chosen(
        genome=GenomeEntry("hg38", here / GENOME, here / GENCODE, here / BLACKLIST),
        checkpoint=here / WEIGHTS / "resolve/main/Soft/K562/best.ckpt",
        signals={
            "H3K27ac": here / ENCODE.format("ENCFF465GBD"),
            "DNase": here / ENCODE.format("ENCFF414OGC"),
        },
        contacts=here / FOUR_DN.format("4DNFITUOMFUQ"),
        contacts_norm="VC",
        derive_features=True,
        cells="K562",
        remarks=(
            "cell type K562, as no other is named: H3K27ac, DNase, contacts of it",
            "checkpoint: soft K562 of the authors",
            "features: none (the nine gene features are 0: predicted expression means little)",
            "from unverified addresses (docs/resources.md): hg38 fasta, hg38 genes, hg38 blacklist, "
            "K562 signal:H3K27ac, K562 signal:DNase, K562 contacts, soft K562 checkpoint",
        ),
    )


def test_the_authors_genes_and_features_are_taken_where_they_are_to_be_had(
    choose_inputs: Choose, dataset: Path, here: Path
) -> None:
    chosen = choose_inputs()
    table = chosen.genome.genes
    assert table == chosen.genome.features
    assert "features: published (K562, the authors' tables)" in chosen.remarks
    assert not (here / GENCODE).exists()
    genes = read_genes(table, ChromSizes({"chr1": 1200})).genes
    assert [(gene.id, gene.name, gene.tss, str(gene.strand)) for gene in genes] == [
        ("ENSG01", "GA", 100, "+"),
        ("ENSG02", "GB", 500, "-"),
    ]
    features = GeneFeatures.from_table(table)
    assert [features.of(gene)[0].tolist() for gene in genes] == [
        [1, 2, 3, 4, 5, 6, 7, 8, 4],
        [2, 3, 4, 5, 6, 7, 8, 9, 6],
    ]
    assert choose_inputs() == chosen


def test_features_are_derived_for_weights_that_were_trained_on_some(
    choose_inputs: Choose, registry: Registry, dataset: Path, tmp_path: Path
) -> None:
    mine, authors, own = tmp_path / "mine.tsv", tmp_path / "soft.ckpt", tmp_path / "soft.safetensors"
    signals = {"H3K27ac": mine}
    none = "features: none (the nine gene features are 0: predicted expression means little)"

    def found(**asked: object) -> tuple[bool, bool]:
        chosen = choose_inputs(**asked)
        return chosen.derive_features, none in chosen.remarks

    assert found() == (False, False)  # the authors' tables
    assert found(cell_type="GM12878") == (True, True)
    assert found(cell_type="GM12878", features=mine) == (False, False)
    assert found(cell_type="GM12878", checkpoint=authors) == (True, True)
    assert found(cell_type="GM12878", checkpoint=own) == (False, True)
    assert found(genome="mm10", checkpoint=authors, signals=signals) == (True, True)
    for name in ("own.fa", "own.gtf"):
        (tmp_path / name).touch()
    registry.add(GenomeEntry("mine", tmp_path / "own.fa", tmp_path / "own.gtf"))
    assert found(genome="mine", checkpoint=authors, signals=signals) == (True, False)
    assert found(genome="mine", checkpoint=own, signals=signals) == (False, False)


def test_each_is_overridden_alone(choose_inputs: Choose, dataset: Path, tmp_path: Path) -> None:
    default = choose_inputs()
    mine = tmp_path / "mine"
    assert choose_inputs(signals={"DHS": mine}).signals == {
        "H3K27ac": default.signals["H3K27ac"],
        "DHS": mine,
    }
    assert choose_inputs(contacts=mine).contacts == mine
    assert choose_inputs(no_contacts=True).contacts is None
    assert choose_inputs(checkpoint=mine).checkpoint == mine
    assert choose_inputs(checkpoint=mine).signals == default.signals
    assert choose_inputs(genes=mine).genome.genes == mine
    assert choose_inputs(genes=mine).genome.features == default.genome.features
    assert choose_inputs(features=mine).genome.features == mine
    assert choose_inputs(features=mine).genome.genes == default.genome.genes
    assert choose_inputs(contacts_norm="ICE").contacts_norm == "ICE"


def test_what_is_overridden_is_not_fetched(choose_inputs: Choose, here: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    choose_inputs(signals={"dnase": mine}, contacts=mine, checkpoint=Path("hard"), genes=mine)
    fetched = {path.name for path in here.rglob("*") if path.is_file() and not path.name.startswith(".")}
    assert fetched == {
        *("hg38.fa.gz", "hg38.fa.gz.fai", "hg38.fa.gz.gzi", "hg38-blacklist.v2.bed.gz"),
        *("ENCFF465GBD.bigWig", "best.ckpt"),
    }


def test_signals_of_ones_own_are_of_the_named_cell_type_only_where_one_is_named(
    choose_inputs: Choose, tmp_path: Path
) -> None:
    mine = {"DNase": tmp_path / "mine.bw"}
    assert choose_inputs(signals=mine).cells is None
    assert choose_inputs(signals=mine, cell_type="K562").cells == "K562"


def test_another_cell_type_and_the_hard_checkpoint(choose_inputs: Choose, here: Path) -> None:
    chosen = choose_inputs(cell_type="GM12878", checkpoint=Path("hard"))
    assert chosen.checkpoint == here / WEIGHTS / "resolve/main/Hard/GM12878/best.ckpt"
    assert chosen.signals["DNase"] == here / ENCODE.format("ENCFF960FMM")
    assert chosen.contacts == here / FOUR_DN.format("4DNFI1UEG1HD")
    assert chosen.cells == "GM12878"
    assert chosen.remarks[:2] == (
        "cell type GM12878: H3K27ac, DNase, contacts of it",
        "checkpoint: hard GM12878 of the authors",
    )


def test_cells_of_a_file(choose_inputs: Choose, here: Path, tmp_path: Path) -> None:
    cells = Cells(
        name="mine",
        genome="hg38",
        signals={"H3K27ac": tmp_path / "a.bw", "DNase": tmp_path / "b.bw"},
        contacts=tmp_path / "c.mcool",
        contacts_norm="ICE",
        features=tmp_path / "features.tsv",
        remarks=("features: derived",),
    )
    cells.write(tmp_path / "mine.toml")
    chosen = choose_inputs(cells=tmp_path / "mine.toml", signals={"DNase": tmp_path / "d.bw"})
    assert chosen.signals == {"H3K27ac": tmp_path / "a.bw", "DNase": tmp_path / "d.bw"}
    assert (chosen.contacts, chosen.contacts_norm) == (tmp_path / "c.mcool", "ICE")
    assert chosen.genome.features == tmp_path / "features.tsv"
    assert chosen.checkpoint == here / WEIGHTS / "resolve/main/Soft/K562/best.ckpt"
    assert chosen.cells == "mine"
    assert chosen.remarks[:2] == (
        "features: derived",
        "checkpoint: soft K562 of the authors, which was not trained on these cells",
    )
    assert choose_inputs(cells=tmp_path / "mine.toml", no_contacts=True).contacts is None
    with pytest.raises(InputError, match=r"mine\.toml: its cells belong to hg38, not to --genome mm10"):
        choose_inputs(genome="mm10", cells=tmp_path / "mine.toml")


def test_a_registered_genome_wins_over_the_preset(
    choose_inputs: Choose, registry: Registry, tmp_path: Path, here: Path
) -> None:
    for name in ("own.fa", "own.gtf", "own.tsv"):
        (tmp_path / name).touch()
    own = GenomeEntry("hg38", tmp_path / "own.fa", tmp_path / "own.gtf", None, tmp_path / "own.tsv")
    registry.add(own)
    chosen = choose_inputs()
    assert chosen.genome == own
    assert chosen.signals["DNase"] == here / ENCODE.format("ENCFF414OGC")
    assert not (here / GENOME).exists()


def test_to_a_model_and_signals_of_ones_own_nothing_is_added(
    choose_inputs: Choose, registry: Registry, tmp_path: Path, here: Path
) -> None:
    for name in ("own.fa", "own.gtf", "own.tsv"):
        (tmp_path / name).touch()
    own = GenomeEntry("hg38", tmp_path / "own.fa", tmp_path / "own.gtf", None, tmp_path / "own.tsv")
    registry.add(own)
    weights, signals = tmp_path / "w.safetensors", {"H3K27ac": tmp_path / "a.bw"}
    assert choose_inputs(checkpoint=weights, signals=signals) == Chosen(
        genome=own, checkpoint=weights, signals=signals, contacts=None, contacts_norm="VC", remarks=()
    )
    assert not here.exists()
    assert choose_inputs(checkpoint=weights, signals=signals, cell_type="K562").contacts is not None


def test_files_put_by_hand_do_without_a_listing_and_a_connection(choose_inputs: Choose, here: Path) -> None:
    chosen = choose_inputs()
    assert choose_inputs(offline=True) == chosen
    (here / ENCODE.format("ENCFF414OGC")).unlink()
    chosen.checkpoint.unlink()
    with pytest.raises(InputError) as caught:
        choose_inputs(offline=True)
    address = f"https://{ENCODE.format('ENCFF414OGC')}"
    assert str(caught.value).splitlines()[1:] == [
        f"  K562 signal:DNase: {address}",
        f"    to {here / ENCODE.format('ENCFF414OGC')}",
        "  soft K562 checkpoint: a file of https://huggingface.co/xingyusu/GeneExp_Seq2Exp with soft and "
        f"K562 in its path, ending in .ckpt or .safetensors, in {here / WEIGHTS / 'resolve/main'}",
    ]
    by_hand = place(here, f"{WEIGHTS}/resolve/main/my-soft-k562.ckpt", b"")
    assert choose_inputs(offline=True, signals={"DNase": by_hand}).checkpoint == by_hand


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {"genome": "dm6"},
            "'dm6' is not registered .*genome add dm6.*known without: hg38, mm10, mm39",
        ),
        ({"cell_type": "HeLa"}, "cell type 'HeLa' is not known; known: K562, GM12878, H1"),
        ({"genome": "mm10", "cell_type": "H1"}, "H1 belongs to the genome hg38, not to --genome mm10"),
        ({"genome": "mm10"}, "genome mm10 has no checkpoint of its own; give --checkpoint FILE"),
        (
            {"cell_type": "H1"},
            r"soft H1 checkpoint: needs a file of .* \(it has README\.md, Soft/K562/",
        ),
        ({"cell_type": "H1", "cells": Path("a")}, "--cell-type and --cells exclude each other"),
    ],
)
def test_what_cannot_be_chosen_says_the_way_out(
    choose_inputs: Choose, asked: dict[str, object], told: str
) -> None:
    with pytest.raises(InputError, match=told) as caught:
        choose_inputs(**asked)
    assert "\n" not in str(caught.value)
