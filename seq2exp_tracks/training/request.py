"""TrainRequest: everything that a user decides about a training run: its data, the model and its training."""

import math
from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.model.baselines import BaselineConfig
from seq2exp_tracks.training.data import TrainData
from seq2exp_tracks.training.losses import LossWeights
from seq2exp_tracks.training.models import Config
from seq2exp_tracks.training.published_folder import published_files
from seq2exp_tracks.training.settings import (
    SIZES,
    Precision,
    Setting,
    TrainingSettings,
    model_config,
    schedule,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRequest(TrainData):
    """What to train, on which data.

    Attributes:
        setting: Which model, and how its mask is made.
        size: Name of the preset that stands in for every size that is None.
        window: Bases around a TSS.
        d_model: Channels of the network.
        layers: Layers of each stack.
        promoter: Bases around the TSS that are always kept.
        steps: Updates.
        rate: Highest learning rate.
        warmup: Updates of the warm-up; None for a tenth.
        batch_size: Windows an update; None for the preset's.
        at_once: Windows that a device computes at a time; None for 1 on the CPU and all on a GPU.
        divergence: Weight of the KL divergence in the loss.
        evaluate_every: Updates between evaluations; None for a twentieth.
        seed: Seed of all that is random.
        device: `auto`, `cpu` or `cuda`.
        devices: GPUs.
        precision: Of the arithmetic; None for bf16 on CUDA, float32 elsewhere.
        resume: Go on with the run that `out` holds.
        overwrite: Replace the run that `out` holds.
        out: Folder of the run.
    """

    out: Path
    setting: Setting = Setting.SOFT
    size: str = "published"
    window: int | None = None
    d_model: int | None = None
    layers: int | None = None
    promoter: int = 2000
    steps: int | None = None
    rate: float | None = None
    warmup: int | None = None
    batch_size: int | None = None
    at_once: int | None = None
    divergence: float = 0.01
    evaluate_every: int | None = None
    seed: int = 2222
    device: str = "auto"
    devices: int = 1
    precision: Precision | None = None
    resume: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        TrainData.__post_init__(self)
        self._check_mask()
        for option, value in (("--rate", self.rate), ("--divergence", self.divergence)):
            if value is not None and not math.isfinite(value):
                raise InputError(f"{option} {value}: give a finite number")
        if self.resume and self.overwrite:
            raise InputError("--resume goes on with a run, --overwrite replaces it; give one of them")

    def _check_mask(self) -> None:
        """Refuses a mask that is missing, or that the model would not look at.

        Raises:
            InputError: If so.
        """
        given = self.fixed_mask is not None
        if self.setting.is_given_mask and not given and self.published is None:
            raise InputError("--setting fixed and --fixed-mask FILE belong together; give both or none")
        if given and not self.setting.takes_given_mask:
            raise InputError("--fixed-mask FILE is for --setting fixed, or epinformer; give both or none")

    @property
    def config(self) -> Config:
        """The model that is asked for.

        Raises:
            InputError: If its sizes do not fit together.
        """
        preset = SIZES[self.size]
        d_model, layers = preset.shape_of(self.setting)
        return model_config(
            self.setting,
            preset.window if self.window is None else self.window,
            d_model if self.d_model is None else self.d_model,
            layers if self.layers is None else self.layers,
            self.promoter,
            given_mask=self.fixed_mask is not None,
        )

    def settings(self, on_cuda: bool) -> TrainingSettings:
        """How it is trained on a kind of device.

        Raises:
            InputError: If two settings exclude each other, or the device cannot follow one.
        """
        preset = SIZES[self.size]
        steps = preset.steps if self.steps is None else self.steps
        batch = preset.batch_size if self.batch_size is None else self.batch_size
        if not on_cuda and self.precision == "bf16-mixed":
            raise InputError(
                "--precision bf16-mixed: on CUDA only; most CPUs are slower with it than without"
            )
        if not on_cuda and self.devices > 1:
            raise InputError(f"--devices {self.devices}: for GPUs; on the CPU one process uses all cores")
        if self._batch_is_one and self.devices > 1:
            raise InputError(
                f"--devices {self.devices}: {self.setting} takes norms over the whole batch; use one"
            )
        if self._batch_is_one and self.at_once is not None and self.at_once < batch:
            raise InputError(
                f"--at-once {self.at_once}: {self.setting} takes norms over the whole batch; leave it out"
            )
        return TrainingSettings(
            schedule=schedule(steps, preset.rate if self.rate is None else self.rate, self.warmup),
            batch_size=batch,
            at_once=self.at_once or (batch if on_cuda or self._batch_is_one else 1),
            weights=LossWeights(divergence=self.divergence),
            evaluate_every=self.evaluate_every or max(1, steps // 20),
            start=preset.start,
            seed=self.seed,
            precision=self.precision or ("bf16-mixed" if on_cuda else "32-true"),
            devices=self.devices,
        )

    @property
    def _batch_is_one(self) -> bool:
        """Whether the windows of a batch have to be computed together."""
        return isinstance(self.config, BaselineConfig) and self.config.normalises_batch

    @property
    def inputs(self) -> dict[str, Path]:
        """Every file that the run reads, by its role."""
        if self.published is None:
            return self.genome.files | self.given_files
        peaks = self.setting.is_given_mask and self.fixed_mask is None
        published = published_files(self.published, self.cell_type, with_peaks=peaks)
        return self.genome.files | published | self.given_files
