"""A server on loopback, a store, what fetches from the one into the other; a mirror of the presets."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from file_server import FileServer, serving
from one_file import ADDRESS, BODY, PATH, Ensure, refuse
from preset_mirror import (
    BLACKLIST,
    DATASET,
    ENCODE,
    FOUR_DN,
    GENCODE,
    GENOME,
    TABLES,
    WEIGHTS,
    Choose,
    list_repository,
    place,
)
from told import Told

from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources.asked import Asked, Chosen
from seq2exp_tracks.resources.catalog import Catalog
from seq2exp_tracks.resources.choice import choose
from seq2exp_tracks.resources.fetching import Fetcher, Wanted
from seq2exp_tracks.resources.hub import Hub
from seq2exp_tracks.resources.mirror import Way
from seq2exp_tracks.resources.presets import Presets
from seq2exp_tracks.resources.registry import Registry
from seq2exp_tracks.resources.sources import Remote
from seq2exp_tracks.resources.store import Store
from seq2exp_tracks.resources.transfer import Transfer
from seq2exp_tracks.signals import channel_name


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as served:
        served.files[PATH] = BODY
        yield served


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def ensure(server: FileServer, store: Store, told: Told) -> Ensure:
    """Fetches from the server as a mirror: a single file unless others are named."""

    def call(
        *wanted: Wanted, way: Way | None = None, free: int = 10**12, timeout: float = 5.0, **known: str
    ) -> dict[str, Path]:
        with Transfer(attempts=3, first_wait=0.01, timeout=timeout) as transfer:
            fetcher = Fetcher(store, way or Way(server.url), transfer, told, refuse, free=lambda folder: free)
            return fetcher.ensure(wanted or (Wanted("one", Remote(address=ADDRESS, **known)),))

    return call


@pytest.fixture
def path(store: Store) -> Path:
    return store.folder / "files.example.org" / "data" / "one.bin"


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
    mouse = Presets.load(tmp_path, tmp_path).genomes["mm10"].files.values()
    for source in mouse:
        assert isinstance(source, Remote)
        place(folder, str(source.place), b">chr1\nACGT\n")
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
def choose_inputs(mirror: Path, registry: Registry, store: Store) -> Iterator[Choose]:
    with Transfer() as transfer:

        def call(*, offline: bool = False, genome: str = "hg38", **asked: object) -> Chosen:
            way = Way(str(mirror), offline)
            fetcher = Fetcher(store, way, transfer, Silent(), print)
            presets = Presets.load(registry.path.parent, registry.path.parent)
            catalog = Catalog(presets, fetcher, Hub(store, way, transfer))
            return choose(Asked(genome=genome, **asked), catalog, registry, channel_name)  # type: ignore[arg-type]

        yield call


@pytest.fixture
def here(store: Store) -> Path:
    """The folder of the store."""
    return store.folder
