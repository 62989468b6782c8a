"""What `score` reads where the user does not say: presets, overridden one by one by what is given."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import GeneFeatures
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources.asked import Asked, Chosen
from seq2exp_tracks.resources.catalog import Catalog
from seq2exp_tracks.resources.cells import Cells
from seq2exp_tracks.resources.choice import choose
from seq2exp_tracks.resources.fetching import Fetcher
from seq2exp_tracks.resources.hub import Hub
from seq2exp_tracks.resources.mirror import Way
from seq2exp_tracks.resources.presets import Presets
from seq2exp_tracks.resources.registry import GenomeEntry, Registry
from seq2exp_tracks.resources.store import Store
from seq2exp_tracks.resources.transfer import Transfer
from seq2exp_tracks.signals import channel_name

HALF_LIFE = (
    *("UTR5LEN_log10zscore", "CDSLEN_log10zscore", "INTRONLEN_log10zscore", "UTR3LEN_log10zscore"),
    *("UTR5GC", "CDSGC", "UTR3GC", "ORFEXONDENSITY"),
)
ENCODE = "www.encodeproject.org/files/{0}/@@download/{0}.bigWig"
FOUR_DN = "data.4dnucleome.org/files-processed/{0}/@@download/{0}.hic"
GENOME = "hgdownload.soe.ucsc.edu/goldenPath/hg38/bigZips/hg38.fa.gz"
GENCODE = "ftp.ebi.ac.uk/pub/databases/gencode/Gencode_human/release_43/gencode.v43.basic.annotation.gtf.gz"
BLACKLIST = "raw.githubusercontent.com/Boyle-Lab/Blacklist/master/lists/hg38-blacklist.v2.bed.gz"
WEIGHTS = "huggingface.co/xingyusu/GeneExp_Seq2Exp"
DATASET = "huggingface.co/datasets/xingyusu/GeneExp"
TABLES = {
    "tables/GM12878_K562_18377_gene_expr_fromXpresso.csv": (
        f"ENSID,Gene name,{','.join(HALF_LIFE)}\n"
        "ENSG01,GA,1,2,3,4,5,6,7,8\nENSG02,GB,2,3,4,5,6,7,8,9\nENSG04,GD,0,0,0,0,0,0,0,0\n"
    ),
    "tables/K562_DNase_abc/GeneList.txt": (
        "chr\ttss\tstrand\tsymbol\tH3K27ac.RPM.TSS1Kb\tDHS.RPM.TSS1Kb\n"
        "chr1\t500\t-\tENSG02\t4\t9\nchr1\t100.0\t+\tENSG01\t2\t8\nchr1\t700\t+\tENSG03\t1\t1\n"
        "chr1\t900\t+\tENSG01\t0\t0\n"
    ),
}

Choose = Callable[..., Chosen]


def place(mirror: Path, name: str, content: bytes) -> Path:
    path = mirror / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def list_repository(mirror: Path, api: str, files: list[str]) -> None:
    text = json.dumps({"siblings": [{"rfilename": file} for file in files]})
    place(mirror, f"huggingface.co/api/{api}", text.encode())


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror of all that hg38, K562 and GM12878 need; most files hold their own accession only."""
    folder = tmp_path / "mirror"
    place(folder, GENOME, gzip.compress(b">chr1\n" + b"ACGT" * 300 + b"\n"))
    for name in ("ENCFF465GBD", "ENCFF414OGC", "ENCFF798KYP", "ENCFF960FMM"):
        place(folder, ENCODE.format(name), name.encode())
    for name in ("4DNFITUOMFUQ", "4DNFI1UEG1HD"):
        place(folder, FOUR_DN.format(name), name.encode())
    for name in (GENCODE, BLACKLIST):
        place(folder, name, name.encode())
    weights = [f"{kind}/{cells}/best.ckpt" for kind in ("Soft", "Hard") for cells in ("K562", "GM12878")]
    weights.append("Soft/K562/another-seed.ckpt")
    list_repository(folder, "models/xingyusu/GeneExp_Seq2Exp", ["README.md", *weights])
    for name in weights:
        place(folder, f"{WEIGHTS}/resolve/main/{name}", name.encode())
    return folder


@pytest.fixture
def dataset(mirror: Path) -> Path:
    """The mirror with the authors' two tables for K562."""
    list_repository(mirror, "datasets/xingyusu/GeneExp", list(TABLES))
    for name, text in TABLES.items():
        place(mirror, f"{DATASET}/resolve/main/{name}", text.encode())
    return mirror


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "config")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def choose_inputs(mirror: Path, registry: Registry, store: Path) -> Iterator[Choose]:
    with Transfer() as transfer:

        def call(*, offline: bool = False, genome: str = "hg38", **asked: object) -> Chosen:
            way = Way(str(mirror), offline)
            fetcher = Fetcher(Store(store), way, transfer, Silent(), print)
            presets = Presets.load(registry.path.parent, registry.path.parent)
            catalog = Catalog(presets, fetcher, Hub(Store(store), way, transfer))
            return choose(Asked(genome=genome, **asked), catalog, registry, channel_name)  # type: ignore[arg-type]

        yield call


