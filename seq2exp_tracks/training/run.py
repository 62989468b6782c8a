"""Genes to trained weights: a folder with the best checkpoint, the log, the curves and what was measured."""

import atexit
import csv
import math
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.whole_file import partial_path, whole_file
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.scoring.decoding import scratch_folder
from seq2exp_tracks.scoring.devices import resolve_devices
from seq2exp_tracks.training.claim import LOCK, claimed
from seq2exp_tracks.training.curves import plot_curves
from seq2exp_tracks.training.gradients import Aim
from seq2exp_tracks.training.log import Measured, measure
from seq2exp_tracks.training.loop import Fitting
from seq2exp_tracks.training.models import check_packages, load_model, marginal_of, new_model, save_model
from seq2exp_tracks.training.opening import open_training
from seq2exp_tracks.training.predict import predict
from seq2exp_tracks.training.published_opening import open_published
from seq2exp_tracks.training.recipe import check_same, recipe_of, write_json
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.training.settings import TrainingSettings
from seq2exp_tracks.training.several import leave, on_first
from seq2exp_tracks.training.splits import Part, Split
from seq2exp_tracks.training.start import move_to
from seq2exp_tracks.training.state import Position
from seq2exp_tracks.training.trained_scales import scales_of
from seq2exp_tracks.training_files import TrainingFiles

Values = Float[np.ndarray, " genes"]


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run made.

    Attributes:
        files: Where everything is.
        best: When the best checkpoint was taken.
        measured: Agreement of its predictions with the labels, by part of the split.
        genes: Number of genes by part.
        told_here: Whether this process tells people of it; with several GPUs one of them does.
    """

    files: TrainingFiles
    best: Position
    measured: dict[Part, Measured]
    genes: dict[Part, int]
    told_here: bool = True


def train_model(request: TrainRequest, progress: Progress) -> Trained:
    """Trains a model, or goes on where a run was broken off.

    Args:
        request: What is to be trained, on what.
        progress: Who is told how far it is.

    Raises:
        TracksError: If an input cannot be used, the split leaks, or the folder is taken or cannot be written.
    """
    files = TrainingFiles(request.out)
    device = resolve_devices(request.device)[0]
    config = request.config
    check_packages(config)
    settings = request.settings(on_cuda=device.type == "cuda")
    fabric = launch(device, settings)  # first: further processes begin here, and leave the folder alone
    progress = progress if fabric.is_global_zero else Silent()
    on_first(fabric, lambda: _check_place(request, files))
    opened = (open_training if request.published is None else open_published)(request, config, progress)
    recipe = recipe_of(request, config, settings, opened.split)
    with ExitStack() as held, scratch_folder() as scratch:
        on_first(fabric, lambda: _take_place(request, files, recipe, held, progress))
        for note in opened.notes:
            progress.note(note)
        model = new_model(config, settings.seed)
        move_to(model, settings.start)
        scales = scales_of(opened.reader.inputs, opened.split.train)
        parts = {part: opened.reader.prepare(genes, scratch / part, progress) for part, genes in opened.split}
        fitting = Fitting(
            model=model,
            aim=Aim(marginal_of(config), settings.weights),
            settings=settings,
            files=files,
            fabric=fabric,
            write=lambda path: save_model(model, path, scales),
            progress=progress,
        )
        best = fitting.run(parts[Part.TRAIN], parts[Part.VALID])
        chosen = load_model(config, files.best).to(fabric.device)
        found = {part: predict(chosen, parts[part], fabric) for part in (Part.VALID, Part.TEST)}
        measured = {part: measure(*pair) for part, pair in found.items()}

        def write() -> None:
            plot_curves(fitting.log.rows, best.best_step, files.curves)
            _write_predictions(opened.split, opened.reader.labels, found, files.predictions)
            figures = {part: _finite(values) for part, values in measured.items()}
            told = {name: scale.to_json() for name, scale in scales.items()}
            summary = {"best_step": best.best_step, "measured": figures, "scales": told, "recipe": recipe}
            write_json(summary, files.summary)  # last: a folder that has it holds a whole run

        on_first(fabric, write)
    genes = {part: len(members) for part, members in opened.split}
    return Trained(files, best, measured, genes, told_here=fabric.is_global_zero)


def launch(device: torch.device, settings: TrainingSettings) -> Fabric:
    """The devices of a run; with several GPUs each gets a process, which begins the command anew."""
    several = settings.devices > 1
    index = [device.index] if device.type == "cuda" and device.index is not None and not several else None
    fabric = Fabric(
        accelerator=device.type,
        devices=index or settings.devices,
        # Buffers stay: a process without windows would not be there to take them.
        strategy=DDPStrategy(broadcast_buffers=False) if several else "auto",
        precision=settings.precision,
    )
    fabric.launch()
    if several:
        atexit.register(leave)
    return fabric


def _check_place(request: TrainRequest, files: TrainingFiles) -> None:
    """Refuses a folder that holds something else, or a run that is neither to go on nor to be replaced."""
    if not request.out.exists():
        return
    if files.recipe.exists():
        if not (request.resume or request.overwrite):
            raise OutputError(
                f"{request.out}: holds a run already; choose another folder, or add --resume (to go on) "
                "or --overwrite"
            )
        return
    unfinished = {partial_path(files.recipe), request.out / LOCK}  # of a run that was killed as it began
    if not request.out.is_dir() or set(request.out.iterdir()) - unfinished:
        raise OutputError(f"{request.out}: is not an empty folder and holds no run; choose another folder")


def _take_place(
    request: TrainRequest,
    files: TrainingFiles,
    recipe: dict[str, object],
    held: ExitStack,
    progress: Progress,
) -> None:
    """Makes the folder ready and claims it: empty but for the recipe, or as the run that goes on left it."""
    with writing(request.out):
        request.out.mkdir(parents=True, exist_ok=True)
    held.enter_context(claimed(request.out, "training"))
    _check_place(request, files)  # again: another run may have come first
    if request.resume and files.recipe.exists():
        for note in check_same(files.recipe, recipe):
            progress.note(note)
        return
    if request.overwrite:
        with writing(request.out):
            for path in files.all:
                path.unlink(missing_ok=True)
    write_json(recipe, files.recipe)


def _finite(measured: Measured) -> dict[str, float | None]:
    """The figures by name; None for what is not defined."""
    return {name: value if math.isfinite(value) else None for name, value in measured._asdict().items()}


def _write_predictions(
    split: Split, labels: Mapping[str, float], found: dict[Part, tuple[Values, Values]], out: Path
) -> None:
    """Every gene of the split: its part and label, and its prediction unless it trained."""
    with whole_file(out) as partial, partial.open("w", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(("gene_id", "gene_name", "chrom", "tss", "split", "label", "predicted"))
        for part, genes in split:
            told = [f"{value:.6g}" for value in found[part][0]] if part in found else [""] * len(genes)
            for gene, predicted in zip(genes, told, strict=True):
                label = f"{labels[gene.id]:.6g}"
                table.writerow((gene.id, gene.name, gene.chrom, gene.tss, part, label, predicted))
