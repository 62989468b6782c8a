"""Which devices score windows, and how a process is set up for one. Nothing of it was ever run on a GPU."""

import os
import re

import torch

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model.compiled.machine import chosen_machine
from seq2exp_tracks.model.config import Directions, ModelConfig
from seq2exp_tracks.model.gpu.door import installed, kernels_for

CPU = torch.device("cpu")

TRITON = "Triton"
"""What `kernels_of` calls the GPU's kernels."""

_WORKSPACE = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}


def resolve_devices(name: str) -> tuple[torch.device, ...]:
    """The devices that a user means, at least one: the CPU by itself, or GPUs.

    Args:
        name: `auto` for all GPUs where the kernels for them are installed, else the CPU; `cpu`; `cuda` for
            all GPUs; `cuda:1` for that one.

    Raises:
        TracksError: If there is no such device on this machine.
    """
    if name == "cpu":
        return (CPU,)
    if name == "auto":
        return _gpus() if torch.cuda.is_available() and installed() else (CPU,)
    asked = re.fullmatch(r"cuda(?::(\d+))?", name)
    if asked is None:
        raise TracksError(f"device {name!r} is unknown; use auto, cpu, cuda or cuda:1")
    if not torch.cuda.is_available():
        raise TracksError(f"device {name!r}: torch {torch.__version__} sees no GPU here; use --device cpu")
    if asked[1] is None:
        return _gpus()
    if int(asked[1]) >= torch.cuda.device_count():
        raise TracksError(f"device {name!r}: this machine has {torch.cuda.device_count()} GPU(s)")
    return (torch.device(name),)


def kind_of(device: torch.device) -> str:
    """What a device is called: `cpu`, or the name that a GPU gives itself."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def kernels_of(config: ModelConfig, device: torch.device) -> str:
    """What computes a model's layers: the vector instructions of our kernels for CPUs, Triton, or PyTorch.

    Args:
        config: The model's settings.
        device: Where.
    """
    published = config.mamba.tied and config.mamba.directions is Directions.ADD
    if published and kernels_for(device):
        return TRITON
    machine = chosen_machine() if device.type == "cpu" else None
    return f"PyTorch on {device.type}" if machine is None else machine.name


def set_up(device: torch.device) -> None:
    """Prepares this thread for a device: on a GPU the same numbers come out every time, in full float32.

    Our kernels add in one order. So do, as they are set here, the libraries that PyTorch calls: products are
    kept from TF32, which has 10 bits; cuBLAS, whose order may differ where several streams are at work, has
    the workspace that NVIDIA names for this; cuDNN, which convolves where our kernels do not, does not try
    which of its algorithms is the fastest today.

    Args:
        device: Where this thread will compute; another GPU than the first has to be made the current one.
    """
    if device.type != "cuda":
        return
    for name, value in _WORKSPACE.items():
        os.environ.setdefault(name, value)  # read when cuBLAS is first used
    torch.cuda.set_device(device)
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


def free_memory(device: torch.device) -> int:
    """Bytes of a GPU that nobody uses."""
    free, _ = torch.cuda.mem_get_info(device)
    return free


def let_go(device: torch.device) -> None:
    """Gives back the memory of a GPU that torch keeps for later."""
    if device.type == "cuda":
        torch.cuda.empty_cache()


def _gpus() -> tuple[torch.device, ...]:
    return tuple(torch.device("cuda", index) for index in range(torch.cuda.device_count()))
