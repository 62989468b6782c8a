"""How fast a checkpoint scores windows on this machine; reads no other file."""

from functools import partial
from pathlib import Path
from typing import Literal

from seq2exp_tracks.checkpoints import load_checkpoint, read_config
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model.config import SOFT
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scoring.bench.speed import Speed, measure_speed


def measure_machine(
    checkpoint: Path | None,
    window: int | None,
    device: str,
    workers: int | None,
    seconds: float,
    progress: Progress,
    precision_compute: Literal["fp32", "bf16"] = "fp32",
    windows_in_flight: int | None = None,
) -> Speed:
    """Measures how fast windows are scored on this machine.

    Args:
        checkpoint: Trained weights; None for the published soft model without training, which computes as
            much.
        window: Bases around a TSS; None for those that the model was trained on.
        device: `auto`, `cpu`, `cuda` for all GPUs, or `cuda:1` for one.
        workers: Processes on the CPU; None for one a core.
        seconds: For how long windows are scored.
        progress: Who is told how far it is.
        precision_compute: How exact a GPU's kernels are.
        windows_in_flight: Windows that a GPU reads at once; None for as many as its memory holds.

    Raises:
        TracksError: If the checkpoint cannot be used or the device is not there.
    """
    config = SOFT if checkpoint is None else read_config(checkpoint)
    name = "the published soft model" if checkpoint is None else str(checkpoint)
    if not config.learns_mask:
        raise CheckpointError(f"{name}: its mask is given from outside, so that `score` cannot use it")
    window = config.window if window is None else window
    try:
        config.check_window(window)
    except CheckpointError as error:
        raise CheckpointError(f"{name}: {error}") from error
    load_model = (
        partial(Seq2Exp.initialised, SOFT, 0) if checkpoint is None else partial(load_checkpoint, checkpoint)
    )
    hardware = Hardware.choose(device, workers, precision_compute, windows_in_flight)
    if hardware.on_gpu:
        for note in hardware.notes(config):
            progress.note(note)
    return measure_speed(
        hardware.loader(load_model),
        config,
        window,
        hardware.devices if hardware.on_gpu else hardware.devices * hardware.workers,
        seconds,
        progress,
        hardware.in_flight,
    )
