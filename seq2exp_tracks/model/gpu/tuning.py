"""How kernels are launched: everything that an owner of a GPU may try other numbers for, in one place.

Chosen from what the compiler says for sm_80 and sm_90 at the published sizes: no kernel spills registers, and
tiles fit shared memory. Never timed on a GPU. Numbers of rows do not change with any of it but `depth` and
`PRODUCTS`.
"""

from dataclasses import dataclass

from seq2exp_tracks.model.precision import Precision


@dataclass(frozen=True, slots=True)
class Tiles:
    """How a kernel of matrix products cuts up its work; all but the stages are powers of two.

    Attributes:
        rows: Rows of a tile, at least 16.
        panel: Outputs of a row that are summed up together, at least 16.
        depth: Inputs of a product that are fetched together, at least 16.
        warps: Warps of a program.
        stages: Fetches that are under way at once.
    """

    rows: int
    panel: int
    depth: int
    warps: int
    stages: int


@dataclass(frozen=True, slots=True)
class Products:
    """The kernels of matrix products, by name."""

    project: Tiles
    couple: Tiles
    turn: Tiles


TILES = {
    Precision.FP32: Products(
        project=Tiles(rows=64, panel=64, depth=32, warps=8, stages=2),
        couple=Tiles(rows=64, panel=64, depth=16, warps=8, stages=2),
        turn=Tiles(rows=64, panel=32, depth=32, warps=8, stages=2),
    ),
    Precision.BF16: Products(
        project=Tiles(rows=64, panel=64, depth=64, warps=4, stages=2),
        couple=Tiles(rows=64, panel=64, depth=32, warps=4, stages=2),
        turn=Tiles(rows=64, panel=64, depth=64, warps=8, stages=2),
    ),
}

PRODUCTS = "ieee"
"""How float32 is multiplied: `ieee` as on a CPU. `tf32x3` would use tensor cores and be nearly as exact."""

BLOCK = 64
"""Channels of a program of the sweep, a power of two."""

SWEEP_WARPS = 2
"""Warps of such a program: one channel a thread."""

WHOLE = 128
"""Channels are padded to a multiple of it, or to a power of two below: no panel or block is cut off."""
