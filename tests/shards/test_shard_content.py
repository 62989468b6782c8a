"""Scores in the file of a shard come back bit for bit."""

import io
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np
from shard_samples import as_bytes, gene, scores, window_of

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.shards.content import ShardFile, read_scores
from seq2exp_tracks.windows import Window

FLOATS = st.floats(width=32, allow_nan=False)


@st.composite
def windows_of_scores(draw: st.DrawFn) -> WindowScores:
    """Scores of a window of any length, with any bits that are a number."""
    one = gene(draw(st.integers(0, 90)))
    window = Window.around(one, draw(st.integers(1, 60)), 1_000)
    floats = st_np.arrays(np.float32, len(window.inside), elements=FLOATS)
    return WindowScores(
        window=window,
        learned=draw(floats),
        sd=draw(floats),
        applied=draw(floats),
        excluded=draw(st_np.arrays(np.bool_, len(window.inside))),
        expression=draw(st.floats(allow_nan=False)),
        imputed=tuple(draw(st.lists(st.text(max_size=4), max_size=3))),
        contact=draw(st.none() | floats),
    )


def write(path: Path, written: list[WindowScores]) -> None:
    with path.open("wb") as file, ShardFile(file, path, "of the test") as shard:
        for one in written:
            shard.add(one)


@settings(max_examples=25)
@given(st.lists(windows_of_scores(), max_size=4))
def test_scores_come_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, written: list[WindowScores]
) -> None:
    path = tmp_path_factory.mktemp("shard") / "000000.parquet"
    write(path, written)
    read = list(read_scores(path, [one.window for one in written]))
    assert [as_bytes(one) for one in read] == [as_bytes(one) for one in written]
    assert pq.read_schema(path).metadata[b"prov"] == b"of the test"


def test_the_same_scores_are_the_same_bytes() -> None:
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        with ShardFile(file, Path("a"), "of the test") as shard:
            shard.add(scores(gene(1)))
    assert files[0].getvalue() == files[1].getvalue() != b""


def test_other_windows_than_those_that_are_expected_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "000000.parquet"
    write(path, [scores(gene(1)), scores(gene(2))])
    with pytest.raises(InputError, match=r"000000\.parquet: holds 2 windows, and not 1$"):
        list(read_scores(path, [window_of(gene(1))]))
    with pytest.raises(InputError, match=r"holds chr1\.2 where chr1\.3 is expected$"):
        list(read_scores(path, [window_of(gene(1)), window_of(gene(3))]))
    with pytest.raises(InputError, match=r"damaged \(learned of 40 bases, and not 20\)$"):
        list(read_scores(path, [Window.around(gene(1), 20, 1_000), window_of(gene(2))]))


def test_a_file_of_other_columns_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "000000.parquet"
    write(path, [scores(gene(1))])
    pq.write_table(pq.read_table(path).drop_columns(["sd"]), path)
    with pytest.raises(InputError, match=r"000000\.parquet: damaged \(.*sd"):
        list(read_scores(path, [window_of(gene(1))]))


def test_a_value_that_was_flipped_on_the_disk_is_noticed_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "000000.parquet"
    write(path, [scores(gene(1))])
    column = pq.ParquetFile(path).metadata.row_group(0).column(3)
    assert column.path_in_schema.startswith("learned.")
    place = column.data_page_offset + column.total_compressed_size - 1
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"000000\.parquet: damaged \("):
        list(read_scores(path, [window_of(gene(1))]))


def test_a_file_that_ends_early_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "000000.parquet"
    write(path, [scores(gene(1))])
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"000000\.parquet: damaged \("):
        list(read_scores(path, [window_of(gene(1))]))
