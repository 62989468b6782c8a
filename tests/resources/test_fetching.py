"""Files arrive whole or not at all, over a real connection on loopback that fails in every way we know."""

import gzip
import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from file_server import Fault, FileServer, serving

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources.arrival import download_path
from seq2exp_tracks.resources.checking import check_store
from seq2exp_tracks.resources.fetching import Fetcher, Wanted
from seq2exp_tracks.resources.mirror import Way
from seq2exp_tracks.resources.sources import Remote
from seq2exp_tracks.resources.store import Store, record_path
from seq2exp_tracks.resources.transfer import Transfer

ADDRESS = "https://files.example.org/data/one.bin"
PATH = "/files.example.org/data/one.bin"
BODY = random.Random(1).randbytes(300_000)

Ensure = Callable[..., dict[str, Path]]


class Told(Silent):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.steps = 0

    def note(self, message: str) -> None:
        self.notes.append(message)

    def advance(self) -> None:
        self.steps += 1


def refuse(amount: str) -> None:
    raise InputError(f"{amount} refused")


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


def files_below(folder: Path) -> list[str]:
    """Everything in the store but its lock."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != ".lock")


def test_a_file_lies_at_host_and_path_of_its_address_with_a_record(
    ensure: Ensure, store: Store, path: Path, told: Told
) -> None:
    assert ensure() == {"one": path}
    assert path.read_bytes() == BODY
    record = store.record(path)
    assert record is not None
    digest = hashlib.sha256(BODY).hexdigest()
    assert (record.address, record.bytes, record.sha256, record.arrived_sha256) == (
        ADDRESS,
        len(BODY),
        digest,
        digest,
    )
    assert files_below(store.folder) == [".record-one.bin.json", "one.bin"]
    assert told.notes == [f"fetching 1 file (300.0 kB) into {store.folder}"]


def test_what_is_here_is_not_asked_for_again(ensure: Ensure, server: FileServer) -> None:
    ensure()
    server.requests.clear()
    ensure()
    assert server.requests == []


def test_a_dropped_connection_goes_on_where_it_was(ensure: Ensure, server: FileServer, path: Path) -> None:
    server.faults[PATH] = [Fault(drop_after=100_000), Fault(drop_after=50_000)]
    ensure()
    assert path.read_bytes() == BODY
    assert [request.range for request in server.gets(PATH)] == [None, "bytes=100000-", "bytes=150000-"]
    assert sum(request.sent for request in server.gets(PATH)) == len(BODY)


def test_a_connection_that_drops_at_every_byte_is_given_up_and_goes_on_next_time(
    ensure: Ensure, server: FileServer, store: Store, path: Path
) -> None:
    server.faults[PATH] = [Fault(drop_after=200_000), Fault(drop_after=0), Fault(drop_after=0)]
    with pytest.raises(InputError, match=r"failed 3 times .*run the command again later"):
        ensure()
    assert not path.exists()
    assert download_path(path).stat().st_size == 200_000
    server.requests.clear()
    ensure()
    assert path.read_bytes() == BODY
    assert [(request.range, request.sent) for request in server.gets(PATH)] == [("bytes=200000-", 100_000)]
    assert files_below(store.folder) == [".record-one.bin.json", "one.bin"]


def test_what_had_arrived_in_full_is_not_sent_again(ensure: Ensure, server: FileServer, path: Path) -> None:
    path.parent.mkdir(parents=True)
    download_path(path).write_bytes(BODY)
    ensure()
    assert path.read_bytes() == BODY
    assert [request.sent for request in server.gets(PATH)] == [0]


def test_a_file_that_changed_meanwhile_is_not_mixed(ensure: Ensure, server: FileServer, path: Path) -> None:
    server.faults[PATH] = [Fault(drop_after=200_000), Fault(drop_after=0), Fault(drop_after=0)]
    with pytest.raises(InputError):
        ensure()
    server.files[PATH] = other = random.Random(2).randbytes(len(BODY))
    ensure()
    assert path.read_bytes() == other


def test_a_server_without_ranges_gives_the_whole_file_again(
    ensure: Ensure, server: FileServer, path: Path
) -> None:
    server.ranges = False
    server.faults[PATH] = [Fault(drop_after=200_000)]
    ensure()
    assert path.read_bytes() == BODY
    assert [request.sent for request in server.gets(PATH)] == [200_000, len(BODY)]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_failure_that_passes_is_tried_again(
    ensure: Ensure, server: FileServer, path: Path, status: int
) -> None:
    server.faults[PATH] = [Fault(status=status), Fault(status=status)]
    ensure()
    assert path.read_bytes() == BODY
    assert len(server.gets(PATH)) == 3


def test_a_slow_answer_is_asked_for_again(ensure: Ensure, server: FileServer, path: Path) -> None:
    server.faults[PATH] = [Fault(wait=1.0)]
    ensure(timeout=0.2)
    assert path.read_bytes() == BODY


def test_a_missing_file_ends_it_at_once_and_says_where_to_put_it(
    ensure: Ensure, server: FileServer, store: Store, path: Path
) -> None:
    server.files.clear()
    with pytest.raises(InputError) as caught:
        ensure()
    assert str(caught.value) == (
        f"one: {server.url}{PATH}: not there (404 Not Found); get the file by hand and put it at {path}, or "
        "name another address in resources.toml (docs/resources.md)"
    )
    assert [request.method for request in server.requests] == ["HEAD", "GET"]  # each once
    assert files_below(store.folder) == []


def test_a_file_put_by_hand_is_taken_and_recorded(ensure: Ensure, server: FileServer, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"by hand")
    assert ensure(way=Way(offline=True)) == {"one": path}
    assert record_path(path).exists()
    assert server.requests == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://files.example.org/one.bin"])
def test_redirects_to_other_schemes_are_refused(
    ensure: Ensure, server: FileServer, store: Store, target: str
) -> None:
    server.faults[PATH] = [Fault(status=302, headers={"Location": target})]
    with pytest.raises(InputError, match=f"redirects to {target}, which is refused"):
        ensure()
    assert "one.bin" not in files_below(store.folder)


def test_redirects_on_the_web_are_followed(ensure: Ensure, server: FileServer, path: Path) -> None:
    server.files["/elsewhere/two.bin"] = BODY
    server.faults[PATH] = [Fault(status=302, headers={"Location": "/elsewhere/two.bin"})]
    ensure()
    assert path.read_bytes() == BODY


def test_a_wrong_checksum_leaves_nothing(ensure: Ensure, store: Store) -> None:
    with pytest.raises(
        InputError, match=f"holds {hashlib.sha256(BODY).hexdigest()[:12]}… where 000000000000…"
    ):
        ensure(sha256="0" * 64)
    assert files_below(store.folder) == []


def test_a_right_checksum_is_fine(ensure: Ensure, path: Path) -> None:
    ensure(sha256=hashlib.sha256(BODY).hexdigest())
    assert path.read_bytes() == BODY


def test_what_came_first_is_expected_ever_after(ensure: Ensure, server: FileServer, path: Path) -> None:
    ensure()
    path.unlink()
    server.files[PATH] = b"another file"
    with pytest.raises(InputError, match=r"where .* came before .*delete .*\.record-one\.bin\.json"):
        ensure()
    record_path(path).unlink()
    ensure()
    assert path.read_bytes() == b"another file"


def test_verify_names_what_has_changed_or_gone(ensure: Ensure, server: FileServer, store: Store) -> None:
    addresses = [f"https://files.example.org/{name}" for name in "abc"]
    server.files |= {f"/files.example.org/{name}": BODY for name in "abc"}
    files = ensure(*(Wanted(address[-1], Remote(address=address)) for address in addresses))
    files["b"].write_bytes(BODY[::-1])
    files["c"].unlink()
    assert [(finding.path, finding.state) for finding in check_store(store)] == [
        (files["a"], "same"),
        (files["b"], "changed"),
        (files["c"], "gone"),
    ]


def test_a_file_of_another_length_is_refused_at_its_next_use(ensure: Ensure, path: Path) -> None:
    ensure()
    path.write_bytes(BODY[:-1])
    with pytest.raises(InputError, match="299,999 bytes, but 300,000 when it arrived; delete it"):
        ensure()


def test_a_full_disk_is_seen_beforehand(ensure: Ensure, server: FileServer, store: Store) -> None:
    with pytest.raises(OutputError, match=r"300\.0 kB to fetch and 100\.2 MB free; .*--data-folder"):
        ensure(free=100_200_000)
    assert server.gets(PATH) == []
    assert files_below(store.folder) == []


def test_much_is_asked_for_beforehand(
    ensure: Ensure, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seq2exp_tracks.resources.fetching.LARGE", len(BODY) - 1)
    with pytest.raises(InputError, match=r"^300\.0 kB in 1 file refused$"):
        ensure()
    assert server.gets(PATH) == []


def test_several_files_come_at_the_same_time_and_an_error_stops_them(
    ensure: Ensure, server: FileServer, store: Store, told: Told
) -> None:
    names = [f"file{number}" for number in range(6)]
    server.files |= {f"/files.example.org/{name}": name.encode() * 500_000 for name in names}
    wanted = [Wanted(name, Remote(address=f"https://files.example.org/{name}")) for name in names]
    server.faults["/files.example.org/file0"] = [Fault(wait=0.1, status=404)]
    with pytest.raises(InputError, match=r"^file0: .*404"):
        ensure(*wanted)
    files = ensure(*wanted)
    assert {name: file.read_bytes() for name, file in files.items()} == {
        name: name.encode() * 500_000 for name in names
    }
    assert [name for name in files_below(store.folder) if name.startswith((".download", ".partial"))] == []


def test_progress_counts_megabytes(ensure: Ensure, server: FileServer, told: Told) -> None:
    server.files[PATH] = bytes(3_500_000)
    ensure()
    assert told.steps == 3


def test_offline_lists_what_lacks_with_its_place(ensure: Ensure, server: FileServer, path: Path) -> None:
    with pytest.raises(InputError) as caught:
        ensure(way=Way(offline=True))
    assert str(caught.value).splitlines()[1:] == [f"  one: {ADDRESS}", f"    to {path}"]
    assert server.requests == []


def test_a_folder_is_a_mirror_too(ensure: Ensure, tmp_path: Path, path: Path) -> None:
    mirror = tmp_path / "mirror"
    with pytest.raises(InputError, match=rf"one: {mirror}/files.example.org/data/one.bin: not there"):
        ensure(way=Way(str(mirror)))
    (mirror / "files.example.org" / "data").mkdir(parents=True)
    (mirror / "files.example.org" / "data" / "one.bin").write_bytes(BODY)
    ensure(way=Way(str(mirror)))
    assert path.read_bytes() == BODY


@pytest.mark.parametrize("compress", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_a_sequence_becomes_readable_by_position(
    ensure: Ensure, server: FileServer, store: Store, compress: Callable[[bytes], bytes]
) -> None:
    text = b">chr1\n" + b"ACGTTGCAAC\n" * 20_000 + b">chr2\nNNNNACGT\n"
    server.files["/genomes.example.org/g.fa.gz"] = compress(text)
    remote = Remote(address="https://genomes.example.org/g.fa.gz")
    path = ensure(Wanted("g fasta", remote, fasta=True))["g fasta"]
    assert gzip.decompress(path.read_bytes()) == text
    assert files_below(store.folder) == [".record-g.fa.gz.json", "g.fa.gz", "g.fa.gz.fai", "g.fa.gz.gzi"]
    with Fasta(path) as fasta:
        assert fasta.sizes == {"chr1": 200_000, "chr2": 8}
        assert fasta.codes(Interval("chr2", 2, 8)).tolist() == [4, 4, 0, 1, 2, 3]
    record = store.record(path)
    assert record is not None
    assert record.arrived_sha256 == hashlib.sha256(compress(text)).hexdigest()
    assert record.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_sequence_put_by_hand_becomes_readable_too(ensure: Ensure, store: Store) -> None:
    remote = Remote(address="https://genomes.example.org/g.fa.gz")
    path = store.path(remote)
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(b">chr1\nACGT\n"))
    assert ensure(Wanted("g", remote, fasta=True), way=Way(offline=True)) == {"g": path}
    with Fasta(path) as fasta:
        assert fasta.codes(Interval("chr1", 0, 4)).tolist() == [0, 1, 2, 3]


def test_a_truncated_sequence_is_thrown_away(ensure: Ensure, server: FileServer, store: Store) -> None:
    server.files["/genomes.example.org/g.fa.gz"] = gzip.compress(b">chr1\n" + BODY.hex().encode())[:-2000]
    with pytest.raises(InputError, match="damaged gzip"):
        ensure(Wanted("g", Remote(address="https://genomes.example.org/g.fa.gz"), fasta=True))
    assert files_below(store.folder) == []
