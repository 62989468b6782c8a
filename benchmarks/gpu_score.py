"""A real run of `score` on a device, from files to files: wall time of each stage, and how busy the GPU was.

The genome is made up (`generated_genome.py`), with a gene every 168 kb, as dense as the 18,377 genes of the
human genome are, so that windows overlap, if more evenly than there. Never run on a GPU.
"""

import multiprocessing
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from generated_genome import GeneratedGenome, generate
from gpu_report import Report
from gpu_speed import GENES
from watching import cpu_seconds, size_of

from seq2exp_tracks.checkpoints.saving import save_checkpoint
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.model import SOFT, Seq2Exp
from seq2exp_tracks.model.precision import Precision
from seq2exp_tracks.pipeline import make_tracks
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources.registry import GenomeEntry

SPACING = 168_000  # bp from gene to gene: 3.1 Gb / 18,377
GOAL_MINUTES = 5
SAMPLES_MS = 200


@dataclass
class Stages(Silent):
    """When what happened in a run, in seconds; watches the GPU while genes are scored.

    Attributes:
        utilisation: Looks at the GPU; None where there is none.
        began: When the run began.
        scoring: When the first gene was begun.
        scores: When the scores of each gene were there.
    """

    utilisation: "Utilisation | None"
    began: float = field(default_factory=time.monotonic)
    scoring: float = 0
    scores: list[float] = field(default_factory=list)

    def stage(self, label: str, total: int) -> None:
        """Notes when scoring begins."""
        if label == "Scoring genes":
            self.scoring, self.scores = time.monotonic(), []

    def advance(self) -> None:
        """Notes when a gene is done, and looks at the GPU from the first on."""
        if self.scoring:
            self.scores.append(time.monotonic())
            if len(self.scores) == 1 and self.utilisation is not None:
                self.utilisation.begin()

    def note(self, message: str) -> None:
        """Prints what the user of `score` would read."""
        print(f"score: {message}", flush=True)


class Utilisation:
    """Share of the time in which the GPU had something to do, by nvidia-smi."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def begin(self) -> None:
        """Looks several times a second from now on."""
        query = ["--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", f"-lms={SAMPLES_MS}"]
        self._process = subprocess.Popen(["nvidia-smi", *query], stdout=subprocess.PIPE, text=True)

    def end(self) -> list[float]:
        """Percent at each look since the beginning; nothing where it never began."""
        if self._process is None:
            return []
        self._process.terminate()
        told, _ = self._process.communicate()
        self._process = None
        return [float(line) for line in told.splitlines() if line.strip().isdigit()]


@dataclass(frozen=True)
class Pace:
    """How a run goes on.

    Attributes:
        genes: How many it scored.
        before: Seconds until the first of them is done.
        each: Seconds from gene to gene.
        after: Seconds from the last to the end.
    """

    genes: int
    before: float
    each: float
    after: float

    @classmethod
    def of(cls, began: float, scores: list[float], end: float) -> "Pace":
        """The pace of a run, from when its genes were done.

        Genes come in batches: so the steps between them are the slope of a line through all.
        """
        each = float(np.polyfit(np.arange(len(scores)), scores, 1)[0])
        return cls(len(scores), scores[0] - began, each, end - scores[-1])

    def seconds(self, genes: int) -> float:
        """How long more genes would take; what comes after the last grows with them."""
        return self.before + self.each * genes + self.after * genes / self.genes


def measure_score(report: Report, genes: int, precision: Precision, device: str, folder: Path | None) -> None:
    """Scores genes in a process of its own, as `score` would be, and says how long all genes would take."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(scored, genes, precision, device, folder).result()
    report.rows += found.rows
    report.missing += found.missing


def scored(genes: int, precision: Precision, device: str, folder: Path | None) -> Report:
    """The same in this process."""
    report = Report()
    if shutil.which("nvidia-smi") is None:
        report.cannot("GPU utilisation", "nvidia-smi is not there")
        utilisation = None
    else:
        utilisation = Utilisation()
    with tempfile.TemporaryDirectory(dir=folder) as beside:
        request = request_of(Path(beside), genes, precision, device)
        stages, busy = Stages(utilisation), cpu_seconds()
        try:
            make_tracks(request, stages)
        finally:
            samples = utilisation.end() if utilisation is not None else []
        end = time.monotonic()
        size = size_of(request.out) / 1e9
    name = f"`score`, {genes:,} windows with files, {precision}"
    report.figure(f"{name}: wall time, everything", f"{end - stages.began:.1f} s, {size:.2f} GB")
    pace = Pace.of(stages.began, stages.scores, end)
    report.figure(
        f"{name}: until the first gene; from gene to gene; after the last",
        f"{pace.before:.1f} s; {1000 * pace.each:.1f} ms ({1 / pace.each:.1f} windows/s); {pace.after:.1f} s",
    )
    report.say(f"CPU time of all processes: {cpu_seconds() - busy:.1f} s")
    if samples:
        busy_share = sum(samples) / len(samples)
        report.figure(
            f"{name}: GPU utilisation from the first gene to the end",
            f"{busy_share:.0f} % (mean of {len(samples)} samples)",
        )
    report.figure(
        f"{name}: {GENES:,} windows, extrapolated from these",
        f"{pace.seconds(GENES) / 60:.1f} min",
        f"< {GOAL_MINUTES} min on an H100",
    )
    return report


def request_of(beside: Path, genes: int, precision: Precision, device: str) -> ScoreRequest:
    """A request with a genome, genes and weights that are made up here."""
    sizes = ChromSizes({"chr1": SPACING * (genes + 2)})
    genome: GeneratedGenome = generate(beside / "genome", sizes)
    bed, checkpoint = beside / "genes.bed", beside / "model.safetensors"
    places = [SPACING * (gene + 1) for gene in range(genes)]
    bed.write_text("".join(f"chr1\t{tss}\t{tss + 1}\tgene{tss}\t0\t+\n" for tss in places))
    save_checkpoint(Seq2Exp.initialised(SOFT, 0), checkpoint)
    return ScoreRequest(
        genome=GenomeEntry("generated", genome.fasta, bed, genome.blacklist),
        checkpoint=checkpoint,
        out=beside / "run",
        signals=genome.signals,
        no_contacts=True,
        device=device,
        precision_compute=precision.value,
    )
