"""The truth of a simulated genome is compared with what a run of it called."""

from example_run import ExampleRun

from seq2exp_tracks.genome import Interval
from seq2exp_tracks.run_reader import Run
from seq2exp_tracks.simulation.recovery import read_truth, recovered, recovery_of_run


def test_a_runs_elements_and_windows_are_read_from_its_files(example: ExampleRun) -> None:
    run = Run.open(example.folder)
    sizes = run.manifest.sizes
    called = [each.interval for chrom in sizes for each in run.elements(Interval(chrom, 0, sizes[chrom]))]
    windows = [
        Interval(gene.chrom, max(0, gene.tss - 10_000), min(sizes[gene.chrom], gene.tss + 10_000))
        for gene in (scored.gene for scored in run.genes.values())
    ]
    result = recovery_of_run(example.folder, example.genome.truth)
    assert result == recovered(read_truth(example.genome.truth), called, windows)
    assert result.found > 0.8 * result.active
