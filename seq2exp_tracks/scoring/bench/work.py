"""The arithmetic of one window, counted from the model's sizes. Measures nothing.

Counted is what any exact way has to do, so that it gives a floor: tied projections once for both reading
directions, and the last layer of the encoder where the promoter, which alone is read, depends on it. Left out
is what is small beside the layers (embeddings, mask, head: less than 0.3 %) or runs beside the rest on the
same units (the multiplications of the scan, the norms).
"""

from dataclasses import dataclass
from typing import Self

from seq2exp_tracks.model.config import Directions, ModelConfig


@dataclass(frozen=True, slots=True)
class Work:
    """Arithmetic that is to be done.

    Attributes:
        products: Floating-point operations of matrix products, two for a multiplication and its addition.
        scan_exps: Exponentials of the selective scan, one for each state and step.
        other_exps: Exponentials of softplus and SiLU, one each.
    """

    products: int
    scan_exps: int
    other_exps: int

    @property
    def exps(self) -> int:
        """All exponentials."""
        return self.scan_exps + self.other_exps

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.products + other.products,
            self.scan_exps + other.scan_exps,
            self.other_exps + other.other_exps,
        )

    def __mul__(self, times: int) -> Self:
        return type(self)(self.products * times, self.scan_exps * times, self.other_exps * times)


def full_work(config: ModelConfig, length: int) -> Work:
    """The work of a window with every layer evaluated at every base.

    Args:
        config: A model that learns its mask.
        length: Bases of the window.
    """
    return _layer(config, length, length, length) * (config.generator_layers + config.encoder_layers)


def least_work(config: ModelConfig, length: int, encoded: int | None = None) -> Work:
    """The work of a window without what nothing depends on.

    Args:
        config: A model that learns its mask.
        length: Bases of the window.
        encoded: Bases that the encoder reads, for models which move the kept ones together; None for all.
    """
    rows = length if encoded is None else encoded
    promoter = config.promoter or rows
    # To the end of the promoter from the left, to its start from the right: so many rows a reader on average.
    scanned = (rows + promoter) // 2
    read = scanned if config.mamba.directions is Directions.FORWARD else rows
    whole = _layer(config, length, length, length) * config.generator_layers
    encoder = _layer(config, rows, rows, rows) * (config.encoder_layers - 1)
    return whole + encoder + _layer(config, read, scanned, promoter)


def _layer(config: ModelConfig, read: int, scanned: int, written: int) -> Work:
    """One layer: `read` rows enter, each direction scans `scanned` of them, `written` ones are wanted."""
    width, channels, states, rank = config.d_model, config.d_inner, config.mamba.d_state, config.dt_rank
    directions = 1 if config.mamba.directions is Directions.FORWARD else 2
    entrances = 1 if config.mamba.tied else directions
    exits = entrances if config.mamba.directions is Directions.ADD else directions
    into = entrances * read * width * channels
    steps = directions * scanned * channels * (rank + 2 * states + rank)  # x_proj, then dt_proj
    out = written * width * channels * (entrances + exits)  # gate, then output
    return Work(
        products=2 * (into + steps + out),
        scan_exps=directions * scanned * channels * states,
        other_exps=channels * (2 * directions * scanned + entrances * written),
    )
