"""Bins of a bigWig against plain numpy on its values: exact where that is promised, bounded elsewhere."""

import subprocess
import sys

import numpy as np
import pyBigWig
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_bins import LARGEST_EXACT, BigWigBins
from seq2exp_tracks.io.bigwig_writer import BigWigWriter

LENGTH = 300_000


def peaks(seed, length=LENGTH, gap=400):
    """Values of three decimals, NaN in gaps."""
    rng = np.random.default_rng(seed)
    values = np.round(rng.random(length) ** 8, 3).astype(np.float32)
    if gap:
        edges = np.cumsum(rng.integers(1, 2 * gap, size=2 * (length // gap)))
        for start, end in edges.reshape(-1, 2).tolist():
            values[start:end] = np.nan
    return values


def write(path, values):
    path.unlink(missing_ok=True)
    known = np.concatenate([[False], ~np.isnan(values), [False]])
    edges = np.flatnonzero(known[1:] != known[:-1]).reshape(-1, 2)
    with BigWigWriter(path, ChromSizes({"chr1": len(values)}), 3) as file:
        for start, end in edges.tolist():
            file.write("chr1", start, values[start:end])
    return path


def cut(values, start, size, count, wider=0):
    """The bases of each bin, and `wider` on either side, that lie on the chromosome."""
    for number in range(count):
        low = max(start + number * size - wider, 0)
        high = max(min(start + (number + 1) * size + wider, len(values)), 0)
        bases = values[low:high].astype(np.float64)
        yield bases[~np.isnan(bases)]


def extremes(values, start, size, count, wider):
    bins = list(cut(values, start, size, count, wider))
    return np.array([[b.min(), b.max()] if len(b) else [np.nan, np.nan] for b in bins]).T


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Tracks by how gappy they are: values and the file."""
    folder = tmp_path_factory.mktemp("bins")
    made = {gap: peaks(gap, gap=gap) for gap in (0, 7, 400, 20_000)}
    return {gap: (values, write(folder / f"{gap}.bw", values)) for gap, values in made.items()}


bins = st.tuples(
    st.sampled_from([0, 7, 400, 20_000]),
    st.integers(-3_000, LENGTH - 1),
    st.sampled_from([2**power for power in range(15)]),
    st.integers(1, 40),
)


def reaches_the_chromosome(start, size, count):
    return start + size * count > 0


@settings(max_examples=150)
@given(bins)
def test_a_bin_of_up_to_128_bases_is_what_numpy_makes_of_them(files, drawn):
    gap, start, size, count = drawn
    size = min(size, LARGEST_EXACT)
    values, path = files[gap]
    if not reaches_the_chromosome(start, size, count):
        return
    file = BigWigBins(path, ChromSizes({"chr1": LENGTH}))
    exact = list(cut(values, start, size, count))
    maxima = [bases.max() if len(bases) else np.nan for bases in exact]
    np.testing.assert_array_equal(file.maxima("chr1", start, size, count), maxima)
    totals, covered = file.sums("chr1", start, size, count)
    np.testing.assert_allclose(totals, [bases.sum() for bases in exact], rtol=1e-12)
    np.testing.assert_array_equal(covered, [len(bases) for bases in exact])
    assert file.blur(size) == 0


@settings(max_examples=150)
@given(bins)
@example((400, -37, 1_024, 3))
@example((7, LENGTH - 5, 2_048, 2))
def test_a_larger_bin_never_loses_its_maximum_and_sees_no_further_than_its_blur(files, drawn):
    gap, start, size, count = drawn
    size = max(size, 2 * LARGEST_EXACT)
    values, path = files[gap]
    if not reaches_the_chromosome(start, size, count):
        return
    file = BigWigBins(path, ChromSizes({"chr1": LENGTH}))
    assert file.blur(size) <= size // 4
    _, true = extremes(values, start, size, count, 0)
    low, high = extremes(values, start, size, count, file.blur(size))
    found = file.maxima("chr1", start, size, count)
    totals, covered = file.sums("chr1", start, size, count)
    assert not (found < true).any()
    assert not (found > high).any()
    assert not np.isnan(found[~np.isnan(true)]).any()
    assert np.isnan(found[np.isnan(high)]).all()
    means = totals[covered > 0] / covered[covered > 0]
    assert (means >= low[covered > 0] * (1 - 1e-5) - 1e-9).all()
    assert (means <= high[covered > 0] * (1 + 1e-5) + 1e-9).all()
    assert (covered[~np.isnan(true)] > 0).all()
    assert (covered[np.isnan(high)] == 0).all()


@settings(max_examples=60)
@given(st.sampled_from([0, 7, 400, 20_000]), st.integers(0, 100), st.integers(8, 16))
def test_a_larger_bin_that_is_cut_where_the_zoom_levels_are_is_exact(files, gap, number, power):
    values, path = files[gap]
    size = 2**power
    start = number * size % LENGTH // size * size
    count = -(-(LENGTH - start) // size)
    file = BigWigBins(path, ChromSizes({"chr1": LENGTH}))
    exact = list(cut(values, start, size, count))
    # The last bin is shorter than the others.
    maxima = [bases.max() if len(bases) else np.nan for bases in exact]
    np.testing.assert_array_equal(file.maxima("chr1", start, size, count), maxima)
    totals, covered = file.sums("chr1", start, size, count)
    np.testing.assert_allclose(totals, [bases.sum() for bases in exact], rtol=1e-5)
    np.testing.assert_array_equal(np.round(covered), [len(bases) for bases in exact])


@pytest.mark.parametrize("zooms", [0, 10])
def test_a_file_of_another_writer_with_or_without_zoom_levels_keeps_the_same_promise(tmp_path, zooms):
    values = peaks(3, gap=0)
    with pyBigWig.open(str(tmp_path / "other.bw"), "w") as file:
        file.addHeader([("1", LENGTH)], maxZooms=zooms)
        file.addEntries("1", 0, values=values, span=1, step=1)
    file = BigWigBins(tmp_path / "other.bw", ChromSizes({"chr1": LENGTH}))
    for size in (256, 512, 1_024, 2_048, 65_536):
        count = LENGTH // size - 1
        _, true = extremes(values, 100, size, count, 0)
        _, high = extremes(values, 100, size, count, file.blur(size))
        found = file.maxima("chr1", 100, size, count)
        assert ((true <= found) & (found <= high)).all()


def changed(path):
    path.write_bytes(path.read_bytes()[:5_000])


def gone(path):
    path.unlink()


def replaced(path):
    values = peaks(9)
    write(path.with_name("other.bw"), values).replace(path)


@pytest.mark.parametrize(
    ("harm", "says"), [(changed, "changed since it was opened"), (gone, "moved"), (replaced, "changed")]
)
def test_a_file_that_changes_while_it_is_served_is_one_line(tmp_path, harm, says):
    path = write(tmp_path / "mask.bw", peaks(1))
    file = BigWigBins(path, ChromSizes({"chr1": LENGTH}))
    harm(path)
    with pytest.raises(InputError, match=says) as caught:
        file.maxima("chr1", 0, 1, 10)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_whole_bigwig_is_refused_when_it_is_opened(tmp_path):
    whole = write(tmp_path / "mask.bw", peaks(1)).read_bytes()
    sizes = ChromSizes({"chr1": LENGTH})
    for content, says in (
        (b"", "not a bigWig"),
        (b"chr1\t0\t10\n" * 20, "not a bigWig"),
        (whole[: len(whole) // 2], "truncated"),
        (b"\xeb\xf2\x89\x87" + whole[4:], "a bigBed"),
        (whole[:8] + b"\xff" * 16 + whole[24:], "damaged"),
    ):
        (tmp_path / "bad.bw").write_bytes(content)
        with pytest.raises(InputError, match=says):
            BigWigBins(tmp_path / "bad.bw", sizes)
    with pytest.raises(InputError, match="cannot be read"):
        BigWigBins(tmp_path / "none.bw", sizes)
    with pytest.raises(InputError, match=r"chr1 has 300,000 bp, but 1 of the genome has 300,001"):
        BigWigBins(tmp_path / "mask.bw", ChromSizes({"1": LENGTH + 1}))


DAMAGED = """
import random, sys
from pathlib import Path
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_bins import BigWigBins
whole = Path(sys.argv[1]).read_bytes()
for seed in range(150):
    draw = random.Random(seed)
    damaged = bytearray(whole)
    for _ in range(draw.choice([1, 3, 30])):
        damaged[draw.randrange(draw.choice([500, len(whole)]))] = draw.randrange(256)
    path = Path(sys.argv[2])
    path.write_bytes(damaged)
    try:
        file = BigWigBins(path, ChromSizes({"chr1": 300_000}))
        file.maxima("chr1", 0, 1, 1_024), file.sums("chr1", -5, 1_024, 300)
    except InputError as error:
        assert "\\n" not in str(error) and str(path) in str(error)
print("alive")
"""


def test_no_damage_ends_the_process_or_escapes_as_another_error(tmp_path):
    # In a process of its own, as it is the process that would end.
    whole = write(tmp_path / "mask.bw", peaks(1))
    command = [sys.executable, "-c", DAMAGED, str(whole), str(tmp_path / "bad.bw")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.returncode) == ("alive\n", 0), done.stderr[-2_000:]
