"""A model and examples so small that a run takes a moment."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from lightning_fabric import Fabric

from seq2exp_tracks.checkpoints import save_checkpoint
from seq2exp_tracks.model import HARD, HARD_STRAIGHT, SOFT, ModelConfig, Seq2Exp
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.training.examples import Example
from seq2exp_tracks.training.gradients import Aim
from seq2exp_tracks.training.loop import Fitting
from seq2exp_tracks.training.optimiser import Schedule
from seq2exp_tracks.training.settings import TrainingSettings
from seq2exp_tracks.training.state import Position
from seq2exp_tracks.training_files import TrainingFiles

LENGTH = 40
SMALL = {"window": LENGTH, "d_model": 4, "generator_layers": 1, "encoder_layers": 1, "promoter": 8}
CONFIGS = {
    "soft": replace(SOFT, **SMALL),
    "hard": replace(HARD, **SMALL),
    "hard-straight": replace(HARD_STRAIGHT, **SMALL),
}
SETTINGS = TrainingSettings(
    schedule=Schedule(steps=7, warmup=1, start=1e-4, peak=5e-3, end=1e-3),
    batch_size=4,
    at_once=1,
    evaluate_every=3,
    seed=3,
)


def examples(count: int, seed: int = 0, length: int = LENGTH) -> list[Example]:
    """Windows of random bases and signals, some bases unknown or excluded."""
    generator = torch.Generator().manual_seed(seed)
    return [
        Example(
            torch.randint(0, 5, (length,), generator=generator, dtype=torch.uint8),
            3 * torch.rand(length, 3, generator=generator),
            torch.rand(length, generator=generator) < 0.1,
            torch.randn(9, generator=generator),
            torch.rand((), generator=generator),
        )
        for _ in range(count)
    ]


def new_model(config: ModelConfig) -> Seq2Exp:
    """A model with its first weights, those that are trained with gradients."""
    model = Seq2Exp.initialised(config, seed=1).requires_grad_(True)
    model.signal_betas.requires_grad_(False)
    model.signal_weights.requires_grad_(False)
    return model


@dataclass
class SmallRun:
    """A run, or the rest of one, in a folder."""

    folder: Path
    setting: str = "soft"
    settings: TrainingSettings = SETTINGS
    progress: Progress = field(default_factory=Silent)
    write: Callable[[Seq2Exp, Path], None] = save_checkpoint

    def go(self) -> tuple[Position, Seq2Exp]:
        """Trains to the end."""
        model = new_model(CONFIGS[self.setting])
        fitting = Fitting(
            model=model,
            aim=Aim(model.config.beta, self.settings.weights),
            settings=self.settings,
            files=TrainingFiles(self.folder),
            fabric=Fabric(accelerator="cpu", devices=1),
            write=lambda path: self.write(model, path),
            progress=self.progress,
        )
        return fitting.run(examples(9), examples(3, seed=1)), model
