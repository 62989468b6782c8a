"""Contacts between any two ranges of bins against dense matrices, in every format."""

import cooler
import numpy as np
import pandas as pd
import pytest
from small_files import write_cool, write_hic

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.contact_maps import BinRange, ContactMap
from seq2exp_tracks.io.contacts import Contacts

# The file has its chromosomes in another order than the genome; their last bins are short.
GENOME = ChromSizes({"chr1": 52_000, "chr2": 20_001, "chr3": 9_000})
FILE = {"2": 20_001, "1": 52_000}
BINS = {"chr2": 5, "chr1": 11}


def whole(seed=0):
    """A symmetric matrix of all bins of the file, contacts across chromosomes among them."""
    upper = np.triu(np.random.default_rng(seed).poisson(2, (16, 16)))
    return upper + np.triu(upper, 1).T


def write(path, matrix, **columns):
    bins = cooler.binnify(pd.Series(FILE), 5_000).assign(**columns)
    first, second = np.nonzero(np.triu(matrix))
    pixels = pd.DataFrame({"bin1_id": first, "bin2_id": second, "count": matrix[first, second]})
    cooler.create_cooler(str(path), bins, pixels)
    return path


def square(contacts, rows, columns, resolution=5_000):
    """The pixels of two ranges as a dense matrix."""
    first, second, contact = contacts.pixels(resolution, rows, columns)
    dense = np.zeros((rows.last - rows.first, columns.last - columns.first))
    np.add.at(dense, (first - rows.first, second - columns.first), contact)
    return dense


RANGES = [
    BinRange("chr1", 0, 11),
    BinRange("chr1", 0, 4),
    BinRange("chr1", 4, 11),
    BinRange("chr2", 0, 5),
    BinRange("chr2", 3, 5),
]


def part(matrix, of):
    offset = {"chr2": 0, "chr1": 5}[of.chrom]
    return matrix.take(np.arange(offset + of.first, offset + of.last), axis=0)


@pytest.mark.parametrize("rows", RANGES)
@pytest.mark.parametrize("columns", RANGES)
def test_any_two_ranges_give_their_part_of_the_matrix_on_either_side_of_the_diagonal(tmp_path, rows, columns):
    apart = rows.chrom != columns.chrom or rows.last <= columns.first or columns.last <= rows.first
    if rows != columns and not apart:
        return
    matrix = whole()
    contacts = ContactMap(write(tmp_path / "a.cool", matrix), GENOME, "NONE")
    np.testing.assert_array_equal(square(contacts, rows, columns), part(part(matrix, rows).T, columns).T)
    assert [contacts.has(chrom) for chrom in GENOME] == [True, True, False]
    assert contacts.stored_pixels(5_000) == np.count_nonzero(np.triu(matrix))


def test_balanced_contacts_are_coolers_and_filtered_bins_are_undefined(tmp_path):
    weights = np.linspace(0.5, 2, 16)
    weights[[2, 7]] = np.nan
    matrix = whole()
    path = write(tmp_path / "a.cool", matrix, weight=weights)
    contacts = ContactMap(path, GENOME, "ICE")
    expected = cooler.Cooler(str(path)).matrix(balance=True).fetch("1")
    found = square(contacts, RANGES[0], RANGES[0])
    np.testing.assert_allclose(found, np.nan_to_num(expected), rtol=1e-12)
    np.testing.assert_array_equal(contacts.defined(5_000, "chr1"), np.isfinite(weights[5:]))
    np.testing.assert_array_equal(contacts.defined(5_000, "chr2"), np.isfinite(weights[:5]))
    assert np.isfinite(contacts.pixels(5_000, RANGES[0], RANGES[0])[2]).all()


@pytest.mark.parametrize("write_file", [write_cool, write_hic])
def test_vc_that_is_not_stored_is_the_one_that_the_model_reads(tmp_path, write_file):
    random = np.random.default_rng(3)
    upper = {chrom: np.triu(random.poisson(3, (bins, bins))) for chrom, bins in (("chr1", 11), ("chr2", 5))}
    counts = {chrom: matrix + np.triu(matrix, 1).T for chrom, matrix in upper.items()}
    counts["chr1"][4] = counts["chr1"][:, 4] = 0
    sizes = {chrom: GENOME[chrom] for chrom in counts}
    suffix = write_file.__name__.removeprefix("write_")
    path = write_file(tmp_path / f"a.{suffix}", sizes, counts)
    found = square(ContactMap(path, GENOME, "VC"), RANGES[0], RANGES[0])
    with Contacts(path, GENOME) as model:
        rows = [model.contact_with("chr1", 5_000 * row, Interval("chr1", 0, 52_000)) for row in range(11)]
    np.testing.assert_allclose(found, np.array(rows), rtol=1e-6)
    assert ContactMap(path, GENOME, "VC").defined(5_000, "chr1").tolist() == [row != 4 for row in range(11)]


