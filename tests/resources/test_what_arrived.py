"""What has arrived is what it should be: by checksum and length; and a sequence can be read by position."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from file_server import FileServer
from one_file import BODY, PATH, Ensure, files_below

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.resources import arrival
from seq2exp_tracks.resources.checking import check_store
from seq2exp_tracks.resources.fetching import Wanted
from seq2exp_tracks.resources.mirror import Way
from seq2exp_tracks.resources.sources import Remote
from seq2exp_tracks.resources.store import Store, record_path


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


@pytest.mark.parametrize("compress", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_a_sequence_becomes_readable_by_position(
    ensure: Ensure, server: FileServer, store: Store, compress: Callable[[bytes], bytes]
) -> None:
    text = b">chr1\n" + b"ACGTTGCAAC\n" * 20_000 + b">chr2\nNNNNACGT\n"
    # Once: gzip writes the time into its header.
    sent = server.files["/genomes.example.org/g.fa.gz"] = compress(text)
    remote = Remote(address="https://genomes.example.org/g.fa.gz")
    path = ensure(Wanted("g fasta", remote, fasta=True))["g fasta"]
    assert gzip.decompress(path.read_bytes()) == text
    assert files_below(store.folder) == [".record-g.fa.gz.json", "g.fa.gz", "g.fa.gz.fai", "g.fa.gz.gzi"]
    with Fasta(path) as fasta:
        assert fasta.sizes == {"chr1": 200_000, "chr2": 8}
        assert fasta.codes(Interval("chr2", 2, 8)).tolist() == [4, 4, 0, 1, 2, 3]
    record = store.record(path)
    assert record is not None
    assert record.arrived_sha256 == hashlib.sha256(sent).hexdigest()
    assert record.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_sequence_put_by_hand_becomes_readable_too(ensure: Ensure, store: Store) -> None:
    remote = Remote(address="https://genomes.example.org/g.fa.gz")
    path = store.path(remote)
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(b">chr1\nACGT\n"))
    assert ensure(Wanted("g", remote, fasta=True), way=Way(offline=True)) == {"g": path}
    with Fasta(path) as fasta:
        assert fasta.codes(Interval("chr1", 0, 4)).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("known", [True, False], ids=["checksum known", "first use"])
def test_a_fetch_killed_while_it_indexes_is_gone_on_with(
    ensure: Ensure, server: FileServer, store: Store, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    sent = server.files["/genomes.example.org/g.fa.gz"] = gzip.compress(b">chr1\nACGT\n")
    digest = hashlib.sha256(sent).hexdigest()
    remote = Remote(address="https://genomes.example.org/g.fa.gz", sha256=digest if known else None)
    with monkeypatch.context() as killed:
        killed.setattr(arrival, "Fasta", _killed)
        with pytest.raises(KeyboardInterrupt):
            ensure(Wanted("g", remote, fasta=True))
    path = ensure(Wanted("g", remote, fasta=True))["g"]
    assert files_below(store.folder) == [".record-g.fa.gz.json", "g.fa.gz", "g.fa.gz.fai", "g.fa.gz.gzi"]
    record = store.record(path)
    assert record is not None
    assert (record.arrived_sha256, record.bytes) == (digest, path.stat().st_size)


def _killed(path: Path) -> Fasta:
    raise KeyboardInterrupt(path)


def test_a_compression_killed_before_it_has_its_name_is_gone_on_with(ensure: Ensure, store: Store) -> None:
    remote = Remote(address="https://genomes.example.org/g.fa.gz")
    path = store.path(remote)
    path.parent.mkdir(parents=True)
    put = gzip.compress(b">chr1\nACGT\n")
    path.write_bytes(put)
    ensure(Wanted("g", remote, fasta=True), way=Way(offline=True))
    path.write_bytes(put)  # the record tells of the compressed one
    ensure(Wanted("g", remote, fasta=True), way=Way(offline=True))
    record = store.record(path)
    assert record is not None
    assert record.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert record.arrived_sha256 == hashlib.sha256(put).hexdigest()


def test_a_truncated_sequence_is_thrown_away(ensure: Ensure, server: FileServer, store: Store) -> None:
    server.files["/genomes.example.org/g.fa.gz"] = gzip.compress(b">chr1\n" + BODY.hex().encode())[:-2000]
    with pytest.raises(InputError, match="damaged gzip"):
        ensure(Wanted("g", Remote(address="https://genomes.example.org/g.fa.gz"), fasta=True))
    assert files_below(store.folder) == []
