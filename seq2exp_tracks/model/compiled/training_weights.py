"""A layer's weights as the kernels of training read them, and their gradients as autograd wants them."""

from typing import cast

from torch import Tensor

from seq2exp_tracks.model.caduceus import Layer
from seq2exp_tracks.model.compiled.packing import packed, packed_layer, packed_reader
from seq2exp_tracks.model.compiled.training_layout import TrainingPlan
from seq2exp_tracks.model.mamba import Mamba


class TrainingWeights:
    """The weights of a layer.

    Args:
        layer: A layer that reads in both directions, with shared projections, and adds.
        plan: Where the kernels find things.

    Attributes:
        layer: Weights that the directions share, as the way there reads them.
        readers: Those of the forward and the backward reader.
        layer_back: As `layer`, for the way back.
        readers_back: As `readers`, for the way back.
    """

    def __init__(self, layer: Layer, plan: TrainingPlan) -> None:
        self._plan = plan
        directions = (layer.forwards, cast("Mamba", layer.backwards))
        self.layer = packed_layer(layer, plan.there)
        self.readers = [packed_reader(mamba, plan.there) for mamba in directions]
        self.layer_back = self._layer_back(layer)
        self.readers_back = [self._reader_back(mamba) for mamba in directions]

    def _layer_back(self, layer: Layer) -> Tensor:
        there, projections, gain = self._plan.there, layer.projections, layer.norm.weight
        return self._plan.layer.joined(
            {
                "input": packed(projections.input.weight * gain, there.channels, there.machine),
                "gate": packed(projections.gate.weight * gain, there.channels, there.machine),
                "output": packed(projections.output.weight, there.width, there.machine),
            }
        )

    def _reader_back(self, mamba: Mamba) -> Tensor:
        there = self._plan.there
        return self._plan.reader.joined(
            {
                "project": packed(mamba.x_proj.weight, there.sizes.projected, there.machine),
                "steps": packed(mamba.dt_proj.weight, there.channels, there.machine),
            }
        )


def gradients_of(layer: Layer, plan: TrainingPlan, layer_sums: Tensor, reader_sums: Tensor) -> list[Tensor]:
    """The gradients of a layer's weights, in the order of its parameters.

    Args:
        layer: The layer.
        plan: Where things are in memory.
        layer_sums: What the kernels summed for the weights that the directions share.
        reader_sums: The same for both directions.
    """
    sums, channels = plan.layer_sums.views(layer_sums), plan.there.sizes.channels
    scaled = {name: sums[name][:, :channels] for name in ("input", "gate")}  # of weights times the norm's
    weights = {"input": layer.projections.input.weight, "gate": layer.projections.gate.weight}
    gain = layer.norm.weight
    found = {
        "norm.weight": sum((scaled[name] * weights[name].T).sum(1) for name in scaled),
        "projections.output.weight": sums["output"][:, :channels],
    }
    found |= {f"projections.{name}.weight": (gain[:, None] * scaled[name]).T for name in scaled}
    directions = {"forwards": layer.forwards, "backwards": cast("Mamba", layer.backwards)}
    for (name, mamba), memory in zip(directions.items(), reader_sums, strict=True):
        found |= {f"{name}.{key}": x for key, x in _of_reader(mamba, plan, memory).items()}
    return [cast("Tensor", found[name]) for name, _ in layer.named_parameters()]


def _of_reader(mamba: Mamba, plan: TrainingPlan, memory: Tensor) -> dict[str, Tensor]:
    sums = {name: x[:, : plan.there.sizes.channels] for name, x in plan.reader_sums.views(memory).items()}
    return {
        "conv_weight": sums["taps"].T,
        "conv_bias": sums["taps_bias"][0],
        "x_proj.weight": sums["project"],
        "dt_proj.weight": sums["steps"].T,
        "dt_proj.bias": sums["steps_bias"][0],
        "A_log": sums["rates"].T * -mamba.A_log.exp(),  # A = -exp(A_log)
        "D": sums["skip"][0],
    }
