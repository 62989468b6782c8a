"""The share of the windows that a given mask reads, beside its definition."""

from pathlib import Path

import pytest

from seq2exp_tracks.comparison.given_masks import share_read
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
