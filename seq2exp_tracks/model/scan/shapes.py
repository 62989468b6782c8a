"""Whether the tensors of a scan fit together; kernels would not notice."""

from torch import Tensor


def check_shapes(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, state: Tensor) -> None:
    """Checks the inputs of `seq2exp_tracks.model.scan.selective_scan`.

    Raises:
        ValueError: If a tensor has another shape than x and A ask for.
    """
    batch, length, channels = x.shape
    states = A.shape[1]
    wanted = {
        "delta": (delta, (batch, length, channels)),
        "A": (A, (channels, states)),
        "B": (B, (batch, length, states)),
        "C": (C, (batch, length, states)),
        "D": (D, (channels,)),
        "state": (state, (batch, channels, states)),
    }
    for name, (tensor, shape) in wanted.items():
        if tensor.shape != shape:
            raise ValueError(f"{name} should have the shape {shape}, not {tuple(tensor.shape)}")
