"""Tiles of Hi-C maps against the dense matrix of cooler, whole tiles at every zoom."""

from concurrent.futures import ThreadPoolExecutor

import cooler
import numpy as np
import pandas as pd
import pytest
from drawn_genomes import dense
from hypothesis import given, settings
from hypothesis import strategies as st

from higlass_views.tilesets import BadTileId, ContactMapTiles, GenomeAxis
from higlass_views.tilesets import contact_map as module
from seq2exp_tracks.genome import ChromSizes

SIDE = 256


def definition(matrix, bins, pixel, x, y):
    """A tile by the definition: the mean over pairs of bins whose middles lie in a pixel; rows are y.

    `matrix` holds all bins of the file, NaN for pairs that are undefined; `bins` their places on the axis.
    """
    places = (bins[:, 0] + bins[:, 1]) // 2 // pixel
    totals, pairs = np.zeros((2, SIDE, SIDE))
    for row in np.flatnonzero(places // SIDE == y):
        for column in np.flatnonzero((places // SIDE == x) & np.isfinite(matrix[row])):
            totals[places[row] - y * SIDE, places[column] - x * SIDE] += matrix[row, column]
            pairs[places[row] - y * SIDE, places[column] - x * SIDE] += 1
    return totals / np.where(pairs, pairs, np.nan)


def places_of(axis, table):
    """Start and end of each bin on the axis."""
    offsets = np.array([axis.offset(chrom) for chrom in table["chrom"]])
    return np.stack([offsets + table["start"], offsets + table["end"]], axis=1)


def close(shown, expected):
    np.testing.assert_allclose(shown.reshape(SIDE, SIDE), expected, rtol=1e-3, atol=1e-12)


@settings(max_examples=30)
@given(
    # Of some bins each: hictk 1.4 has more faults with chromosomes of one or two.
    st.lists(st.integers(500, 20_000), min_size=1, max_size=3),
    st.integers(0, 2**32),
    st.booleans(),
    st.data(),
)
def test_a_pixel_is_the_mean_of_the_pairs_of_bins_in_it_also_across_chromosomes(
    tmp_path_factory, lengths, seed, balanced, data
):
    random = np.random.default_rng(seed)
    sizes = {f"chr{number}": length for number, length in enumerate(lengths, 1)}
    axis = GenomeAxis(ChromSizes({"chr0": 333} | sizes))  # the file lacks a chromosome
    # hictk 1.4 may miss the contacts of a chromosome's last row where they are all that is asked for (see
    # io/contact_files): the last rows are full, and behind the genome stands a chromosome full of contacts.
    table = cooler.binnify(pd.Series(sizes | {"chrUn": 300}), 100)
    counts = np.triu(random.poisson(0.3, (len(table), len(table))))
    last = np.flatnonzero(table["chrom"].ne(table["chrom"].shift(-1)))
    counts[np.concatenate([last - 1, last])] += 1
    counts = np.triu(counts)
    counts[-3:, -3:] = np.triu(np.ones((3, 3)))
    weights = np.where(random.random(len(table)) < 0.1, np.nan, random.random(len(table)) + 0.5)
    first, second = np.nonzero(counts)
    pixels = pd.DataFrame({"bin1_id": first, "bin2_id": second, "count": counts[first, second]})
    path = tmp_path_factory.mktemp("cool") / "a.cool"
    cooler.create_cooler(str(path), table.assign(weight=weights), pixels)
    matrix = (counts + np.triu(counts, 1).T).astype(float)
    matrix = (matrix * np.outer(weights, weights) if balanced else matrix)[:-3, :-3]
    table = table[:-3]
    tiles = ContactMapTiles(path, axis, "ICE" if balanced else "NONE", "Hi-C")
    widths = tiles.info()["resolutions"]
    zoom = data.draw(st.integers(0, len(widths) - 1))
    most = -(-axis.length // (widths[zoom] * SIDE)) - 1
    x, y = data.draw(st.integers(0, most)), data.draw(st.integers(0, most))
    ((_, tile),) = tiles.tiles([f"u.{zoom}.{x}.{y}"])
    kept = np.array([length > widths[zoom] for length in table["chrom"].astype(str).map(sizes)])
    matrix = np.where(np.outer(kept, kept), matrix, np.nan)
    close(dense(tile), definition(matrix, places_of(axis, table), widths[zoom], x, y))


@pytest.fixture(scope="module")
def k562(real):
    return real / "hic" / "K562.chr22.5kb.cool"


@pytest.mark.parametrize("balanced", [True, False])
def test_real_contacts_are_coolers_matrix_tile_by_tile(k562, balanced):
    axis = GenomeAxis(ChromSizes({"chr22": 50_818_468}))
    tiles = ContactMapTiles(k562, axis, "ICE" if balanced else "NONE", "Hi-C")
    matrix = cooler.Cooler(str(k562)).matrix(balance=balanced)
    deepest = tiles.info()["max_zoom"]
    for x, y in ((16, 16), (28, 29), (29, 28), (39, 39), (3, 28)):
        expected = np.full((SIDE, SIDE), np.nan)
        shown = matrix[y * SIDE : min(y * SIDE + SIDE, 10_164), x * SIDE : min(x * SIDE + SIDE, 10_164)]
        expected[: shown.shape[0], : shown.shape[1]] = shown
        close(dense(tiles.tiles([f"u.{deepest}.{x}.{y}"])[0][1]), expected)


def test_the_whole_of_a_real_chromosome_is_one_tile_of_means(k562):
    axis = GenomeAxis(ChromSizes({"chr22": 50_818_468}))
    tiles = ContactMapTiles(k562, axis, "NONE", "Hi-C")
    assert tiles.info()["resolutions"][0] == 320_000
    pixels = cooler.Cooler(str(k562)).pixels()[:]
    first, second, count = (pixels[column].to_numpy() for column in ("bin1_id", "bin2_id", "count"))
    totals = np.zeros((SIDE, SIDE))
    np.add.at(totals, (first // 64, second // 64), count)
    apart = first != second
    np.add.at(totals, (second[apart] // 64, first[apart] // 64), count[apart])
    bins = np.bincount(np.arange(10_164) // 64, minlength=SIDE)
    pairs = np.outer(bins, bins)
    close(dense(tiles.tiles(["u.0.0.0"])[0][1]), totals / np.where(pairs, pairs, np.nan))


def test_a_map_is_symmetric_and_lies_where_its_chromosome_lies(k562):
    axis = GenomeAxis(ChromSizes({"chr21": 46_709_983, "chr22": 50_818_468}))
    tiles = ContactMapTiles(k562, axis, "VC", "Hi-C")
    zoom = tiles.info()["max_zoom"]
    number = (46_709_983 + 36_000_000) // (5_000 * SIDE)
    ids = [
        f"u.{zoom}.{number}.{number}",
        f"u.{zoom}.{number}.{number + 1}",
        f"u.{zoom}.{number + 1}.{number}",
    ]
    own, below, right = (dense(tile).reshape(SIDE, SIDE) for _, tile in tiles.tiles(ids))
    assert np.nanmax(own) > 0
    np.testing.assert_array_equal(own, own.T)
    np.testing.assert_array_equal(below, right.T)
    ((_, elsewhere),) = tiles.tiles([f"u.{zoom}.5.5"])
    assert np.isnan(dense(elsewhere)).all()
    assert (elsewhere["min_value"], elsewhere["max_value"]) == ("NaN", "NaN")


def test_the_client_is_told_the_resolutions_and_may_ask_for_no_others(k562):
    axis = GenomeAxis(ChromSizes({"chr22": 50_818_468}), "hg38")
    tiles = ContactMapTiles(k562, axis, "VC", "Hi-C")
    assert tiles.info() == {
        "name": "Hi-C",
        "datatype": "matrix",
        "coordSystem": "hg38",
        "tile_size": 256,
        "bins_per_dimension": 256,
        "max_zoom": 6,
        "min_pos": [0, 0],
        "max_pos": [50_818_468, 50_818_468],
        "chromsizes": [["chr22", 50_818_468]],
        "resolutions": [5_000 * 2**power for power in range(6, -1, -1)],
        "transforms": [],
    }
    for bad in ("u.7.0.0", "u.0.1.0", "u.0.0", "u.0.0.0.max", "u.6.40.0"):
        with pytest.raises(BadTileId):
            tiles.tiles([bad])


def test_where_coarse_tiles_would_take_long_they_are_empty_and_the_name_says_so(k562, monkeypatch):
    monkeypatch.setattr(module, "_FEW_PIXELS", 1_000)
    monkeypatch.setattr(module, "_MOST_JOINED", 4)
    tiles = ContactMapTiles(k562, GenomeAxis(ChromSizes({"chr22": 50_818_468})), "NONE", "Hi-C")
    assert tiles.name == "Hi-C (zoom in to less than about 20 Mb)"
    assert tiles.info()["name"] == tiles.name
    shown = [
        np.isfinite(dense(tile)).any() for _, tile in tiles.tiles([f"u.{zoom}.0.0" for zoom in range(7)])
    ]
    assert shown == [False] * 4 + [True] * 3


def test_many_threads_see_what_one_sees(k562):
    axis = GenomeAxis(ChromSizes({"chr22": 50_818_468}))
    tiles = ContactMapTiles(k562, axis, "VC", "Hi-C")
    ids = [f"u.6.{x}.{y}" for x in range(26, 32) for y in range(x, 32)]
    alone = dict(tiles.tiles(ids))
    fresh = ContactMapTiles(k562, axis, "VC", "Hi-C")
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda text: fresh.tiles([text])[0], ids * 2))
    assert all(tile == alone[text] for text, tile in found)
