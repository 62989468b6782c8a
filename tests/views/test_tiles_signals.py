"""Dense tiles against plain numpy on the raw arrays, at every zoom and over the ends of chromosomes."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from drawn_genomes import DrawnTrack, dense, drawn_tracks, largest, mean
from hypothesis import given, settings
from hypothesis import strategies as st

from higlass_views.tilesets import (
    BINS_PER_TILE,
    BandTiles,
    BigWigTiles,
    ContactProfileTiles,
    DifferenceTiles,
    GenomeAxis,
    PointTiles,
)
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.bigwig_bins import LARGEST_EXACT
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.signals import ContactSignal
from seq2exp_tracks.windows import Window


def bases(axis, raw, zoom, number, wider=0):
    """The bases of each bin of a tile, and `wider` on either side, NaN off the axis: (bins, bases)."""
    size = axis.tile_width(zoom) // BINS_PER_TILE
    padded = np.full(axis.max_width + 2 * wider, np.nan)
    padded[wider : wider + len(raw)] = raw
    start = number * axis.tile_width(zoom)
    views = np.lib.stride_tricks.sliding_window_view(padded, size + 2 * wider)
    return views[start : start + axis.tile_width(zoom) : size]


def place(data, axis):
    zoom = data.draw(st.integers(0, axis.max_zoom))
    return zoom, data.draw(st.integers(0, 2**zoom - 1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("signals")


@settings(max_examples=60)
@given(track=drawn_tracks(), data=st.data())
def test_a_tile_of_a_bigwig_is_what_numpy_makes_of_its_values(folder, track, data):
    axis = GenomeAxis(track.sizes)
    tiles = BigWigTiles(track.write(folder / "a.bw"), axis, "Mask")
    for _ in range(4):
        zoom, number = place(data, axis)
        size = axis.tile_width(zoom) // BINS_PER_TILE
        (_, mean_tile), (_, max_tile) = tiles.tiles([f"u.{zoom}.{number}", f"u.{zoom}.{number}.max"])
        assert mean_tile["dtype"] == max_tile["dtype"] == "float32"
        means, maxima = dense(mean_tile), dense(max_tile)
        assert len(means) == len(maxima) == BINS_PER_TILE
        exact = bases(axis, track.whole, zoom, number)
        if size <= LARGEST_EXACT:
            np.testing.assert_array_equal(maxima, largest(exact))
            np.testing.assert_allclose(means, mean(exact), rtol=1e-6)
        else:
            wider = bases(axis, track.whole, zoom, number, size // 4)
            assert not (maxima < largest(exact)).any()
            assert not (maxima > largest(wider)).any()
            assert not np.isnan(maxima[~np.isnan(largest(exact))]).any()
            assert np.isnan(maxima[np.isnan(largest(wider))]).all()
            known = ~np.isnan(means)
            assert (known | np.isnan(largest(exact))).all()
            assert (means[known] <= largest(wider)[known] * (1 + 1e-5)).all()
            assert (means[known] >= -largest(-wider)[known] * (1 - 1e-5)).all()


@settings(max_examples=20)
@given(track=drawn_tracks(), data=st.data())
def test_the_least_and_the_largest_value_go_with_a_tile_or_the_word_nan(folder, track, data):
    axis = GenomeAxis(track.sizes)
    tiles = BigWigTiles(track.write(folder / "a.bw"), axis, "Mask")
    zoom, number = place(data, axis)
    ((_, tile),) = tiles.tiles([f"u.{zoom}.{number}"])
    values = dense(tile)
    if np.isnan(values).all():
        assert (tile["min_value"], tile["max_value"]) == ("NaN", "NaN")
    else:
        assert (tile["min_value"], tile["max_value"]) == (np.nanmin(values), np.nanmax(values))


def test_the_maximum_of_a_single_base_is_seen_at_every_zoom(folder):
    values = np.full(700_001, 0.01, np.float32)
    values[300_007] = 0.987
    track = DrawnTrack(
        ChromSizes({"chr1": 99_999, "chr2": len(values)}),
        {"chr1": np.full(99_999, 0.02, np.float32), "chr2": values},
    )
    axis = GenomeAxis(track.sizes)
    tiles = BigWigTiles(track.write(folder / "peak.bw"), axis, "Mask")
    for zoom in range(axis.max_zoom + 1):
        number = 400_006 // axis.tile_width(zoom)
        ((_, tile),) = tiles.tiles([f"u.{zoom}.{number}.max"])
        shown = dense(tile)
        place = (400_006 - number * axis.tile_width(zoom)) * BINS_PER_TILE // axis.tile_width(zoom)
        assert shown[place] == np.float32(0.987)
        assert tile["max_value"] == np.float32(0.987)


def test_a_file_of_one_chromosome_under_another_name_is_shown_at_its_place(folder):
    values = np.arange(1, 1_001, dtype=np.float32) / 1_000
    DrawnTrack(ChromSizes({"22": 1_000}), {"22": values}).write(folder / "few.bw")
    axis = GenomeAxis(ChromSizes({"chr1": 1_500, "chr22": 1_000}))
    tiles = BigWigTiles(folder / "few.bw", axis, "Signal").tiles(["u.2.1", "u.2.2"])
    shown = np.concatenate([dense(tile) for _, tile in tiles])
    expected = np.full(2_048, np.nan, np.float32)
    expected[1_500 - 1_024 : 1_500 - 1_024 + 1_000] = values
    np.testing.assert_array_equal(shown, expected)


def test_a_file_of_another_assembly_is_refused_and_named(folder):
    track = DrawnTrack(ChromSizes({"chr1": 100}), {"chr1": np.ones(100, np.float32)})
    path = track.write(folder / "other.bw")
    with pytest.raises(InputError, match=r"other\.bw: chr1 has 100 bp, but chr1 of the genome has 99"):
        BigWigTiles(path, GenomeAxis(ChromSizes({"chr1": 99})), "Signal")


def test_aggregations_are_published():
    assert PointTiles(np.zeros(0, np.int64), np.zeros(0), GenomeAxis(ChromSizes({"c": 5})), "P").info()[
        "aggregation_modes"
    ] == {"max": {"name": "Max", "value": "max"}}


def test_many_threads_see_what_one_sees(folder):
    random = np.random.default_rng(5)
    values = {name: np.round(random.random(600_000), 3).astype(np.float32) for name in ("chr1", "chr2")}
    track = DrawnTrack(ChromSizes(dict.fromkeys(values, 600_000)), values)
    axis = GenomeAxis(track.sizes)
    tiles = BigWigTiles(track.write(folder / "threads.bw"), axis, "Mask")
    ids = [
        f"u.{zoom}.{number}{option}"
        for zoom in range(axis.max_zoom + 1)
        for number in range(min(2**zoom, 12))
        for option in ("", ".max")
    ]
    alone = dict(tiles.tiles(ids))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: tiles.tiles([text])[0], random.permutation(ids * 3).tolist()))
    assert len(found) == 3 * len(ids)
    assert all(tile == alone[text] for text, tile in found)


@settings(max_examples=20)
@given(track=drawn_tracks(), data=st.data())
def test_the_band_is_the_mask_give_or_take_the_mean_sd_within_0_and_1(folder, track, data):
    axis = GenomeAxis(track.sizes)
    sds = {chrom: np.where(np.isnan(v), v, np.float32(0.25)) for chrom, v in track.values.items()}
    mask = track.write(folder / "mask.bw")
    sd = DrawnTrack(track.sizes, sds).write(folder / "sd.bw")
    zoom, number = place(data, axis)
    for option in ("", ".max"):
        text = f"u.{zoom}.{number}{option}"
        middle = dense(BigWigTiles(mask, axis, "Mask").tiles([text])[0][1])
        upper = dense(BandTiles(mask, sd, 1, axis, "+ sd").tiles([text])[0][1])
        lower = dense(BandTiles(mask, sd, -1, axis, "- sd").tiles([text])[0][1])
        np.testing.assert_allclose(upper, np.minimum(middle + 0.25, 1), rtol=1e-6)
        np.testing.assert_allclose(lower, np.maximum(middle - 0.25, 0), rtol=1e-5, atol=1e-6)


def test_a_difference_is_there_where_both_have_a_value(folder):
    sizes = ChromSizes({"chr1": 600, "chr2": 500})
    first = {"chr1": np.full(600, 0.75, np.float32), "chr2": np.full(500, np.nan, np.float32)}
    second = {"chr1": np.full(600, 0.5, np.float32), "chr2": np.full(500, 0.25, np.float32)}
    second["chr1"][100:300] = np.nan
    paths = [
        DrawnTrack(sizes, values).write(folder / f"{name}.bw")
        for name, values in (("first", first), ("second", second))
    ]
    tiles = DifferenceTiles(*paths, GenomeAxis(sizes), "A - B")
    expected = np.full(1_024, np.nan, np.float32)
    expected[:300] = 0.25
    expected[50:150] = np.nan
    for option in ("", ".max"):
        np.testing.assert_array_equal(dense(tiles.tiles([f"u.0.0{option}"])[0][1])[:512], expected[:512])
    assert dense(tiles.tiles(["u.1.1"])[0][1]).shape == (1_024,)


@settings(max_examples=80)
@given(track=drawn_tracks(), data=st.data())
def test_a_bin_of_points_is_the_largest_of_its_own_or_nothing(track, data):
    axis = GenomeAxis(track.sizes)
    positions = data.draw(st.lists(st.integers(0, axis.length - 1), max_size=40))
    values = np.array(
        data.draw(
            st.lists(
                st.one_of(st.just(np.nan), st.floats(-5, 5, width=32)),
                min_size=len(positions),
                max_size=len(positions),
            )
        )
    )
    raw = np.full(axis.length, np.nan)
    np.fmax.at(raw, np.array(positions, int), values)
    zoom, number = place(data, axis)
    tiles = PointTiles(np.array(positions, np.int64), values, axis, "Expression")
    (_, plain), (_, named) = tiles.tiles([f"u.{zoom}.{number}", f"u.{zoom}.{number}.max"])
    np.testing.assert_array_equal(dense(plain), largest(bases(axis, raw, zoom, number)))
    assert plain == named


def test_a_contact_profile_is_the_signal_that_the_model_was_given(real):
    axis = GenomeAxis(ChromSizes({"chr21": 46_709_983, "chr22": 50_818_468}))
    gene = Gene("ENSG00000100345", "MYH9", "chr22", 36_388_066, Strand.MINUS)
    with Contacts(real / "hic" / "K562.chr22.5kb.cool", axis.sizes) as contacts:
        window = Window.around(gene, 200_000, axis.sizes["chr22"])
        signal = ContactSignal("HiC", contacts).read(window)
        tiles = ContactProfileTiles(gene, 200_000, contacts, axis, "Contact with MYH9")
    given_array = ContactProfileTiles(gene, window, signal, axis, "Contact with MYH9")
    start, end = axis.absolute(window.inside)
    raw = np.full(end + (1 << 20), np.nan, np.float32)
    raw[start:end] = signal
    for zoom in (axis.max_zoom, axis.max_zoom - 3, axis.max_zoom - 8):
        number = start // axis.tile_width(zoom) + 1
        inside = raw[number * axis.tile_width(zoom) : (number + 1) * axis.tile_width(zoom)]
        exact = inside.reshape(BINS_PER_TILE, -1).astype(np.float64)
        (_, means), (_, maxima) = tiles.tiles([f"u.{zoom}.{number}", f"u.{zoom}.{number}.max"])
        np.testing.assert_allclose(dense(means), mean(exact), rtol=1e-6)
        np.testing.assert_array_equal(dense(maxima), largest(exact))
        assert given_array.tiles([f"u.{zoom}.{number}"])[0][1] == means
