import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.windows import Window


def gene(tss, strand=Strand.PLUS):
    return Gene("g", "g", "chr1", tss, strand)


@st.composite
def windows(draw, place):
    """TSS, length of the window, of the chromosome; `place` gives the ranges of the TSS for the lengths."""
    length, chrom_length = draw(st.integers(1, 100)), draw(st.integers(1, 100))
    ranges = place(length, chrom_length)
    return draw(st.one_of([st.integers(first, last) for first, last in ranges])), length, chrom_length


def touching(length, chrom_length):
    return [(length // 2 - length + 1, length // 2 + chrom_length - 1)]


def apart(length, chrom_length):
    left, right = length // 2 - length, length // 2 + chrom_length
    return [(left - 60, left), (right, right + 60)]


def on_chromosome(length, chrom_length):
    return [(0, chrom_length - 1)]


@given(windows(touching))
def test_a_window_is_the_bases_around_the_tss_and_padding_where_there_are_none(drawn):
    tss, length, chrom_length = drawn
    covered = [tss - length // 2 + place for place in range(length)]
    inside = [base for base in covered if 0 <= base < chrom_length]
    window = Window.around(gene(tss), length, chrom_length)
    assert list(range(window.inside.start, window.inside.end)) == inside
    assert window.pad_left == sum(base < 0 for base in covered)
    assert window.pad_right == sum(base >= chrom_length for base in covered)
    assert window.start == covered[0]
    assert len(window) == length
    assert covered[length // 2] == tss


@given(windows(apart))
def test_a_window_without_a_base_on_the_chromosome_is_refused(drawn):
    tss, length, chrom_length = drawn
    with pytest.raises(InputError, match=r"gene g \(g\): .* off the chromosome"):
        Window.around(gene(tss), length, chrom_length)


@given(windows(on_chromosome), st.integers(0, 2))
def test_padding_comes_off_as_it_went_on(drawn, further_axes):
    tss, length, chrom_length = drawn
    window = Window.around(gene(tss), length, chrom_length)
    shape = (len(window.inside), *(3,) * further_axes)
    values = np.arange(np.prod(shape), dtype=np.int64).reshape(shape)
    padded = window.pad(values, -1)
    assert padded.shape == (length, *shape[1:])
    assert padded.dtype == values.dtype
    assert (padded[: window.pad_left] == -1).all()
    assert (padded[length - window.pad_right :] == -1).all()
    np.testing.assert_array_equal(window.crop(padded), values)


def test_the_strand_does_not_matter():
    plus = Window.around(gene(50), 31, 60)
    minus = Window.around(gene(50, Strand.MINUS), 31, 60)
    assert (plus.inside, plus.pad_left, plus.pad_right) == (minus.inside, minus.pad_left, minus.pad_right)
