"""`benchmarks/gpu.py` without a GPU, and its parts for a GPU with a CPU in its place."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from unittest import mock

import gpu
import gpu_bf16
import gpu_checks
import gpu_score
import gpu_speed
import naive
import published_scan
import pytest
import torch
from click.testing import CliRunner
from gpu_report import Report
from quick_processes import quick_processes
from torch import Tensor
from torch.nn.functional import conv1d, linear, silu, softplus

from seq2exp_tracks.model import HARD, SOFT, Seq2Exp, reading
from seq2exp_tracks.model.batch import Seq2ExpOutput
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.gpu.stack import GpuStack
from seq2exp_tracks.model.precision import Precision

CPU = torch.device("cpu")
SMALL = replace(SOFT, d_model=8, generator_layers=2, encoder_layers=2, promoter=20)


def test_without_a_gpu_it_ends_and_says_what_it_could_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(gpu, "other", lambda report, script, environment: scripts.append(script))
    monkeypatch.setattr(gpu, "emulate", lambda golden: ["emulated"])
    result = CliRunner().invoke(gpu.main, ["--golden", "nowhere"])
    assert result.exit_code == 0, result.output
    assert f"not done: {gpu.ON_A_GPU}: torch {torch.__version__} sees no GPU" in result.output
    assert scripts == ["gpu_code.py", "gpu_tiny.py"]
    assert "emulated" in result.output
    assert result.output.endswith(f"\n- not done: {gpu.ON_A_GPU}: torch {torch.__version__} sees no GPU\n")


def test_an_error_ends_its_part_alone_and_shows_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    report.part("one", lambda: report.figure("speed", "1", "≥ 2"))
    report.part("two", mock.Mock(side_effect=ValueError("no")))
    report.part("three", lambda: report.cannot("this", "that"))
    assert list(report.table()) == [
        "| what | figure | goal |",
        "|---|---|---|",
        "| speed | 1 | ≥ 2 |",
        "",
        "- not done: this: that",
        "- FAILED: two: ValueError: no",
    ]
    assert "ValueError: no" in capsys.readouterr().err


def test_a_script_that_fails_fails_its_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.py").write_text("print('so far'); raise SystemExit('wrong')")
    monkeypatch.setattr(gpu, "HERE", tmp_path)
    report = Report()
    with pytest.raises(RuntimeError, match=r"bad\.py ended with status 1"):
        gpu.other(report, "bad.py", {})


def test_the_tiny_stack_is_right_in_the_interpreter(capsys: pytest.CaptureFixture[str]) -> None:
    gpu.other(Report(), "gpu_tiny.py", {"TRITON_INTERPRET": "1"})
    assert "holds" in capsys.readouterr().out


def stack() -> Stack:
    """Random weights, all of them at work."""
    torch.manual_seed(0)
    model = Seq2Exp.initialised(SMALL, seed=0).generator
    with torch.no_grad():
        for weights in model.parameters():
            weights += 0.1 * torch.randn_like(weights)
    return model


@torch.no_grad()
def test_the_emulation_without_rounding_is_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    x, definition = torch.randn(2, 65, SMALL.d_model), stack()
    rounded = gpu_bf16.read(definition, x)
    monkeypatch.setattr(gpu_bf16, "rounded", lambda values: values)
    found, expected = gpu_bf16.read(definition, x, range(3, 60)), definition(x)
    torch.testing.assert_close(found, expected[:, 3:60], rtol=1e-5, atol=1e-5)
    assert (rounded - expected).abs().max() > 1e-3


@torch.no_grad()
def test_the_emulation_rounds_what_the_kernels_round() -> None:
    x, definition = torch.randn(2, 33, SMALL.d_model), stack()
    emulated, exact = gpu_bf16.read(definition, x), definition(x)
    definition.precision = Precision.BF16
    rows = x.clone()
    GpuStack(definition).read(rows, [33, 33], [range(33)] * 2)
    # Sums in another order, after which a few numbers round to the other side.
    assert (rows - emulated).abs().mean() < 0.2 * (rows - exact).abs().mean()


def test_bf16_changes_a_golden_window_by_little(golden: Path) -> None:
    lines = gpu_bf16.emulate(golden)
    assert [line.split(",")[0] for line in lines[:2]] == ["soft", "hard"]
    assert lines[2].startswith("bf16 could be the default")


def test_a_difference_is_told_in_parts() -> None:
    one = torch.tensor([0.0, 0.4, 0.6, 1.0])
    other = torch.tensor([0.1, 0.6, 0.6, 1.0])
    outputs = [Seq2ExpOutput(x.sum()[None], x[None], x[None], 1 - x[None]) for x in (one, other)]
    found = gpu_bf16.Difference.between(*outputs)
    told = {"largest": 0.2, "percentile": 0.1, "learned": 0.2, "flipped": 0.25, "expression": 0.3}
    assert asdict(found) == pytest.approx(told, abs=1e-6)


def fused(
    xz: Tensor, conv: Tensor, conv_bias: Tensor, x_proj: Tensor, dt_proj: Tensor,
    out_proj: Tensor, out_bias: None, A: Tensor, *, D: Tensor, delta_bias: Tensor, delta_softplus: bool,
) -> Tensor:  # fmt: skip
    """What `mamba_inner_fn` computes: positions last, from x and z to rows."""
    assert delta_softplus
    x, z = xz.chunk(2, 1)
    x = silu(conv1d(x, conv, conv_bias, padding=conv.shape[2] - 1, groups=x.shape[1])[..., : x.shape[2]])
    delta, B, C = linear(x.transpose(1, 2), x_proj).split([dt_proj.shape[1], *[A.shape[1]] * 2], -1)
    delta = softplus(dt_proj @ delta.transpose(1, 2) + delta_bias[:, None])
    return linear((naive.scan(x, delta, A, B, C, D) * silu(z)).transpose(1, 2), out_proj, out_bias)


@torch.no_grad()
def test_the_published_arrangement_is_the_definition() -> None:
    x, definition = torch.randn(2, 21, SMALL.d_model), stack()
    expected = definition(x)
    found = published_scan.read(fused, definition, x, range(2, 20))
    torch.testing.assert_close(found, expected[:, 2:20], rtol=1e-5, atol=1e-5)

    def kernel(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor) -> Tensor:
        return naive.scan(x, delta, A, B.transpose(1, 2), C.transpose(1, 2), D)

    def scan(*tensors: Tensor) -> Tensor:
        return published_scan.scan_by_kernel(kernel, *tensors)

    torch.testing.assert_close(naive.read(definition, x, scan=scan), expected, rtol=1e-5, atol=1e-5)


def test_without_mamba_ssm_the_reason_is_one_line() -> None:
    reason = published_scan.published()
    assert isinstance(reason, str)
    assert reason.startswith("mamba-ssm's selective_scan_cuda does not import here (ModuleNotFoundError")


@pytest.fixture
def in_place(monkeypatch: pytest.MonkeyPatch) -> gpu_speed.Settings:
    """Settings for small windows, and a CPU that answers to what only a GPU is asked."""
    nothing: Callable[..., None] = lambda *_: None  # noqa: E731
    for name in ("synchronize", "empty_cache", "reset_peak_memory_stats"):
        monkeypatch.setattr(torch.cuda, name, nothing)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda _: 2e9)
    monkeypatch.setattr(gpu_speed, "SECONDS", 0)
    monkeypatch.setattr(gpu_speed, "model_on", lambda _: Seq2Exp.initialised(SMALL, seed=0))
    return gpu_speed.Settings(CPU, length=64, windows=[1, 2], naive_length=32, repeats=1)


def test_speeds_are_compared_with_every_other_way(
    in_place: gpu_speed.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_speed, "published", lambda: ("stand-in", naive.read))
    report = Report()
    gpu_speed.measure_speed(report, in_place)
    assert report.failed == []
    assert [what for what, *_ in report.rows] == [
        "ours, fp32",
        "ours, bf16",
        "network alone, 18,377 windows in fp32 at this rate",
        "network alone, 18,377 windows in bf16 at this rate",
        "naive PyTorch, 32 bp scaled",
        "ours in fp32 / naive PyTorch, 32 bp scaled",
        "our path without Triton, 32 bp scaled",
        "ours in fp32 / our path without Triton, 32 bp scaled",
        "published CUDA scan (stand-in), fp32",
        "ours in fp32 / published CUDA scan (stand-in), fp32",
        "published CUDA scan (stand-in), bf16",
        "ours in bf16 / published CUDA scan (stand-in), bf16",
    ]


def test_what_does_not_fit_the_memory_is_left_out(in_place: gpu_speed.Settings) -> None:
    def full(*arguments: object) -> None:
        raise torch.OutOfMemoryError

    report = Report()
    with mock.patch.object(reading, "read", full):
        gpu_speed.measure_speed(report, in_place)
    assert [what for what, *_ in report.rows if "ours" in what] == []
    assert "ours, fp32: out of memory with one window" in report.missing


def test_a_shorter_window_counts_as_the_part_that_it_is(in_place: gpu_speed.Settings) -> None:
    with mock.patch.object(gpu_speed, "measured", return_value=10.0):
        best = gpu_speed.fastest(Report(), in_place, "a way", mock.MagicMock(), Precision.FP32, 32)
    assert best == gpu_speed.Speed(rate=5.0, windows=1)


def test_a_profile_shows_what_takes_longest(capsys: pytest.CaptureFixture[str]) -> None:
    total = gpu_speed.shares(Report(), {"small": 1000.0, "large": 3000.0}, count=2)
    assert total == 2.0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        ["1.500", "ms", "a", "window,", "75.0", "%", "large"],
        ["0.500", "ms", "a", "window,", "25.0", "%", "small"],
    ]


def test_checks_go_through(golden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hard = replace(HARD, d_model=8, generator_layers=2, encoder_layers=2, promoter=20)
    monkeypatch.setattr(gpu_checks, "SOFT", SMALL)
    monkeypatch.setattr(gpu_checks, "HARD", hard)
    monkeypatch.setattr(gpu_checks, "ODD_LENGTH", 62)
    monkeypatch.setattr(gpu_checks, "GOLDENS", ("soft_tiny", "hard_tiny"))
    report = Report()
    gpu_checks.check_goldens(report, golden, CPU)
    gpu_checks.check_bf16(report, golden, 64, CPU)
    gpu_checks.check_same_bits(report, CPU)
    gpu_checks.check_training(report, CPU)
    figures = {what: figure for what, figure, _ in report.rows}
    assert len(figures) == 4 + 4 + 8 + 4
    assert float(figures["fp32 against golden soft_tiny, mask"]) <= gpu_checks.MASK_GOAL
    assert {figure for what, figure in figures.items() if "bits" in what or "in flight" in what} == {"yes"}
    assert all(
        float(figure) <= (gpu_checks.GRADIENT_GOAL if "gradients" in what else gpu_checks.SCAN_GOAL)
        for what, figure in figures.items()
        if what.startswith("training")
    )


def test_other_bits_are_told(golden: Path) -> None:
    case = gpu_bf16.golden_case(golden, "soft_tiny")
    output = case.model(*case.inputs)
    other = output._replace(mask=output.mask.nextafter(torch.tensor(2.0)))
    assert gpu_checks.equal(output, output)
    assert not gpu_checks.equal(output, other)


def test_genes_that_come_in_batches_have_a_pace() -> None:
    scores = [10.0 + 2 * (gene // 4) for gene in range(4000)]  # four every two seconds
    pace = gpu_score.Pace.of(began=3, scores=scores, end=scores[-1] + 40)
    assert (pace.before, pace.after) == (7, 40)
    assert pace.each == pytest.approx(0.5, rel=1e-3)
    assert pace.seconds(8000) == pytest.approx(7 + 0.5 * 8000 + 80, rel=1e-3)


def test_score_is_run_with_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_score, "SOFT", replace(SMALL, window=4_000))
    with quick_processes():
        report = gpu_score.scored(2, Precision.FP32, "cpu", tmp_path)
    assert [what.split(": ")[1] for what, *_ in report.rows] == [
        "wall time, everything",
        "until the first gene; from gene to gene; after the last",
        "18,377 windows, extrapolated from these",
    ]
    assert list(tmp_path.iterdir()) == []
