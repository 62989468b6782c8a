"""What a method came to on a case: the numbers that its training and its evaluation left."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seq2exp_tracks.comparison.cases import Case
from seq2exp_tracks.comparison.costs import Cost
from seq2exp_tracks.comparison.methods import Method
from seq2exp_tracks.comparison.steps import Places, genes_of
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.evaluation.methods import MASK
from seq2exp_tracks.evaluation.record import RECORD
from seq2exp_tracks.training.splits import Part


@dataclass(frozen=True, slots=True)
class Expression:
    """How well the expression of the test part is predicted; None for what is not defined.

    Attributes:
        genes: Genes of the test part.
        mse: Mean squared error, of log10(1 + expression).
        mae: Mean absolute error.
        pearson: Pearson's correlation.
    """

    genes: int
    mse: float | None
    mae: float | None
    pearson: float | None


@dataclass(frozen=True, slots=True)
class Area:
    """How one way of scoring ranks elements or bases; None for what is not defined.

    Attributes:
        scored_by: What scores: `soft mask`, `DNase`, `MACS3` …
        over: `pairs` of element and gene, or `bases`.
        places: `all` or `distal`.
        items: How many are ranked.
        positive: How many of them regulate.
        auprc: Area under the precision-recall curve.
        auroc: Area under the receiver operating characteristic.
    """

    scored_by: str
    over: str
    places: str
    items: int
    positive: int
    auprc: float | None
    auroc: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """One way of scoring when it calls a share of the bases; None for what is not defined.

    Attributes:
        scored_by: What scores.
        places: `all` or `distal`.
        share_of: Whose calls set the share: called elements of a mask, or a file of intervals.
        share: The share.
        precision: Share of the called bases that regulate.
        recall: Share of the regulating bases that are called.
    """

    scored_by: str
    places: str
    share_of: str
    share: float
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A method on a case.

    Attributes:
        data: Name of the data set.
        seed: The seed.
        method: Name of the method.
        expression: On the test part.
        mask_read: Mean of the mask that the predictor read, over the test genes' windows; None without one.
        parameters: Numbers that are trained.
        cost: Time and memory of the training.
        areas: Of its mask, and of what its mask is compared with; none without a learned mask or a truth.
        coverage: The same at equal coverage.
    """

    data: str
    seed: int
    method: str
    expression: Expression
    mask_read: float | None
    parameters: int
    cost: Cost
    areas: tuple[Area, ...] = ()
    coverage: tuple[Coverage, ...] = ()


def outcome_of(case: Case, method: Method, parameters: int) -> Outcome:
    """Reads what a method left on a case.

    Raises:
        InputError: If a file is damaged.
    """
    places = Places.of(case, method.name)
    genes = [part for part in genes_of(places.model.predictions).values() if part == Part.TEST]
    test = _read(places.model.summary)["measured"][Part.TEST]
    expression = Expression(len(genes), *(test[name] for name in ("mse", "mae", "pearson")))
    found = Outcome(
        *(case.data, case.seed, method.name, expression),
        mask_read=_read(places.share)["share"] if places.share.exists() else None,
        parameters=parameters,
        cost=Cost.read(places.cost),
    )
    record = places.evaluation / RECORD
    return with_evaluation(found, _read(record)) if record.exists() else found


def with_evaluation(outcome: Outcome, record: dict[str, Any]) -> Outcome:
    """An outcome with what an evaluation says of its mask, as `evaluation.json` has it."""
    elements = record["elements"]
    areas: list[Area] = []
    coverage: list[Coverage] = []
    if elements is not None:
        areas = [
            Area(
                *(_own(outcome.method, one["method"]), over, one["places"], one["items"], one["positive"]),
                *(one[measure]["value"] for measure in ("auprc", "auroc")),
            )
            for over in ("pairs", "bases")
            for one in elements[over]
        ]
        coverage = [
            Coverage(
                *(_own(outcome.method, one["method"]), one["places"]),
                *(_own(outcome.method, one["coverage_of"]), one["share"]),
                *(one[measure]["value"] for measure in ("precision", "recall")),
            )
            for one in elements["equal_coverage"]
        ]
    return Outcome(
        *(outcome.data, outcome.seed, outcome.method, outcome.expression),
        mask_read=record["mask"]["applied"],
        parameters=outcome.parameters,
        cost=outcome.cost,
        areas=tuple(areas),
        coverage=tuple(coverage),
    )


def mask_name(method: str) -> str:
    """What the learned mask of a method is called in the tables."""
    return f"{method} mask"


def _own(method: str, scored_by: str) -> str:
    """The name of what scores; that of a mask says of which method it is."""
    is_mask = scored_by == MASK or scored_by.startswith(f"{MASK}.")
    return f"{method} {scored_by}" if is_mask else scored_by


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: damaged ({error}); remove its folder and compare again") from error
    return found
