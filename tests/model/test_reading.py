"""The compiled kernels give what the definition of the stack gives, on every machine that can be had here."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from layer_inputs import SIZES, random_rows, random_stack

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model import reading
from seq2exp_tracks.model.caduceus import Layer
from seq2exp_tracks.model.compiled.layout import CHUNK
from seq2exp_tracks.model.compiled.machine import MACHINES, runnable
from seq2exp_tracks.model.compiled.stack import CompiledStack
from seq2exp_tracks.model.config import Directions, MambaConfig
from seq2exp_tracks.model.reading import Embedded, one_by_one, read

WITHOUT_KERNELS = [
    MambaConfig(tied=False),
    MambaConfig(directions=Directions.MULTIPLY),
    MambaConfig(directions=Directions.FORWARD),
]


@pytest.fixture(autouse=True, scope="module")
def restored_threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("machine", runnable())
@pytest.mark.parametrize("size", range(len(SIZES)))
@settings(max_examples=10, deadline=None)
@given(data=st.data(), layers=st.integers(1, 4), length=st.integers(1, 2 * CHUNK + 9))
def test_kernels_give_what_the_definition_gives(
    machine: str, size: int, data: st.DataObject, layers: int, length: int
) -> None:
    start = data.draw(st.integers(0, length - 1))
    wanted = range(start, data.draw(st.integers(start + 1, length)))
    width, mamba = SIZES[size]
    model, x = random_stack(width, mamba, layers), random_rows(1, length, width)
    packed = CompiledStack(model, MACHINES[machine])
    expected = deepcopy(model).double()(x.double())[0].float()
    # Some of these stacks amplify rounding: kernels may be off by a few times what the definition is.
    atol = 5e-6 + 5 * float((model(x)[0] - expected).abs().max())
    torch.testing.assert_close(packed.read(x[0]), expected, rtol=1e-5, atol=atol)
    found = packed.read(x[0], wanted)
    torch.testing.assert_close(found, expected[start : wanted.stop], rtol=1e-5, atol=atol)


@pytest.mark.parametrize("machine", runnable())
@settings(max_examples=10, deadline=None)
@given(layers=st.integers(1, 3), length=st.integers(1, 2 * CHUNK + 9), numbers=st.sampled_from([1, 8, 19]))
def test_rows_that_are_made_from_numbers_are_read_like_rows(
    machine: str, layers: int, length: int, numbers: int
) -> None:
    model, x = (
        random_stack(20, SIZES[1][1], layers),
        Embedded(random_rows(1, length, numbers), random_rows(1, 20, numbers)[0]),
    )
    expected = CompiledStack(model, MACHINES[machine]).read(x.rows()[0])
    found = CompiledStack(model, MACHINES[machine], x.weights).read(x.numbers[0])
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=5e-6)
    wanted = range(length // 3, length // 2 + 1)
    found = CompiledStack(model, MACHINES[machine], x.weights).read(x.numbers[0], wanted)
    torch.testing.assert_close(found, expected[wanted.start : wanted.stop], rtol=1e-5, atol=5e-6)


@pytest.mark.parametrize("mamba", WITHOUT_KERNELS)
def test_other_ways_to_join_directions_are_read_by_the_definition(mamba: MambaConfig) -> None:
    model, x = random_stack(6, mamba), random_rows(2, 150)
    torch.testing.assert_close(read(model, x, range(20, 70)), model(x)[:, 20:70])


def test_kernels_are_what_reads_where_no_gradient_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = random_stack(6, MambaConfig()), random_rows(1, 40)
    monkeypatch.setattr(Layer, "forward", lambda *_: pytest.fail("the definition was asked"))
    assert read(model, x).shape == (1, 40, 6)


@pytest.mark.parametrize("reason", ["float64", "environment"])
def test_the_definition_reads_where_kernels_do_not(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = random_stack(6, MambaConfig()), random_rows(1, 40)
    monkeypatch.setattr(CompiledStack, "read", lambda *_: pytest.fail("a kernel was asked"))
    if reason == "float64":
        model, x = model.double(), x.double()
    else:
        monkeypatch.setenv("SEQ2EXP_KERNELS", "reference")
    assert torch.equal(read(model, x), model(x))


def test_an_unknown_machine_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQ2EXP_KERNELS", "avx1024")
    choices = ", ".join(("auto", "reference", "triton", *runnable()))
    with pytest.raises(TracksError, match=f"^SEQ2EXP_KERNELS=avx1024: .*choose from: {choices}$"):
        read(random_stack(6, MambaConfig()), random_rows(1, 10))


@pytest.mark.parametrize("machine", runnable())
def test_the_environment_chooses_the_machine(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = random_stack(6, MambaConfig()), random_rows(1, 200)
    monkeypatch.setenv("SEQ2EXP_KERNELS", machine)
    expected = CompiledStack(model, MACHINES[machine]).read(x[0].clone())
    assert torch.equal(read(model, x.clone())[0], expected)


def test_gradients_reach_every_weight() -> None:
    model = random_stack(6, MambaConfig(tied=False)).requires_grad_(True)
    read(model, random_rows(1, 12)).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.any() for weight in model.parameters())


def test_a_layer_reads_both_ways() -> None:
    model, x = random_stack(6, MambaConfig(), layers=1), random_rows(1, 30)
    changed = x.clone()
    changed[0, 15] += 1.0
    moved = (read(model, changed) - read(model, x.clone()))[0].abs().sum(1) > 0
    assert moved[:15].any()
    assert moved[16:].any()

    forward, x = random_stack(6, MambaConfig(directions=Directions.FORWARD), layers=1), random_rows(1, 30)
    changed = x.clone()
    changed[0, 15] += 1.0
    moved = (read(forward, changed) - read(forward, x))[0].abs().sum(1) > 0
    assert not moved[:15].any()
    assert moved[16:].any()


class TestOneByOne:
    """Windows are worked on beside each other, each by one thread."""

    @pytest.mark.parametrize("threads", [1, 2, 3])
    def test_results_come_in_order_and_torch_rests_meanwhile(self, threads: int) -> None:
        torch.set_num_threads(threads)
        found = one_by_one(lambda index: (index, torch.get_num_threads()), 5)
        assert found == [(index, 1) for index in range(5)]
        assert torch.get_num_threads() == threads

    @pytest.mark.parametrize("inference", [False, True])
    def test_its_threads_are_in_the_same_mode_as_the_caller(self, inference: bool) -> None:
        torch.set_num_threads(2)
        with torch.inference_mode(inference), torch.no_grad():
            found = one_by_one(lambda _: (torch.is_inference_mode_enabled(), torch.is_grad_enabled()), 4)
        assert found == [(inference, False)] * 4

    def test_a_failure_is_raised_and_leaves_torch_as_it_was(self) -> None:
        torch.set_num_threads(2)

        def fail(index: int) -> None:
            raise MemoryError(f"no room for {index}")

        with pytest.raises(MemoryError, match="no room for 0"):
            one_by_one(fail, 3)
        assert torch.get_num_threads() == 2


def test_windows_in_two_threads_do_not_share_memory() -> None:
    model, batch = random_stack(32, MambaConfig()), random_rows(6, 500, 32)
    alone = [read(model, batch[i : i + 1].clone()) for i in range(6)]
    torch.set_num_threads(2)
    together = one_by_one(lambda i: reading.read(model, batch[i : i + 1].clone()), 6)
    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))


def test_a_thread_that_left_inference_mode_goes_on_in_its_memory() -> None:
    model, x = random_stack(32, MambaConfig()), random_rows(1, 700, 32)

    def in_both_modes() -> tuple[torch.Tensor, torch.Tensor]:
        with torch.inference_mode():
            first = read(model, x)
        with torch.no_grad():
            return first, read(model, x)

    with ThreadPoolExecutor(1) as new_thread:
        first, second = new_thread.submit(in_both_modes).result()
    assert torch.equal(first, second)
