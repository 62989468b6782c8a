"""What a run over all genes will need: room on disks, and time."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.checkup.installation import WORKER_BYTES
from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.io.stretches import Stretches
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.scoring.bench.peaks import measure_peaks
from seq2exp_tracks.scoring.bench.work import least_work
from seq2exp_tracks.windows import Window

SECTION = "needs"

TRACK_BYTES = 8
"""Bytes that the tracks take a scored base, at most: 1.7 for 3 decimals and 3.1 for 4 (docs/formats.md)."""

REACHED = 0.75
"""Share of its peaks at which scoring runs on a CPU; 0.79 was measured (docs/performance.md)."""


def check_disk(windows: Sequence[Window], bigwigs: int, out: Path) -> list[Finding]:
    """Free room against what a run writes, and against what it decodes into the temporary folder.

    Args:
        windows: The windows of all genes.
        bigwigs: Number of signals that are bigWigs.
        out: Where a run would be written.
    """
    bases = {chrom: _bases(windows, chrom) for chrom in {window.inside.chrom for window in windows}}
    if not bases:
        return []
    tracks = TRACK_BYTES * sum(bases.values())
    # Decoded inputs are those of a chromosome; two at once, where the next one is begun before the last ends.
    scratch = (1 + 4 * bigwigs) * sum(sorted(bases.values())[-2:])
    temporary = Path(tempfile.gettempdir())
    return [
        _room(_existing(out), tracks, f"the tracks of {sum(bases.values()):,} bases", "choose another --out"),
        _room(temporary, scratch, "decoded inputs", "set TMPDIR to a folder with more room"),
    ]


def _bases(windows: Sequence[Window], chrom: str) -> int:
    stretches = Stretches.covering(window.inside for window in windows if window.inside.chrom == chrom)
    return int((stretches.bounds[:, 1] - stretches.bounds[:, 0]).sum())


def _room(folder: Path, needed: int, purpose: str, way_out: str) -> Finding:
    free = shutil.disk_usage(folder).free
    what = f"{folder}: {_size(free)} free, {purpose} take up to {_size(needed)}"
    if free < needed:
        return Finding(SECTION, Level.BAD, what, way_out)
    return Finding(SECTION, Level.OK, what)


def _existing(folder: Path) -> Path:
    """The folder itself, or the one that it would be made in."""
    folder = folder.resolve()
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def check_time(config: ModelConfig, window: int, genes: int, device: str) -> list[Finding]:
    """How long all genes will take: the arithmetic of their windows at the peaks of this machine.

    Args:
        config: The model; it has to learn its mask.
        window: Bases of a window.
        genes: Number of genes.
        device: What computes.
    """
    try:
        hardware = Hardware.choose(device)
        peaks = measure_peaks(hardware.devices[0])
    except TracksError:
        return []  # told by the installation
    if hardware.on_gpu:
        what = f"{genes:,} genes on a GPU: no estimate, as none was ever measured"
        return [Finding(SECTION, Level.NOTE, what, "measure it with: seq2exp-tracks bench")]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    workers = max(1, min(hardware.workers, int(0.8 * memory / WORKER_BYTES)))
    seconds = peaks.floor(least_work(config, window)) / REACHED
    what = (
        f"{genes:,} genes take {_duration(genes * seconds / workers)} or more here: {workers} process(es), "
        f"about {seconds:.2g} seconds a window"
    )
    way_out = "an estimate from the peaks of one core; seq2exp-tracks bench measures it"
    return [Finding(SECTION, Level.NOTE, what, way_out)]


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:,.1f} MB"
