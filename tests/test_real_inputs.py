"""Real hg38 chr22 and K562 data, read by us and by the field's own libraries."""

import gzip
from collections import Counter

import cooler
import numpy as np
import pandas as pd
import pyBigWig
import pysam
import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import FEATURES, GeneFeatures, read_labels
from seq2exp_tracks.genome import Interval, Strand
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import read_genes, select_genes
from seq2exp_tracks.signals import BigWigSignal, ContactSignal, SignalSet

LENGTH = 50_818_468
HMOX1_TSS = 35_381_066


@pytest.fixture(scope="module")
def fasta(real):
    with Fasta(real / "genome/hg38.chr22.fa.gz") as fasta:
        yield fasta


@pytest.fixture(scope="module")
def contacts(real, fasta):
    with Contacts(real / "hic/K562.chr22.5kb.cool", fasta.sizes) as contacts:
        yield contacts


def test_the_sequence_is_that_of_pysam_and_has_the_known_number_of_n(real, fasta):
    assert dict(fasta.sizes) == {"chr22": LENGTH}
    assert fasta.note is None
    codes = fasta.codes(Interval("chr22", 0, LENGTH))
    counts = np.bincount(codes, minlength=5)
    assert counts[4] == 11_658_691
    assert (counts[1] + counts[2]) / counts[:4].sum() == pytest.approx(0.470, abs=5e-4)
    with pysam.FastaFile(str(real / "genome/hg38.chr22.fa.gz")) as file:
        for start in (10_510_000, 35_300_000, LENGTH - 20_000):
            letters = file.fetch("chr22", start, start + 20_000).upper()
            assert codes[start : start + 20_000].tolist() == ["ACGTN".index(letter) for letter in letters]


@pytest.mark.parametrize("name", ["K562.accessibility", "K562.H3K27ac.candidate_regions"])
def test_signals_are_the_values_of_pybigwig_with_0_for_what_is_missing(real, fasta, name):
    path = real / f"signals/{name}.chr22.bw"
    signal = BigWig(path, fasta.sizes)
    assert signal.missing == ()
    with pyBigWig.open(str(path)) as file:
        for start in (0, 16_000_000, 35_281_066, LENGTH - 200_000):
            values = np.array(file.values("chr22", start, start + 200_000), np.float32)
            read = signal.read(Interval("chr22", start, start + 200_000))
            np.testing.assert_array_equal(read, np.where(np.isnan(values), 0, values))


def test_a_signal_of_the_whole_genome_of_another_assembly_is_refused(real, tmp_path, fasta):
    other = tmp_path / "hg19.bw"
    with pyBigWig.open(str(other), "w") as file:
        file.addHeader([("chr22", 51_304_566)])
        file.addEntries(["chr22"], [0], ends=[9], values=[1.0])
    with pytest.raises(InputError, match=r"hg19\.bw: chr22 has 51,304,566 bp, but chr22 of the genome has"):
        BigWig(other, fasta.sizes)


