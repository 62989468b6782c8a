"""Peaks: that the kernels they are measured by do the arithmetic they are said to do."""

import pytest
import torch
from llvmlite import ir

from seq2exp_tracks.model.compiled.machine import MACHINES, Program, runnable
from seq2exp_tracks.model.compiled.products import pack
from seq2exp_tracks.scoring.bench import peaks as module
from seq2exp_tracks.scoring.bench.peaks import Peaks, measure_peaks
from seq2exp_tracks.scoring.bench.work import Work

CPU = torch.device("cpu")


@pytest.mark.parametrize("name", runnable())
def test_the_kernels_multiply_and_exponentiate(name: str) -> None:
    machine, kernels = MACHINES[name], ir.Module()
    functions = module._product_kernel(kernels, machine), module._exp_kernel(kernels, machine)
    program = Program(kernels, machine)
    multiply, exponentiate = (program.kernel(function) for function in functions)

    left, weights = torch.rand(module._ROWS, module._INPUTS), torch.rand(module._INPUTS, module._COLUMNS)
    out = torch.full((module._ROWS, module._COLUMNS), torch.nan)
    multiply(left, pack(weights, machine), out)
    torch.testing.assert_close(out, left @ weights)

    x, y = -torch.rand(module._EXPS), torch.full((module._EXPS,), torch.nan)
    exponentiate(x, y)
    torch.testing.assert_close(y, torch.exp2(x))


@pytest.mark.parametrize("kernels", ["auto", "reference"])
def test_every_way_of_measuring_gives_rates_of_a_computer(
    monkeypatch: pytest.MonkeyPatch, kernels: str
) -> None:
    monkeypatch.setenv("SEQ2EXP_KERNELS", kernels)
    peaks = measure_peaks(CPU, seconds=0.01)
    assert 1e8 < peaks.products < 1e13
    assert 1e6 < peaks.exps < 1e12


def test_the_floor_is_both_kinds_of_work_one_after_the_other() -> None:
    assert Peaks(products=100.0, exps=10.0).floor(Work(200, 30, 20)) == 2.0 + 5.0


def test_the_shortest_run_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 0.0, 3.0, 3.0, 3.0, 5.0, 5.0, 5.0, 9.0, 10.0])
    monkeypatch.setattr(module.time, "perf_counter", lambda: next(moments))
    runs: list[None] = []
    assert module._shortest(lambda: runs.append(None), seconds=9.5) == 2.0
    assert len(runs) == 4
