"""Launches that are recorded once on a GPU and then repeated as one: a CUDA graph.

Never run on a GPU.
"""

from collections.abc import Callable, Hashable

import torch

_KEPT = 4
"""Recordings of one stack: a hard model reads windows, and then what it keeps of them, by the same stack."""


class Recordings:
    """The last few recordings of a caller.

    A recording holds the addresses of memory and not the memory: keys have to name every address that is read
    or written, and all else that decides what is launched.
    """

    def __init__(self) -> None:
        self._graphs: dict[Hashable, torch.cuda.CUDAGraph | None] = {}

    def run(self, key: Hashable, launch: Callable[[], None], device: torch.device) -> None:
        """Launches kernels on a GPU's current stream; directly on other devices.

        The first time they are launched one by one, which also compiles them: nothing may be compiled while
        they are recorded. The second time they are recorded, which runs nothing, and from then on repeated.
        """
        if device.type != "cuda":
            launch()
            return
        with torch.cuda.device(device):
            if key in self._graphs:
                self._graphs[key] = graph = self._graphs.pop(key) or _recorded(launch)
                graph.replay()
                return
            launch()
            self._graphs[key] = None
            if len(self._graphs) > _KEPT:
                del self._graphs[next(iter(self._graphs))]


def _recorded(launch: Callable[[], None]) -> torch.cuda.CUDAGraph:
    graph = torch.cuda.CUDAGraph()
    # Other threads, which fetch the next windows, may go on allocating memory meanwhile.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        launch()
    return graph
