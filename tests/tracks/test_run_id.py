"""A run's id tells what decides its files, and nothing else."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.manifest import InputEntry
from seq2exp_tracks.model import SOFT
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.pipeline.job import Job
from seq2exp_tracks.pipeline.opening import Opened
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.pipeline.run_id import origin_of, run_id
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.tracks.elements import ElementSettings

GENES = [Gene("a", "A", "chr1", 500, Strand.PLUS), Gene("b", "B", "chr1", 700, Strand.MINUS)]
FILES = {"checkpoint": "aa" * 32, "fasta": "bb" * 32, "genes": "cc" * 32, "signal:DNase": "dd" * 32}
ELEMENTS = ElementSettings()


def job(
    request: dict[str, Any] | None = None,
    files: dict[str, str] | None = None,
    genes: list[Gene] | None = None,
    workers: int = 1,
    folder: str = "/data",
) -> Job:
    """A job as it is prepared, of files that are not there."""
    entries = tuple(
        InputEntry(role, f"{folder}/{role}", 9, digest) for role, digest in (FILES | (files or {})).items()
    )
    genome = GenomeEntry("toy", *(Path(folder) / name for name in ("fasta", "genes", "blacklist")))
    asked = {"genome": genome, "checkpoint": Path(folder) / "model", "out": Path(folder) / "out"}
    reader: Any = SimpleNamespace(window=2000)
    return Job(
        request=ScoreRequest(**(asked | (request or {}))),
        hardware=Hardware.choose("cpu", workers=workers),
        opened=Opened(SOFT, reader, GENES if genes is None else genes, None, None, []),
        inputs=entries,
        unchanged=lambda: None,  # type: ignore[arg-type]  # nothing is read
        sharing=None,
        shards=(),
        load_model=None,  # type: ignore[arg-type]  # nothing is computed
    )


def id_of(made: Job, elements: ElementSettings = ELEMENTS, per_gene: bool = True) -> str:
    return run_id(made, elements, per_gene=per_gene)


def test_the_same_inputs_and_settings_have_one_id_wherever_and_however_they_are_computed() -> None:
    once = id_of(job())
    assert len(once) == 12
    assert int(once, 16) >= 0
    elsewhere = job(workers=7, folder="/elsewhere")
    assert id_of(elsewhere) == once
    assert id_of(job({"workers": 3, "writers": 2, "overwrite": True, "keep_shards": True})) == once


def test_the_order_and_the_file_of_the_genes_make_no_difference() -> None:
    assert id_of(job(files={"genes": "ff" * 32}, genes=GENES[::-1])) == id_of(job())


@pytest.mark.parametrize(
    "request_",
    [
        {"merge": "mean"},
        {"resolution": 10},
        {"bin_by": "max"},
        {"precision": 2},
        {"clip_negative": True},
        {"without": ("DNase",)},
    ],
)
def test_another_setting_has_another_id(request_: dict[str, Any]) -> None:
    assert id_of(job(request_)) != id_of(job())


@pytest.mark.parametrize("role", ["checkpoint", "fasta", "signal:DNase", "labels"])
def test_another_input_has_another_id(role: str) -> None:
    assert id_of(job(files={role: "ff" * 32})) != id_of(job())


def test_other_genes_and_other_elements_have_another_id() -> None:
    ids = [
        id_of(job()),
        id_of(job(genes=GENES[:1])),
        id_of(job(genes=[replace(GENES[0], tss=501), GENES[1]])),
        id_of(job(), replace(ELEMENTS, gap=7)),
        id_of(job(), per_gene=False),
    ]
    assert len(set(ids)) == len(ids)


def test_files_are_told_the_id_and_what_made_the_run() -> None:
    origin = origin_of(job(), ELEMENTS, per_gene=True)
    told = (origin.run, origin.fasta, origin.model, origin.merge, origin.weights)
    assert told == (id_of(job()), "bb" * 32, "soft", "max", "aa" * 32)
