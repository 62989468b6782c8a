"""The order of the examples: decided by seed and step alone, so that a run can go on from any step."""

from collections.abc import Iterator

import numpy as np
import torch

from seq2exp_tracks.errors import InputError

_SEEDS = 1 << 63  # torch takes those below


def check_seed(seed: int) -> None:
    """Refuses a seed that torch does not take.

    Raises:
        InputError: If it is one.
    """
    if not 0 <= seed < _SEEDS:
        raise InputError(f"--seed {seed}: a seed is a whole number from 0 and below 2^63")


def batches(count: int, size: int, seed: int, first: int, last: int) -> Iterator[list[int]]:
    """The examples of each step of a run, by index.

    Every epoch goes through all examples in an order of its own, and leaves out the last few that make no
    whole batch. With fewer examples than a batch has, every batch is all of them.

    Args:
        count: Number of examples.
        size: Examples a batch.
        seed: Seed of the run.
        first: First step, counted from 0.
        last: One past the last step.
    """
    size = min(size, count)
    each = count // size  # batches an epoch
    epoch, order = -1, np.empty(0, int)
    for step in range(first, last):
        if step // each != epoch:
            epoch = step // each
            order = np.random.default_rng([seed, epoch]).permutation(count)
        start = step % each * size
        yield order[start : start + size].tolist()


def draws_of(seed: int, step: int, window: int, device: torch.device) -> torch.Generator:
    """The random numbers of one window of one step.

    They depend on nothing that was drawn before, nor on which device or thread computes which window.

    Args:
        seed: Seed of the run.
        step: The step, counted from 0.
        window: Which of the step's windows.
        device: Where numbers are drawn; a GPU draws others than a CPU.
    """
    state = np.random.SeedSequence([seed, step, window]).generate_state(2)
    number = int(state[0]) << 31 | int(state[1]) >> 1  # what torch takes: below 2^63
    return torch.Generator(device).manual_seed(number)
