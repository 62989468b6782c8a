"""What we claim about GPUs: `python benchmarks/gpu.py`, one command on a machine that has one.

Correctness (the goldens, where they are at hand; bf16 against fp32; the same bits for any number of windows
in flight; the scan for training against its definition), a run of `score` with files, from which the time of
18,377 windows is extrapolated, windows a second beside naive PyTorch (naive.py) and the published scan
(published_scan.py) in the same run, peak memory, and a profile. At the end stands the table for RESULTS.md.

Without a GPU it does what can be done: what the kernels are compiled to (gpu_code.py), a tiny stack in
Triton's interpreter (gpu_tiny.py), what bf16 changes, emulated (gpu_bf16.py); and says what it could not do.
It needs neither a network nor files from elsewhere. Never run on a GPU.
"""

import os
import platform
import subprocess
import sys
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import click
import torch
from gpu_bf16 import emulate
from gpu_checks import check_bf16, check_goldens, check_same_bits, check_training
from gpu_report import Report
from gpu_score import measure_score
from gpu_speed import Settings, measure_profile, measure_speed
from network import WINDOW
from window import GOLDEN

from seq2exp_tracks.model.precision import Precision

HERE = Path(__file__).parent
ON_A_GPU = "correctness on the device, windows a second, peak memory, profile, GPU utilisation, `score`"


@click.command()
@click.option("--golden", type=click.Path(path_type=Path), default=GOLDEN, help="Folder of golden vectors.")
@click.option("--device", default="cuda:0", show_default=True, help="The GPU.")
@click.option("--length", default=WINDOW, show_default=True, help="Window in bp.")
@click.option("--windows", default="1,4,16,32,64", show_default=True, help="Windows in flight to try.")
@click.option("--naive-length", default=4_096, show_default=True, help="Window of what would take too long.")
@click.option("--repeats", default=3, show_default=True, help="Calls that are timed, at least.")
@click.option("--score-genes", default=500, show_default=True, help="Genes of the run of `score`; 0: no run.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the run is written (a few GB).")
def main(
    golden: Path,
    device: str,
    length: int,
    windows: str,
    naive_length: int,
    repeats: int,
    score_genes: int,
    folder: Path | None,
) -> None:
    """Check, measure, and print the table for RESULTS.md."""
    report = Report()
    report.part("Machine", partial(describe, report, device))
    if why_not := no_gpu():
        report.cannot(ON_A_GPU, why_not)
    else:
        gpu = torch.device(device)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        counts = [int(count) for count in windows.split(",")]
        settings = Settings(gpu, length, counts, naive_length, repeats)
        known = golden if golden.is_dir() else None
        if known is None:
            report.cannot("comparison with the goldens", f"there is no folder {golden}")
        else:
            report.part("Goldens", partial(check_goldens, report, known, gpu))
        report.part("bf16", partial(check_bf16, report, known, length, gpu))
        report.part("The same bits", partial(check_same_bits, report, gpu))
        report.part("Training", partial(check_training, report, gpu))
        torch.cuda.empty_cache()  # what `score` will find free
        for precision in Precision if score_genes else ():
            run = partial(measure_score, report, score_genes, precision, device, folder)
            report.part(f"score, {precision}", run)
        report.part("Speed", partial(measure_speed, report, settings))
        report.part("Profile", partial(measure_profile, report, settings, min(counts[-1], 16)))
    report.part("What the kernels are compiled to", partial(other, report, "gpu_code.py", {}))
    report.part("Interpreter", partial(other, report, "gpu_tiny.py", {"TRITON_INTERPRET": "1"}))
    report.part("bf16, emulated on the CPU", lambda: report.say(*emulate(golden)))
    report.say("", "== For RESULTS.md", *report.table())
    sys.exit(bool(report.failed))


def no_gpu() -> str | None:
    """Why nothing can run on a GPU here; None where it can."""
    if not torch.cuda.is_available():
        return f"torch {torch.__version__} sees no GPU"
    return None if find_spec("triton") else "Triton is not installed"


def describe(report: Report, device: str) -> None:
    """What this machine is."""
    name = torch.cuda.get_device_name(device) if torch.cuda.is_available() else "no GPU"
    packages = ", ".join(f"{package} {installed(package)}" for package in ("torch", "triton", "mamba-ssm"))
    report.say(
        f"{name}; {os.cpu_count()} cores; {platform.platform()}",
        f"Python {platform.python_version()}, {packages}, CUDA {torch.version.cuda}",
    )


def installed(package: str) -> str:
    """Its version, or that there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def other(report: Report, script: str, environment: dict[str, str]) -> None:
    """Runs another benchmark by itself: whether Triton interprets is settled when it is imported.

    Raises:
        RuntimeError: If it fails; it has said why.
    """
    if find_spec("triton") is None:
        report.cannot(script, "Triton is not installed")
        return
    inherited = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    done = subprocess.run(
        [sys.executable, HERE / script],
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    report.say(*done.stdout.splitlines(), *done.stderr.splitlines())
    if done.returncode:
        raise RuntimeError(f"{script} ended with status {done.returncode}")


if __name__ == "__main__":
    main()
