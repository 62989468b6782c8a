"""Whether the kernels compute what the definition does: `TRITON_INTERPRET=1 python benchmarks/gpu_tiny.py`.

A tiny stack and windows of unlike lengths, on the CPU in Triton's interpreter. The tests do this at many
sizes; here it shows that the installation at hand does it too. fp32 alone: Triton 3.7's interpreter takes the
bits of bfloat16 for whole numbers.
"""

import sys
from dataclasses import replace

import click
import torch

from seq2exp_tracks.model import SOFT, Seq2Exp
from seq2exp_tracks.model.gpu.stack import GpuStack

LENGTHS = (37, 16)
GOAL = 1e-5


@click.command()
@torch.inference_mode()
def main() -> None:
    """Compare and print the largest difference."""
    config = replace(SOFT, d_model=16, generator_layers=2, encoder_layers=2)
    stack = Seq2Exp.initialised(config, seed=0).generator
    windows = [torch.randn(length, config.d_model) for length in LENGTHS]
    rows = torch.nn.utils.rnn.pad_sequence(windows, batch_first=True)
    GpuStack(stack).read(rows, LENGTHS, [range(length) for length in LENGTHS])
    apart = max(
        float((found[: len(window)] - stack(window[None])[0]).abs().max())
        for found, window in zip(rows, windows, strict=True)
    )
    holds = apart <= GOAL
    click.echo(f"fp32: at most {apart:.1e} from the definition (<= {GOAL:g}: {'holds' if holds else 'NO'})")
    sys.exit(not holds)


if __name__ == "__main__":
    main()
