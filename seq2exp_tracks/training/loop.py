"""The loop: batches to weights, with an evaluation, a log row and a saved state now and then.

A run that was killed goes on from its last state to the numbers of an unbroken one (on the same kind of
device): the order of the genes and every sample of a mask follow from seed and step.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import torch
from lightning_fabric import Fabric
from lightning_fabric.wrappers import _FabricModule
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader, Dataset

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model.reading import one_thread
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.training.examples import Example, Examples, as_batch
from seq2exp_tracks.training.gradients import (
    Aim,
    Found,
    Group,
    computes_batch_as_one,
    gradients_in_threads,
    gradients_on_device,
    mean_of,
    window_threads,
)
from seq2exp_tracks.training.log import Log, Row, measure
from seq2exp_tracks.training.optimiser import make_optimiser, make_scheduler
from seq2exp_tracks.training.order import batches, draws_of
from seq2exp_tracks.training.predict import predict
from seq2exp_tracks.training.settings import TrainingSettings
from seq2exp_tracks.training.several import on_first, sum_found, sum_gradients
from seq2exp_tracks.training.state import Position, load_state, save_state
from seq2exp_tracks.training_files import TrainingFiles

TRAINING = "Training"
"""The stage of updates, whose notes are evaluations, which are in the log."""


@dataclass(slots=True, kw_only=True, eq=False)
class Fitting:
    """A model that is trained, from the last state of its folder if there is one.

    Attributes:
        model: The model with its first weights; with the last ones afterwards.
        aim: What is minimised.
        settings: How it is trained.
        files: Where the best checkpoint, the log and the last state go.
        fabric: The devices, launched.
        write: Writes the model as a checkpoint.
        progress: Who is told of each update.
        log: The evaluations so far.
    """

    model: nn.Module
    aim: Aim
    settings: TrainingSettings
    files: TrainingFiles
    fabric: Fabric
    write: Callable[[Path], None]
    progress: Progress
    log: Log = field(init=False)
    _position: Position = field(default_factory=Position, init=False)
    _since: list[Found] = field(default_factory=list, init=False)  # the evaluation before

    def run(self, train: Examples, valid: Examples) -> Position:
        """Trains to the last update.

        Args:
            train: Examples that the weights are fitted to.
            valid: Examples that choose the checkpoint.

        Returns:
            How the run ended.

        Raises:
            TracksError: If the loss is no number any more, or a file cannot be written.
        """
        last = self.settings.schedule.steps
        optimiser = make_optimiser(self.model, self.settings.schedule, self.settings.weight_decay)
        scheduler = make_scheduler(optimiser, self.settings.schedule)
        wrapped, stepper = self.fabric.setup(self.model, optimiser)
        self._go_on(optimiser, scheduler)
        steps = range(self._position.step, last)
        self.progress.stage(TRAINING, len(steps))
        with closing(self.log), self._gradients(wrapped) as gradients:
            for step, examples in zip(steps, self._batches(train, steps), strict=True):
                self.model.train()
                whole = min(self.settings.batch_size, len(train))
                found = sum_found(self.fabric, gradients(list(self._groups(examples, step, whole))))
                # The same in every process, so that all of them end.
                if not math.isfinite(found.total):
                    raise TracksError(f"the loss is {found.total} at update {step + 1:,}: use a lower --rate")
                rate = float(scheduler.get_last_lr()[0])
                sum_gradients(self.fabric, self.model)
                with one_thread():  # so that no sum depends on the number of threads
                    nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
                    stepper.step()
                scheduler.step()
                self._since.append(found)
                self.progress.advance()
                if (step + 1) % self.settings.evaluate_every == 0 or step + 1 == last:
                    self._evaluate(step + 1, rate, valid, optimiser, scheduler)
        return self._position

    def _go_on(self, optimiser: Optimizer, scheduler: LRScheduler) -> None:
        """Puts the run where it was broken off, if it was."""
        if self.files.state.exists():
            self._position = load_state(self.files.state, self.model, optimiser, scheduler)
            done, last = self._position.step, self.settings.schedule.steps
            self.progress.note(f"goes on after {done:,} of {last:,} updates")
        self.log = Log(self.files.log, self.files.board)
        on_first(self.fabric, lambda: self.log.go_on(self._position.step))

    @contextmanager
    def _gradients(self, wrapped: _FabricModule) -> Iterator[Callable[[Sequence[Group]], Found]]:
        """What computes the gradients of a batch on the run's device."""
        alone = self.fabric.device.type == "cpu" and self.fabric.world_size == 1
        if alone and not computes_batch_as_one(self.model):
            with window_threads(torch.get_num_threads()) as pool:
                yield lambda groups: gradients_in_threads(self.model, groups, self.aim, pool)
        else:
            yield lambda groups: gradients_on_device(self.fabric, wrapped, groups, self.aim)

    def _evaluate(
        self, done: int, rate: float, valid: Examples, optimiser: Optimizer, scheduler: LRScheduler
    ) -> None:
        """Measures the validation error after some updates, and saves everything."""
        train = mean_of(self._since, [1 / len(self._since)] * len(self._since))
        self._since.clear()
        row = Row(done, rate, train, measure(*predict(self.model, valid, self.fabric)))
        if not math.isfinite(row.valid.mse):
            raise TracksError(
                f"the validation error is {row.valid.mse} after update {done:,}: use a lower --rate"
            )
        better = row.valid.mse < self._position.best
        best = (row.valid.mse, done) if better else self._position[1:]
        self._position = Position(done, *best)

        def save() -> None:
            if better:
                self.write(self.files.best)
            self.log.append(row)
            # Last, because what a run did after its last state it does again.
            save_state(self.files.state, self._position, self.model, optimiser, scheduler)

        on_first(self.fabric, save)
        self.progress.note(_told(row, better))

    def _batches(self, train: Examples, steps: range) -> Iterator[list[Example]]:
        """The examples of every step that this process computes."""
        size, rank, processes = self.settings.batch_size, self.fabric.global_rank, self.fabric.world_size
        order = batches(len(train), size, self.settings.seed, steps.start, steps.stop)
        mine = (batch[rank::processes] for batch in order)
        # Windows are small beside what is computed from them: they are read in this process.
        yield from DataLoader(cast("Dataset[Example]", train), batch_sampler=mine, collate_fn=list)

    def _groups(self, examples: Sequence[Example], step: int, whole: int) -> Iterator[Group]:
        """This process's windows of a step, of `whole` in all, in the groups that are computed together."""
        for first in range(0, len(examples), self.settings.at_once):
            some = examples[first : first + self.settings.at_once]
            window = self.fabric.global_rank + first * self.fabric.world_size  # in the whole batch
            draws = draws_of(self.settings.seed, step, window, self.fabric.device)
            yield Group(as_batch(some).to(self.fabric.device), len(some) / whole, draws)


def _told(row: Row, better: bool) -> str:
    """An evaluation in one line."""
    return (
        f"update {row.step:,}: loss {row.train.total:.4f}; validation MSE {row.valid.mse:.4f}, "
        f"r {row.valid.pearson:.3f}{' (best so far)' if better else ''}"
    )
