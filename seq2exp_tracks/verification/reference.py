"""A gene's window once more, by plain PyTorch in float32 on the CPU, which every kernel is tested against."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import torch

from seq2exp_tracks.checkpoints import load_checkpoint
from seq2exp_tracks.evaluation.run_inputs import checkpoint_of, open_reader
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.model.compiled.machine import VARIABLE
from seq2exp_tracks.model.reading import one_thread
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.run_reader import Run
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring import score_window

_CPU = torch.device("cpu")

TRIAL = 20
"""A part of so many of a window is scored first, to tell how long all of it takes."""

_WORTH_A_TRIAL = 40_000
"""Bases of a window: shorter ones take seconds."""


def rescored(run: Run, genes: Sequence[Gene], progress: Progress) -> Iterator[WindowScores]:
    """Scores of genes from the files of a run, by the reference.

    Args:
        run: The run.
        genes: Some of its genes.
        progress: Who is told how long it will take, and of each gene.

    Raises:
        InputError: If an input of the run is gone or has changed.
    """
    reader, checkpoint = open_reader(run), checkpoint_of(run)
    with _reference(), one_thread():
        model = load_checkpoint(checkpoint)
        if seconds := _seconds_a_window(model, reader, genes[0]):
            progress.note(
                f"windows of {reader.window:,} bp through the reference path take about {seconds:,.0f} s "
                f"each here, {seconds * len(genes) / 60:,.0f} min in all"
            )
        progress.stage("Recomputing windows by the reference", len(genes))
        for gene in genes:
            yield score_window(model, reader.read(gene), _CPU)
            progress.advance()


@contextmanager
def _reference() -> Iterator[None]:
    """No kernels while the body runs."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = "reference"
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def _seconds_a_window(model: Seq2Exp, reader: InputReader, gene: Gene) -> float | None:
    """How long a window will take, by a short one: time grows with the length. None where it is not long."""
    length = max(reader.window // TRIAL, model.config.promoter)
    if reader.window < _WORTH_A_TRIAL or model.config.position_embedding:
        return None
    inputs = replace(reader, window=length).read(gene)
    began = time.monotonic()
    score_window(model, inputs, _CPU)
    return (time.monotonic() - began) * reader.window / length
