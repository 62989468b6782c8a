"""What is installed here, and what computes."""

import importlib.util
import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model.config import SOFT, ModelConfig
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.processes import usable_cores

SECTION = "installation"

_PACKAGES = ("seq2exp-tracks", "torch", "numpy", "pyBigWig", "pysam", "hictkpy", "llvmlite", "higlass-python")

WORKER_BYTES = 1.5e9
"""Memory of a process with a window of 200,000 bp of the published model (docs/performance.md)."""

_EXTRAS = (
    ("enformer_pytorch", "enformer", "trains the Enformer-style baseline"),
    ("h5py", "published-data", "reads the data folder of Seq2Exp's authors"),
)


def check_installation(device: str, config: ModelConfig | None) -> list[Finding]:
    """Looks at packages, device, kernels, memory and optional extras.

    Args:
        device: What would compute, as `score` names it.
        config: The model, or None for the published soft one.
    """
    return [_versions(), *_computes(device, config or SOFT), _memory(), *_extras()]


def _versions() -> Finding:
    found, absent = [], []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            absent.append(package)
    if absent:
        return Finding(
            SECTION, Level.BAD, f"not installed: {', '.join(absent)}", "pip install seq2exp-tracks again"
        )
    return Finding(SECTION, Level.OK, f"Python {platform.python_version()}, {', '.join(found)}")


def _computes(device: str, config: ModelConfig) -> list[Finding]:
    """The device and its kernels; the notes that a run would begin with."""
    try:
        hardware = Hardware.choose(device)
        notes = hardware.notes(config)
        kernels = hardware.kernels(config)
    except TracksError as error:
        return [Finding.of_error(SECTION, error)]
    findings = [Finding(SECTION, Level.OK, notes[0])]
    findings += [Finding(SECTION, Level.WARN, note) for note in notes[1:]]
    if hardware.on_gpu:
        findings.append(
            Finding(
                SECTION,
                Level.NOTE,
                "the kernels for GPUs were tested in Triton's interpreter only, never on a GPU",
                "compare a few genes with --device cpu first",
            )
        )
    elif kernels.startswith("PyTorch"):
        findings.append(
            Finding(
                SECTION,
                Level.WARN,
                f"no compiled kernels for this model on this {platform.machine()}: scoring is slow",
                "unset SEQ2EXP_KERNELS if it is set",
            )
        )
    return findings


def _memory() -> Finding:
    """Cores, and whether memory holds a process for each."""
    cores = usable_cores()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    told = f"{cores} core(s), {memory / 1e9:.0f} GB of memory"
    if memory >= cores * WORKER_BYTES:
        return Finding(SECTION, Level.OK, told)
    return Finding(
        SECTION,
        Level.NOTE,
        f"{told}: a process with windows of 200,000 bp takes up to {WORKER_BYTES / 1e9:g} GB",
        "score starts fewer processes by itself; --workers sets their number",
    )


def _extras() -> list[Finding]:
    """Optional packages and commands, and what each is for."""
    findings = []
    for module, extra, purpose in _EXTRAS:
        if importlib.util.find_spec(module) is None:
            findings.append(_absent(f"{module} is not installed: it {purpose}", extra))
        else:
            findings.append(Finding(SECTION, Level.OK, f"{module} is there: it {purpose}"))
    purpose = "calls peaks that `evaluate` and `compare` measure masks against"
    if not Path(sys.executable).with_name("macs3").is_file() and shutil.which("macs3") is None:
        findings.append(_absent(f"the command macs3 is not installed: it {purpose}", "macs3"))
    else:
        findings.append(Finding(SECTION, Level.OK, f"the command macs3 is there: it {purpose}"))
    return findings


def _absent(what: str, extra: str) -> Finding:
    way_out = f"only if you want that: pip install 'seq2exp-tracks[{extra}]'"
    return Finding(SECTION, Level.NOTE, what, way_out)
