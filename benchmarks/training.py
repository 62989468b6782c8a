"""What we claim about training on a CPU: `python benchmarks/training.py`.

Forward and backward of one window of Seq2Exp-soft, of the published size (128 channels, 4 + 4 layers) and of
the small one (32 channels, 2 + 2 layers), against autograd through the published arithmetic (naive.py): CPU
time, both in this process, on one core, in turns, best of `--repeats`; and how far the gradients are from
each other.
"""

import os
import time
from dataclasses import replace
from unittest import mock

import click
import naive
import torch
from network import random_inputs
from torch import Tensor
from torch.distributions import Beta, kl_divergence

from seq2exp_tracks.model import SOFT, ModelConfig, Seq2Exp, reading
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.compiled.machine import Machine

GOAL_RATIO = 10.0  # times less CPU time than naive autograd
GOAL_DIFFERENCE = 1e-4  # of the largest gradient of each tensor
KL_WEIGHT = 0.01  # as published


SIZES: dict[str, ModelConfig] = {
    "published": SOFT,
    "small": replace(SOFT, d_model=32, generator_layers=2, encoder_layers=2),
}


@click.command()
@click.option("--length", default=4_096, show_default=True, help="Bases of the window.")
@click.option("--repeats", default=3, show_default=True, help="Steps of each; the best counts.")
def main(length: int, repeats: int) -> None:
    """Measure a training step and print a table."""
    torch.set_num_threads(1)
    click.echo(f"{os.cpu_count()} cores, torch {torch.__version__}, load {os.getloadavg()[0]:.1f}\n")
    click.echo(f"{'':20}{'forward':>12}{'backward':>12}{'both':>12}")
    for size, config in SIZES.items():
        measure(size, config, random_inputs(length), repeats)


def measure(size: str, config: ModelConfig, inputs: tuple[Tensor, ...], repeats: int) -> None:
    """Measures one size and prints its rows."""
    model = Seq2Exp.initialised(config, seed=0).requires_grad_(True)
    step(model, inputs)  # compiles
    ours, theirs = (float("inf"), 0.0, 0.0), (float("inf"), 0.0, 0.0)
    for _ in range(repeats):
        ours = min(ours, step(model, inputs))
        found = gradients(model)
        with mock.patch.object(reading, "read_in_training", published):
            theirs = min(theirs, step(model, inputs))
        expected = gradients(model)
    for name, (both, forward, backward) in (("ours", ours), ("naive", theirs)):
        click.echo(f"{f'{size}, {name}':20}{forward:10.3f} s{backward:10.3f} s{both:10.3f} s")
    difference = max(
        ((found[name] - wanted).abs().max() / wanted.abs().max()).item() for name, wanted in expected.items()
    )
    click.echo(f"ratio {theirs[0] / ours[0]:.1f}x, goal at least {GOAL_RATIO:g}x")
    click.echo(f"gradients differ by {difference:.1e} of each tensor's largest, goal {GOAL_DIFFERENCE:g}\n")


def published(stack: Stack, x: Tensor, machine: Machine) -> Tensor:
    """The published arithmetic, with the scan in the form that autograd takes best."""
    del machine
    return naive.read(stack, x, scan=scan)


def scan(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor) -> Tensor:
    """`naive.scan`, but arrays are taken apart once.

    Where they are taken apart step by step, as published, autograd makes a whole array of gradients for every
    step: the time to go back grows with the square of the length, which would be too easy to beat.
    """
    decay = torch.exp(torch.einsum("bel,en->beln", delta, A))
    inflow = torch.einsum("bel,bln,bel->beln", delta, B, x)
    state = x.new_zeros(x.shape[0], x.shape[1], A.shape[1])
    outputs = []
    for decays, inflows, leaving in zip(decay.unbind(2), inflow.unbind(2), C.unbind(1), strict=True):
        state = decays * state + inflows
        outputs.append(torch.einsum("ben,bn->be", state, leaving))
    return torch.stack(outputs, 2) + x * D[:, None]


def step(model: Seq2Exp, inputs: tuple[Tensor, ...]) -> tuple[float, float, float]:
    """CPU seconds of both halves of a step, forward and backward, and their sum first."""
    model.zero_grad(set_to_none=True)
    start = time.process_time()
    output = model(*inputs)
    mask = Beta(output.alpha, output.beta)
    mean, scale = SOFT.beta.marginal_mean, SOFT.beta.marginal_scale
    marginal = Beta(scale, scale * (1 - mean) / mean)
    loss = (output.expression - 1).square().mean() + KL_WEIGHT * kl_divergence(mask, marginal).mean()
    middle = time.process_time()
    loss.backward()
    end = time.process_time()
    return end - start, middle - start, end - middle


def gradients(model: Seq2Exp) -> dict[str, Tensor]:
    """Gradients of all weights that have one, and that is not 0 throughout."""
    named = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    return {name: gradient for name, gradient in named.items() if gradient.any()}


if __name__ == "__main__":
    main()
