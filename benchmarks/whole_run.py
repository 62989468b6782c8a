"""A run of `score` with a stand-in for the network: all else is what a run does, from files to files.

The stand-in has its answer ready: a part of the pool of `fake_scores`; which one, depends on the bases from
the TSS on and on both signals there. So the files of the run tell whether each gene was given its own inputs.
"""

import os
import tempfile
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pyarrow.parquet
import pyBigWig
import pysam
import torch
from fake_scores import POOL, PROMOTER, WINDOW, FakeScores, expression
from generated_genome import SIGNALS, GeneratedGenome
from torch import Tensor, nn
from watching import Watch

from seq2exp_tracks.checkpoints.saving import save_checkpoint
from seq2exp_tracks.model import SOFT
from seq2exp_tracks.model.batch import Seq2ExpOutput
from seq2exp_tracks.model.precision import Precision
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.pipeline import make_tracks
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.windows import Window

_POWERS = 4.0 ** torch.arange(10)
_PRIMES = (7_919, 104_729)


class InstantModel(nn.Module):
    """A model with the interface of Seq2Exp that has its answer ready."""

    def __init__(self) -> None:
        super().__init__()
        self.config = SOFT
        pool = FakeScores()
        self._alpha, self._beta, self._learned = map(torch.from_numpy, (pool.alpha, pool.beta, pool.learned))

    def compute_in(self, precision: Precision) -> None:
        """Whatever the precision, the answer is there."""

    def forward(
        self, sequence: Tensor, signals: Tensor, *_: Tensor | None, blacklist: Tensor, **__: Tensor | None
    ) -> Seq2ExpOutput:
        """A part of the pool."""
        tss = WINDOW // 2
        codes = sequence[0, tss : tss + len(_POWERS)] @ torch.arange(4.0)
        place = place_of(codes, [float(signals[0, tss, channel]) for channel in range(len(SIGNALS))])
        alpha, beta, mask = (
            values[place : place + WINDOW] for values in (self._alpha, self._beta, self._learned)
        )
        mask = mask.clone()
        mask[tss - PROMOTER : tss + PROMOTER] = 1
        mask[blacklist[0]] = 0
        return Seq2ExpOutput(torch.tensor([expression(place)]), mask[None], alpha[None], beta[None])


def instant_model(workers: Path, checkpoint: Path) -> InstantModel:
    """The stand-in for the model of a checkpoint; notes the process that asks for it."""
    (workers / str(os.getpid())).touch()
    return InstantModel()


def place_of(codes: Tensor, signals: list[float]) -> int:
    """Where the answer begins in the pool, from the bases and signals at the TSS; N counts as A."""
    number = int(codes @ _POWERS) + sum(
        round(100 * signal) * prime for signal, prime in zip(signals, _PRIMES, strict=True)
    )
    return number % (POOL - WINDOW)


def whole_run(
    out: Path,
    bed: Path,
    genome: GeneratedGenome,
    *,
    writers: int,
    workers: int,
    resolution: int,
    precision: int | None,
) -> Watch:
    """Runs what `score` runs, with the stand-in in place of the checkpoint's model."""
    beside = out.parent
    watch = Watch(beside / "workers", beside / "scratch")
    watch.workers.mkdir()
    watch.scratch.mkdir()
    checkpoint = beside / "model.safetensors"
    save_checkpoint(Seq2Exp.initialised(SOFT, 0), checkpoint)
    request = ScoreRequest(
        genome=GenomeEntry("generated", genome.fasta, bed, genome.blacklist),
        checkpoint=checkpoint,
        out=out,
        signals=genome.signals,
        no_contacts=True,
        bed_tss="middle",
        resolution=resolution,
        precision=precision,
        workers=workers,
        writers=writers,
    )
    tempfile.tempdir = str(watch.scratch)
    with patch("seq2exp_tracks.pipeline.job.load_checkpoint", partial(instant_model, watch.workers)):
        make_tracks(request, watch)
    tempfile.tempdir = None
    watch.stage("Done", 0)
    return watch


def places_of(genome: GeneratedGenome, windows: list[Window]) -> list[int]:
    """Where the answer of each window begins in the pool, from the files by other readers."""
    signals = [pyBigWig.open(str(path)) for path in genome.signals.values()]
    places = []
    with pysam.FastaFile(str(genome.fasta)) as fasta:
        for window in windows:
            chrom, tss = window.gene.chrom, window.gene.tss
            bases = fasta.fetch(chrom, tss, tss + len(_POWERS)).replace("N", "A").ljust(len(_POWERS), "A")
            codes = torch.tensor([float("ACGT".index(base)) for base in bases])
            values = [file.values(chrom, tss, tss + 1)[0] for file in signals]
            places.append(place_of(codes, list(np.nan_to_num(values))))
    return places


def check_expressions(out: Path, windows: list[Window], places: list[int]) -> None:
    """Compares the predicted expression of every gene with the formula."""
    table = pyarrow.parquet.read_table(out / "genes.parquet", columns=["gene_id", "expression"])
    found = dict(zip(*(column.to_pylist() for column in table.columns), strict=True))
    assert found == {window.gene.id: expression(place) for window, place in zip(windows, places, strict=True)}
