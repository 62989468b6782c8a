"""A band of contacts answers as the file of contacts does: that is its definition."""

import pickle

import numpy as np
import pytest
from full_disk import no_file_larger_than
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_files import write_cool, write_hic

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.contact_band import decode_band
from seq2exp_tracks.io.contacts import Contacts

# The last bin of each chromosome is shorter than the others; one chromosome is shorter than a bin.
SIZES = {"chr1": 52_000, "chr2": 20_001, "chr3": 4_000}
BINS = {"chr1": 11, "chr2": 5, "chr3": 1}


def write_contacts(kind, folder, counts):
    """An experiment whose VC is computed, stored, partly undefined, or not asked for."""
    divisors = np.arange(1.0, 1 + sum(BINS.values()))
    if kind == "hic":
        by_chrom = dict(zip(BINS, np.split(divisors, np.cumsum([*BINS.values()])[:-1]), strict=True))
        return Contacts(write_hic(folder / "a.hic", SIZES, counts, vc=by_chrom), ChromSizes(SIZES))
    divisors[3] = np.nan
    weights = {"VC": divisors} if kind == "stored" else {}
    path = write_cool(folder / "a.cool", SIZES, counts, weights=weights)
    return Contacts(path, ChromSizes(SIZES), normalization="NONE" if kind == "raw" else "VC")


@settings(max_examples=60)
@given(
    kind=st.sampled_from(["computed", "stored", "raw", "hic"]),
    chrom=st.sampled_from(sorted(SIZES)),
    uppers=st.fixed_dictionaries(
        {chrom: arrays(np.int64, (bins, bins), elements=st.integers(0, 5)) for chrom, bins in BINS.items()}
    ),
    distance=st.integers(0, 60_000),
    data=st.data(),
)
def test_rows_are_those_of_the_file_to_the_last_bit(tmp_path_factory, kind, chrom, uppers, distance, data):
    counts = {name: np.triu(upper) + np.triu(upper, 1).T for name, upper in uppers.items()}
    for matrix in counts.values():
        matrix[0, 0] = 1  # neither format takes an empty matrix
    folder = tmp_path_factory.mktemp("band")
    contacts = write_contacts(kind, folder, counts)
    band = pickle.loads(pickle.dumps(decode_band(folder / "band", contacts, chrom, distance)))
    assert band.resolution == contacts.resolution
    position = data.draw(st.integers(-1, SIZES[chrom]))
    near = st.integers(max(position - distance, 0), min(position + distance, SIZES[chrom] - 1))
    start, last = sorted((data.draw(near), data.draw(near))) if 0 <= position < SIZES[chrom] else (0, 0)
    interval = Interval(chrom, start, last + 1)
    np.testing.assert_array_equal(
        band.contact_with(chrom, position, interval), contacts.contact_with(chrom, position, interval)
    )
    assert band.own_contact(chrom, position) == contacts.own_contact(chrom, position)


def test_what_a_stored_normalisation_leaves_undefined_is_0(tmp_path):
    counts = {chrom: np.full((bins, bins), 6) for chrom, bins in BINS.items()}
    band = decode_band(tmp_path / "band", write_contacts("stored", tmp_path, counts), "chr1", 10_000)
    # The divisors are 1, 2, 3, none, 5, …
    row = band.contact_with("chr1", 10_000, Interval("chr1", 0, 25_000))
    np.testing.assert_allclose(row, [6 / 3, 6 / 6, 6 / 9, 0, 6 / 15])
    assert band.own_contact("chr1", 15_000) == 0


@pytest.fixture
def contacts(tmp_path):
    return write_contacts("raw", tmp_path, {chrom: np.eye(bins, dtype=int) for chrom, bins in BINS.items()})


@pytest.mark.parametrize(
    ("chrom", "start", "end"), [("chr1", 14_999, 25_000), ("chr1", 30_000, 40_001), ("chr2", 15_000, 20_000)]
)
def test_what_lies_outside_of_the_band_is_refused_and_not_read_as_0(tmp_path, contacts, chrom, start, end):
    band = decode_band(tmp_path / "band", contacts, "chr1", 10_000)
    assert band.contact_with("chr1", 25_000, Interval("chr1", 15_000, 40_000)).tolist() == [0, 0, 1, 0, 0]
    with pytest.raises(ValueError, match="is not in the band"):
        band.contact_with(chrom, 17_000 if chrom == "chr2" else 25_000, Interval(chrom, start, end))


def test_a_chromosome_that_the_file_lacks_has_no_contacts(tmp_path, contacts):
    wider = Contacts(contacts.path, ChromSizes({**SIZES, "chrX": 9_000}), normalization="NONE")
    band = decode_band(tmp_path / "band", wider, "chrX", 10_000)
    assert band.contact_with("chrX", 100, Interval("chrX", 0, 9_000)).tolist() == [0, 0]
    assert band.own_contact("chrX", 100) == 0


def test_a_full_disk_is_one_line_with_the_way_out(tmp_path, contacts):
    with (
        no_file_larger_than(100),
        pytest.raises(OutputError, match=r"no room for the decoded inputs.*TMPDIR"),
    ):
        decode_band(tmp_path / "band", contacts, "chr1", 10_000)
