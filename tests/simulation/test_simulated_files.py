"""The simulated genome's files agree with each other and with what is said of them."""

import json
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import cooler
import numpy as np
import pyBigWig
import pysam
import pytest
from simulated_tables import digests, domains_of, rows_of, tss_of

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import GeneFeatures, read_labels
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.signals import BigWigSignal, ContactSignal, SignalSet
from seq2exp_tracks.simulation.genome import SimulatedGenome, simulate
from seq2exp_tracks.simulation.layout import Layout
from seq2exp_tracks.simulation.motifs import MOTIFS, reverse_complement

REACH = Layout().reach


def test_the_same_seed_gives_the_same_files(simulated: SimulatedGenome, tmp_path: Path) -> None:
    simulate(tmp_path, seed=0)
    assert digests(tmp_path) == digests(simulated.fasta.parent)


def test_another_seed_gives_other_files(simulated: SimulatedGenome, tmp_path: Path) -> None:
    simulate(tmp_path, seed=1)
    first, second = digests(simulated.fasta.parent), digests(tmp_path)
    assert first.keys() == second.keys()
    # The index tells the lengths of chromosomes only.
    assert {name for name in first if first[name] == second[name]} == {"genome.fa.fai"}


def test_the_files_are_those_that_the_parameters_list(simulated: SimulatedGenome) -> None:
    folder = simulated.fasta.parent
    own = ["DNase.bam", "DNase.bam.bai", "DNase.bw", "H3K27ac.bw", "contacts.cool"]
    own += ["features.tsv", "labels.tsv", "truth.bed"]
    shared = ["blacklist.bed", "domains.bed", "genes.gtf", "genome.fa", "genome.fa.fai", "sites.bed"]
    listed = json.loads(simulated.parameters.read_text())["files"]
    assert listed == [*(f"A/{name}" for name in own), *(f"B/{name}" for name in own), *shared]
    assert sorted(digests(folder)) == sorted([*listed, "parameters.json"])


def test_there_are_two_chromosomes_and_36_genes_on_both_strands(simulated: SimulatedGenome) -> None:
    with pysam.FastaFile(str(simulated.fasta)) as fasta:
        lengths = dict(zip(fasta.references, fasta.lengths, strict=True))
    genes = tss_of(simulated)
    assert lengths == {"chrA": 400_000, "chrB": 250_000}
    assert len(genes) == 36
    assert Counter(chrom for chrom, _, _ in genes.values()) == {"chrA": 22, "chrB": 14}
    assert min(Counter(strand for _, _, strand in genes.values()).values()) >= 10


def test_windows_of_20_kb_are_padded_at_every_chromosome_end(simulated: SimulatedGenome) -> None:
    places = list(tss_of(simulated).values())
    for chrom, length in (("chrA", 400_000), ("chrB", 250_000)):
        sites = [tss for name, tss, _ in places if name == chrom]
        assert min(sites) < REACH
        assert max(sites) > length - REACH


def test_the_sequence_has_n_repeats_in_small_letters_and_gc_rich_promoters(
    simulated: SimulatedGenome,
) -> None:
    with pysam.FastaFile(str(simulated.fasta)) as fasta:
        sequence = {chrom: fasta.fetch(chrom) for chrom in fasta.references}
    counts = Counter(sequence["chrA"])
    assert set(counts) == set("ACGTNacgt")
    assert counts["N"] == 5_000
    assert "N" * 5_000 in sequence["chrA"]
    small = sum(counts[base] for base in "acgt") / 400_000
    assert 0.05 < small < 0.15

    def gc(letters: str) -> float:
        upper = letters.upper()
        return (upper.count("G") + upper.count("C")) / (len(upper) - upper.count("N"))

    around = "".join(sequence[chrom][tss - 500 : tss + 500] for chrom, tss, _ in tss_of(simulated).values())
    assert gc(around) > 0.55
    assert 0.38 < gc(sequence["chrB"]) < 0.50


def test_every_planted_motif_is_at_its_place(simulated: SimulatedGenome) -> None:
    agreement = []
    with pysam.FastaFile(str(simulated.fasta)) as fasta:
        for site in rows_of(simulated.sites):
            there = fasta.fetch(site["chrom"], int(site["start"]), int(site["end"]))
            assert there == site["sequence"]
            word = there if site["strand"] == "+" else reverse_complement(there)
            agreement.append(MOTIFS[site["name"]].agreement(word))
    assert len(agreement) > 500
    assert np.mean(agreement) > 0.95


