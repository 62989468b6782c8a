"""Opens the catalog: presets, store, mirror and Hub put together as the options and the environment say."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from seq2exp_tracks.progress import Progress
from seq2exp_tracks.resources.catalog import Catalog
from seq2exp_tracks.resources.fetching import Fetcher
from seq2exp_tracks.resources.hub import Hub
from seq2exp_tracks.resources.mirror import Way
from seq2exp_tracks.resources.presets import Presets
from seq2exp_tracks.resources.store import Store
from seq2exp_tracks.resources.transfer import Transfer


@contextmanager
def open_catalog(
    progress: Progress,
    confirm: Callable[[str], None],
    *,
    folder: Path | None = None,
    mirror: str | None = None,
    offline: bool = False,
) -> Iterator[Catalog]:
    """The catalog of genomes, cell types and checkpoints.

    Args:
        progress: Who is told of what is fetched.
        confirm: Is told how much is to be fetched where that is much, and raises if it must not be.
        folder: The store; None for that of the environment, else the user's.
        mirror: Address or folder that stands in for all others; None for that of the environment.
        offline: Whether nothing is fetched.

    Raises:
        InputError: If a file of resources or the mirror is not to be used.
    """
    store, way = Store(folder), Way.chosen(mirror, offline)
    with Transfer() as transfer:
        fetcher = Fetcher(store, way, transfer, progress, confirm)
        yield Catalog(Presets.load(), fetcher, Hub(store, way, transfer))