def test_vc_stored_in_a_hic_file_is_taken_from_it(tmp_path):
    counts = {"chr1": np.full((11, 11), 12), "chr2": np.full((5, 5), 12)}
    stored = {"chr1": [2.0] * 10 + [np.nan], "chr2": [3.0] * 5}
    sizes = {chrom: GENOME[chrom] for chrom in counts}
    contacts = ContactMap(write_hic(tmp_path / "a.hic", sizes, counts, vc=stored), GENOME, "VC")
    expected = np.full((11, 11), 3.0)
    expected[10] = expected[:, 10] = 0
    np.testing.assert_allclose(square(contacts, RANGES[0], RANGES[0]), expected)
    assert contacts.defined(5_000, "chr1").tolist() == [True] * 10 + [False]


def test_a_zoomed_file_is_read_at_each_of_its_resolutions(tmp_path):
    base = write(tmp_path / "a.cool", whole())
    path = tmp_path / "a.mcool"
    cooler.zoomify_cooler(str(base), str(path), [5_000, 10_000, 20_000], chunksize=1_000)
    contacts = ContactMap(path, GENOME, "NONE")
    assert contacts.resolutions == (5_000, 10_000, 20_000)
    for width in contacts.resolutions:
        bins = BinRange("chr1", 0, contacts.bins(width, "chr1"))
        expected = cooler.Cooler(f"{path}::resolutions/{width}").matrix(balance=False).fetch("1")
        np.testing.assert_array_equal(square(contacts, bins, bins, width), expected)


def test_what_cannot_be_used_is_one_line_that_names_the_file(tmp_path):
    path = write(tmp_path / "a.cool", whole())
    with pytest.raises(InputError, match=r"a\.cool: no KR normalisation in it; to be had: NONE, VC"):
        ContactMap(path, GENOME, "KR")
    with pytest.raises(InputError, match=r"a\.cool: 1 has 52,000 bp, but chr1 of the genome has 7"):
        ContactMap(path, ChromSizes({"chr1": 7}), "NONE")
    with pytest.raises(InputError, match="no such file of contacts"):
        ContactMap(tmp_path / "none.cool", GENOME, "NONE")
    uneven = pd.DataFrame({"chrom": ["1"] * 3, "start": [0, 10, 30], "end": [10, 30, 52_000]})
    pixels = pd.DataFrame({"bin1_id": [0], "bin2_id": [1], "count": [1]})
    cooler.create_cooler(str(tmp_path / "uneven.cool"), uneven, pixels)
    with pytest.raises(InputError, match=r"uneven\.cool: its bins differ in width"):
        ContactMap(tmp_path / "uneven.cool", GENOME, "NONE")
    (tmp_path / "text.cool").write_text("chr1\n")
    with pytest.raises(InputError, match=r"not a \.hic, \.cool or \.mcool file"):
        ContactMap(tmp_path / "text.cool", GENOME, "NONE")


def test_contigs_of_a_bin_or_two_lose_contacts_at_worst_and_raise_nothing(tmp_path):
    sizes = {"chr1": 9_876, "chr2": 1, "chr3": 101}
    table = cooler.binnify(pd.Series(sizes), 100)
    counts = np.triu(np.random.default_rng(1).poisson(0.3, (len(table), len(table))))
    # An empty last row before a short contig is what hictk 1.4 fails on.
    counts[np.flatnonzero(table["chrom"].ne(table["chrom"].shift(-1)))] = 0
    first, second = np.nonzero(counts)
    pixels = pd.DataFrame({"bin1_id": first, "bin2_id": second, "count": counts[first, second]})
    cooler.create_cooler(str(tmp_path / "short.cool"), table, pixels)
    contacts = ContactMap(tmp_path / "short.cool", ChromSizes(sizes), "NONE")
    long, short = BinRange("chr1", 0, 99), BinRange("chr3", 0, 2)
    found = square(contacts, long, short, 100)
    np.testing.assert_array_equal(found[found > 0], counts[:99, 100:][found > 0])
    np.testing.assert_array_equal(
        square(contacts, long, long, 100), counts[:99, :99] + np.triu(counts[:99, :99], 1).T
    )
    np.testing.assert_array_equal(
        square(contacts, short, short, 100), counts[100:, 100:] + np.triu(counts[100:, 100:], 1).T
    )
