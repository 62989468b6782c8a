"""What a run computes with: devices, kernels and precision, as the user asks for them."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import torch

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.manifest import Json
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.model.gpu.door import OLDEST, installed
from seq2exp_tracks.model.precision import Precision
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scoring import default_workers, kernels_of, kind_of, resolve_devices
from seq2exp_tracks.scoring.devices import TRITON


@dataclass(frozen=True, slots=True)
class Hardware:
    """What windows are computed with.

    Attributes:
        devices: The CPU, or GPUs.
        workers: Processes on the CPU.
        precision: How exact the kernels of a GPU are.
        in_flight: Windows that a GPU reads at once; None for as many as its memory holds.
        overlooked: Whether there are GPUs that were not chosen because there is no Triton that will do.
    """

    devices: tuple[torch.device, ...]
    workers: int
    precision: Precision
    in_flight: int | None = None
    overlooked: bool = False

    @classmethod
    def choose(
        cls, device: str, workers: int | None = None, precision: str = "fp32", in_flight: int | None = None
    ) -> Self:
        """Finds what is asked for; see `ScoreRequest`.

        Raises:
            TracksError: If this machine does not have it.
        """
        found = cls(
            resolve_devices(device),
            workers or default_workers(),
            Precision(precision),
            in_flight,
            overlooked=device == "auto" and torch.cuda.is_available() and not installed(),
        )
        if not found.on_gpu and found.precision is not Precision.FP32:
            raise InputError(
                f"--precision-compute {precision}: the CPU computes in fp32 only; leave it out, or choose a "
                "GPU with --device cuda"
            )
        return found

    @property
    def on_gpu(self) -> bool:
        """Whether windows are computed on GPUs."""
        return self.devices[0].type != "cpu"

    def notes(self, config: ModelConfig) -> list[str]:
        """What computes, for people, and what there is to say against it.

        Raises:
            InputError: If the precision that is asked for needs kernels that there are not.
        """
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            kernels = self.kernels(config)
        if kernels != TRITON and self.precision is not Precision.FP32:
            raise InputError(
                f"--precision-compute {self.precision}: needs the Triton kernels, and this model runs with "
                f"{kernels} here; leave it out"
            )
        return [self._summary(kernels), *(str(warning.message) for warning in caught)]

    def kernels(self, config: ModelConfig) -> str:
        """What computes the layers of a model; see `kernels_of`."""
        return kernels_of(config, self.devices[0])

    def record(self, config: ModelConfig) -> dict[str, Json]:
        """The part of it that numbers can depend on, for the manifest."""
        return {
            "devices": [kind_of(device) for device in self.devices],
            "kernels": self.kernels(config),
            "precision_compute": str(self.precision),
        }

    def loader(self, load_model: Callable[[], Seq2Exp]) -> "Loader":
        """Makes the model in this precision; picklable if `load_model` is."""
        return Loader(load_model, self.precision)

    def _summary(self, kernels: str) -> str:
        if not self.on_gpu:
            told, oldest = f"scoring on the CPU, kernels: {kernels}", ".".join(map(str, OLDEST))
            return f"{told}; for the GPU: install Triton {oldest} or later" if self.overlooked else told
        names = ", ".join(f"{device} ({kind_of(device)})" for device in self.devices)
        return f"scoring on {names}, kernels: {kernels}, {self.precision}"


@dataclass(frozen=True, slots=True)
class Loader:
    """Makes a model that computes in a precision.

    Attributes:
        load_model: Makes it.
        precision: How exact the kernels of a GPU are to be.
    """

    load_model: Callable[[], Seq2Exp]
    precision: Precision

    def __call__(self) -> Seq2Exp:
        """The model."""
        model = self.load_model()
        model.compute_in(self.precision)
        return model
