"""Whether a GPU computes what it should: the goldens, bf16 against fp32, the same bits again, and training.

Never run on a GPU.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from gpu_bf16 import HARD_LIMIT, SOFT_LIMIT, Case, Difference, golden_case, random_windows
from gpu_report import Report
from torch import Tensor

from seq2exp_tracks.model import HARD, SOFT, Seq2Exp
from seq2exp_tracks.model.batch import Seq2ExpOutput
from seq2exp_tracks.model.precision import Precision
from seq2exp_tracks.model.scan import reference, selective_scan

MASK_GOAL, EXPRESSION_GOAL = 5e-6, 2e-5  # float32, as in the tests
SCAN_GOAL, GRADIENT_GOAL = 1e-5, 1e-4  # of the largest number of each tensor
GOLDENS = ("soft_wide_8k", "soft_wide_200k", "hard_wide_4k")
TOGETHER = 5  # windows, compared with the same ones by themselves
ODD_LENGTH = 20_010  # no multiple of any tile; hard models want it even


@torch.inference_mode()
def check_goldens(report: Report, golden: Path, device: torch.device) -> None:
    """Compares fp32 with the numbers of the published code."""
    for name in GOLDENS:
        output = run(golden_case(golden, name), Precision.FP32, device)
        with np.load(golden / name / "outputs.npz") as file:
            mask, expression = (torch.from_numpy(file[key]) for key in ("mask", "expression"))
        off = float((output.mask - mask).abs().max())
        report.figure(f"fp32 against golden {name}, mask", f"{off:.1e}", f"≤ {MASK_GOAL:g}")
        off = float((output.expression - expression[:, 0]).abs().max())
        report.figure(f"fp32 against golden {name}, expression", f"{off:.1e}", f"≤ {EXPRESSION_GOAL:g}")


@torch.inference_mode()
def check_bf16(report: Report, golden: Path | None, length: int, device: torch.device) -> None:
    """Says what bf16 changes, on the goldens and on random windows."""
    cases = {f"random {kind}, {length:,} bp": case for kind, case in full_cases(length, 2).items()}
    if golden is not None:
        cases = {name: golden_case(golden, name) for name in GOLDENS} | cases
    soft, hard = 0.0, 0.0
    for name, case in cases.items():
        exact, rough = (run(case, precision, device) for precision in (Precision.FP32, Precision.BF16))
        difference = Difference.between(exact, rough)
        report.say(f"{name}: {difference}")
        if case.model.config.is_hard:
            hard = max(hard, difference.flipped)
            report.figure(
                f"bf16 against fp32, {name}, flipped", f"{100 * difference.flipped:.3f} %", "≤ 0.1 %"
            )
        else:
            soft = max(soft, difference.largest)
            figure = f"{difference.largest:.1e}, {difference.percentile:.1e}"
            report.figure(f"bf16 against fp32, {name}, mask: largest, 99.9th percentile", figure, "≤ 1e-2")
    within = soft <= SOFT_LIMIT and hard <= HARD_LIMIT
    report.say(f"by these, bf16 {'could be' if within else 'is not to be'} the default")


@torch.inference_mode()
def check_same_bits(report: Report, device: torch.device) -> None:
    """Runs the same windows again, together and by themselves, and compares every bit."""
    for kind, case in full_cases(ODD_LENGTH, TOGETHER).items():
        for precision in Precision:
            together = run(case, precision, device)
            again = equal(together, run(case, precision, device))
            alone = [
                run(Case(case.model, tuple(x[i : i + 1] for x in case.inputs)), precision, device)
                for i in range(TOGETHER)
            ]
            split = [
                run(Case(case.model, tuple(x[a:b] for x in case.inputs)), precision, device)
                for a, b in pairwise((0, 2, TOGETHER))
            ]
            any_batch = equal(together, joined(alone)) and equal(together, joined(split))
            report.figure(f"{kind}, {precision}: a second run has the same bits", told(again), "yes")
            report.figure(f"{kind}, {precision}: any number of windows in flight has", told(any_batch), "yes")


def check_training(report: Report, device: torch.device) -> None:
    """Compares the scan for training, and its gradients, with the definition."""
    for reverse in (False, True):
        found, expected = (
            scanned(scan, reverse, device) for scan in (selective_scan, reference.selective_scan)
        )
        apart = [float((a - b).abs().max() / b.abs().max()) for a, b in zip(found, expected, strict=True)]
        direction = "backwards" if reverse else "forwards"
        report.figure(f"training scan {direction}, outputs", f"{max(apart[:2]):.1e}", f"≤ {SCAN_GOAL:g}")
        report.figure(
            f"training scan {direction}, gradients", f"{max(apart[2:]):.1e}", f"≤ {GRADIENT_GOAL:g}"
        )


def scanned(scan: object, reverse: bool, device: torch.device, length: int = 1_003) -> list[Tensor]:
    """Outputs of a scan at the published size, then the gradients of all that it is given."""
    generator = torch.Generator().manual_seed(0)
    channels, states = SOFT.d_inner, SOFT.mamba.d_state

    def random(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    x, B, C = random(2, length, channels), random(2, length, states), random(2, length, states)
    delta = 0.1 * random(2, length, channels).exp()
    A, D, state = -random(channels, states).exp(), random(channels), random(2, channels, states)
    given = [tensor.to(device).requires_grad_() for tensor in (x, delta, A, B, C, D, state)]
    y, last = scan(*given, reverse)
    weight = random(*y.shape).to(device)
    gradients = torch.autograd.grad((y * weight).sum() + last.sum(), given)
    return [y.detach(), last.detach(), *gradients]


def full_cases(length: int, count: int) -> dict[str, Case]:
    """Published models with initial weights, and random windows of any length."""
    from dataclasses import replace

    inputs = random_windows(count, length)
    return {
        "soft": Case(Seq2Exp.initialised(SOFT, seed=0), inputs),
        "hard": Case(Seq2Exp.initialised(replace(HARD, window=length), seed=0), inputs),
    }


def run(case: Case, precision: Precision, device: torch.device) -> Seq2ExpOutput:
    """What a model says on a device, brought back."""
    model = case.model.to(device)
    model.compute_in(precision)
    output = model(*(x.to(device) for x in case.inputs))
    return Seq2ExpOutput(*(None if x is None else x.cpu() for x in output))


def joined(outputs: list[Seq2ExpOutput]) -> Seq2ExpOutput:
    """Outputs of windows, one behind the other."""
    return Seq2ExpOutput(*(torch.cat(parts) for parts in zip(*outputs, strict=True)))


def equal(one: Seq2ExpOutput, other: Seq2ExpOutput) -> bool:
    """Whether every bit is the same."""
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def told(holds: bool) -> str:
    """A word for the table."""
    return "yes" if holds else "NO"
