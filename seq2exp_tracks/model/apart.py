"""Work on windows one after the other, so that no number of one depends on those beside it.

Torch picks a way to sum by the shapes that it is given and by how memory is aligned: the same window in
another batch would differ in its last bits.
"""

from collections.abc import Callable

import torch
from torch import Tensor

_ALIGNED = 64
"""Torch puts what it allocates at multiples of so many bytes, or more."""


def apart(work: Callable[[Tensor], Tensor], windows: Tensor) -> Tensor:
    """What a piece of work makes of each window, given as a batch of one."""
    if len(windows) == 1:
        return work(aligned(windows))
    return torch.cat([work(aligned(windows[index : index + 1])) for index in range(len(windows))])


def aligned(x: Tensor) -> Tensor:
    """The same numbers where torch might have allocated them, in one piece; copied only if need be."""
    if x.is_contiguous() and x.data_ptr() % _ALIGNED == 0:
        return x
    return x.clone(memory_format=torch.contiguous_format)
