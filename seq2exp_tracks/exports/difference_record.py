"""difference.json: what a comparison of two runs was made from, and what it holds."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from seq2exp_tracks.exports.gene_differences import SharedGenes
from seq2exp_tracks.exports.mask_comparison import MaskComparison
from seq2exp_tracks.exports.run_differences import RunDifference
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.manifest import FILE_NAME, FileEntry, Json
from seq2exp_tracks.run_reader import Run

RECORD = "difference.json"
FORMAT = "seq2exp-tracks difference"
VERSION = "1.1"

DECIMALS = {"mask.difference.bw": 3, "mask.sd.a.bw": 4, "mask.sd.b.bw": 4}
"""The tracks of a comparison, and how many decimals their values have."""


def describe(
    runs: tuple[Run, Run],
    paths: Mapping[str, Path],
    descriptions: Mapping[str, str],
    masks: MaskComparison,
    genes: SharedGenes,
    unlike: tuple[RunDifference, ...],
    notes: tuple[str, ...],
) -> tuple[str, tuple[FileEntry, ...]]:
    """Puts together the record of a comparison whose files are written.

    Args:
        runs: The two runs.
        paths: Where each file is now, by its name.
        descriptions: What each file holds, by its name.
        masks: How alike the masks are.
        genes: The genes of both runs.
        unlike: In what the runs differ that decides their results.
        notes: Remarks, one line each.

    Returns:
        The text of difference.json, and the files that it lists.
    """
    files = tuple(_file(name, path, descriptions[name]) for name, path in paths.items())
    content = {
        "format": FORMAT,
        "version": VERSION,
        "a": _made_from(runs[0]),
        "b": _made_from(runs[1]),
        "differences": [asdict(one) for one in unlike],
        "bases": masks.bases,
        "mean_absolute_difference": masks.mean_absolute_difference,
        "pearson": masks.pearson,
        "n_genes": len(genes.genes),
        "only_a": genes.only_a,
        "only_b": genes.only_b,
        "files": [asdict(entry) for entry in files],
        "notes": list(notes),
        "versions": {package: version(package) for package in ("seq2exp-tracks", "numpy", "pyBigWig")},
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", files


def _made_from(run: Run) -> dict[str, Json]:
    """A run, told by what its manifest says."""
    manifest, model = run.manifest, run.manifest.model
    return {
        "name": run.folder.resolve().name,
        "manifest_sha256": sha256_of(run.folder / FILE_NAME),
        "genome": manifest.genome,
        "model": {"setting": model.setting, "window": model.window, "sha256": model.sha256},
        "merge": manifest.merge,
        "n_genes": manifest.n_genes,
        "created": manifest.created,
        "versions": dict(manifest.versions),
    }


def _file(name: str, path: Path, description: str) -> FileEntry:
    """A file as a run's manifest would list it."""
    track = name in DECIMALS
    return FileEntry(
        path=name,
        kind="bigwig" if track else "tsv",
        content="difference",
        description=description,
        bytes=path.stat().st_size,
        sha256=sha256_of(path),
        unit="probability" if track else None,
        decimals=DECIMALS.get(name),
    )
