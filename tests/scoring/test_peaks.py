"""Peaks: that the kernels they are measured by do the arithmetic they are said to do."""

from collections.abc import Callable

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


@pytest.mark.parametrize(("kernels", "times"), [("auto", module._TIMES), ("reference", 1)])
def test_a_rate_is_what_a_run_does_by_the_time_that_it_takes(
    monkeypatch: pytest.MonkeyPatch, kernels: str, times: int
) -> None:
    def in_two_seconds(run: Callable[[], object], seconds: float) -> float:
        run()
        return 2.0

    monkeypatch.setenv("SEQ2EXP_KERNELS", kernels)
    monkeypatch.setattr(module, "_shortest", in_two_seconds)
    products = 2 * module._ROWS * module._INPUTS * module._COLUMNS
    assert measure_peaks(CPU) == Peaks(products / 2.0, times * module._EXPS / 2.0)


def test_the_floor_is_both_kinds_of_work_one_after_the_other() -> None:
    assert Peaks(products=100.0, exps=10.0).floor(Work(200, 30, 20)) == 2.0 + 5.0


def test_the_shortest_run_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 0.0, 3.0, 3.0, 3.0, 5.0, 5.0, 5.0, 9.0, 10.0])
    monkeypatch.setattr(module.time, "perf_counter", lambda: next(moments))
    runs: list[None] = []
    assert module._shortest(lambda: runs.append(None), seconds=9.5) == 2.0
    assert len(runs) == 4
