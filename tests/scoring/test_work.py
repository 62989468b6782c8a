"""Counted arithmetic beside the operations that the definition of a stack really calls."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from seq2exp_tracks.model import HARD, SOFT, ModelConfig
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.config import Directions, MambaConfig
from seq2exp_tracks.scoring.bench.work import Work, full_work, least_work


class ElementCounter(TorchDispatchMode):
    """Counts the numbers that go through each elementwise operation."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func.overloadpacket.__name__ in ("exp", "softplus", "silu"):
            self.elements[func.overloadpacket.__name__] += args[0].numel()
        return func(*args, **(kwargs or {}))


def called(stack: Stack, rows: int) -> Work:
    """What evaluating a stack by its definition calls, without the exponentials of A, which are of no row."""
    stack = stack.double()  # kernels know float32 alone
    x = torch.zeros(1, rows, stack.norm.weight.shape[0], dtype=torch.float64)
    with torch.enable_grad(), FlopCounterMode(display=False) as flops, ElementCounter() as counter:
        stack(x)
    rates = sum(weights.numel() for name, weights in stack.named_parameters() if name.endswith("A_log"))
    count = counter.elements
    return Work(flops.get_total_flops(), count["exp"] - rates, count["softplus"] + count["silu"])


@pytest.mark.parametrize("directions", list(Directions))
@pytest.mark.parametrize("tied", [True, False])
@settings(max_examples=10)
@given(
    sizes=st.fixed_dictionaries(
        {"d_state": st.integers(1, 5), "expand": st.integers(1, 3), "dt_rank": st.none() | st.integers(1, 4)}
    ),
    d_model=st.integers(1, 40),
    layers=st.integers(1, 2),
    rows=st.integers(1, 4),
)
def test_full_work_is_what_the_definition_calls(
    directions: Directions, tied: bool, sizes: dict[str, Any], d_model: int, layers: int, rows: int
) -> None:
    mamba = MambaConfig(**sizes, directions=directions, tied=tied)
    config = replace(SOFT, d_model=d_model, generator_layers=layers, encoder_layers=layers, mamba=mamba)
    called_twice = Work(0, 0, 0)
    if tied and directions is Directions.MULTIPLY:  # the shared gate, for each reader
        called_twice = Work(
            2 * layers * rows * config.d_model * config.d_inner, 0, layers * rows * config.d_inner
        )
    found = called(Stack(config, layers), rows)
    # The encoder is another stack of this size.
    assert full_work(config, rows) + called_twice * 2 == found * 2


def test_a_published_window_has_the_work_that_the_design_counts() -> None:
    work = full_work(SOFT, 200_000)
    assert work.products == pytest.approx(393e9, rel=1e-3)
    assert work.scan_exps == pytest.approx(13.1e9, rel=1e-3)
    assert work.other_exps == pytest.approx(2.0e9, rel=0.03)
    assert work.exps == work.scan_exps + work.other_exps


def test_what_nothing_depends_on_is_left_out_of_the_least_work() -> None:
    window, promoter = 200_000, 2000
    full, least = full_work(SOFT, window), least_work(SOFT, window)
    rows_unread = window - promoter
    gate_and_output = 2 * 2 * 128 * 256 * rows_unread
    steps = 2 * 256 * (8 + 16 + 16 + 8) * rows_unread  # both readers together miss one window but a promoter
    assert full.products - least.products == gate_and_output + steps
    assert full.scan_exps - least.scan_exps == 16 * 256 * rows_unread
    assert full.other_exps - least.other_exps == (256 + 2 * 256) * rows_unread


@pytest.mark.parametrize("config", [SOFT, replace(SOFT, promoter=0), HARD])
def test_the_least_work_is_never_more_than_all_of_it(config: ModelConfig) -> None:
    full, least = full_work(config, 200_000), least_work(config, 200_000)
    assert least.products <= full.products
    assert least.exps <= full.exps
    if config.promoter == 0:
        assert least == full


def test_an_encoder_that_reads_few_bases_has_little_to_do() -> None:
    generator_alone = full_work(replace(SOFT, generator_layers=2, encoder_layers=2), 200_000)
    least = least_work(HARD, 200_000, encoded=2_000)
    assert generator_alone.products < least.products < 1.02 * generator_alone.products
    assert least_work(HARD, 200_000, encoded=200_000) == least_work(HARD, 200_000)
