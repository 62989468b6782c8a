import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_files import write_bigwig, write_fasta

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import FEATURES, GeneFeatures
from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.inputs import InputReader, one_hot
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.signals import BigWigSignal, NoSignal, SignalSet

SEQUENCE = "ACGTNacgtn"


def gene(tss, chrom="chr1"):
    return Gene("g1", "A", chrom, tss, Strand.PLUS)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    fasta = Fasta(write_fasta(folder / "genome.fa", {"chr1": SEQUENCE}))
    intervals = [("chr1", base, base + 1, base + 1) for base in range(10)]
    bigwig = BigWig(write_bigwig(folder / "a.bw", fasta.sizes, intervals), fasta.sizes)
    (folder / "blacklist.bed").write_text("chr1\t3\t5\nchr1\t9\t10\n")
    (folder / "features.tsv").write_text(
        "\t".join(("gene_id", *FEATURES)) + "\ng1\tNA" + "\t2" * 8 + "\ng2" + "\t4" * 9 + "\n"
    )
    return folder, fasta, SignalSet([NoSignal("HiC"), BigWigSignal("DNase", bigwig)], ("DNase", "HiC"))


def reader(files, window, blacklist=True):
    folder, fasta, signals = files
    excluded = IntervalSet.from_bed(folder / "blacklist.bed", fasta.sizes) if blacklist else None
    return InputReader(fasta, signals, GeneFeatures.from_table(folder / "features.tsv"), excluded, window)


def test_a_window_inside_the_chromosome(files):
    inputs = reader(files, 4).read(gene(5))
    assert inputs.bases.tolist() == [3, 4, 0, 1]
    assert inputs.signals.tolist() == [[4, 0], [5, 0], [6, 0], [7, 0]]
    assert inputs.excluded.tolist() == [True, True, False, False]
    assert inputs.features.tolist() == [4, 2, 2, 2, 2, 2, 2, 2, 2]
    assert inputs.imputed == ("UTR5LEN_log10zscore",)
    assert inputs.window.gene == gene(5)


@settings(deadline=None)
@given(tss=st.integers(-3, 13), length=st.integers(8, 30))
def test_beyond_the_ends_bases_are_n_signals_0_and_nothing_is_excluded(files, tss, length):
    inputs = reader(files, length).read(gene(tss))
    for place in range(length):
        base = tss - length // 2 + place
        on_chromosome = 0 <= base < 10
        assert inputs.bases[place] == (base % 5 if on_chromosome else 4)
        assert inputs.signals[place].tolist() == [base + 1 if on_chromosome else 0, 0]
        assert inputs.excluded[place] == (base in (3, 4, 9))


def test_without_a_blacklist_nothing_is_excluded(files):
    assert not reader(files, 10, blacklist=False).read(gene(5)).excluded.any()


def test_types_are_those_that_the_model_reads(files):
    inputs = reader(files, 20).read(gene(5))
    assert [array.dtype for array in (inputs.bases, inputs.signals, inputs.excluded, inputs.features)] == [
        np.uint8,
        np.float32,
        np.bool_,
        np.float32,
    ]
    assert [array.shape for array in (inputs.bases, inputs.signals, inputs.excluded)] == [
        (20,),
        (20, 2),
        (20,),
    ]


def test_a_gene_whose_window_misses_the_chromosome_is_refused(files):
    with pytest.raises(
        InputError, match=r"gene A \(g1\): its TSS at chr1:101 lies more than half a window off"
    ):
        reader(files, 20).read(gene(100))


def test_a_copy_in_another_process_reads_the_same(files):
    original = reader(files, 14)
    copy = pickle.loads(pickle.dumps(original))
    assert dict(copy.sizes) == {"chr1": 10}
    first, second = original.read(gene(2)), copy.read(gene(2))
    for name in ("bases", "signals", "excluded", "features"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert first.imputed == second.imputed


def test_one_hot_has_a_column_a_base_and_no_row_for_n():
    encoded = one_hot(np.array([0, 1, 2, 3, 4], np.uint8))
    assert encoded.dtype == np.float32
    assert encoded.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
