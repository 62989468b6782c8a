"""Reading a window in chunks from both ends gives what the definition of the stack gives."""

from collections.abc import Iterator
from dataclasses import replace

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings

from seq2exp_tracks.model import SOFT, ModelConfig
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.config import Directions, MambaConfig
from seq2exp_tracks.model.initialise import initialise
from seq2exp_tracks.model.sweep import cores, evaluate, read

SHAPES = [
    MambaConfig(),
    MambaConfig(tied=False),
    MambaConfig(directions=Directions.MULTIPLY),
    MambaConfig(directions=Directions.MULTIPLY, tied=False),
    MambaConfig(directions=Directions.FORWARD),
    MambaConfig(d_state=3, d_conv=2, expand=3, dt_rank=4),
    MambaConfig(d_conv=1),
]


@pytest.fixture(autouse=True, scope="module")
def restored_threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def stack(mamba: MambaConfig, layers: int = 2) -> Stack:
    config: ModelConfig = replace(SOFT, d_model=6, mamba=mamba)
    made = Stack(config, layers)
    initialise(made, config, seed=1)
    return made.requires_grad_(False)


def rows(batch: int, length: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(batch, length, 6, generator=torch.Generator().manual_seed(seed))


@settings(max_examples=50, deadline=None)
@given(
    mamba=st.sampled_from(SHAPES),
    length=st.integers(1, 40),
    chunk=st.integers(1, 45),
    threads=st.integers(1, 2),
)
def test_chunks_of_any_size_give_what_the_definition_gives(
    mamba: MambaConfig, length: int, chunk: int, threads: int
) -> None:
    model, x = stack(mamba).double(), rows(2, length).double()
    before = x.clone()
    torch.set_num_threads(threads)
    with cores() as helper:
        assert torch.get_num_threads() == 1
        found = evaluate(model, x, helper, chunk)
    assert torch.get_num_threads() == threads
    torch.testing.assert_close(found, model(x), rtol=1e-10, atol=1e-12)
    assert torch.equal(x, before)


def test_one_core_and_two_give_the_same_bits() -> None:
    model, x = stack(MambaConfig()), rows(1, 2000)
    found = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        found.append(read(model, x))
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])


def test_windows_beside_it_change_no_bit_of_a_window() -> None:
    model, x = stack(MambaConfig()), rows(5, 100)
    together = read(model, x)
    assert all(torch.equal(read(model, x[i : i + 1]), together[i : i + 1]) for i in range(5))


@pytest.mark.parametrize("threads", [1, 2])
def test_it_runs_in_inference_mode(threads: int) -> None:
    model, x = stack(MambaConfig()), rows(1, 50)
    expected = evaluate(model, x, None, chunk=8)
    torch.set_num_threads(threads)
    with torch.inference_mode(), cores() as helper:
        found = evaluate(model, x.clone(), helper, chunk=8)
    assert torch.equal(found, expected)


def test_a_failure_in_the_second_thread_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = stack(MambaConfig()), rows(1, 50)
    layer = model.layers[0]

    def fail(*_: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(layer, "read_backwards", fail)
    torch.set_num_threads(2)
    with pytest.raises(MemoryError, match="no room"), cores() as helper:
        evaluate(model, x, helper, chunk=8)
    assert torch.get_num_threads() == 2


def test_gradients_reach_every_weight() -> None:
    model = stack(MambaConfig(tied=False)).requires_grad_(True)
    read(model, rows(1, 12)).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.any() for weight in model.parameters())


def test_a_layer_reads_both_ways() -> None:
    model, x = stack(MambaConfig(), layers=1), rows(1, 30)
    changed = x.clone()
    changed[0, 15] += 1.0
    moved = (read(model, changed) - read(model, x))[0].abs().sum(1) > 0
    assert moved[:15].any()
    assert moved[16:].any()

    forward = stack(MambaConfig(directions=Directions.FORWARD), layers=1)
    moved = (read(forward, changed) - read(forward, x))[0].abs().sum(1) > 0
    assert not moved[:15].any()
    assert moved[16:].any()
