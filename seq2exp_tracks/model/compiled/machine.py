"""What a CPU can do, and how kernels become its machine code; needs no compiler on the machine.

LLVM comes with llvmlite. Compiling takes some tenths of a second a process; nothing is kept on disk.
"""

import ctypes
import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import llvmlite.binding as llvm
from llvmlite import ir
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of CPU.

    Attributes:
        name: Its vector instructions.
        lanes: Numbers of float32 in a vector register.
        registers: How many vector registers there are.
        triple: LLVM's name of the architecture and system; None for those of this computer.
        cpu: LLVM's name of the CPU to compile for; None for the one in this computer.
    """

    name: str
    lanes: int
    registers: int
    triple: str | None = None
    cpu: str | None = None


AVX512 = Machine("avx512", lanes=16, registers=32)
AVX2 = Machine("avx2", lanes=8, registers=16)
GENERIC = Machine("generic", lanes=4, registers=16)
NEON = Machine("neon", lanes=4, registers=32)

OLDER = {
    "avx2": Machine("avx2", lanes=8, registers=16, cpu="x86-64-v3"),
    "generic": Machine("generic", lanes=4, registers=16, cpu="x86-64"),
}
"""Machines that this computer can play, where it is newer."""

ARM = Machine("neon", lanes=4, registers=32, triple="aarch64-unknown-linux-gnu", cpu="neoverse-n1")
"""A machine to compile for, not to run on, where there is no such computer."""


@cache
def this_machine() -> Machine:
    """The vector instructions of this computer."""
    if platform.machine().lower() in ("arm64", "aarch64"):
        return NEON
    features = llvm.get_host_cpu_features()
    if all(features.get(name) for name in ("avx512f", "avx512vl", "avx512dq")):
        return AVX512
    return AVX2 if features.get("avx2") and features.get("fma") else GENERIC


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


def assembly(module: ir.Module, machine: Machine) -> str:
    """The instructions that a module becomes on a machine, which may be of another architecture."""
    target = _target(machine)
    text: str = target.emit_assembly(_optimised(module, target))
    return text


def _target(machine: Machine) -> llvm.TargetMachine:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    triple = machine.triple or llvm.get_process_triple()
    own = machine.cpu is None
    return llvm.Target.from_triple(triple).create_target_machine(
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
