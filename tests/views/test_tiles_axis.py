"""The axis that all tilesets share, the ids of tiles, and what every tileset says of itself."""

import json

import numpy as np
import pyarrow as pa
import pytest
from drawn_genomes import LENGTHS
from hypothesis import given
from hypothesis import strategies as st

from higlass_views.tilesets import (
    BINS_PER_TILE,
    BadTileId,
    ChromSizesTiles,
    ElementTiles,
    GeneTiles,
    GenomeAxis,
    LinkTiles,
    PointTiles,
)
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand
from seq2exp_tracks.run_reader import ELEMENT_COLUMNS

SIZES = ChromSizes({"chr2": 3_000, "chr10": 1_500, "chrM": 100})
AXIS = GenomeAxis(SIZES, "toy")


def test_chromosomes_lie_end_to_end_in_the_runs_order():
    assert AXIS.length == 4_600
    assert [AXIS.offset(chrom) for chrom in SIZES] == [0, 3_000, 4_500]
    assert AXIS.absolute(Interval("chr10", 10, 20)) == (3_010, 3_020)
    assert [AXIS.position(place) for place in (0, 2_999, 3_000, 4_599)] == [
        ("chr2", 0),
        ("chr2", 2_999),
        ("chr10", 0),
        ("chrM", 99),
    ]


@pytest.mark.parametrize("place", [-1, 4_600])
def test_a_place_off_the_axis_is_refused(place):
    with pytest.raises(InputError, match="off the genome of 4,600 bp"):
        AXIS.position(place)


@given(st.lists(LENGTHS, min_size=1, max_size=5))
def test_the_one_tile_of_zoom_0_holds_the_axis_and_at_the_deepest_zoom_a_bin_is_a_base(lengths):
    axis = GenomeAxis(ChromSizes({f"chr{number}": length for number, length in enumerate(lengths)}))
    assert axis.tile_width(axis.max_zoom) == BINS_PER_TILE
    assert axis.tile_width(0) == axis.max_width >= axis.length
    assert axis.max_zoom == 0 or axis.tile_width(1) < axis.length


@given(st.lists(LENGTHS, min_size=1, max_size=5), st.integers(0, 2_000_000), st.integers(0, 11))
def test_every_base_of_a_tile_lies_in_the_bins_of_its_own_chromosome(lengths, start, power):
    axis = GenomeAxis(ChromSizes({f"chr{number}": length for number, length in enumerate(lengths)}))
    size = 2**power
    owners = [set() for _ in range(BINS_PER_TILE)]
    for chrom, length in axis.sizes.items():
        low, high = max(axis.offset(chrom), start), min(axis.offset(chrom) + length, start + size * 1_024)
        for number in range((low - start) // size, -(-(high - start) // size)) if low < high else ():
            owners[number].add((chrom, start + number * size - axis.offset(chrom)))
    found = [set() for _ in range(BINS_PER_TILE)]
    for place in axis.chrom_bins(start, size):
        assert len(place) == place.bins.stop - place.bins.start > 0
        for step, number in enumerate(range(place.bins.start, place.bins.stop)):
            found[number].add((place.chrom, place.start + step * size))
    assert found == owners


def points(positions=(5,)):
    return PointTiles(np.array(positions, np.int64), np.ones(len(positions)), AXIS, "Points")


@pytest.mark.parametrize(
    "bad",
    [
        *("", "u", "u.0", "u.x.0", "u.0.0.0", "u.0.0.mean.max", "u.-1.0", "u.0.-1", "u.0.1", "u.4.0"),
        *("u.3.8", "u.0.0.median", "u.0.0.", "u.1e1.0", "u.٣.0", "u." + "9" * 5_000 + ".0"),
    ],
)
def test_an_id_that_no_client_sends_is_refused_in_one_short_line(bad):
    tiles = points()
    if bad == "u.0.0.":
        assert tiles.tiles([bad])[0][0] == bad  # an empty option is none
        return
    with pytest.raises(BadTileId) as caught:
        tiles.tiles(["u.0.0", bad])
    assert len(str(caught.value)) < 200


def test_tiles_come_in_the_order_asked_for_under_the_ids_asked_for():
    ids = ["uid.3.4", "other.0.0", "uid.3.0.max"]
    assert [text for text, _ in points().tiles(ids)] == ids


def elements():
    return pa.table({name: pa.array([], kind) for name, kind in ELEMENT_COLUMNS.items()})


@pytest.mark.parametrize(
    ("tileset", "datatype"),
    [
        (points(), "vector"),
        (ChromSizesTiles(AXIS), "chromsizes"),
        (ElementTiles(elements(), AXIS, "Elements"), "bedlike"),
        (LinkTiles(elements().append_column("tss", pa.array([], pa.int64())), AXIS, "Links"), "bedlike"),
        (GeneTiles([Gene("ENSG1", "A", "chr2", 7, Strand.PLUS)], AXIS, "Genes"), "gene-annotation"),
    ],
)
def test_every_tileset_tells_the_client_the_same_axis(tileset, datatype):
    info = json.loads(json.dumps(tileset.info(), allow_nan=False))
    modes = info.pop("aggregation_modes", None)
    assert modes in (None, {"max": {"name": "Max", "value": "max"}})
    assert info == {
        "name": tileset.name,
        "datatype": datatype,
        "coordSystem": "toy",
        "tile_size": 1_024,
        "bins_per_dimension": 1_024,
        "max_width": 8_192,
        "max_zoom": 3,
        "min_pos": [0],
        "max_pos": [4_600],
        "chromsizes": [["chr2", 3_000], ["chr10", 1_500], ["chrM", 100]],
    }
    json.dumps(tileset.tiles(["u.0.0", "u.3.4", "u.3.7"]), allow_nan=False)


def test_chromosome_sizes_are_tabs_and_lines_and_have_no_tiles():
    tiles = ChromSizesTiles(AXIS)
    assert tiles.tsv() == "chr2\t3000\nchr10\t1500\nchrM\t100\n"
    assert tiles.tiles(["u.0.0"]) == [("u.0.0", [])]
