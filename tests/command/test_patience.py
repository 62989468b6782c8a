"""`--patience` reaches everything of a run that waits for a worker."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playground import Playground, Run

from seq2exp_tracks.pipeline import job, sharing

GENES = ("--gene", "A10", "--gene", "A11", "--window", "4000", "--workers", "1")


@pytest.fixture
def patience_of(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The patience that each of the functions is called with that wait for workers."""
    found: dict[str, float] = {}

    def spy(module: Any, name: str) -> None:
        really: Callable[..., Any] = getattr(module, name)

        def asked(*given: Any, **named: Any) -> Any:
            found[name] = inspect.signature(really).bind(*given, **named).arguments["patience"]
            return really(*given, **named)

        monkeypatch.setattr(module, name, asked)

    spy(job, "score_genes")
    spy(job, "score_regions")
    spy(sharing, "work_in_order")
    return found


@pytest.mark.parametrize(
    ("options", "waiting"),
    [((), ["score_genes"]), (("--shared-generator",), ["work_in_order", "score_regions"])],
)
def test_whoever_waits_for_workers_is_as_patient_as_the_user_says(
    playground: Playground,
    inside: Run,
    patience_of: dict[str, float],
    tmp_path: Path,
    options: tuple[str, ...],
    waiting: list[str],
) -> None:
    words = [*playground.inputs, *GENES, *options, "--tolerance", "1", "--patience", "77"]
    done = inside("score", *words, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert patience_of == dict.fromkeys(waiting, 77.0)
