"""Our reader against what the published dataset code gave on the same files."""

import json
import pickle
import shutil

import h5py
import numpy as np
import pandas as pd
import pytest

from seq2exp_tracks.features import GeneFeatures
from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.inputs import InputReader, WindowInputs
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.signals import BigWigSignal, SignalSet, shift_as_published
from seq2exp_tracks.windows import Window

HALF_LIFE = (
    "UTR5LEN_log10zscore",
    "CDSLEN_log10zscore",
    "INTRONLEN_log10zscore",
    "UTR3LEN_log10zscore",
    "UTR5GC",
    "CDSGC",
    "UTR3GC",
    "ORFEXONDENSITY",
)


# The logarithm of the published contact was taken by another library: it differs in the last bit of float32.
LAST_BIT = {"rtol": 3e-7, "atol": 0}


class StoredContact:
    """Contact vectors as the published data store them: centred on the TSS, NaN where not known."""

    name = "HiC"

    def __init__(self, vectors, alignment):
        self.vectors, self.alignment = vectors, alignment

    def read(self, window):
        vector = self.vectors[window.gene.chrom, window.gene.tss]
        start = window.inside.start - window.gene.tss + len(vector) // 2
        contact = np.nan_to_num(vector[start : start + len(window.inside)]).astype(np.float32)
        signal = np.log10(contact + 1)
        return shift_as_published(signal, window) if self.alignment == "published" else signal


def write_bed(path, masks):
    """The covered stretches of boolean arrays, as BED."""
    lines = []
    for chrom, mask in masks.items():
        edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
        lines += [f"{chrom}\t{start}\t{end}\n" for start, end in edges.reshape(-1, 2)]
    path.write_text("".join(lines))
    return path


def stretches(mask):
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return edges.reshape(-1, 2).tolist()


@pytest.fixture(scope="module")
def folder(golden, tmp_path_factory):
    """The files of `data_folder` in the forms that this package reads."""
    source, target = golden / "data_folder", tmp_path_factory.mktemp("data_folder")
    tables = source / "promo_enhan_inter"
    shutil.copyfile(source / "hg38/hg38.ml.fa", target / "genome.fa")
    shutil.copyfile(tables / "H3K27ac/GM12878/ENCFF798KYP.bigWig", target / "H3K27ac.bw")
    shutil.copyfile(tables / "DNase-seq/GM12878/ENCFF960FMM.bigWig", target / "DNase.bw")
    with (source / "hg38_blacklist_dict_v1.pkl").open("rb") as handle:
        write_bed(target / "blacklist.bed", pickle.load(handle))
    expression = pd.read_csv(tables / "GM12878_K562_18377_gene_expr_fromXpresso.csv")
    (activity,) = tables.glob("*ABC_nominated/*Neighborhoods/GeneList.txt")
    joined = expression.merge(pd.read_csv(activity, sep="\t"), left_on="ENSID", right_on="symbol")
    columns = ["ENSID", *HALF_LIFE, "H3K27ac.RPM.TSS1Kb", "DHS.RPM.TSS1Kb"]
    joined[columns].to_csv(target / "features.csv", index=False)
    return target


@pytest.fixture(scope="module")
def expected(golden):
    return json.loads((golden / "data_folder/expected.json").read_text())


@pytest.fixture(scope="module")
def stored(golden, expected):
    """The stored contact vectors by chromosome and TSS."""
    vectors = {}
    for _, _, chrom, tss, _ in expected["genes"]:
        file = golden / f"data_folder/promo_enhan_inter/HiC/GM12878/hic_feat_{chrom}.h5"
        with h5py.File(file) as handle:
            vectors[chrom, tss] = handle[f"{chrom}_{tss}"][:]
    return vectors


def read_all(folder, expected, stored, length, alignment) -> dict[str, WindowInputs]:
    fasta = Fasta(folder / "genome.fa")
    signals = SignalSet(
        [
            *(
                BigWigSignal(name, BigWig(folder / f"{name}.bw", fasta.sizes))
                for name in ("H3K27ac", "DNase")
            ),
            StoredContact(stored, alignment),
        ],
        ("H3K27ac", "DNase", "HiC"),
    )
    blacklist = IntervalSet.from_bed(folder / "blacklist.bed", fasta.sizes)
    features = GeneFeatures.from_table(folder / "features.csv")
    reader = InputReader(fasta, signals, features, blacklist, length)
    return {
        ensembl_id: reader.read(Gene(ensembl_id, name, chrom, tss, Strand(strand)))
        for ensembl_id, name, chrom, tss, strand in expected["genes"]
    }