def test_planted_motifs_lie_inside_elements_that_do_not_overlap(simulated: SimulatedGenome) -> None:
    elements = {row["name"]: row for row in rows_of(simulated.truth)}
    for site in rows_of(simulated.sites):
        element = elements[site["element"]]
        assert element["chrom"] == site["chrom"]
        assert int(element["start"]) <= int(site["start"]) < int(site["end"]) <= int(element["end"])
    places = sorted((row["chrom"], int(row["start"]), int(row["end"])) for row in elements.values())
    for (chrom, _, end), (next_chrom, start, _) in pairwise(places):
        assert chrom != next_chrom or end <= start


def test_signals_are_high_in_open_elements_and_low_in_closed_ones(simulated: SimulatedGenome) -> None:
    elements = {row["name"]: row for row in rows_of(simulated.truth)}.values()
    with pyBigWig.open(str(simulated.dnase)) as dnase, pyBigWig.open(str(simulated.h3k27ac)) as h3k27ac:
        for bigwig, margin, ratio in ((dnase, 0, 20), (h3k27ac, 400, 5)):
            background = np.median(
                [bigwig.stats("chrA", place, place + 500)[0] or 0 for place in range(0, 400_000, 500)]
            )
            level = {kind: [] for kind in ("promoter", "enhancer", "motif_decoy", "peak_decoy")}
            for row in elements:
                start, end = int(row["start"]) - margin, int(row["end"]) + margin
                level[row["class"]].append(bigwig.stats(row["chrom"], max(0, start), end)[0])
            assert np.mean(level["promoter"]) > ratio * background
            assert np.mean(level["enhancer"]) > ratio * background
            assert np.median(level["motif_decoy"]) < 3 * background
            if bigwig is dnase:
                assert np.mean(level["peak_decoy"]) > ratio * background
            else:
                assert np.mean(level["peak_decoy"]) < 0.6 * np.mean(level["enhancer"])


def test_nothing_is_measured_in_a_run_of_n_and_blacklisted_regions_are_artefacts(
    simulated: SimulatedGenome,
) -> None:
    with pysam.FastaFile(str(simulated.fasta)) as fasta:
        gap = fasta.fetch("chrA").index("N")
    for path in (simulated.dnase, simulated.h3k27ac):
        with pyBigWig.open(str(path)) as bigwig:
            assert bigwig.chroms() == {"chrA": 400_000, "chrB": 250_000}
            assert np.isnan(bigwig.values("chrA", gap, gap + 5_000)).all()
            for line in simulated.blacklist.read_text().splitlines():
                chrom, start, end, _ = line.split("\t")
                assert bigwig.stats(chrom, int(start), int(end))[0] > 30


def test_expression_follows_exactly_from_the_truth_by_the_stated_formula(
    in_each_cell_type: SimulatedGenome,
) -> None:
    files = in_each_cell_type
    genes, domains = tss_of(files), domains_of(files)

    def domain(chrom: str, base: int) -> tuple[str, int, int]:
        (found,) = (each for each in domains if each[0] == chrom and each[1] <= base < each[2])
        return found

    expected = dict.fromkeys(genes, Decimal("0.3"))
    crossing = 0
    for row in rows_of(files.truth):
        if row["gene_id"] == ".":
            assert float(row["effect"]) == float(row["activity"]) == 0
            continue
        chrom, tss, _ = genes[row["gene_id"]]
        middle = (int(row["start"]) + int(row["end"])) // 2
        distance = abs(middle - tss)
        assert row["chrom"] == chrom
        assert distance <= REACH
        together = domain(chrom, middle) == domain(chrom, tss)
        contact = (1 + distance / 5_000) ** -0.87 * (1 if together else 0.4)
        assert row["contact"] == f"{contact:.6f}"
        assert row["effect"] == f"{0.2 * float(row['activity']) * contact:.6f}"
        expected[row["gene_id"]] += Decimal(row["effect"])
        crossing += not together
    labels = rows_of(files.labels)
    assert {row["gene_id"]: Decimal(row["expected"]) for row in labels} == expected
    noise = [float(row["expression"]) - float(row["expected"]) for row in labels]
    assert 0.05 < np.std(noise) < 0.2
    assert crossing > 0


def test_activity_is_the_sum_of_the_strengths_of_the_planted_motifs(
    in_each_cell_type: SimulatedGenome,
) -> None:
    simulated = in_each_cell_type
    strengths: Counter[str] = Counter()
    for site in rows_of(simulated.sites):
        strengths[site["element"]] += MOTIFS[site["name"]].strength
    for row in rows_of(simulated.truth):
        active = row["class"] in ("promoter", "enhancer")
        assert float(row["activity"]) == pytest.approx(strengths[row["name"]] if active else 0.0, abs=1e-3)