def test_with_nothing_given_k562_and_its_soft_checkpoint(choose_inputs: Choose, store: Path) -> None:
    assert choose_inputs() == Chosen(
        genome=GenomeEntry("hg38", store / GENOME, store / GENCODE, store / BLACKLIST),
        checkpoint=store / WEIGHTS / "resolve/main/Soft/K562/best.ckpt",
        signals={
            "H3K27ac": store / ENCODE.format("ENCFF465GBD"),
            "DNase": store / ENCODE.format("ENCFF414OGC"),
        },
        contacts=store / FOUR_DN.format("4DNFITUOMFUQ"),
        contacts_norm="VC",
        remarks=(
            "cell type K562, as no other is named: H3K27ac, DNase, contacts of it",
            "checkpoint: soft K562 of the authors",
            "features: none (the nine gene features are 0: predicted expression means little)",
            "from unverified addresses (docs/resources.md): hg38 fasta, hg38 genes, hg38 blacklist, "
            "K562 signal:H3K27ac, K562 signal:DNase, K562 contacts, soft K562 checkpoint",
        ),
    )


def test_the_authors_genes_and_features_are_taken_where_they_are_to_be_had(
    choose_inputs: Choose, dataset: Path, store: Path
) -> None:
    chosen = choose_inputs()
    table = chosen.genome.genes
    assert table == chosen.genome.features
    assert "features: published (K562, the authors' tables)" in chosen.remarks
    assert not (store / GENCODE).exists()
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


def test_what_is_overridden_is_not_fetched(choose_inputs: Choose, store: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    choose_inputs(signals={"dnase": mine}, contacts=mine, checkpoint=Path("hard"), genes=mine)
    fetched = {path.name for path in store.rglob("*") if path.is_file() and not path.name.startswith(".")}
    assert fetched == {
        *("hg38.fa.gz", "hg38.fa.gz.fai", "hg38.fa.gz.gzi", "hg38-blacklist.v2.bed.gz"),
        *("ENCFF465GBD.bigWig", "best.ckpt"),
    }


def test_another_cell_type_and_the_hard_checkpoint(choose_inputs: Choose, store: Path) -> None:
    chosen = choose_inputs(cell_type="GM12878", checkpoint=Path("hard"))
    assert chosen.checkpoint == store / WEIGHTS / "resolve/main/Hard/GM12878/best.ckpt"
    assert chosen.signals["DNase"] == store / ENCODE.format("ENCFF960FMM")
    assert chosen.contacts == store / FOUR_DN.format("4DNFI1UEG1HD")
    assert chosen.remarks[:2] == (
        "cell type GM12878: H3K27ac, DNase, contacts of it",
        "checkpoint: hard GM12878 of the authors",
    )


def test_cells_of_a_file(choose_inputs: Choose, store: Path, tmp_path: Path) -> None:
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
    assert chosen.checkpoint == store / WEIGHTS / "resolve/main/Soft/K562/best.ckpt"
    assert chosen.remarks[:2] == (
        "features: derived",
        "checkpoint: soft K562 of the authors, which was not trained on these cells",
    )
    assert choose_inputs(cells=tmp_path / "mine.toml", no_contacts=True).contacts is None
    with pytest.raises(InputError, match=r"mine\.toml: its cells belong to hg38, not to --genome mm10"):
        choose_inputs(genome="mm10", cells=tmp_path / "mine.toml")


def test_a_registered_genome_wins_over_the_preset(
    choose_inputs: Choose, registry: Registry, tmp_path: Path, store: Path
) -> None:
    for name in ("own.fa", "own.gtf", "own.tsv"):
        (tmp_path / name).touch()
    own = GenomeEntry("hg38", tmp_path / "own.fa", tmp_path / "own.gtf", None, tmp_path / "own.tsv")
    registry.add(own)
    chosen = choose_inputs()
    assert chosen.genome == own
    assert chosen.signals["DNase"] == store / ENCODE.format("ENCFF414OGC")
    assert not (store / GENOME).exists()


def test_to_a_model_and_signals_of_ones_own_nothing_is_added(
    choose_inputs: Choose, registry: Registry, tmp_path: Path, store: Path
) -> None:
    for name in ("own.fa", "own.gtf", "own.tsv"):
        (tmp_path / name).touch()
    own = GenomeEntry("hg38", tmp_path / "own.fa", tmp_path / "own.gtf", None, tmp_path / "own.tsv")
    registry.add(own)
    weights, signals = tmp_path / "w.safetensors", {"H3K27ac": tmp_path / "a.bw"}
    assert choose_inputs(checkpoint=weights, signals=signals) == Chosen(
        genome=own, checkpoint=weights, signals=signals, contacts=None, contacts_norm="VC", remarks=()
    )
    assert not store.exists()
    assert choose_inputs(checkpoint=weights, signals=signals, cell_type="K562").contacts is not None


def test_files_put_by_hand_do_without_a_listing_and_a_connection(choose_inputs: Choose, store: Path) -> None:
    chosen = choose_inputs()
    assert choose_inputs(offline=True) == chosen
    (store / ENCODE.format("ENCFF414OGC")).unlink()
    chosen.checkpoint.unlink()
    with pytest.raises(InputError) as caught:
        choose_inputs(offline=True)
    address = f"https://{ENCODE.format('ENCFF414OGC')}"
    assert str(caught.value).splitlines()[1:] == [
        f"  K562 signal:DNase: {address}",
        f"    to {store / ENCODE.format('ENCFF414OGC')}",
        "  soft K562 checkpoint: a file of https://huggingface.co/xingyusu/GeneExp_Seq2Exp with soft and "
        f"K562 in its path, ending in .ckpt or .safetensors, in {store / WEIGHTS / 'resolve/main'}",
    ]
    by_hand = place(store, f"{WEIGHTS}/resolve/main/my-soft-k562.ckpt", b"")
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
