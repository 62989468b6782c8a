import pickle

import numpy as np
import pytest
from full_disk import no_file_larger_than
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io import decoded as decoded_module
from seq2exp_tracks.io.decoded import decode
from seq2exp_tracks.io.stretches import Stretches

LENGTH = 50


def stretches_of(*bounds):
    return Stretches.covering([Interval("chr1", start, end) for start, end in bounds])


@given(
    values=arrays(np.float32, LENGTH, elements=st.sampled_from([0.0, 0.0, 1.5, -2.0])),
    wanted=st.lists(
        st.tuples(st.integers(0, LENGTH - 1), st.integers(1, 20)).map(
            lambda drawn: (drawn[0], min(sum(drawn), LENGTH))
        ),
        min_size=1,
        max_size=5,
    ),
    piece=st.integers(1, 30),
)
def test_what_was_decoded_is_what_was_read_once_a_base(tmp_path_factory, values, wanted, piece):
    asked = np.zeros(LENGTH, int)

    def read(interval):
        asked[interval.start : interval.end] += 1
        return values[interval.start : interval.end]

    path = tmp_path_factory.mktemp("decoded") / "values"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoded_module, "_PIECE", piece)
        decoded = decode(path, np.float32, stretches_of(*wanted), read)
    for start, end in wanted:
        np.testing.assert_array_equal(decoded.read(Interval("chr1", start, end)), values[start:end])
    assert asked.max() == 1
    assert asked.sum() == len({base for start, end in wanted for base in range(start, end)})


@pytest.fixture
def small(tmp_path):
    stretches = stretches_of((10, 20), (30, 35))
    return decode(tmp_path / "codes", np.uint8, stretches, lambda piece: np.arange(piece.start, piece.end))


@pytest.mark.parametrize("asked", [(9, 12), (15, 21), (20, 30), (34, 36), (15, 32)])
def test_what_was_not_decoded_is_refused_and_not_read_as_0(small, asked):
    with pytest.raises(ValueError, match=r"codes: chr1:[\d-]+ was not decoded"):
        small.read(Interval("chr1", *asked))
    with pytest.raises(ValueError, match="was not decoded"):
        small.read(Interval("chr2", 10, 20))


def test_values_keep_their_type_and_cannot_be_written(small):
    values = small.read(Interval("chr1", 30, 33))
    assert values.tolist() == [30, 31, 32]
    assert values.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 0


def test_a_copy_in_another_process_reads_the_same_file(small):
    small.read(Interval("chr1", 10, 20))
    copy = pickle.loads(pickle.dumps(small))
    assert copy.path == small.path
    assert copy.read(Interval("chr1", 12, 14)).tolist() == [12, 13]


def test_holes_and_pieces_of_nothing_take_no_space(tmp_path):
    stretches = stretches_of((0, 1), (40_000_000, 41_500_000))
    decode(tmp_path / "values", np.float32, stretches, lambda piece: np.full(len(piece), piece.start == 0))
    status = (tmp_path / "values").stat()
    assert status.st_size == 4 * 41_500_000
    assert status.st_blocks * 512 <= 1_000_000


def test_a_full_disk_is_one_line_with_the_folder_and_the_way_out(tmp_path):
    with (
        no_file_larger_than(100),
        pytest.raises(OutputError) as caught,
    ):
        decode(tmp_path / "values", np.float32, stretches_of((0, 40)), lambda piece: np.ones(len(piece)))
    assert str(caught.value) == (
        f"{tmp_path}: no room for the decoded inputs (File too large); free some space, or set TMPDIR to a "
        "folder on a larger disk"
    )
