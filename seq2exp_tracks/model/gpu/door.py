"""Whether the Triton kernels can run; needs no Triton itself.

Triton comes with torch's builds for CUDA. Without a GPU its interpreter runs the same kernels on the CPU,
slowly: with `SEQ2EXP_KERNELS=triton` and `TRITON_INTERPRET=1`, which is how they are tested.
"""

import os
import re
import warnings
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import torch

from seq2exp_tracks.model.compiled.machine import TRITON, VARIABLE

OLDEST = (3, 3)
"""The first Triton that keeps tuples through a loop, on which the scans are built."""


def kernels_for(device: torch.device) -> bool:
    """Tells whether the Triton kernels are to be used for tensors on a device.

    Warns once where there is a GPU and no Triton that will do: PyTorch then goes through the definition.
    """
    asked = os.environ.get(VARIABLE, "auto")
    if device.type != "cuda":
        return asked == TRITON and installed()
    if asked == "reference":
        return False
    if not installed():
        _warn()
        return False
    return True


def installed() -> bool:
    """Tells whether Triton is there and new enough; it is imported only when a kernel runs."""
    found = _found()
    return found is not None and _numbers(found) >= OLDEST


@cache
def _found() -> str | None:
    """Version of the Triton that is installed."""
    try:
        return version("triton")
    except PackageNotFoundError:
        return None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:2])


@cache
def _warn() -> None:
    oldest = ".".join(map(str, OLDEST))
    found = _found()
    problem = "Triton is not installed" if found is None else f"Triton {found} is older than {oldest}"
    warnings.warn(
        f"{problem}: the GPU runs plain PyTorch, which is many times slower; torch's builds for CUDA bring a "
        "Triton that will do from torch 2.7 on",
        RuntimeWarning,
        stacklevel=2,
    )
