"""Servers that close early, stall, forget or change a file meanwhile, and two of us who want it at once."""

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from file_server import Fault, FileServer
from one_file import ADDRESS, BODY, PATH, Ensure, files_below, refuse
from told import Told

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.address import Address
from seq2exp_tracks.resources.cache_locks import held
from seq2exp_tracks.resources.fetching import Fetcher, Wanted
from seq2exp_tracks.resources.mirror import Way
from seq2exp_tracks.resources.remote import RemoteInputs
from seq2exp_tracks.resources.sources import Remote
from seq2exp_tracks.resources.store import Store
from seq2exp_tracks.resources.transfer import Transfer
from seq2exp_tracks.resources.unfinished import download_path

OTHER = random.Random(3).randbytes(len(BODY))

Fetch = Callable[[], Path]
Found = TypeVar("Found")


@pytest.fixture
def fetch(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fetch:
    """Fetches the file as an input that was given by its address."""
    monkeypatch.setenv("SEQ2EXP_TRACKS_CACHE", str(tmp_path / "cache"))
    address = Address.parse(f"{server.url}{PATH}")
    assert address is not None

    def call() -> Path:
        with (
            Transfer(attempts=3, first_wait=0.01, timeout=5) as transfer,
            RemoteInputs(transfer, Told(), refuse, offline=False) as inputs,
        ):
            inputs.fetch(address)
        return address.place("remote")

    return call


def at_once(work: Callable[[], Found]) -> list[Found]:
    """What two get who do the same at the same time."""
    found: list[Found] = []
    both = [threading.Thread(target=lambda: found.append(work())) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    return found


def test_two_who_want_a_file_of_the_store_at_once_fetch_it_once(server: FileServer, store: Store) -> None:
    server.faults[PATH] = [Fault(pace=0.03)]

    def work() -> Path:
        with Transfer() as transfer:
            fetcher = Fetcher(store, Way(server.url), transfer, Told(), refuse)
            return fetcher.ensure([Wanted("one", Remote(address=ADDRESS))])["one"]

    first, second = at_once(work)
    assert first == second == store.path(Remote(address=ADDRESS))
    assert first.read_bytes() == BODY
    assert len(server.gets(PATH)) == 1


def test_two_who_want_a_file_of_an_address_at_once_fetch_it_once(server: FileServer, fetch: Fetch) -> None:
    server.faults[PATH] = [Fault(pace=0.03)]
    first, second = at_once(fetch)
    assert first == second
    assert first.read_bytes() == BODY
    assert len(server.gets(PATH)) == 1


@pytest.mark.parametrize("tags", [True, False])
def test_a_file_that_changes_between_two_requests_is_not_mixed(
    ensure: Ensure, server: FileServer, path: Path, tags: bool
) -> None:
    server.tags = tags
    server.faults[PATH] = [Fault(drop_after=100_000, becomes=OTHER)]
    ensure()
    assert path.read_bytes() == OTHER
    # Where nobody tells one state of the file from another, no part of it is asked for.
    assert [request.range for request in server.gets(PATH)] == [None, "bytes=100000-" if tags else None]


def test_a_file_that_changes_while_an_input_is_fetched_is_refused_once(
    server: FileServer, fetch: Fetch
) -> None:
    server.faults[PATH] = [Fault(drop_after=100_000, becomes=OTHER)]
    with pytest.raises(InputError, match=r"one\.bin: changed while it was fetched; give the same command"):
        fetch()
    assert fetch().read_bytes() == OTHER


def test_what_another_command_reads_is_not_replaced(server: FileServer, fetch: Fetch) -> None:
    address = Address.parse(f"{server.url}{PATH}")
    assert address is not None
    with Transfer() as transfer, RemoteInputs(transfer, Told(), refuse, offline=False) as reads:
        reads.fetch(address)
        assert fetch().read_bytes() == BODY  # as it is, others read it too
        server.files[PATH] = OTHER
        with pytest.raises(InputError, match="another command reads what came then; wait for it"):
            fetch()
        assert address.place("remote").read_bytes() == BODY
    assert fetch().read_bytes() == OTHER


def test_a_file_of_the_cache_that_is_read_by_its_path_is_not_replaced(
    server: FileServer, fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached, mine = fetch(), tmp_path / "mine" / "own.fa"
    mine.parent.mkdir()
    mine.touch()
    server.files[PATH] = OTHER
    with monkeypatch.context() as elsewhere:
        # The cache may have been another one when the path was noted.
        elsewhere.setenv("SEQ2EXP_TRACKS_CACHE", str(tmp_path / "another"))
        reading = held([cached, mine])
        reading.__enter__()
    with pytest.raises(InputError, match="another command reads what came then"):
        fetch()
    assert cached.read_bytes() == BODY
    reading.__exit__(None, None, None)
    assert fetch().read_bytes() == OTHER
    assert list(mine.parent.iterdir()) == [mine]


def test_what_had_arrived_of_a_file_that_is_another_by_now_is_not_taken_for_it(
    server: FileServer, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as stopped:
        stopped.setattr("seq2exp_tracks.resources.remote.sha256_of", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fetch()
    server.files[PATH] = OTHER
    assert fetch().read_bytes() == OTHER


def test_a_connection_that_closes_early_without_a_length_is_noticed(
    ensure: Ensure, server: FileServer, path: Path
) -> None:
    server.faults[PATH] = [Fault(drop_after=100_000, no_length=True)]
    ensure()
    assert path.read_bytes() == BODY
    assert [request.range for request in server.gets(PATH)] == [None, "bytes=100000-"]


def test_a_file_of_which_nobody_tells_the_length_is_taken(
    ensure: Ensure, server: FileServer, path: Path, told: Told
) -> None:
    server.no_sizes = True
    server.faults[PATH] = [Fault(no_length=True)]
    ensure()
    assert path.read_bytes() == BODY
    assert told.notes[0].startswith("fetching 1 file (at least 0")


def test_a_server_that_gives_whole_files_only_and_never_to_the_end_is_given_up(
    ensure: Ensure, server: FileServer
) -> None:
    server.ranges = False
    server.faults[PATH] = [Fault(drop_after=at) for at in (100_000, 200_000) * 5]
    with pytest.raises(InputError, match="failed 3 times"):
        ensure()
    assert [request.sent for request in server.gets(PATH)] == [100_000, 200_000, 100_000, 200_000]


def test_a_server_that_stalls_in_the_midst_is_asked_for_the_rest(
    ensure: Ensure, server: FileServer, path: Path
) -> None:
    server.faults[PATH] = [Fault(pace=2.0)]
    ensure(timeout=0.2)
    assert path.read_bytes() == BODY
    assert [request.range for request in server.gets(PATH)] == [None, "bytes=65536-"]


def test_an_error_of_one_file_does_not_wait_for_a_silent_server_and_nothing_is_written_after_it(
    server: FileServer, store: Store, path: Path
) -> None:
    other = "/files.example.org/two.bin"
    server.files[other] = b"two"
    server.faults |= {PATH: [Fault(pace=4.0)], other: [Fault(wait=0.5, status=404)]}
    wanted = [Wanted("one", Remote(address=ADDRESS)), Wanted("two", Remote(address=f"https:/{other}"))]
    with Transfer() as transfer:
        fetcher = Fetcher(store, Way(server.url), transfer, Told(), refuse)
        began = time.monotonic()
        with pytest.raises(InputError, match=r"^two: .*404"):
            fetcher.ensure(wanted)
        assert time.monotonic() - began < 3.9
        assert download_path(path).read_bytes() == BODY[: 1 << 16]
        while server.gets(PATH)[0].sent == 1 << 16:
            time.sleep(0.05)
        time.sleep(0.5)  # the next piece has come
        assert download_path(path).read_bytes() == BODY[: 1 << 16]
        assert fetcher.ensure(wanted)["one"].read_bytes() == BODY


@pytest.mark.slow
def test_a_server_that_is_slow_but_steady_is_waited_for(
    ensure: Ensure, server: FileServer, path: Path
) -> None:
    server.faults[PATH] = [Fault(pace=0.5)]
    ensure(timeout=2.0)
    assert path.read_bytes() == BODY
    assert [request.sent for request in server.gets(PATH)] == [len(BODY)]


def test_nothing_is_written_through_a_link(
    ensure: Ensure, server: FileServer, store: Store, path: Path, tmp_path: Path
) -> None:
    server.faults[PATH] = [Fault(drop_after=100_000), *[Fault(drop_after=0)] * 2]
    with pytest.raises(InputError, match="failed 3 times"):
        ensure()
    theirs = download_path(path).rename(tmp_path / "theirs")
    download_path(path).symlink_to(theirs)
    path.symlink_to(tmp_path / "nowhere")
    ensure()
    assert path.read_bytes() == BODY
    assert files_below(store.folder) == [".record-one.bin.json", "one.bin"]
    assert theirs.read_bytes() == BODY[:100_000]
    assert not (tmp_path / "nowhere").exists()


def test_a_link_to_a_file_of_the_cache_is_read_and_never_written(fetch: Fetch, tmp_path: Path) -> None:
    cached = fetch()
    theirs = cached.rename(tmp_path / "theirs")
    cached.symlink_to(theirs)
    assert fetch().read_bytes() == BODY
    assert cached.is_symlink()
    theirs.write_bytes(b"shorter")
    download_path(cached).symlink_to(theirs)
    assert fetch().read_bytes() == BODY
    assert not cached.is_symlink()
    assert theirs.read_bytes() == b"shorter"


def test_what_is_signed_is_not_printed_of_a_redirect(ensure: Ensure, server: FileServer) -> None:
    for target, told in (
        ("ftp://a.example.org/b?Signature=secret", r"to ftp://a\.example\.org/b, which is refused"),
        ("https://user:secret@[a/b?Signature=secret", r"to '\[a/b', which is no address"),
    ):
        server.faults[PATH] = [Fault(status=302, headers={"Location": target})]
        with pytest.raises(InputError, match=told) as caught:
            ensure()
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("mirror", "told"),
    [
        ("ftp://user:secret@a.example.org/b", r"--mirror ftp://a\.example\.org/b: neither an address"),
        ("https://a.example.org/b?token=secret", r"--mirror https://a\.example\.org/b: goes on after its"),
        ("https://user:secret@[a", "--mirror: an address that cannot be read"),
    ],
)
def test_a_mirror_that_cannot_be_used_is_refused_without_its_secrets(mirror: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        Way.chosen(mirror)
    assert "secret" not in str(caught.value)


def test_a_mirror_that_is_no_address_is_told_without_its_password(ensure: Ensure) -> None:
    with pytest.raises(InputError, match="no address; mend it") as caught:
        ensure(way=Way("http://user:secret@127.0.0.1:none"))
    assert "secret" not in str(caught.value)
