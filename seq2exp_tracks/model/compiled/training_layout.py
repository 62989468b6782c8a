"""What the kernels of training find where in memory, beside what those of `layout.Plan` do."""

from seq2exp_tracks.model.compiled.layout import Layout, Plan, Sizes
from seq2exp_tracks.model.compiled.machine import Machine
from seq2exp_tracks.model.compiled.products import packed_size

CHUNK = 48
"""Rows that go through a layer together: what the way back needs of them stays in a core's second cache."""


class TrainingPlan:
    """Where the kernels of training find things.

    Args:
        sizes: Sizes of the layer.
        machine: The machine.

    Attributes:
        there: The plan of the way there.
        layer: Weights that the directions share, as products on the way back read them.
        reader: The same of one direction.
        layer_sums: Gradients of the shared weights, summed over rows; those of `input` and `gate` are of the
            weights times the norm's.
        reader_sums: The same of one direction.
        scratch: What lies between the steps of a chunk; gradients have names that begin with `of`.
    """

    def __init__(self, sizes: Sizes, machine: Machine) -> None:
        self.there = there = Plan(sizes, machine)
        width, channels = there.width, there.channels
        self.layer = Layout(
            {
                "input": (packed_size(machine, channels, width), 1),
                "gate": (packed_size(machine, channels, width), 1),
                "output": (packed_size(machine, width, channels), 1),
            }
        )
        self.reader = Layout(
            {
                "project": (packed_size(machine, sizes.projected, channels), 1),
                "steps": (packed_size(machine, channels, sizes.rank), 1),
            }
        )
        self.layer_sums = Layout(dict.fromkeys(("input", "gate", "output"), (sizes.width, channels)))
        self.reader_sums = Layout(
            {
                "taps": (sizes.taps, channels),
                "taps_bias": (1, channels),
                "project": (sizes.projected, channels),
                "steps": (sizes.rank, channels),
                "steps_bias": (1, channels),
                "rates": (sizes.states, channels),
                "skip": (1, channels),
            }
        )
        vectors = dict.fromkeys(("decays", "states", "of_B", "of_C"), (CHUNK * sizes.states, machine.lanes))
        inside = ("convolved", "u", "of_u", "steps", "slopes", "of_steps", "gated", "of_gate", "of_x")
        self.scratch = Layout(
            vectors
            | dict.fromkeys(inside, (CHUNK, channels))
            | dict.fromkeys(("projected", "of_projected"), (CHUNK, there.projected))
            | {"rows": (CHUNK, width), "scales": (CHUNK, 1), "inputs": (max(sizes.taps - 1, 1), channels)}
        )
