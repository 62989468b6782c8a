"""A server on loopback, a store, and what fetches from the one into the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from file_server import FileServer, serving
from one_file import ADDRESS, BODY, PATH, Ensure, Told, refuse

from seq2exp_tracks.resources.fetching import Fetcher, Wanted
from seq2exp_tracks.resources.mirror import Way
from seq2exp_tracks.resources.sources import Remote
from seq2exp_tracks.resources.store import Store
from seq2exp_tracks.resources.transfer import Transfer


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
