"""What a CPU can do, and how kernels become its machine code; needs no compiler on the machine.

LLVM comes with llvmlite. Compiling takes some tenths of a second a process; nothing is kept on disk.
"""

import ctypes
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import llvmlite.binding as llvm
from llvmlite import ir
from torch import Tensor

from seq2exp_tracks.errors import TracksError


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of CPU.

    Attributes:
        name: Its vector instructions.
        lanes: Numbers of float32 in a vector register.
        registers: How many vector registers there are.
        table: Size of the table in a register that an instruction can look numbers up in; 1 for none.
        cpu: LLVM's name of the CPU to compile for; None for the one in this computer.
    """

    name: str
    lanes: int
    registers: int
    table: int = 1
    cpu: str | None = None


MACHINES = {
    "avx512": Machine("avx512", lanes=16, registers=32, table=16, cpu="x86-64-v4"),
    "avx2": Machine("avx2", lanes=8, registers=16, table=8, cpu="x86-64-v3"),
    "generic": Machine("generic", lanes=4, registers=16, cpu="x86-64"),
    "neon": Machine("neon", lanes=4, registers=32, cpu="neoverse-n1"),
}
"""The kinds of CPU that kernels are made for, each by its oldest member."""

VARIABLE = "SEQ2EXP_KERNELS"
"""Environment variable: `auto`, `reference` for the definition in PyTorch, `triton` for the GPU's kernels
wherever they are to run, or the name of a machine."""

TRITON = "triton"

_NEEDED = {
    "avx512": ("avx512f", "avx512vl", "avx512bw", "avx512dq", "avx512cd"),
    "avx2": ("avx2", "fma", "bmi2"),
}


def chosen_machine() -> Machine | None:
    """The machine to compile for: this computer, or as the environment says; None for no kernels at all.

    Raises:
        TracksError: If the environment names something unknown, or what this computer cannot run.
    """
    asked = os.environ.get(VARIABLE, "auto")
    if asked in ("reference", TRITON):
        return None
    here = runnable()
    if asked == "auto":
        # Tuned for this very CPU, not only for its kind.
        return replace(MACHINES[here[0]], cpu=None) if here else None
    if asked not in here:
        known = ", ".join(("auto", "reference", TRITON, *here))
        raise TracksError(f"{VARIABLE}={asked}: not to be had on this computer; choose from: {known}")
    return MACHINES[asked]


@cache
def runnable() -> tuple[str, ...]:
    """Names of the machines whose code this computer can run, the fastest first; none on other kinds."""
    architecture = platform.machine().lower()
    if architecture in ("arm64", "aarch64"):
        return ("neon",)
    if architecture not in ("x86_64", "amd64"):
        return ()
    features = llvm.get_host_cpu_features()
    vectors = (name for name, needed in _NEEDED.items() if all(features.get(feature) for feature in needed))
    return (*vectors, "generic")


class Kernel:
    """A compiled function; it does not hold the interpreter's lock while it runs, and it checks nothing.

    Args:
        entry: The function.
        engine: Whose memory the machine code is in.
    """

    def __init__(self, entry: Callable[..., None], engine: llvm.ExecutionEngine) -> None:
        self._entry = entry
        self._engine = engine

    def __call__(self, *arguments: Tensor | int) -> None:
        """Runs it on tensors of float32, contiguous and on the CPU, and integers."""
        self._entry(*(x.data_ptr() if isinstance(x, Tensor) else x for x in arguments))


class Program:
    """Machine code of a module, ready to be called.

    Args:
        module: The kernels.
        machine: What it is compiled for.
    """

    def __init__(self, module: ir.Module, machine: Machine) -> None:
        target = _target(machine)
        self._engine = llvm.create_mcjit_compiler(_optimised(module, target), target)
        self._engine.finalize_object()

    def kernel(self, function: ir.Function) -> Kernel:
        """A function of the module."""
        kinds = [ctypes.c_void_p if arg.type == ir.PointerType() else ctypes.c_int64 for arg in function.args]
        address = self._engine.get_function_address(function.name)
        return Kernel(ctypes.CFUNCTYPE(None, *kinds)(address), self._engine)


def assembly(module: ir.Module, machine: Machine, triple: str) -> str:
    """The instructions that a module becomes on a machine, which may be of another architecture.

    Args:
        module: The kernels.
        machine: What it is compiled for.
        triple: LLVM's name of the architecture and the system.
    """
    target = _target(machine, triple)
    text: str = target.emit_assembly(_optimised(module, target))
    return text


def _target(machine: Machine, triple: str | None = None) -> llvm.TargetMachine:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    own = machine.cpu is None
    return llvm.Target.from_triple(triple or llvm.get_process_triple()).create_target_machine(
        cpu=llvm.get_host_cpu_name() if own else machine.cpu,
        features=llvm.get_host_cpu_features().flatten() if own else "",
        opt=3,
    )


def _optimised(module: ir.Module, target: llvm.TargetMachine) -> llvm.ModuleRef:
    """A checked module after LLVM's usual passes; loops stay as written, unrolling makes them slower."""
    parsed = llvm.parse_assembly(str(module))
    parsed.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_unrolling = False
    passes = llvm.create_pass_builder(target, options)
    passes.getModulePassManager().run(parsed, passes)
    return parsed
