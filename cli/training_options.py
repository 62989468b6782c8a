"""Options of the commands that train: how large the model is, how long it trains, and where."""

import click

from .options import Command

_TRAINING = (
    click.option(
        "--size",
        type=click.Choice(["published", "small"]),
        default="published",
        show_default=True,
        help="published: 200 kb, 128 channels, 4 layers, 50,000 updates at 5e-4. "
        "small: 10 kb, 16 channels, 2 layers, 1,000 updates at 4e-3. What follows overrides it.",
    ),
    click.option("--window", type=click.IntRange(min=1), metavar="BP", help="Bases around the TSS."),
    click.option("--d-model", type=click.IntRange(min=1), metavar="N", help="Channels of the network."),
    click.option("--layers", type=click.IntRange(min=1), metavar="N", help="Layers of each stack."),
    click.option(
        "--promoter",
        type=click.IntRange(min=1),
        default=2000,
        show_default=True,
        metavar="BP",
        help="Bases around the TSS that are always kept, and that the prediction is made from.",
    ),
    click.option("--steps", type=click.IntRange(min=1), metavar="N", help="Updates."),
    click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Highest learning rate."),
    click.option(
        "--warmup",
        type=click.IntRange(min=0),
        metavar="N",
        help="Updates of the warm-up.  [default: a tenth]",
    ),
    click.option(
        "--batch-size",
        type=click.IntRange(min=1),
        metavar="N",
        help="Windows an update.  [default: 8; of small: 4]",
    ),
    click.option(
        "--at-once",
        type=click.IntRange(min=1),
        metavar="N",
        help="Windows that a device computes at a time.  [default: 1 on a core, the batch on a GPU]",
    ),
    click.option(
        "--divergence",
        type=click.FloatRange(min=0),
        default=0.01,
        show_default=True,
        help="Weight of the KL divergence of the mask from its marginal distribution.",
    ),
    click.option(
        "--evaluate-every",
        type=click.IntRange(min=1),
        metavar="N",
        help="Updates between evaluations, each of which saves the state.  [default: a twentieth of all]",
    ),
    click.option(
        "--device",
        default="auto",
        show_default=True,
        help="auto (a GPU that has Triton, else the CPU), cpu, or cuda.",
    ),
    click.option(
        "--devices",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        metavar="N",
        help="GPUs to use.",
    ),
    click.option(
        "--precision",
        type=click.Choice(["32-true", "bf16-mixed"]),
        help="Arithmetic.  [default: bf16-mixed on CUDA, 32-true on the CPU]",
    ),
)


def training_options(command: Command) -> Command:
    """Adds the options of a model's size and of its training; all but what is trained and its seed."""
    for option in reversed(_TRAINING):
        command = option(command)
    return command
