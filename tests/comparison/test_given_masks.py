"""The share of the windows that a given mask reads, beside its definition."""

import re
from pathlib import Path

import pytest

from seq2exp_tracks.comparison.cases import cases_of
from seq2exp_tracks.comparison.given_masks import share_read
from seq2exp_tracks.comparison.opening import check_inputs
from seq2exp_tracks.comparison.request import CompareRequest, OwnData
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.simulation.genome import SimulatedGenome, simulate
from seq2exp_tracks.training.opening import open_training
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.training.settings import Setting

WINDOW = 30_000  # windows overlap, and some leave their chromosome
PEAKS = [("chrA", start, start + 700) for start in range(500, 399_000, 5_000)]


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> SimulatedGenome:
    return simulate(tmp_path_factory.mktemp("genome"), cell_types=("A",))


def test_what_masks_are_measured_by_is_opened_before_the_first_training(
    genome: SimulatedGenome, tmp_path: Path
) -> None:
    far, near, broken = tmp_path / "far.bed", genome.truth, tmp_path / "broken.bed"
    rows = near.read_text().splitlines()
    far.write_text(rows[0] + "\n" + "\t".join(["chrA", "0", "9", *rows[1].split("\t")[3:]]) + "\n")
    broken.write_text("chrA\tten\t20\n")
    inputs = {
        "genome": GenomeEntry("sim", genome.fasta, genome.genes, genome.blacklist, genome.features),
        "labels": (genome.labels,),
        "label_column": "expression",
        "signals": {"H3K27ac": genome.h3k27ac, "DNase": genome.dnase},
        "contacts": genome.contacts,
        "split": "position",
    }
    training = {"size": "small", "window": 6000, "promoter": 400, "d_model": 4, "layers": 1}

    def check(**options: object) -> None:
        request = CompareRequest(
            data=OwnData(inputs=inputs, **options),
            methods=("soft", "macs3"),
            training=training,
            out=tmp_path / "out",
        )
        check_inputs(request, cases_of(request)[0], Silent())

    peaks = tmp_path / "peaks.bed"
    peaks.write_text("".join(f"{chrom}\t{start}\t{end}\n" for chrom, start, end in PEAKS))
    check(truth=near, peaks=peaks)
    with pytest.raises(InputError, match=re.escape(str(far))):
        check(truth=far, peaks=peaks)
    with pytest.raises(InputError, match=re.escape(str(broken))):
        check(truth=near, peaks=peaks, against={"mine": broken})
    with pytest.raises(InputError, match=re.escape(str(broken))):
        check(peaks=broken)


def test_every_base_of_the_test_windows_counts_once(genome: SimulatedGenome, tmp_path: Path) -> None:
    peaks = tmp_path / "peaks.bed"
    peaks.write_text("".join(f"{chrom}\t{start}\t{end}\n" for chrom, start, end in PEAKS))
    request = TrainRequest(
        genome=GenomeEntry("sim", genome.fasta, genome.genes, genome.blacklist, genome.features),
        labels=(genome.labels,),
        label_column="expression",
        signals={"H3K27ac": genome.h3k27ac, "DNase": genome.dnase},
        contacts=genome.contacts,
        split="position",
        gap=0,
        fixed_mask=peaks,
        setting=Setting.FIXED,
        size="small",
        window=WINDOW,
        promoter=400,
        d_model=4,
        layers=1,
        out=tmp_path / "out",
    )
    seen, read = set(), set()
    inside = {(chrom, at) for chrom, start, end in PEAKS for at in range(start, end)}
    for gene in open_training(request, request.config, Silent()).split.test:
        chrom, tss = gene.chrom, gene.tss
        length = {"chrA": 400_000, "chrB": 250_000}[chrom]
        bases = {(chrom, at) for at in range(max(tss - WINDOW // 2, 0), min(tss + WINDOW // 2, length))}
        seen |= bases
        read |= bases & inside
    assert share_read(request, Silent()) == pytest.approx(len(read) / len(seen), rel=1e-9)
