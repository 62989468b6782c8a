"""What counts as a shard that is there."""

import os
from collections.abc import Iterator
from errno import EMFILE
from pathlib import Path

import pytest
from full_disk import no_file_larger_than
from shard_samples import as_bytes, gene, scores, shard, store_in, write

from seq2exp_tracks.errors import InputError, OutputError, TracksError
from seq2exp_tracks.scores import WindowScores

FIRST, SECOND = shard(0), shard(1)


def test_a_shard_comes_back_as_it_was_written(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    assert not store.holds_shards()
    assert not store.is_whole(FIRST)
    assert not store.is_damaged(FIRST)
    write(store, [FIRST])
    assert store.holds_shards()
    assert store.is_whole(FIRST)
    assert not store.is_damaged(FIRST)
    assert [as_bytes(one) for one in store.read(FIRST)] == [as_bytes(scores(one)) for one in FIRST.genes]
    receipt = store.receipt(FIRST)
    assert receipt is not None
    assert (receipt.shard, receipt.genes, receipt.path) == (0, 2, store.identity.path)
    assert sorted(path.name for path in store.folder.iterdir()) == ["000000.json", "000000.parquet"]


def test_a_shard_with_a_bit_flipped_anywhere_is_not_whole(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    write(store, [FIRST])
    file = store.folder / "000000.parquet"
    content = file.read_bytes()
    for place in [*range(0, len(content), 67), len(content) - 1]:
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        file.write_bytes(damaged)
        assert not store.is_whole(FIRST), place
    assert store.is_damaged(FIRST)
    file.write_bytes(content)
    assert store.is_whole(FIRST)


def test_files_of_another_shard_do_not_count(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    write(store, [FIRST, SECOND])
    for ending in ("parquet", "json"):
        first, second = (store.folder / f"{one.name}.{ending}" for one in (FIRST, SECOND))
        aside = store.folder / "aside"
        first.replace(aside)
        second.replace(first)
        aside.replace(second)
        assert not store.is_whole(FIRST), ending
        assert not store.is_whole(SECOND), ending


def test_a_shard_without_its_file_or_its_receipt_does_not_count(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    write(store, [FIRST, SECOND])
    (store.folder / "000000.parquet").unlink()
    (store.folder / "000001.json").unlink()
    assert not store.is_whole(FIRST)
    assert store.is_damaged(FIRST)
    assert not store.is_whole(SECOND)
    assert not store.is_damaged(SECOND)  # as a run leaves it that was killed between the two


def test_a_shard_that_was_made_from_other_things_does_not_count_and_is_not_damaged(tmp_path: Path) -> None:
    write(store_in(tmp_path), [FIRST])
    for other in (
        store_in(tmp_path, inputs={}),
        store_in(tmp_path, settings={}),
        store_in(tmp_path, versions={}),
    ):
        assert not other.is_whole(FIRST)
        assert not other.is_damaged(FIRST)
    assert store_in(tmp_path, path={"devices": ["H100"]}).is_whole(FIRST)


def test_paths_of_shards_are_told_each_once(tmp_path: Path) -> None:
    write(store_in(tmp_path), [shard(0), shard(2)])
    other = store_in(tmp_path, path={"devices": ["H100"]})
    write(other, [shard(1), shard(3)])
    found = other.paths([shard(number) for number in range(5)])
    assert found == [store_in(tmp_path).identity.path, {"devices": ["H100"]}]


def test_scores_that_end_with_an_error_leave_nothing_of_the_shard(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    write(store, [FIRST])

    def breaking_off() -> Iterator[WindowScores]:
        yield scores(FIRST.genes[0])
        raise TracksError("the machine is on fire")

    with pytest.raises(TracksError, match=r"^the machine is on fire$"):
        store.write(FIRST, breaking_off())
    assert not store.is_whole(FIRST)
    assert [path.name for path in store.folder.iterdir()] == [
        "000000.parquet"
    ]  # the one before, without receipt


def test_what_goes_wrong_while_scores_are_computed_is_not_told_of_the_output(tmp_path: Path) -> None:
    """An error of the system on an input, or a mistake of ours, says nothing of where shards are written."""
    store, error = store_in(tmp_path), OSError(EMFILE, "Too many open files", "/inputs/signal.bw")

    def failing() -> Iterator[WindowScores]:
        yield scores(FIRST.genes[0])
        raise error

    with pytest.raises(OSError, match=r"^\[Errno 24\] Too many open files: '/inputs/signal.bw'$") as raised:
        store.write(FIRST, failing())
    assert raised.value is error
    assert list(store.folder.iterdir()) == []


@pytest.mark.parametrize("bytes_left", [0, 100, 3000])
def test_a_disk_that_is_full_is_told_of_the_shard_in_one_line(tmp_path: Path, bytes_left: int) -> None:
    store = store_in(tmp_path)
    write(store, [SECOND])
    with (
        pytest.raises(OutputError, match=r"000000\.parquet: cannot be written \(File too large\); [^\n]*$"),
        no_file_larger_than(bytes_left),
    ):
        write(store, [FIRST])
    assert sorted(path.name for path in store.folder.iterdir()) == ["000001.json", "000001.parquet"]


def test_a_shard_that_has_no_place_is_one_line(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    (store.folder / "000000.parquet").mkdir()
    with pytest.raises(OutputError, match=r"000000\.parquet: cannot be written \(Is a directory\); [^\n]*$"):
        write(store, [FIRST])


def test_scores_of_other_genes_are_no_shard(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with pytest.raises(ValueError, match=r"^shard 000000: scores of chr1\.7 for chr1\.0$"):
        store.write(FIRST, [scores(gene(7))])
    with pytest.raises(ValueError, match=r"shorter|longer"):
        store.write(FIRST, [scores(FIRST.genes[0])])
    assert list(store.folder.iterdir()) == []


def test_a_shard_whose_inputs_changed_meanwhile_does_not_count(tmp_path: Path) -> None:
    store = store_in(tmp_path)

    def changed() -> None:
        raise InputError("genome.fa: changed")

    store.unchanged = changed
    with pytest.raises(InputError, match=r"^genome\.fa: changed$"):
        write(store, [FIRST])
    assert list(store.folder.iterdir()) == []


def test_a_shard_that_cannot_be_read_is_computed_anew_by_the_next_run(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    write(store, [FIRST])
    file = store.folder / "000000.parquet"
    file.write_bytes(b"PAR1" + file.read_bytes()[4:-4] + b"RAP1")
    with pytest.raises(
        InputError,
        match=r"000000\.parquet: damaged .* the same command again, `merge` with --compute-missing, .* anew$",
    ):
        list(store.read(FIRST))
    assert not (store.folder / "000000.json").exists()


def test_why_a_shard_was_set_aside_is_told_until_it_is_done(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.set_aside(SECOND, "signal.bw: damaged")
    assert store.failures() == {1: "signal.bw: damaged"}
    assert not store.holds_shards()
    write(store, [SECOND])
    assert store.failures() == {}


def test_clearing_leaves_the_locks(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    write(store, [FIRST])
    store.set_aside(SECOND, "damaged")
    for lock in ("lock", "part-1-of-2.lock"):
        (store.folder / lock).touch()
    store.clear()
    assert sorted(path.name for path in store.folder.iterdir()) == ["lock", "part-1-of-2.lock"]


def test_shards_that_another_plan_left_are_removed(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    write(store, [FIRST, SECOND, shard(2)])
    store.set_aside(shard(3), "damaged")
    (store.folder / "plan.json").touch()
    store.keep_only([FIRST, SECOND])
    names = [f"00000{number}.{ending}" for number in (0, 1) for ending in ("json", "parquet")]
    assert sorted(path.name for path in store.folder.iterdir()) == [*names, "plan.json"]


def test_what_killed_processes_left_half_written_is_removed(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    write(store, [FIRST])
    (store.folder / ".partial-node-7-000001.parquet").touch()
    store.keep_only([FIRST, SECOND])
    assert sorted(path.name for path in store.folder.iterdir()) == ["000000.json", "000000.parquet"]


def test_shards_that_cannot_be_removed_are_one_line(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    (store.folder / "000007").mkdir()
    for remove in (lambda: store.keep_only([FIRST]), store.clear):
        with pytest.raises(OutputError, match=rf"^{store.folder}: cannot be written \("):
            remove()


def test_two_attempts_at_one_shard_do_not_disturb_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a cluster, where one that was taken for lost goes on."""
    store, own, other = store_in(tmp_path), os.getpid(), os.getpid() + 1

    def overtaken() -> Iterator[WindowScores]:
        first, *others = (scores(one) for one in FIRST.genes)
        yield first
        monkeypatch.setattr(os, "getpid", lambda: other)
        write(store, [FIRST])
        assert store.is_whole(FIRST)
        monkeypatch.setattr(os, "getpid", lambda: own)
        yield from others

    store.write(FIRST, overtaken())
    assert store.is_whole(FIRST)
    assert sorted(path.name for path in store.folder.iterdir()) == ["000000.json", "000000.parquet"]
