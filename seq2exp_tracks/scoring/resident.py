"""A model that stays on one device of this process and scores genes time after time.

For whoever is handed work bit by bit, as a process of a cluster is: the model is made once, and what a shard
holds is the same as of `score_genes`. Was never run on a GPU.
"""

import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from itertools import islice

import torch

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader, WindowInputs
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.batches import BatchScorer
from seq2exp_tracks.scoring.decoding import Readers, Task, finished, plan_tasks, scratch_folder
from seq2exp_tracks.scoring.devices import set_up
from seq2exp_tracks.scoring.executors.inline import score_inline
from seq2exp_tracks.scoring.in_flight import windows_in_flight
from seq2exp_tracks.scoring.lost import blaming

# Genes are handed to a GPU in so many batches at least: one is read while another is computed.
_BATCHES = 4

Tell = Callable[[str], None]
"""Says something that the user should know."""


class ResidentScorer:
    """Scores genes with one model on one device, in this process; it is loaded at the first gene.

    Args:
        load_model: Makes the model, in evaluation mode.
        reader: Assembles what the model reads for a gene.
        device: Where the arithmetic happens.
        in_flight: Windows that a GPU reads at once; None for as many as its memory holds.
        tell: Is told what the user should know.
    """

    def __init__(
        self,
        load_model: Callable[[], Seq2Exp],
        reader: InputReader,
        device: torch.device,
        in_flight: int | None = None,
        tell: Tell = lambda _: None,
    ) -> None:
        self._load, self._reader, self._device = load_model, reader, device
        self._in_flight, self._tell = in_flight, tell
        self._model: Seq2Exp | None = None

    def score(self, genes: Sequence[Gene]) -> Generator[WindowScores, None, None]:
        """Scores genes, in their order; the same to the last bit as `score_genes`.

        Raises:
            GenesUnreadableError: If an input of a gene cannot be read.
            TracksError: If the device's memory does not hold the model, or a single window.
        """
        if self._device.type == "cpu":
            return score_inline(self._resident, self._reader, genes)
        return self._in_batches(genes)

    def _in_batches(self, genes: Sequence[Gene]) -> Generator[WindowScores, None, None]:
        """Many windows at once, as on a GPU."""
        model = self._resident()
        most = windows_in_flight(model, self._reader.window, self._device, self._in_flight)
        size = max(1, min(most, -(-len(genes) // _BATCHES)))
        readers, fed = Readers(self._reader), deque[list[Task]]()
        with scratch_folder() as scratch, BatchScorer(model, self._device, most) as scorer:
            tasks = plan_tasks(genes, finished(self._reader.decode), scratch, ahead=size)
            for batch in iter(lambda: list(islice(tasks, size)), []):
                scorer.feed(partial(_read, readers, batch))
                fed.append(batch)
                if len(fed) > _BATCHES:
                    yield from self._take(scorer, fed.popleft())
            while fed:
                yield from self._take(scorer, fed.popleft())

    def _take(self, scorer: BatchScorer, tasks: list[Task]) -> Iterator[WindowScores]:
        scores, remarks = scorer.take()
        for remark in remarks:
            self._tell(remark)
        for task in tasks:
            task.done()
        yield from scores

    def _resident(self) -> Seq2Exp:
        """The model, on its device."""
        if self._model is None:
            warnings.filterwarnings("ignore", "Triton .*: the GPU runs plain PyTorch")  # the run has said so
            set_up(self._device)
            try:
                self._model = self._load().to(self._device)
            except torch.OutOfMemoryError as error:
                raise TracksError(
                    f"{self._device}: its memory does not hold the model; end other programs that use it, or "
                    "choose another device with --device"
                ) from error
        return self._model


def _read(readers: Readers, tasks: Sequence[Task]) -> list[WindowInputs]:
    return [_read_one(readers, task) for task in tasks]


def _read_one(readers: Readers, task: Task) -> WindowInputs:
    with blaming(task.gene):
        return readers.of(task).read(task.gene)
