"""What the GPU's kernels are compiled to: `python benchmarks/gpu_code.py`, no GPU needed.

The host's own code reads windows, and trains on them, at the published sizes; what it launches is compiled
for an A100 (sm_80) and an H100 (sm_90), with the very arguments and options that it gives. Of each kernel:
registers of a thread, spills (accesses to memory because registers ran out, and its bytes), shared memory of
a program, how many programs a processor (SM) holds at once, and for scans the instructions of a step, and of
a state in it.

Fails where a kernel spills, or where a scan that goes forward takes more than 12 instructions a state.
"""

import json
import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial

import click
import torch
from gpu_launches import Launch, launches
from gpu_sass import Code, Loop

from seq2exp_tracks.model import SOFT
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.precision import Precision

CAPABILITIES = (80, 90)
TARGETS = {f"sm_{capability}": capability for capability in CAPABILITIES}
MOST_INSTRUCTIONS = 12.0  # a state element, of a scan that goes forward
ROWS = 1_024  # of the windows; kernels are compiled for any number
STATES = SOFT.mamba.d_state

SCANS = {"sweep": 2, "scan": 0, "scan_gradient": 0}
"""Kernels that scan, and how many exponentials a step of a channel has besides one a state."""
GRADIENTS = ("scan_gradient",)
"""Those that scan twice, there and back: their loops add up."""


@dataclass(frozen=True)
class Processor:
    """What one processor (SM) of a GPU has: CUDA's programming guide, table of compute capabilities."""

    warps: int
    programs: int
    shared: int
    shared_reserved: int = 1024  # bytes of each program that CUDA takes
    registers: int = 65_536

    def holds(self, registers: int, warps: int, shared: int) -> int:
        """Programs at once; registers are given to warps in pieces of 256."""
        of_warp = -(-registers * 32 // 256) * 256
        by_registers = self.registers // of_warp // warps
        by_shared = self.shared // (shared + self.shared_reserved)
        return min(self.programs, self.warps // warps, by_registers, by_shared)


PROCESSORS = {80: Processor(64, 32, 164 * 1024), 90: Processor(64, 32, 228 * 1024)}


@dataclass(frozen=True)
class Row:
    """A kernel for one GPU, as the table shows it.

    Attributes:
        kernel: Its name.
        target: The GPU.
        precision: Of what it reads: fp32 or bf16.
        variant: What else it is compiled for.
        warps: Warps of a program.
        registers: Registers of a thread.
        spills: Accesses to memory because registers ran out.
        stack: Bytes of that memory, of a thread.
        shared: Bytes of shared memory of a program.
        resident: Programs that a processor holds at once.
        step: Instructions of a step of a channel; 0 where nothing is scanned.
        state: The same for each of its states.
    """

    kernel: str
    target: str
    precision: str
    variant: str
    warps: int
    registers: int
    spills: int
    stack: int
    shared: int
    resident: int
    step: float
    state: float

    def faults(self) -> list[str]:
        """What is wrong with it."""
        name = f"{self.kernel} ({self.variant}) for {self.target}, {self.precision}"
        faults = [f"{name} spills"] if self.spills or self.stack else []
        if self.kernel in SCANS and not self.state:
            faults.append(f"{name} has no loop over states that could be counted")
        if self.kernel not in GRADIENTS and self.state > MOST_INSTRUCTIONS:
            faults.append(
                f"{name} takes {self.state:.1f} instructions a state, more than {MOST_INSTRUCTIONS:g}"
            )
        if not self.resident:
            faults.append(f"{name} fits no processor: {self.shared} bytes of shared memory")
        return faults


@click.command()
@click.option("--target", "targets", multiple=True, type=click.Choice(TARGETS), default=TARGETS)
@click.option("--scoring", is_flag=True, help="Leave out the kernels of training.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def main(targets: tuple[str, ...], scoring: bool, as_json: bool) -> None:
    """Compile all kernels and print one table."""
    rows = compiled([TARGETS[target] for target in targets], scoring)
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows]))
    else:
        click.echo("\n".join(table(rows)))
    faults = [fault for row in rows for fault in row.faults()]
    missing = sorted(({"sweep"} if scoring else set(SCANS)) - {row.kernel for row in rows})
    faults += [f"the host launched no kernel named {name}" for name in missing]
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(bool(faults))


