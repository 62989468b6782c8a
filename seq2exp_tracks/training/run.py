"""Genes to trained weights: a folder with the best checkpoint, the log, the curves and what was measured."""

import csv
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from lightning_fabric import Fabric

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scoring.decoding import scratch_folder
from seq2exp_tracks.scoring.devices import resolve_devices
from seq2exp_tracks.training.curves import plot_curves
from seq2exp_tracks.training.gradients import Aim
from seq2exp_tracks.training.log import Measured, measure
from seq2exp_tracks.training.loop import Fitting
from seq2exp_tracks.training.models import check_packages, load_model, marginal_of, new_model, save_model
from seq2exp_tracks.training.opening import open_training
from seq2exp_tracks.training.places import TrainingFiles
from seq2exp_tracks.training.predict import predict
from seq2exp_tracks.training.published_opening import open_published
from seq2exp_tracks.training.recipe import check_same, recipe_of, write_json
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.training.settings import TrainingSettings
from seq2exp_tracks.training.splits import Part, Split
from seq2exp_tracks.training.start import move_to
from seq2exp_tracks.training.state import Position
from seq2exp_tracks.training.trained_scales import scales_of

Values = Float[np.ndarray, " genes"]


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run made.

    Attributes:
        files: Where everything is.
        best: When the best checkpoint was taken.
        measured: Agreement of its predictions with the labels, by part of the split.
        genes: Number of genes by part.
    """

    files: TrainingFiles
    best: Position
    measured: dict[Part, Measured]
    genes: dict[Part, int]


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
    if fabric.is_global_zero:
        _check_place(request, files)
    opened = (open_training if request.published is None else open_published)(request, config, progress)
    recipe = recipe_of(request, config, settings, opened.split)
    if fabric.is_global_zero:
        _take_place(request, files, recipe)
    fabric.barrier()
    for note in opened.notes:
        progress.note(note)
    model = new_model(config, settings.seed)
    move_to(model, settings.start)
    scales = scales_of(opened.reader.inputs, opened.split.train)
    with scratch_folder() as scratch:
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
        chosen = load_model(config, files.best).to(device)
        found = {part: predict(chosen, parts[part], fabric) for part in (Part.VALID, Part.TEST)}
    measured = {part: measure(*pair) for part, pair in found.items()}
    if fabric.is_global_zero:
        plot_curves(fitting.log.rows, best.best_step, files.curves)
        _write_predictions(opened.split, opened.reader.labels, found, files.predictions)
        figures = {part: values._asdict() for part, values in measured.items()}
        told = {name: scale.to_json() for name, scale in scales.items()}
        # Last: a folder that has it holds a whole run.
        write_json(
            {"best_step": best.best_step, "measured": figures, "scales": told, "recipe": recipe},
            files.summary,
        )
    return Trained(files, best, measured, {part: len(genes) for part, genes in opened.split})


def launch(device: torch.device, settings: TrainingSettings) -> Fabric:
    """The devices of a run; with several GPUs each gets a process, which begins the command anew."""
    several = settings.devices > 1
    index = [device.index] if device.type == "cuda" and device.index is not None and not several else None
    fabric = Fabric(
        accelerator=device.type,
        devices=index or settings.devices,
        strategy="ddp" if several else "auto",
        precision=settings.precision,
    )
    fabric.launch()
    return fabric


def _check_place(request: TrainRequest, files: TrainingFiles) -> None:
    """Refuses a folder that holds something else, before inputs are read."""
    if request.resume or request.overwrite or not request.out.exists():
        return
    if not request.out.is_dir() or any(request.out.iterdir()):
        taken = "holds a run already" if files.recipe.exists() else "is not an empty folder"
        raise OutputError(
            f"{request.out}: {taken}; choose another folder, or add --resume (to go on) or --overwrite"
        )


def _take_place(request: TrainRequest, files: TrainingFiles, recipe: dict[str, object]) -> None:
    """Makes the folder ready: empty but for the recipe, or as the run that goes on left it."""
    with writing(request.out):
        request.out.mkdir(parents=True, exist_ok=True)
        if request.resume and files.recipe.exists():
            check_same(files.recipe, recipe)
            return
        if request.overwrite:
            for path in files.all:
                path.unlink(missing_ok=True)
            shutil.rmtree(files.board, ignore_errors=True)
    write_json(recipe, files.recipe)


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
