"""What bfloat16 changes: `python benchmarks/gpu_bf16.py`, no GPU needed.

The rule of `--precision-compute bf16` in plain PyTorch on the CPU: what goes into a matrix product, its
weights included, and what a layer keeps between its kernels (x, and y of both directions) is rounded to
bfloat16; products add up in float32; residual, norms, step sizes, couplings, states and exponentials stay
float32.

Windows and weights are those of the golden vectors (`--golden`, found beside the repository) and else random.
All of these weights are random, so the figures show an order of magnitude, not what a trained model does.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import click
import torch
from torch import Tensor
from torch.nn.functional import linear, pad, silu, softplus

from seq2exp_tracks.model import HARD, SOFT, Seq2Exp, reading
from seq2exp_tracks.model.batch import Seq2ExpOutput
from seq2exp_tracks.model.caduceus import Layer, Stack
from seq2exp_tracks.model.mamba import Mamba
from seq2exp_tracks.model.reading import Embedded
from seq2exp_tracks.model.scan import selective_scan

SOFT_LIMIT = 1e-2
"""Largest difference of a soft mask up to which bf16 could be the default."""
HARD_LIMIT = 1e-3
"""The same for the share of bases that a hard mask flips."""
LENGTH = 8_192


@dataclass(frozen=True)
class Difference:
    """How far one way to compute windows is from another.

    Attributes:
        largest: Largest difference of an applied mask.
        percentile: 99.9th percentile of these differences.
        learned: Largest difference of the mean of a base's distribution, before anything is picked.
        flipped: Share of bases whose mask changes to the other side of one half.
        expression: Largest difference of log10(1 + CAGE).
    """

    largest: float
    percentile: float
    learned: float
    flipped: float
    expression: float

    @classmethod
    def between(cls, one: Seq2ExpOutput, other: Seq2ExpOutput) -> "Difference":
        """Compares what a model that learns its mask says of the same windows in two ways."""
        apart = (one.mask - other.mask).abs().flatten().double().cpu()
        means = [output.alpha / (output.alpha + output.beta) for output in (one, other)]
        return cls(
            largest=float(apart.max()),
            percentile=float(apart.sort().values[int(0.999 * (len(apart) - 1))]),
            learned=float((means[0] - means[1]).abs().max()),
            flipped=float(((one.mask >= 0.5) != (other.mask >= 0.5)).double().mean()),
            expression=float((one.expression - other.expression).abs().max()),
        )

    def __str__(self) -> str:
        return (
            f"mask {self.largest:.1e} at most, {self.percentile:.1e} at the 99.9th percentile;"
            f" before the mask is picked {self.learned:.1e}; flipped {100 * self.flipped:.3f} %;"
            f" expression {self.expression:.1e}"
        )


@dataclass(frozen=True)
class Case:
    """A model and windows for it."""

    model: Seq2Exp
    inputs: tuple[Tensor, ...]


@click.command()
@click.option("--golden", type=click.Path(path_type=Path), help="Folder of golden vectors.")
def main(golden: Path | None) -> None:
    """Compare float32 with the emulated rule on one soft and one hard window."""
    for line in emulate(golden or Path(__file__).parents[2] / "shared" / "golden"):
        click.echo(line)


@torch.inference_mode()
def emulate(golden: Path) -> list[str]:
    """What bf16 changes in one soft and one hard window, in lines of text, the last of which concludes."""
    lines, differences = [], []
    for name, case in (("soft", soft_case(golden)), ("hard", hard_case(golden))):
        exact = case.model(*case.inputs)
        with mock.patch.object(reading, "read", read):
            differences.append(Difference.between(exact, case.model(*case.inputs)))
        length = case.inputs[0].shape[1]
        lines.append(f"{name}, {length:,} bp, {source(golden)}: {differences[-1]}")
    soft, hard = differences
    within = soft.largest <= SOFT_LIMIT and hard.flipped <= HARD_LIMIT
    rule = f"soft {soft.largest:.1e} (<= {SOFT_LIMIT:g}), hard flips {100 * hard.flipped:.3f} % (<= 0.1 %)"
    return [*lines, f"bf16 {'could be' if within else 'is not to be'} the default by these: {rule}"]


def source(golden: Path) -> str:
    """Where weights and inputs come from."""
    return "golden vectors (random weights)" if golden.is_dir() else "initial weights, random inputs"


def soft_case(golden: Path) -> Case:
    """The published soft model at full width."""
    if golden.is_dir():
        return golden_case(golden, "soft_wide_8k")
    return Case(Seq2Exp.initialised(SOFT, seed=0), random_windows(1, LENGTH))


def hard_case(golden: Path) -> Case:
    """The published hard model at full width."""
    if golden.is_dir():
        return golden_case(golden, "hard_wide_4k")
    config = replace(HARD, window=LENGTH)
    return Case(Seq2Exp.initialised(config, seed=0), random_windows(1, LENGTH))


def golden_case(golden: Path, name: str) -> Case:
    """A golden checkpoint with its inputs; the window of 200 kb has the checkpoint of the one of 8 kb."""
    import numpy as np

    from seq2exp_tracks.checkpoints import load_checkpoint

    folder = "soft_wide_8k" if name == "soft_wide_200k" else name
    with np.load(golden / name / "inputs.npz") as file:
        inputs = tuple(torch.from_numpy(file[key]) for key in ("seqs", "signals", "rna_feat"))
        excluded = torch.from_numpy(file["mask_regions"][..., 1])
    return Case(load_checkpoint(golden / folder / "checkpoint.ckpt"), (*inputs, excluded))


def random_windows(count: int, length: int, seed: int = 0) -> tuple[Tensor, ...]:
    """Windows of random bases and signals, with features of their genes."""
    generator = torch.Generator().manual_seed(seed)
    bases = torch.randint(0, 4, (count, length), generator=generator)
    signals = torch.rand(count, length, len(SOFT.signals), generator=generator)
    return torch.eye(4)[bases], signals, torch.rand(count, SOFT.gene_features, generator=generator)


def read(stack: Stack, x: Embedded | Tensor, wanted: range | None = None) -> Tensor:
    """`reading.read` by the rule of bf16."""
    residual = x.rows() if isinstance(x, Embedded) else x
    for layer in stack.layers:
        residual = residual + added(layer, residual)
    rows: Tensor = stack.norm(residual)
    return rows if wanted is None else rows[:, wanted.start : wanted.stop]


def added(layer: Layer, residual: Tensor) -> Tensor:
    """What a layer adds to the residual."""
    projections, gain = layer.projections, layer.norm.weight
    scale = torch.rsqrt(residual.square().mean(-1, keepdim=True) + layer.norm.eps)
    # As in the kernels: the norm's weights are part of those of the products, and rows are scaled after them.
    x = rounded(scale * product(residual, projections.input.weight * gain))
    y = rounded(said(layer.forwards, x)) + rounded(said(layer.backwards, x))
    gate = silu(scale * product(residual, projections.gate.weight * gain))
    return product(y * gate, projections.output.weight)


def said(mamba: Mamba, x: Tensor) -> Tensor:
    """What a reader makes of rows x."""
    before = mamba.conv_weight.shape[1] - 1
    weight = mamba.conv_weight.flip(1) if mamba.reverse else mamba.conv_weight
    extended = pad(x, (0, 0, 0, before) if mamba.reverse else (0, 0, before, 0))
    u = silu(
        mamba.conv_bias
        + sum(extended[:, tap : tap + x.shape[1]] * weight[:, tap] for tap in range(before + 1))
    )
    low_rank, B, C = product(u, mamba.x_proj.weight).split(mamba.sizes, -1)
    delta = softplus(linear(low_rank, mamba.dt_proj.weight, mamba.dt_proj.bias))
    y, _ = selective_scan(u, delta, -mamba.A_log.exp(), B, C, mamba.D, reverse=mamba.reverse)
    return y


def product(rows: Tensor, weights: Tensor) -> Tensor:
    """A product of rounded numbers, added up in float32."""
    return linear(rounded(rows), rounded(weights))


def rounded(values: Tensor) -> Tensor:
    """What bfloat16 keeps of numbers."""
    return values.bfloat16().float()


if __name__ == "__main__":
    main()
