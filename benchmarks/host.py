"""What the host can feed to a device that answers at once: `python benchmarks/host.py`.

The model is a stand-in with the interface of Seq2Exp, which has its answer ready. All else is what a run
does, but for writing: files are decoded, windows assembled, bases made one-hot, moments taken, padding
removed, and scores handed from the workers to the process that would write them. The windows are the whole
ones of coding genes of chr22 (sequence, accessibility, H3K27ac and Hi-C of K562), which `--data` holds.

The named alternatives read every window from the files, as `InputReader.read` does by itself; one of them
hands scores over as `ProcessPoolExecutor` does, through a pipe. Windows/s are of wall time from the moment
when all workers are ready; decoding counts. Where other work has the cores, the CPU time of all processes
says more: two cores give two seconds of it a second. Runs are taken in turns, and the best counts.
"""

import multiprocessing
import os
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click
import torch
from torch import Tensor, nn

from seq2exp_tracks.features import GeneFeatures, read_labels
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.model import SOFT
from seq2exp_tracks.model.batch import Seq2ExpOutput
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring import score_genes, score_window
from seq2exp_tracks.scoring.engine import as_tensors, collect, launch
from seq2exp_tracks.scoring.executors.slots import Slots
from seq2exp_tracks.signals import BigWigSignal, ContactSignal, SignalSet
from seq2exp_tracks.windows import Window

DATA = Path(__file__).parents[2] / "shared" / "data"
WINDOW = 200_000
CPU = torch.device("cpu")

GOAL = 250.0  # windows a second on two cores


class Instant(nn.Module):
    """A model that has its answer ready."""

    def __init__(self) -> None:
        super().__init__()
        self.config = SOFT
        random = torch.Generator().manual_seed(0)
        self.alpha, self.beta, self.mask = (torch.rand(1, WINDOW, generator=random) + 0.1 for _ in range(3))

    def forward(self, *_: Tensor | None, **__: Tensor | None) -> Seq2ExpOutput:
        """The answer, whatever the question."""
        return Seq2ExpOutput(torch.zeros(1), self.mask, self.alpha, self.beta)


def instant_model(meeting: Path, workers: int) -> Instant:
    """The stand-in, when all workers have come; each notes its CPU time, and by that the time."""
    model = Instant()
    torch.set_num_threads(1)
    (meeting / str(os.getpid())).touch()
    while len(list(meeting.iterdir())) < workers:
        time.sleep(0.01)
    (meeting / str(os.getpid())).write_text(str(time.process_time()))
    return model


class Piped:
    """What a worker that answers through a pipe holds."""

    model: Instant
    reader: InputReader


def start_piped(load_model: Callable[[], Instant], reader: InputReader) -> None:
    """Prepares such a worker."""
    Piped.model, Piped.reader = load_model(), reader


def score_piped(gene: Gene) -> WindowScores:
    """What it does."""
    return score_window(Piped.model, Piped.reader.read(gene), CPU)


def score_by_pipe(
    load_model: Callable[[], Instant], reader: InputReader, genes: list[Gene], workers: int
) -> Iterator[WindowScores]:
    """The plainest way to score in processes."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, spawn, start_piped, (load_model, reader)) as pool:
        yield from pool.map(score_piped, genes)


def score_from_files(
    load_model: Callable[[], Instant], reader: InputReader, genes: list[Gene], workers: int
) -> Iterator[WindowScores]:
    """A run that decodes nothing ahead."""
    return score_genes(load_model, reader, genes, (CPU,), workers, decode=False)


def score_decoded(
    load_model: Callable[[], Instant], reader: InputReader, genes: list[Gene], workers: int
) -> Iterator[WindowScores]:
    """A run."""
    return score_genes(load_model, reader, genes, (CPU,), workers)


WAYS = {
    "decoded once": score_decoded,
    "from files": score_from_files,
    "from files, by pipe": score_by_pipe,
}


class Run(NamedTuple):
    """One run of all windows.

    Attributes:
        rate: Windows a second of wall time.
        cpu: Seconds of CPU time a window, of all processes.
        scratch: Most bytes of decoded inputs.
        memory: Most bytes of this process and of a worker, files that they have mapped included.
    """

    rate: float
    cpu: float
    scratch: int
    memory: tuple[int, int]


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=DATA, help="Folder of real data.")
@click.option("--workers", default=2, show_default=True, help="Processes that score.")
@click.option("--repeats", default=3, show_default=True, help="Runs of each; the best counts.")
def main(data: Path, workers: int, repeats: int) -> None:
    """Measure the host pipeline's ceiling, and print where the time goes."""
    reader, genes = real_inputs(data)
    click.echo(f"{os.cpu_count()} cores, torch {torch.__version__}, load {os.getloadavg()[0]:.1f}")
    click.echo(f"{len(genes)} windows of {WINDOW:,} bp, {workers} workers, nothing written\n")
    runs: dict[str, list[Run]] = {way: [] for way in WAYS}
    for _ in range(repeats):
        for way in runs:
            runs[way].append(run_once(reader, genes, workers, WAYS[way]))
    click.echo(f"{'':20}{'windows/s':>12}{'CPU ms a window':>18}{'in 2 CPU s':>12}{'peak memory, MB':>18}")
    for way, found in runs.items():
        rate, cpu = max(run.rate for run in found), min(run.cpu for run in found)
        memory = " + ".join(f"{size / 1e6:.0f}" for size in found[-1].memory)
        click.echo(f"{way:20}{rate:12.0f}{cpu * 1e3:18.2f}{2 / cpu:12.0f}{memory:>18}")
    click.echo(f"{'goal':20}{f'>= {GOAL:.0f}':>12}{'':36}(this process + a worker)")
    click.echo(f"\nscratch folder, at most {max(run.scratch for run in runs['decoded once']) / 1e6:.0f} MB")
    click.echo("\nCPU ms a window, in one process:")
    report_stages(reader, genes, repeats)


