import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_files import write_bigwig, write_cool

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.signals import (
    CONTACT_PSEUDOCOUNT,
    BigWigSignal,
    ContactSignal,
    NoSignal,
    SignalSet,
    shift_as_published,
)
from seq2exp_tracks.windows import Window

LENGTH = 52_000
SIZES = ChromSizes({"chr1": LENGTH})


def window_of(tss, length, chrom_length=LENGTH):
    return Window.around(Gene("g", "g", "chr1", tss, Strand.PLUS), length, chrom_length)


def raw_contacts(folder, counts):
    return Contacts(write_cool(folder / "a.cool", SIZES, {"chr1": counts}), SIZES, normalization="NONE")


@pytest.fixture
def counts():
    upper = np.triu(np.random.default_rng(0).poisson(2, (11, 11)))
    counts = upper + np.triu(upper, 1).T
    np.fill_diagonal(counts, 30)
    return counts


def test_the_pseudocount_is_the_power_law_at_1_mb():
    assert pytest.approx(0.00123, abs=5e-6) == CONTACT_PSEUDOCOUNT


@settings(max_examples=30, deadline=None)
@given(tss=st.integers(0, LENGTH - 1), length=st.integers(1, 70_000))
def test_contact_of_every_base_is_that_of_its_bin_with_the_bin_of_the_tss(tmp_path_factory, tss, length):
    upper = np.triu(np.random.default_rng(tss).poisson(1, (11, 11)))
    counts = upper + np.triu(upper, 1).T + 5 * np.eye(11, dtype=int)
    window = window_of(tss, length)
    signal = ContactSignal("HiC", raw_contacts(tmp_path_factory.mktemp("cool"), counts)).read(window)
    expected = [
        math.log10(1 + counts[tss // 5_000, base // 5_000] + 0.0012306)
        for base in range(window.inside.start, window.inside.end)
    ]
    assert signal.dtype == np.float32
    np.testing.assert_allclose(signal, expected, atol=1e-6)


def test_a_gene_whose_own_bin_has_no_contact_is_0_everywhere(tmp_path, counts):
    counts[3, 3] = 0
    contacts = raw_contacts(tmp_path, counts)
    assert not ContactSignal("HiC", contacts).read(window_of(15_000, 30_000)).any()
    assert ContactSignal("HiC", contacts).read(window_of(20_000, 30_000)).all()


class OneOwnContact:
    """Contacts of which only the bin of the TSS is told."""

    resolution = 5_000

    def __init__(self, own):
        self.own = own

    def own_contact(self, chrom, position):
        return self.own

    def contact_with(self, chrom, position, interval):
        return np.ones(-(-interval.end // self.resolution) - interval.start // self.resolution)


@pytest.mark.parametrize(("own", "seen"), [(0.0099, False), (0.01, True)])
def test_an_own_bin_with_less_than_a_hundredth_counts_as_not_seen(own, seen):
    signal = ContactSignal("HiC", OneOwnContact(own)).read(window_of(15_000, 30_000))
    expected = math.log10(2 + 0.0012306) if seen else 0.0
    np.testing.assert_allclose(signal, expected, atol=1e-6)


@pytest.mark.parametrize("tss", [-1, LENGTH])
def test_a_tss_off_the_chromosome_has_no_bin_and_so_no_contact(tmp_path, counts, tss):
    assert not ContactSignal("HiC", raw_contacts(tmp_path, counts)).read(window_of(tss, 20_000)).any()


def test_the_published_alignment_is_the_correct_one_shifted(tmp_path, counts):
    contacts = raw_contacts(tmp_path, counts)
    for tss in (12_000, 26_000, 45_000):
        window = window_of(tss, 40_000)
        correct = ContactSignal("HiC", contacts).read(window)
        published = ContactSignal("HiC", contacts, alignment="published").read(window)
        np.testing.assert_array_equal(published, shift_as_published(correct, window))
        assert (published != correct).any() == (window.pad_left != window.pad_right)


@given(
    tss=st.integers(0, 39),
    half=st.integers(1, 30),
    values=arrays(np.float32, 40, elements=st.floats(0, 1, width=32)),
)
def test_the_shift_is_that_of_a_vector_padded_twice_and_cut_in_its_centre(tss, half, values):
    window = window_of(tss, 2 * half, chrom_length=40)
    inside = values[window.inside.start : window.inside.end]
    once = window.pad(inside, 0)
    twice = np.pad(once, (window.pad_left, window.pad_right))
    start = (len(twice) - len(once)) // 2
    published = twice[start : start + len(once)]
    np.testing.assert_array_equal(shift_as_published(inside, window), window.crop(published))


def test_a_bigwig_signal_is_the_files_values(tmp_path):
    path = write_bigwig(tmp_path / "a.bw", SIZES, [("chr1", 2, 4, 7)])
    signal = BigWigSignal("DNase", BigWig(path, SIZES))
    assert signal.read(window_of(2, 6)).tolist() == [0, 0, 7, 7, 0]


def test_no_signal_is_0_and_keeps_its_name():
    silent = NoSignal("HiC")
    assert silent.name == "HiC"
    assert silent.read(window_of(2, 6)).tolist() == [0] * 5


class Constant:
    """A source that has one value everywhere."""

    def __init__(self, name, value):
        self.name, self.value = name, value

    def read(self, window):
        return np.full(len(window.inside), self.value, np.float32)


def test_signals_come_in_the_models_order_whatever_order_they_are_given_in():
    sources = [Constant("hi-c", 3), Constant("DHS", 2), Constant("h3k27AC", 1)]
    signals = SignalSet(sources, ("H3K27ac", "DNase", "HiC"))
    assert signals.names == ("H3K27ac", "DNase", "HiC")
    assert signals.read(window_of(1, 4)).tolist() == [[1, 2, 3]] * 3
    assert [source.name for source in signals.sources] == ["h3k27AC", "DHS", "hi-c"]


@pytest.mark.parametrize("name", ["DNase", "dnase", "DNase-seq", "DHS"])
def test_common_names_of_a_channel_are_understood(name):
    assert SignalSet([Constant(name, 1)], ("DNase",)).names == ("DNase",)


def test_channels_of_other_models_go_by_their_own_names():
    assert SignalSet([Constant("ctcf", 1)], ("CTCF",)).read(window_of(1, 2)).tolist() == [[1], [1]]


def test_a_model_without_signals_reads_none():
    assert SignalSet([], ()).read(window_of(1, 4)).shape == (3, 0)


@pytest.mark.parametrize(
    ("given_names", "told"),
    [
        (("DNase",), "given: DNase"),
        (("DNase", "H3K27ac", "CTCF"), "given: DNase, H3K27ac, CTCF"),
        (("DNase", "DHS"), "given: DNase, DHS"),
        ((), "given: none"),
    ],
)
def test_missing_further_and_double_signals_are_refused(given_names, told):
    with pytest.raises(InputError) as caught:
        SignalSet([Constant(name, 1) for name in given_names], ("H3K27ac", "DNase"))
    assert "the checkpoint expects the signals H3K27ac, DNase" in str(caught.value)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_copy_in_another_process_reads_the_same(tmp_path, counts):
    bigwig = BigWig(write_bigwig(tmp_path / "a.bw", SIZES, [("chr1", 2, 4, 7)]), SIZES)
    sources = [BigWigSignal("DNase", bigwig), ContactSignal("HiC", raw_contacts(tmp_path, counts))]
    signals = SignalSet([*sources, NoSignal("H3K27ac")], ("H3K27ac", "DNase", "HiC"))
    copy = pickle.loads(pickle.dumps(signals))
    window = window_of(3, 12_000)
    np.testing.assert_array_equal(copy.read(window), signals.read(window))
    assert Interval("chr1", 0, 6_003) == window.inside
