"""DNase reads are a whole BAM file that agrees with the bigWig: both are drawn from one expectation."""

from collections import Counter

import numpy as np
import pyBigWig
import pysam
import pytest
from simulated_tables import rows_of, tss_of

from seq2exp_tracks.simulation.cell_types import in_cell_type
from seq2exp_tracks.simulation.genome import CELL_TYPES, SimulatedGenome
from seq2exp_tracks.simulation.layout import DEMO
from seq2exp_tracks.simulation.plan import Plan, draw_plan
from seq2exp_tracks.simulation.setting import DEFAULT
from seq2exp_tracks.simulation.signals import DNASE, expected_signal
from seq2exp_tracks.simulation.streams import stream

FRAGMENTS_PER_BASE = 0.025
LENGTHS = {"chrA": 400_000, "chrB": 250_000}


@pytest.fixture(params=range(2), ids=CELL_TYPES)
def plan(request: pytest.FixtureRequest) -> tuple[str, Plan]:
    """Name and plan of each cell type of the demo's genome."""
    shared = draw_plan(DEMO, stream(0, "plan"))
    number: int = request.param
    return CELL_TYPES[number], in_cell_type(shared, DEFAULT, stream(0, "cell_type", number))


def middles(files: SimulatedGenome, chrom: str) -> np.ndarray:
    """Number of fragments with their middle at each base, from their left reads."""
    counts = np.zeros(LENGTHS[chrom], dtype=int)
    with pysam.AlignmentFile(str(files.reads)) as bam:
        for read in bam.fetch(chrom):
            if read.template_length > 0:
                counts[read.reference_start + read.template_length // 2] += 1
    return counts


def test_the_index_counts_the_reads_of_each_chromosome(in_each_cell_type: SimulatedGenome) -> None:
    path = str(in_each_cell_type.reads)
    with pysam.AlignmentFile(path) as bam:
        assert dict(zip(bam.references, bam.lengths, strict=True)) == LENGTHS
        assert bam.header.to_dict()["HD"]["SO"] == "coordinate"
        counted = Counter(read.reference_name for read in bam.fetch(until_eof=True))
        assert bam.unmapped == 0
    told = [line.split("\t") for line in pysam.idxstats(path).splitlines()]
    assert [(row[0], int(row[2]), int(row[3])) for row in told] == [
        ("chrA", counted["chrA"], 0),
        ("chrB", counted["chrB"], 0),
        ("*", 0, 0),
    ]
    assert 30_000 < counted.total() / 0.65 < 45_000


def test_reads_are_sorted_pairs_with_the_bases_of_the_genome(simulated: SimulatedGenome) -> None:
    pairs: dict[str, list[pysam.AlignedSegment]] = {}
    places = []
    with pysam.AlignmentFile(str(simulated.reads)) as bam, pysam.FastaFile(str(simulated.fasta)) as fasta:
        sequence = {chrom: fasta.fetch(chrom) for chrom in fasta.references}
        for read in bam:
            letters = sequence[read.reference_name][read.reference_start : read.reference_end]
            assert read.query_sequence == letters.upper()
            assert "N" not in letters
            assert read.cigarstring == "36M"
            repeat = sum(base.islower() for base in letters) >= 18
            assert (read.mapping_quality < 30) if repeat else (read.mapping_quality == 60)
            pairs.setdefault(read.query_name, []).append(read)
            places.append((read.reference_id, read.reference_start))
    assert places == sorted(places)
    assert {len(pair) for pair in pairs.values()} == {2}
    for left, right in pairs.values():
        assert left.is_proper_pair
        assert right.is_proper_pair
        assert (left.is_reverse, left.mate_is_reverse) == (False, True)
        assert (right.is_reverse, right.mate_is_reverse) == (True, False)
        assert left.is_read1 == right.is_read2 != left.is_read2
        assert (left.next_reference_start, right.next_reference_start) == (
            right.reference_start,
            left.reference_start,
        )
        assert left.template_length == -right.template_length == right.reference_end - left.reference_start
    lengths = [left.template_length for left, _ in pairs.values()]
    assert min(lengths) >= 50
    assert max(lengths) <= 200
    assert np.mean(lengths) == pytest.approx(100, abs=1)
    assert np.std(lengths) == pytest.approx(25, abs=1.5)
    assert np.mean([left.is_read1 for left, _ in pairs.values()]) == pytest.approx(0.5, abs=0.02)


def test_fragments_and_bigwig_have_one_expectation(
    simulated: SimulatedGenome, plan: tuple[str, Plan]
) -> None:
    name, its_plan = plan
    files = SimulatedGenome.inside(simulated.fasta.parent, name)
    deviations = []
    for chrom, length in LENGTHS.items():
        expected = expected_signal(its_plan, DNASE, chrom)
        with pyBigWig.open(str(files.dnase)) as bigwig:
            measured = np.nan_to_num(bigwig.values(chrom, 0, length, numpy=True)).reshape(-1, 10).mean(1)
        # The bigWig: its noise leaves the mean as it is.
        assert measured.mean() == pytest.approx(expected.mean(), rel=0.01)
        assert np.corrcoef(measured, expected)[0, 1] > 0.98
        # The reads: Poisson counts around it, away from the ends, where fragments would not fit.
        counts = middles(files, chrom)[500:-500].reshape(-1, 500).sum(1)
        rate = 500 * FRAGMENTS_PER_BASE * expected[50:-50].reshape(-1, 50).mean(1)
        away_from_n = rate > 1.5
        deviations.append((counts - rate)[away_from_n] / np.sqrt(rate[away_from_n]))
    every = np.concatenate(deviations)
    assert len(every) > 1_200
    assert every.mean() == pytest.approx(0, abs=0.1)
    assert every.std() == pytest.approx(1, abs=0.1)


def test_the_pile_up_of_fragments_follows_the_bigwig(in_each_cell_type: SimulatedGenome) -> None:
    for chrom, length in LENGTHS.items():
        with pyBigWig.open(str(in_each_cell_type.dnase)) as bigwig:
            measured = np.nan_to_num(bigwig.values(chrom, 0, length, numpy=True)).reshape(-1, 100).mean(1)
        pile_up = np.convolve(middles(in_each_cell_type, chrom), np.ones(100), mode="same")
        fold = pile_up.reshape(-1, 100).mean(1) / (100 * FRAGMENTS_PER_BASE)
        assert np.corrcoef(fold, measured)[0, 1] > 0.95
        assert fold.mean() == pytest.approx(measured.mean(), rel=0.03)


def test_no_read_lies_in_a_run_of_n_and_artefacts_are_full_of_them(
    in_each_cell_type: SimulatedGenome,
) -> None:
    with pysam.FastaFile(str(in_each_cell_type.fasta)) as fasta:
        gap = fasta.fetch("chrA").index("N")
    with pysam.AlignmentFile(str(in_each_cell_type.reads)) as bam:
        assert bam.count("chrA", gap, gap + 5_000) == 0
        for line in in_each_cell_type.blacklist.read_text().splitlines():
            chrom, start, end, _ = line.split("\t")
            assert bam.count(chrom, int(start), int(end)) > 2_000


def test_closed_promoters_have_few_reads_and_open_ones_many(in_each_cell_type: SimulatedGenome) -> None:
    silent = {row["gene_id"] for row in rows_of(in_each_cell_type.labels) if row["expected"] == "0.300000"}
    assert len(silent) >= 5
    with pysam.AlignmentFile(str(in_each_cell_type.reads)) as bam:
        for gene, (chrom, tss, _) in tss_of(in_each_cell_type).items():
            assert (bam.count(chrom, tss - 100, tss + 100) < 25) == (gene in silent)
