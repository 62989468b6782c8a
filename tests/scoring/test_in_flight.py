"""How many windows a GPU is handed at once, counted from the model's sizes."""

from dataclasses import replace

import pytest
import torch
from random_windows import LENGTH, TINY, make

from seq2exp_tracks.model import HARD, SOFT
from seq2exp_tracks.model.precision import Precision
from seq2exp_tracks.scoring import in_flight
from seq2exp_tracks.scoring.in_flight import bytes_of_window, windows_in_flight, windows_that_fit

CPU, GPU = torch.device("cpu"), torch.device("cuda:0")
FP32, BF16 = Precision.FP32, Precision.BF16


def test_a_window_of_the_published_model_takes_nine_tenths_of_a_gigabyte_and_six_in_bfloat16() -> None:
    # A base: the residual of 128 float32, twice; 3 times 256 channels; 2 times 40 couplings in float32; and
    # 136 bytes of inputs and outputs.
    assert bytes_of_window(SOFT, 200_000, FP32) == 200_000 * (2 * 512 + 3 * 1024 + 2 * 160 + 136)
    assert bytes_of_window(SOFT, 200_000, BF16) == 200_000 * (2 * 512 + 3 * 512 + 2 * 160 + 136)
    assert bytes_of_window(HARD, 200_000, FP32) == bytes_of_window(SOFT, 200_000, FP32)


def test_memory_grows_with_the_window_and_with_every_size_of_the_model() -> None:
    base = bytes_of_window(SOFT, 1000, FP32)
    assert bytes_of_window(SOFT, 2000, FP32) == 2 * base
    larger = [
        replace(SOFT, d_model=129),
        replace(SOFT, mamba=replace(SOFT.mamba, d_state=17)),
        replace(SOFT, mamba=replace(SOFT.mamba, expand=3)),
        replace(SOFT, mamba=replace(SOFT.mamba, dt_rank=9)),
        replace(SOFT, signals=(*SOFT.signals, "CTCF")),
    ]
    assert all(bytes_of_window(config, 1000, FP32) > base for config in larger)


@pytest.mark.parametrize(
    ("free", "windows"),
    [(0, 1), (10**9, 1), (10 * 10**9, 9), (40 * 10**9, 39), (78 * 10**9, 64), (10**13, 64)],
)
def test_as_many_windows_as_nine_tenths_of_the_memory_hold(free: int, windows: int) -> None:
    assert windows_that_fit(SOFT, 200_000, FP32, free) == windows


def test_a_gpu_with_the_kernels_is_given_what_its_memory_holds_or_what_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = make(TINY)
    monkeypatch.setattr(in_flight, "kernels_of", lambda config, device: "Triton")
    free = 10 * bytes_of_window(TINY, LENGTH, FP32)
    monkeypatch.setattr(in_flight, "free_memory", lambda device: free)
    assert windows_in_flight(model, LENGTH, GPU) == 9
    assert windows_in_flight(model, LENGTH, GPU, asked=100) == 100
    model.compute_in(BF16)
    assert windows_in_flight(model, LENGTH, GPU) == windows_that_fit(TINY, LENGTH, BF16, free) > 9


def test_plain_pytorch_is_given_one_window_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_flight, "kernels_of", lambda config, device: "PyTorch on cuda")
    assert windows_in_flight(make(TINY), LENGTH, GPU, asked=8) == 1


def test_a_stand_in_for_a_gpu_is_given_what_is_asked_for() -> None:
    assert windows_in_flight(make(TINY), LENGTH, CPU) == 1
    assert windows_in_flight(make(TINY), LENGTH, CPU, asked=8) == 8
