"""One process at a time makes what lies in the store; others wait, and take what was made."""

import errno
import fcntl
from pathlib import Path
from threading import Thread

import pytest

from seq2exp_tracks.io.feature_columns import DHS_RPM, H3K27AC_RPM, HALF_LIFE_FEATURES
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources.authors_tables import joined_table
from seq2exp_tracks.resources.cache_locks import begin_reading, fetching, is_read
from seq2exp_tracks.resources.store import Store


def test_who_waited_for_the_joined_table_does_not_write_it_again(store: Store, tmp_path: Path) -> None:
    half_life, gene_list = authors_tables(tmp_path)
    with store.locked():
        waiting = Thread(target=joined_table, args=(store, "K562", half_life, gene_list), daemon=True)
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
        # What the holder of the lock does; the name is that of the two tables' checksums.
        digests = "-".join(store.digest(table)[:8] for table in (half_life, gene_list))
        made = store.folder / "joined" / f"K562.genes.{digests}.tsv"
        made.parent.mkdir(parents=True)
        made.write_text("made by who held the lock")
    waiting.join(10)
    assert not waiting.is_alive()
    assert made.read_text() == "made by who held the lock"


class Notes(Silent):
    """Progress of which the notes are kept."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def test_who_waits_is_told_and_who_need_not_is_not(store: Store) -> None:
    alone, waiting = Notes(), Notes()

    def wait() -> None:
        with store.locked(waiting):
            pass

    with store.locked(alone):
        second = Thread(target=wait, daemon=True)
        second.start()
        second.join(0.5)
        assert second.is_alive()
    second.join(10)
    assert not second.is_alive()
    assert alone.notes == []
    assert waiting.notes == [f"waits for another process, which fetches or derives files in {store.folder}"]


def authors_tables(folder: Path) -> tuple[Path, Path]:
    """A table of half-life features and a list of genes, of one gene."""
    half_life, gene_list = folder / "half_life.tsv", folder / "genes.tsv"
    values = ["0"] * len(HALF_LIFE_FEATURES)
    half_life.write_text(
        "\t".join(("ENSID", *HALF_LIFE_FEATURES)) + "\n" + "\t".join(("ENSG1", *values)) + "\n"
    )
    columns = ("chr", "strand", "symbol", "tss", H3K27AC_RPM[0], DHS_RPM[0])
    gene_list.write_text("\t".join(columns) + "\nchr1\t+\tENSG1\t500\t1\t4\n")
    return half_life, gene_list


def test_a_file_system_that_knows_no_locks_is_no_reason_to_stop(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    done = []
    with fetching(store.folder):
        done.append("fetched")
    begin_reading(store.folder)
    assert (done, is_read(store.folder)) == (["fetched"], False)