def test_every_active_element_acts_on_a_gene_and_no_decoy_does(in_each_cell_type: SimulatedGenome) -> None:
    acts = {(row["class"], row["gene_id"] != ".") for row in rows_of(in_each_cell_type.truth)}
    assert acts == {("promoter", True), ("enhancer", True), ("motif_decoy", False), ("peak_decoy", False)}


def test_contacts_are_raw_counts_at_5_kb_that_decay_with_distance_and_are_rarer_between_domains(
    simulated: SimulatedGenome,
) -> None:
    contacts = cooler.Cooler(str(simulated.contacts))
    assert contacts.binsize == 5_000
    assert "weight" not in contacts.bins().columns
    matrix = contacts.matrix(balance=False).fetch("chrA")
    bins = np.arange(len(matrix))
    numbers = np.concatenate(
        [
            [number] * ((end - start) // 5_000)
            for number, (chrom, start, end) in enumerate(domains_of(simulated))
            if chrom == "chrA"
        ]
    )
    together = np.equal.outer(numbers, numbers)
    distance = np.abs(np.subtract.outer(bins, bins))
    self_contact = np.diagonal(matrix).mean()

    def mean_at(offset: int, pairs: np.ndarray) -> float:
        return float(matrix[(distance == offset) & pairs].mean() / self_contact)

    inside = [mean_at(offset, together) for offset in range(6)]
    np.testing.assert_allclose(inside, [(1 + offset) ** -0.87 for offset in range(6)], rtol=0.2)
    between = [mean_at(offset, ~together) for offset in range(1, 25)]
    np.testing.assert_allclose(between, [0.4 * (1 + offset) ** -0.87 for offset in range(1, 25)], rtol=0.25)
    with pysam.FastaFile(str(simulated.fasta)) as fasta:
        gap = fasta.fetch("chrA").index("N") // 5_000
    assert matrix[gap].sum() == 0


def test_one_feature_of_one_gene_is_unknown_and_promoter_activity_follows_the_signals(
    simulated: SimulatedGenome,
) -> None:
    rows = rows_of(simulated.features)
    assert [(row["gene_name"], name) for row in rows for name, value in row.items() if not value] == [
        ("A03", "UTR3LEN_log10zscore")
    ]
    silent = {row["gene_id"] for row in rows_of(simulated.labels) if float(row["expected"]) < 0.31}
    activity = {row["gene_id"]: float(row["PromoterActivity"]) for row in rows}
    assert len(silent) == 7
    loud = [value for gene, value in activity.items() if gene not in silent]
    assert np.mean([activity[gene] for gene in silent]) < 0.3 * np.mean(loud)


def test_a_negative_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="seed -1: a seed is a whole number from 0"):
        simulate(tmp_path, seed=-1)


def test_the_annotation_gives_the_genes_with_their_tss(simulated: SimulatedGenome) -> None:
    with Fasta(simulated.fasta) as fasta:
        table = read_genes(simulated.genes, fasta.sizes)
    found = {gene.id: (gene.chrom, gene.tss, str(gene.strand)) for gene in table}
    assert found == tss_of(simulated)
    assert table.dropped == {}


def test_every_window_is_read_with_its_signals_features_and_labels(simulated: SimulatedGenome) -> None:
    fasta = Fasta(simulated.fasta)
    sources = [
        BigWigSignal("H3K27ac", BigWig(simulated.h3k27ac, fasta.sizes)),
        BigWigSignal("DNase", BigWig(simulated.dnase, fasta.sizes)),
        ContactSignal("HiC", Contacts(simulated.contacts, fasta.sizes)),
    ]
    reader = InputReader(
        fasta,
        SignalSet(sources, ("H3K27ac", "DNase", "HiC")),
        GeneFeatures.from_table(simulated.features),
        IntervalSet.from_bed(simulated.blacklist, fasta.sizes),
        2 * REACH,
    )
    labels = read_labels(simulated.labels, "expression")
    genes = read_genes(simulated.genes, fasta.sizes).genes
    inputs = [reader.read(gene) for gene in genes]
    assert [one.window.gene.name for one in inputs if one.imputed] == ["A03"]
    assert [one.window.gene.name for one in inputs if one.window.pad_left] == ["A01", "B01"]
    assert [one.window.gene.name for one in inputs if one.window.pad_right] == ["A22", "B14"]
    assert all(labels.of(gene) is not None for gene in genes)
    assert all((one.signals.max(axis=0) > 1).all() for one in inputs)
    assert sum(int(one.excluded.any()) for one in inputs) >= 1
    assert not any((one.bases[REACH - 1_000 : REACH + 1_000] == 4).any() for one in inputs)