@pytest.mark.parametrize("length", [200_000, 20_000])
def test_every_input_of_every_gene_is_that_of_the_published_dataset(golden, folder, expected, stored, length):
    arrays = np.load(golden / "data_folder/expected.npz")
    cases = {case["ensid"]: case for case in expected["cases"] if case["seq_range"] == length}
    read = read_all(folder, expected, stored, length, "published")
    assert read.keys() == cases.keys()
    for ensembl_id, inputs in read.items():
        np.testing.assert_array_equal(inputs.bases, arrays[f"{length}/{ensembl_id}/base"])
        published = arrays[f"{length}/{ensembl_id}/signals"]
        np.testing.assert_array_equal(inputs.signals[:, :2], published[:, :2])
        np.testing.assert_allclose(inputs.signals[:, 2], published[:, 2], **LAST_BIT)
        assert stretches(inputs.excluded) == cases[ensembl_id]["black"]
        np.testing.assert_array_equal(inputs.features, np.float32(cases[ensembl_id]["rna_feat"]))
        assert inputs.imputed == ()


def test_the_correct_alignment_differs_in_contact_alone_and_by_the_known_shift(
    golden, folder, expected, stored
):
    arrays = np.load(golden / "data_folder/expected.npz")
    shifts = {"ENSG00000000002": 35_000, "ENSG00000000003": -42_500}
    for ensembl_id, inputs in read_all(folder, expected, stored, 200_000, "correct").items():
        published = arrays[f"200000/{ensembl_id}/signals"]
        np.testing.assert_array_equal(inputs.signals[:, :2], published[:, :2])
        moved = np.roll(inputs.signals[:, 2], shifts.get(ensembl_id, 0))
        np.testing.assert_allclose(inputs.window.crop(moved), inputs.window.crop(published[:, 2]), **LAST_BIT)
        differs = np.abs(inputs.signals[:, 2] - published[:, 2]).max() > 1e-3
        assert differs == (ensembl_id in shifts)


@pytest.fixture(scope="module")
def functions(golden, tmp_path_factory):
    """The genome, its signal and its mask of `data_functions`, as this package reads them."""
    source, target = golden / "data_functions", tmp_path_factory.mktemp("data_functions")
    shutil.copyfile(source / "genome.fa", target / "genome.fa")
    arrays = np.load(source / "arrays.npz")
    fasta = Fasta(target / "genome.fa")
    masks = {chrom: arrays[f"mask/{chrom}"] for chrom in fasta.sizes}
    excluded = IntervalSet.from_bed(write_bed(target / "mask.bed", masks), fasta.sizes)
    return fasta, BigWig(source / "signal.bigWig", fasta.sizes), excluded, arrays


def windows_of(golden, sizes):
    cases = json.loads((golden / "data_functions/functions.json").read_text())["get_padded_seq"]
    for case in cases:
        gene = Gene(f"{case['chrom']}_{case['tss']}", "", case["chrom"], case["tss"], Strand.PLUS)
        yield case, Window.around(gene, 2 * case["each_total_lens"], sizes[case["chrom"]])


def test_windows_at_both_ends_are_cut_and_padded_as_published(golden, functions):
    fasta, bigwig, excluded, arrays = functions
    windows = list(windows_of(golden, fasta.sizes))
    assert len(windows) == 9
    for case, window in windows:
        letters = np.array(["ACGTN".index(letter) for letter in case["seq"]])
        np.testing.assert_array_equal(window.pad(fasta.codes(window.inside), 4), letters)
        signal = np.nan_to_num(arrays[f"out_signal/{window.gene.id}"]).astype(np.float32)
        np.testing.assert_array_equal(window.pad(bigwig.read(window.inside), 0), signal)
        mask = arrays[f"out_mask/{window.gene.id}"]
        np.testing.assert_array_equal(window.pad(excluded.mask(window.inside), False), mask)


def test_contact_at_both_ends_is_shifted_as_published(golden, functions):
    fasta, _, _, arrays = functions
    for _, window in windows_of(golden, fasta.sizes):
        gene = window.gene
        source = StoredContact({(gene.chrom, gene.tss): arrays[f"hic_stored/{gene.id}"]}, "published")
        published = window.crop(arrays[f"out_hic_final/{gene.id}"])
        shift = window.pad_left - (window.pad_left + window.pad_right) // 2
        # These vectors hold values off the chromosome too, where real ones hold 0: leave those out.
        origin = np.arange(len(published)) - shift
        on_chromosome = (origin >= 0) & (origin < len(published))
        read = source.read(window)
        np.testing.assert_allclose(read[on_chromosome], published[on_chromosome], **LAST_BIT)
        assert not read[~on_chromosome].any()


def test_intervals_are_rasterised_as_published(golden, functions, tmp_path):
    case = json.loads((golden / "data_functions/links.json").read_text())["subseq_to_genome"]
    path = tmp_path / "blacklist.bed"
    path.write_text("".join(f"{chrom}\t{start}\t{end}\n" for chrom, start, end in case["bed"]))
    excluded = IntervalSet.from_bed(path, functions[0].sizes)
    assert {
        chrom: excluded.intervals[chrom].tolist() if chrom in excluded.intervals else []
        for chrom in case["out"]
    } == case["out"]
    assert excluded.dropped == 1