def test_contact_is_vc_of_the_raw_counts_taken_by_cooler(real, contacts):
    pixels = cooler.Cooler(str(real / "hic/K562.chr22.5kb.cool")).pixels()[:]
    apart = pixels[pixels.bin1_id != pixels.bin2_id]
    mirrored = apart.rename(columns={"bin1_id": "bin2_id", "bin2_id": "bin1_id"})
    full = pd.concat([pixels, mirrored], ignore_index=True)
    sums = np.bincount(full.bin1_id, full["count"], minlength=10_164)
    full["vc"] = full["count"] / (sums[full.bin1_id] * sums[full.bin2_id])
    full["vc"] *= full["count"].sum() / full["vc"].sum()
    for tss in (HMOX1_TSS, 36_388_066, 50_807_000):
        expected = np.zeros(10_164)
        row = full[full.bin1_id == tss // 5_000]
        expected[row.bin2_id] = row.vc
        first = max(tss - 100_000, 0) // 5_000
        last = (min(tss + 100_000, LENGTH) - 1) // 5_000
        asked = Interval("chr22", first * 5_000, min((last + 1) * 5_000, LENGTH))
        read = contacts.contact_with("chr22", tss, asked)
        np.testing.assert_allclose(read, expected[first : last + 1], rtol=1e-12)
        assert contacts.own_contact("chr22", tss) == pytest.approx(expected[tss // 5_000])


@pytest.mark.parametrize(("reach", "least"), [(100_000, 0.83), (500_000, 0.85)])
def test_contact_ranks_pairs_as_abc_does_from_the_same_experiment(real, contacts, reach, least):
    pairs = pd.read_csv(real / "hic/K562.ABC_contact_sample5000.chr22.tsv.gz", sep="\t")
    near = pairs[pairs.distance < reach]
    ours = [
        contacts.contact_with("chr22", tss, Interval("chr22", place * 5_000, place * 5_000 + 1))[0]
        for tss, place in zip(near.TargetGeneTSS.tolist(), near.enh_bin.tolist(), strict=True)
    ]
    # Measured: 0.856 over 597 pairs and 0.876 over 2,221; ABC normalises otherwise (SCALE, not VC).
    assert pd.Series(ours, near.index).corr(near.hic_contact, method="spearman") > least


def test_promoter_windows_have_their_tss_in_the_middle(real, fasta):
    path = real / "genes/xpresso_hg38_promoters_cage_corrected.bed"
    table = read_genes(path, fasta.sizes, bed_tss="middle")
    assert len(table) == 418
    assert table.dropped == {"rows on chromosomes that the FASTA lacks": 17_995}
    reference = pd.read_csv(real / "labels/chr22.genes_labels_features.tsv", sep="\t")
    expected = reference.dropna(subset="xpresso_tss").set_index("ensembl_id").xpresso_tss
    ours = {gene.id: gene.tss for gene in table}
    shared = [gene_id for gene_id in expected.index if gene_id in ours]
    assert len(shared) == 407
    assert [ours[gene_id] for gene_id in shared] == expected[shared].tolist()


def test_collapsed_bounds_have_ids_and_types_in_named_columns(real, fasta):
    path = real / "genes/CollapsedGeneBounds.hg38.bed"
    table = read_genes(path, fasta.sizes)
    assert len(table) == 462
    assert table.renamed == ("ENSG00000273032",)
    assert len(read_genes(path, fasta.sizes, gene_types=("protein_coding",))) == 418
    (myh9,) = select_genes(table, fasta.sizes, names=("MYH9",))
    assert (myh9.id, myh9.tss, myh9.strand) == ("ENSG00000100345", 36_388_066, Strand.MINUS)


def test_transcripts_of_gencode_are_joined_to_genes_by_name(real, fasta):
    path = real / "genes/gencode_v43.chr22.transcripts.bed12.gz"
    with gzip.open(path, "rt") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    table = read_genes(path, fasta.sizes)
    assert len(rows) == 5_353
    assert len(table) == len({(row[3], row[5]) for row in rows}) == 1_412
    assert table.dropped == {}
    starts = [int(row[1]) for row in rows if row[3] == "HMOX1"]
    (hmox1,) = select_genes(table, fasta.sizes, names=("HMOX1",))
    assert hmox1.tss == min(starts)


def test_the_main_table_gives_genes_features_and_labels(real, fasta):
    path = real / "labels/chr22.genes_labels_features.tsv"
    table, features = read_genes(path, fasta.sizes), GeneFeatures.from_table(path)
    assert len(table) == 517
    # 404 genes have half-life features; the activity of the promoter is known for all.
    assert Counter(features.of(gene)[1] for gene in table) == {(): 404, FEATURES[:-1]: 113}
    rows = pd.read_csv(path, sep="\t")
    for gene in select_genes(table, fasta.sizes, names=("DGCR5", "DGCR9", "HMOX1", "MYH9")):
        row = rows[rows.gene == gene.name].iloc[0]
        expected = row[list(FEATURES)].fillna(rows[list(FEATURES)].median()).astype(np.float32)
        assert features.of(gene)[0].tolist() == expected.tolist()
    labels = read_labels(path, "K562_RNA_TPM")
    measured = [labels.of(gene) is not None for gene in table]
    assert sum(measured) == rows.K562_RNA_TPM.notna().sum()


def test_the_blacklist_has_19_regions_on_chr22(real, fasta):
    path = real / "blacklist/GRCh38_unified_blacklist.bed"
    excluded = IntervalSet.from_bed(path, fasta.sizes)
    assert excluded.dropped == 891
    regions = pd.read_csv(path, sep="\t", header=None).query("`0` == 'chr22'")
    assert len(regions) == 19
    expected = np.zeros(LENGTH, bool)
    for start, end in zip(regions[1], regions[2], strict=True):
        expected[start:end] = True
    np.testing.assert_array_equal(excluded.mask(Interval("chr22", 0, LENGTH)), expected)


@pytest.fixture(scope="module")
def reader(real, fasta, contacts):
    signals = SignalSet(
        [
            ContactSignal("HiC", contacts),
            BigWigSignal("DNase", BigWig(real / "signals/K562.accessibility.chr22.bw", fasta.sizes)),
            BigWigSignal(
                "H3K27ac", BigWig(real / "signals/K562.H3K27ac.candidate_regions.chr22.bw", fasta.sizes)
            ),
        ],
        ("H3K27ac", "DNase", "HiC"),
    )
    blacklist = IntervalSet.from_bed(real / "blacklist/GRCh38_unified_blacklist.bed", fasta.sizes)
    features = GeneFeatures.from_table(real / "labels/chr22.genes_labels_features.tsv")
    return InputReader(fasta, signals, features, blacklist, 200_000)


def test_every_gene_of_the_table_can_be_read_as_inputs(real, fasta, reader):
    table = real / "labels/chr22.genes_labels_features.tsv"
    expected = pd.read_csv(table, sep="\t").set_index("gene")
    for gene in read_genes(table, fasta.sizes):
        inputs = reader.read(gene)
        assert len(inputs.window) == 200_000
        assert (inputs.bases == 4).sum() == expected.window_N[gene.name]
        assert (len(inputs.window.inside) == 200_000) == expected.window_inside_chrom[gene.name]
        assert np.isfinite(inputs.signals).all()
        assert (inputs.signals >= 0).all()


def test_decoded_inputs_of_the_whole_chromosome_are_those_of_the_files(real, fasta, reader, tmp_path):
    genes = list(read_genes(real / "labels/chr22.genes_labels_features.tsv", fasta.sizes))
    decoded = reader.over(reader.decode(genes, tmp_path / "chr22"))
    for gene in genes[::10]:
        found, expected = decoded.read(gene), reader.read(gene)
        for name in ("bases", "signals", "excluded", "features"):
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
