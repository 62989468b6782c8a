"""The bidirectional stack of Mamba layers (Caduceus, Schiff et al. 2024, without reverse complements).

A layer adds to the residual what two readers, one in each direction, make of its normalised rows:

    v = RMSNorm(residual);  [x|z] = W_in v;  residual += W_out ((forward(x) + backward(x)) · silu(z))

The published model gives each direction the same W_in and W_out ("tied") and adds their outputs, so one
evaluation serves both. `Layer.join` is the general case.
"""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import silu

from seq2exp_tracks.model.config import Directions, ModelConfig
from seq2exp_tracks.model.mamba import Mamba
from seq2exp_tracks.model.precision import Precision


class Projections(nn.Module):
    """The ways into a Mamba block and out of it, row by row: input, gate, output."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.input = nn.Linear(config.d_model, config.d_inner, bias=False)
        self.gate = nn.Linear(config.d_model, config.d_inner, bias=False)
        self.output = nn.Linear(config.d_inner, config.d_model, bias=False)

    def leave(self, v: Tensor, y: Tensor) -> Tensor:
        """What a reader's output y adds to the residual, gated by the rows v that it read."""
        out: Tensor = self.output(y * silu(self.gate(v)))
        return out


class Layer(nn.Module):
    """One layer: normalise, read in both directions, add."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.directions = config.mamba.directions
        self.norm = nn.RMSNorm(config.d_model, eps=config.mamba.norm_epsilon)
        self.projections = Projections(config)
        self.forwards = Mamba(config, reverse=False)
        two_way = self.directions is not Directions.FORWARD
        self.backwards = Mamba(config, reverse=True) if two_way else None
        self.backward_projections = Projections(config) if two_way and not config.mamba.tied else None

    def forward(
        self, residual: Float[Tensor, "batch length d_model"]
    ) -> Float[Tensor, "batch length d_model"]:
        """The definition: the whole window at once, for training and for every device."""
        v = self.norm(residual)
        x = self.projections.input(v)
        y_forward = self.forwards(x)
        y_backward = None
        if self.backwards is not None:
            untied = self.backward_projections
            y_backward = self.backwards(x if untied is None else untied.input(v))
        return residual + self.join(v, y_forward, y_backward)

    def join(self, v: Tensor, y_forward: Tensor, y_backward: Tensor | None) -> Tensor:
        """Joins what both readers say of the rows v, row by row."""
        if y_backward is None:
            return self.projections.leave(v, y_forward)
        if self.directions is Directions.ADD and self.backward_projections is None:
            return self.projections.leave(v, y_forward + y_backward)
        out_forward = self.projections.leave(v, y_forward)
        out_backward = (self.backward_projections or self.projections).leave(v, y_backward)
        if self.directions is Directions.MULTIPLY:
            return out_forward * out_backward
        return out_forward + out_backward


class Stack(nn.Module):
    """A stack of layers with a norm at its end.

    Attributes:
        precision: How exact a GPU's kernels are.
    """

    def __init__(self, config: ModelConfig, layers: int) -> None:
        super().__init__()
        self.precision = Precision.FP32
        self.layers = nn.ModuleList(Layer(config) for _ in range(layers))
        self.norm = nn.RMSNorm(config.d_model, eps=config.mamba.norm_epsilon)

    def forward(self, x: Float[Tensor, "batch length d_model"]) -> Float[Tensor, "batch length d_model"]:
        """The definition: all layers, one after the other; `reading.read` finds faster ways."""
        for layer in self.layers:
            x = layer(x)
        out: Tensor = self.norm(x)
        return out
