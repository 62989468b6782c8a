"""Does the prediction need what the mask keeps? Elements hidden one by one, and windows cut short.

A mask is no proof of effect: a model may keep a base and hardly use it (docs/evaluation.md). Here the model
itself is asked. What it answers is an effect on its prediction, not on the cell.
"""

from itertools import groupby

import numpy as np
from jaxtyping import Bool

from seq2exp_tracks.checkpoints import load_checkpoint
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.evaluation.hidden import CUT, CutWindow, Evidence, HiddenElement
from seq2exp_tracks.evaluation.run_inputs import checkpoint_of, open_reader
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.bed_writer import bed_text
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.run_reader import Run
from seq2exp_tracks.scoring import resolve_devices
from seq2exp_tracks.scoring.occlusion import predict_without
from seq2exp_tracks.windows import Window


def gather_evidence(run: Run, count: int, seed: int, device: str, progress: Progress) -> Evidence:
    """Hides a sample of the distal elements of a run, and cuts the windows of their genes.

    Args:
        run: The run; its checkpoint and inputs are to be where they were.
        count: Elements to draw at random from all distal ones; all where there are fewer.
        seed: Seed of the draw.
        device: `auto`, `cpu` or `cuda`.
        progress: Who is told of each gene.

    Raises:
        InputError: If the run has no distal element, or an input is gone or has changed.
        CheckpointError: If the weights cannot be used.
    """
    sample = _draw(run, count, seed)
    where = resolve_devices(device)[0]
    reader = open_reader(run)
    model = load_checkpoint(checkpoint_of(run)).to(where)
    by_gene = [(gene_id, list(rows)) for gene_id, rows in groupby(sample, key=lambda row: row[0])]
    progress.stage("Hiding elements", len(by_gene))
    elements, windows = [], []
    for gene_id, rows in by_gene:
        gene = run.genes[gene_id].gene
        inputs = reader.read(gene)
        hidden = [_bases(inputs.window, place) for _, place, _ in rows]
        nothing = np.zeros(len(inputs.window), bool)
        expression, cut, *without = predict_without(
            model, inputs, [nothing, _outside(inputs.window, CUT), *hidden], where
        )
        windows.append(CutWindow(gene, expression, cut))
        elements += [
            HiddenElement(place, gene, mask, expression, value)
            for (_, place, mask), value in zip(rows, without, strict=True)
        ]
        progress.advance()
    return Evidence(tuple(elements), tuple(windows))


def _draw(run: Run, count: int, seed: int) -> list[tuple[str, Interval, float]]:
    """Gene, place and mean score of elements, those of a gene after each other."""
    ids = {bed_text(gene_id): gene_id for gene_id in run.genes}
    columns = run.link_table().select(["gene_id", "chrom", "start", "end", "mean_score"]).to_pylist()
    if not columns:
        raise InputError(f"{run.folder}: the run called no distal element, so that none can be hidden")
    rng = np.random.default_rng(seed)
    drawn = sorted(rng.choice(len(columns), size=min(count, len(columns)), replace=False).tolist())
    rows = [columns[number] for number in drawn]
    order = {gene_id: number for number, gene_id in enumerate(run.genes)}
    found = [
        (ids[row["gene_id"]], Interval(row["chrom"], row["start"], row["end"]), float(row["mean_score"]))
        for row in rows
    ]
    return sorted(found, key=lambda row: order[row[0]])


def _bases(window: Window, place: Interval) -> Bool[np.ndarray, " length"]:
    """The bases of a window, padding included, that an interval covers."""
    covered = np.zeros(len(window), bool)
    covered[max(place.start - window.start, 0) : max(place.end - window.start, 0)] = True
    return covered


def _outside(window: Window, length: int) -> Bool[np.ndarray, " length"]:
    """The bases of a window, padding included, off the middle `length` bp."""
    outside = np.ones(len(window), bool)
    middle = len(window) // 2
    outside[max(middle - length // 2, 0) : middle - length // 2 + length] = False
    return outside
