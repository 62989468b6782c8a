"""What a GPU would be told to run: launches of Triton kernels by the host's own code, compiled and not run.

The host code goes through with tensors on the CPU. A stand-in for Triton's driver names the GPU, so that
every launch compiles its kernel for it, with the very arguments and options that the host gives; nothing is
computed.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from triton.backends.compiler import GPUTarget
from triton.compiler import CompiledKernel
from triton.runtime import driver
from triton.runtime.jit import JITFunction


@dataclass(frozen=True)
class Launch:
    """A launch.

    Attributes:
        name: Name of the kernel.
        constants: What the kernel is compiled for, by the names of its arguments.
        kernel: The kernel, compiled.
    """

    name: str
    constants: dict[str, Any]
    kernel: CompiledKernel


class StandIn:
    """What a kernel that is only compiled asks of Triton's driver: which GPU there is."""

    def __init__(self, capability: int) -> None:
        self._target = GPUTarget("cuda", capability, 32)

    def get_current_target(self) -> GPUTarget:
        """The GPU."""
        return self._target

    def get_current_device(self) -> int:
        """Its number; each GPU has one of its own, as Triton keeps what it compiled by it."""
        return self._target.arch

    def get_current_stream(self, device: int) -> int:
        """No stream is ever used."""
        return 0


def launches(capability: int, work: Callable[[], object]) -> list[Launch]:
    """What some work launches, each kernel once for all arguments that make the same code.

    Args:
        capability: Compute capability of the GPU, such as 90.
        work: Code that launches kernels; what they would have written is not there.
    """
    made: dict[int, Launch] = {}
    run = JITFunction.run

    def compile_only(
        function: JITFunction, *arguments: Any, grid: object, warmup: bool, **options: Any
    ) -> object:
        kernel = run(function, *arguments, grid=grid, warmup=True, **options)
        named = dict(zip(function.arg_names, arguments, strict=False)) | options
        constants = {param.name: named.get(param.name) for param in function.params if param.is_constexpr}
        made.setdefault(id(kernel), Launch(function.__name__, constants, kernel))
        return kernel

    with _driver(StandIn(capability)), mock.patch.object(JITFunction, "run", compile_only):
        work()
    return list(made.values())


@contextmanager
def _driver(stand_in: StandIn) -> Iterator[None]:
    """Puts a driver in place, and Triton's files out of the way."""
    with tempfile.TemporaryDirectory() as cache, mock.patch.dict(os.environ, {"TRITON_CACHE_DIR": cache}):
        driver.set_active(stand_in)
        try:
            yield
        finally:
            driver._active = None  # whatever there is, is found anew