def compiled(capabilities: Sequence[int] = CAPABILITIES, scoring: bool = False) -> list[Row]:
    """All kernels that the host launches at the published sizes.

    Args:
        capabilities: What they are compiled for.
        scoring: Leave out the kernels of training.

    Raises:
        click.UsageError: If Triton's interpreter stands in the compiler's place.
    """
    if os.environ.get("TRITON_INTERPRET") == "1":
        raise click.UsageError("TRITON_INTERPRET=1 leaves nothing to compile: unset it")
    with ProcessPoolExecutor(len(capabilities), multiprocessing.get_context("spawn")) as pool:
        return [
            row for rows in pool.map(partial(compiled_for, scoring=scoring), capabilities) for row in rows
        ]


def compiled_for(capability: int, scoring: bool) -> list[Row]:
    """The same for one GPU; kernels that differ in nothing which the table shows count once."""
    rows: dict[Row, None] = {}
    for precision in Precision:
        for work in (read_windows,) if scoring else (read_windows, train):
            made = launches(capability, partial(work, precision))
            rows |= dict.fromkeys(row_of(launch, capability, precision) for launch in made)
    return list(rows)


def read_windows(precision: Precision) -> None:
    """What scoring launches: three layers have a first, a middle and a last one."""
    from seq2exp_tracks.model.gpu.stack import GpuStack

    stack = Stack(SOFT, layers=3).requires_grad_(False)
    stack.precision = precision
    rows = torch.zeros(2, ROWS, SOFT.d_model)
    GpuStack(stack).read(rows, [ROWS, ROWS], [range(200, 300)] * 2)


def train(precision: Precision) -> None:
    """What training launches in both directions; bf16 as automatic mixed precision gives it."""
    from seq2exp_tracks.model.scan.gpu import selective_scan

    kind = torch.bfloat16 if precision is Precision.BF16 else torch.float32

    def tensor(*shape: int) -> torch.Tensor:
        return torch.zeros(*shape, dtype=kind, requires_grad=True)

    channels, batch = SOFT.d_inner, (2, ROWS)
    for reverse in (False, True):
        x, delta = tensor(*batch, channels), tensor(*batch, channels)
        A, D, state = (torch.zeros(*shape, requires_grad=True) for shape in state_shapes(channels))
        y, _ = selective_scan(x, delta, A, tensor(*batch, STATES), tensor(*batch, STATES), D, state, reverse)
        y.sum().backward()


def state_shapes(channels: int) -> tuple[tuple[int, ...], ...]:
    """Of A, D and the state."""
    return (channels, STATES), (channels,), (2, channels, STATES)


def row_of(launch: Launch, capability: int, precision: Precision) -> Row:
    """What a launched kernel is made of."""
    code, about = Code.of(launch.kernel.asm["cubin"]), launch.kernel.metadata
    step = 0.0
    if launch.name in SCANS:
        channels = launch.constants["BLOCK"] / (32 * about.num_warps)
        step = (
            instructions(code.loops, SCANS[launch.name], launch.name in GRADIENTS) if channels == 1 else 0.0
        )
    return Row(
        kernel=launch.name,
        target=f"sm_{capability}",
        precision=str(precision),
        variant=", ".join(
            f"{name}={value}" for name, value in launch.constants.items() if name in ("REVERSE", "LAST")
        ),
        warps=about.num_warps,
        registers=code.registers,
        spills=code.spills,
        stack=code.stack,
        shared=about.shared,
        resident=PROCESSORS[capability].holds(code.registers, about.num_warps, about.shared),
        step=step,
        state=step / STATES,
    )


def instructions(loops: list[Loop], others: int, both: bool) -> float:
    """Instructions of a step of one channel.

    Args:
        loops: The innermost loops of a kernel.
        others: Exponentials of a step that belong to no state.
        both: Whether its loops follow each other, there and back; else the longest is what steps.
    """
    steps = [
        loop.instructions * (STATES + others) / loop.exponentials
        for loop in sorted(loops, key=lambda loop: -loop.instructions)
        if loop.exponentials >= STATES + others
    ]
    return sum(steps if both else steps[:1])


def table(rows: list[Row]) -> list[str]:
    """The rows as Markdown."""
    lines = [
        "| kernel | GPU | precision | warps | registers | spills (bytes) | shared memory, bytes |"
        " programs an SM | instructions a step | a state |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        name = f"`{row.kernel}`" + (f" {row.variant}" if row.variant else "")
        steps = (f"{row.step:.0f}", f"{row.state:.1f}") if row.step else ("-", "-")
        cells = (
            name,
            row.target,
            row.precision,
            row.warps,
            row.registers,
            f"{row.spills} ({row.stack})",
            f"{row.shared:,}",
            row.resident,
            *steps,
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


if __name__ == "__main__":
    main()
