import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_files import write_bigwig, write_cool, write_fasta

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import FEATURES, GeneFeatures
from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.signals import BigWigSignal, ContactSignal, NoSignal, SignalSet

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


ARRAYS = ("bases", "signals", "excluded", "features")


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    """A chromosome of several bins of Hi-C behind a short one, with every kind of input."""
    random, folder = np.random.default_rng(0), tmp_path_factory.mktemp("genome")
    lengths = {"chr0": 7_000, "chr1": 33_333}
    letters = {chrom: "".join(random.choice(list("ACGTNacgt"), length)) for chrom, length in lengths.items()}
    fasta = Fasta(write_fasta(folder / "genome.fa.gz", letters))
    edges = np.sort(random.choice(33_333, 200, replace=False)).tolist()
    values = [
        ("chr1", start, end, random.integers(0, 9))
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]
    bigwig = BigWig(write_bigwig(folder / "a.bw", fasta.sizes, values), fasta.sizes)
    counts = {chrom: random.poisson(2, (-(-length // 5_000),) * 2) for chrom, length in lengths.items()}
    counts["chr1"][3, 3] = 0  # a bin that the experiment did not see
    contacts = Contacts(write_cool(folder / "a.cool", fasta.sizes, counts), fasta.sizes)
    blacklist = IntervalSet({"chr1": np.array([(100, 250), (20_000, 26_000)])})
    return fasta, bigwig, contacts, blacklist


class Undecodable:
    """A source of somebody else's, which can be read by window only."""

    name = "mine"

    def read(self, window):
        return np.full(len(window.inside), window.gene.tss, np.float32)


@settings(max_examples=40)
@given(
    chrom=st.sampled_from(["chr0", "chr1"]),
    starts=st.lists(st.floats(-0.04, 1.04), min_size=1, max_size=5),
    length=st.integers(2_500, 40_000),
    alignment=st.sampled_from(["correct", "published"]),
)
def test_what_is_read_from_decoded_inputs_is_what_is_read_from_the_files(
    tmp_path_factory, genome, chrom, starts, length, alignment
):
    fasta, bigwig, contacts, blacklist = genome
    sources = [BigWigSignal("DNase", bigwig), ContactSignal("HiC", contacts, alignment), Undecodable()]
    signals = SignalSet(sources, ("mine", "HiC", "DNase"))
    plain = InputReader(fasta, signals, GeneFeatures.unknown(), blacklist, length)
    genes = [gene(int(share * fasta.sizes[chrom]), chrom) for share in starts]
    decoded = plain.decode(genes, tmp_path_factory.mktemp("scratch") / chrom)
    fast = plain.over(pickle.loads(pickle.dumps(decoded)))
    for one in genes:
        found, expected = fast.read(one), plain.read(one)
        assert found.window == expected.window
        assert found.imputed == expected.imputed
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
            assert getattr(found, name).dtype == getattr(expected, name).dtype
            assert getattr(found, name).flags.writeable
    # Decoded once more, from what was decoded.
    again = fast.over(fast.decode(genes, tmp_path_factory.mktemp("scratch") / chrom))
    np.testing.assert_array_equal(again.read(genes[0]).signals, plain.read(genes[0]).signals)


def test_decoded_inputs_are_gone_when_they_are_removed(tmp_path, genome):
    fasta, bigwig, contacts, _ = genome
    signals = SignalSet([BigWigSignal("a", bigwig), ContactSignal("b", contacts)], ("a", "b"))
    plain = InputReader(fasta, signals, GeneFeatures.unknown(), None, 100)
    decoded = plain.decode([gene(5_000), gene(20_000)], tmp_path / "chr1")
    assert {path.name for path in (tmp_path / "chr1").iterdir()} == {"bases", "signal.0", "signal.1"}
    decoded.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_gene_whose_window_misses_the_chromosome_is_refused_when_it_is_decoded(tmp_path, files):
    with pytest.raises(InputError, match="more than half a window off"):
        reader(files, 20).decode([gene(5), gene(100)], tmp_path / "chr1")