def real_inputs(data: Path) -> tuple[InputReader, list[Gene]]:
    """The reader of chr22, and the genes whose window is whole: on the chromosome and without N."""
    fasta = Fasta(data / "genome/hg38.chr22.fa.gz")
    table = data / "labels/chr22.genes_labels_features.tsv"
    signals = SignalSet(
        [
            BigWigSignal("DNase", BigWig(data / "signals/K562.accessibility.chr22.bw", fasta.sizes)),
            BigWigSignal(
                "H3K27ac", BigWig(data / "signals/K562.H3K27ac.candidate_regions.chr22.bw", fasta.sizes)
            ),
            ContactSignal("HiC", Contacts(data / "hic/K562.chr22.5kb.cool", fasta.sizes)),
        ],
        SOFT.signals,
    )
    blacklist = IntervalSet.from_bed(data / "blacklist/GRCh38_unified_blacklist.bed", fasta.sizes)
    features = GeneFeatures.from_table(table)
    measured = read_labels(table, "K562_RNA_TPM")
    genes = read_genes(table, fasta.sizes, gene_types=("protein_coding",))
    known = [gene for gene in genes if not features.of(gene)[1] and measured.of(gene) is not None]
    whole = [gene for gene in known if is_whole(gene, fasta)]
    return InputReader(fasta, signals, features, blacklist, WINDOW), sorted(whole, key=lambda gene: gene.tss)


def is_whole(gene: Gene, fasta: Fasta) -> bool:
    """Tells whether a gene's window lies on the chromosome and holds no N."""
    window = Window.around(gene, WINDOW, fasta.sizes[gene.chrom])
    return len(window.inside) == WINDOW and not (fasta.codes(window.inside) == 4).any()


def run_once(
    reader: InputReader, genes: list[Gene], workers: int, score: Callable[..., Iterator[object]]
) -> Run:
    """Scores all windows once."""
    scratch, memory, busy = 0, (0, 0), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        meeting, tempfile.tempdir = Path(folder, "meeting"), folder
        meeting.mkdir()
        load_model = partial(instant_model, meeting, workers)
        for number, _ in enumerate(score(load_model, reader, genes, workers), start=1):
            if number % 64 == 0:
                scratch = max(scratch, size_of(Path(folder)))
            if number == len(genes):
                seconds = time.time() - max(path.stat().st_mtime for path in meeting.iterdir())
                busy = time.process_time() - busy
                busy += sum(cpu_time(path.name) - float(path.read_text()) for path in meeting.iterdir())
                memory = peak_memory("self"), max(peak_memory(path.name) for path in meeting.iterdir())
        tempfile.tempdir = None
    return Run(len(genes) / seconds, busy / len(genes), scratch, memory)


def report_stages(reader: InputReader, genes: list[Gene], repeats: int) -> None:
    """Where the time goes: each stage by itself, on all windows."""
    torch.set_num_threads(1)
    model, slots = Instant(), Slots(1, 17 * WINDOW)
    with tempfile.TemporaryDirectory() as folder:
        names = (Path(folder, str(number)) for number in range(100))
        decoded = reader.decode(genes, next(names))
        fast = reader.over(decoded)
        inputs = fast.read(genes[0])
        launched = launch(model, [inputs], as_tensors(inputs))
        (scores,) = collect(launched)
        parcel = slots.put(0, scores)
        stages: dict[str, Callable[[Gene], object]] = {
            "assemble, from files": reader.read,
            "assemble, decoded": fast.read,
            "one-hot, moments": lambda _: launch(model, [inputs], as_tensors(inputs)),
            "crop": lambda _: collect(launched),
            "hand over: worker": lambda _: slots.put(0, scores),
            "hand over: this process": lambda _: slots.take(0, parcel),
        }
        report("decode", best(repeats, lambda: fresh(reader).decode(genes, next(names))) / len(genes))
        for name, stage in stages.items():
            report(name, best(repeats, partial(each, stage, genes)) / len(genes))


def each(stage: Callable[[Gene], object], genes: list[Gene]) -> None:
    """One stage for all windows."""
    for gene in genes:
        stage(gene)


def fresh(reader: InputReader) -> InputReader:
    """A reader that has normalised no contacts yet."""
    copy: InputReader = pickle.loads(pickle.dumps(reader))
    return copy


def best(repeats: int, work: Callable[[], object]) -> float:
    """The least CPU time of some calls, in seconds."""
    found = []
    for _ in range(repeats):
        before = time.process_time()
        work()
        found.append(time.process_time() - before)
    return min(found)


def report(name: str, seconds: float) -> None:
    """One row of the table."""
    click.echo(f"  {name:24}{seconds * 1e3:6.2f}")


def size_of(folder: Path) -> int:
    """Bytes that the files of a folder take; they may vanish meanwhile."""
    sizes = 0
    for path in folder.rglob("*"):
        try:
            sizes += path.stat().st_blocks * 512
        except FileNotFoundError:
            continue
    return sizes


def cpu_time(process: str) -> float:
    """CPU time of a process in seconds, from proc(5)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory(process: str) -> int:
    """The most memory that a process has held, in bytes."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    kibibytes = next((line.split()[1] for line in lines if line.startswith("VmHWM")), "0")
    return int(kibibytes) * 1024


if __name__ == "__main__":
    main()
