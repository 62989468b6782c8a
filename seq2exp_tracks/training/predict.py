"""What a model predicts of examples, in evaluation mode: the same whatever the number of threads."""

from collections.abc import Sequence
from functools import partial
from typing import cast

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from seq2exp_tracks.model.reading import one_by_one
from seq2exp_tracks.training.examples import Example, Examples, answer, as_batch
from seq2exp_tracks.training.log import Values


@torch.no_grad()
def predict(model: nn.Module, examples: Examples, fabric: Fabric) -> tuple[Values, Values]:
    """Predicted and measured expression of every example, over all processes.

    Windows are read one at a time, on the CPU as many side by side as torch has threads: the last bit of a
    prediction would depend on the windows beside it.
    """
    model.eval()
    mine = range(fabric.global_rank, len(examples), fabric.world_size)
    # Files are read in this thread alone.
    together = torch.get_num_threads() if fabric.device.type == "cpu" else 1
    found = torch.zeros(2, len(examples), device=fabric.device)
    for first in range(0, len(mine), together):
        numbers = list(mine[first : first + together])
        windows = [as_batch([examples[number]]).to(fabric.device) for number in numbers]
        predicted = one_by_one(partial(_expression, model, windows, fabric), len(windows))
        found[0, numbers] = torch.cat(predicted)
        found[1, numbers] = torch.cat([window.label for window in windows])
    summed = cast("Tensor", fabric.all_reduce(found, reduce_op="sum"))
    expected, measured = summed.cpu().numpy()
    return expected, measured


def _expression(model: nn.Module, windows: Sequence[Example], fabric: Fabric, index: int) -> Tensor:
    with fabric.autocast():
        return answer(model, windows[index]).expression.float()
