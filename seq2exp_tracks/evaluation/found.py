"""Evaluation: everything that was measured, for whoever writes or shows it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from seq2exp_tracks.evaluation.base_scores import Coverage
from seq2exp_tracks.evaluation.element_scores import Ranked
from seq2exp_tracks.evaluation.expression_groups import Group, LabelledGene
from seq2exp_tracks.evaluation.hidden import Evidence
from seq2exp_tracks.evaluation.mask_statistics import MaskStatistics
from seq2exp_tracks.evaluation.request import EvaluationRequest
from seq2exp_tracks.evaluation.truth import Truth
from seq2exp_tracks.run_reader import Run


@dataclass(frozen=True, slots=True)
class Subject:
    """What was measured: a run of `score`, or a training.

    Attributes:
        folder: Its folder.
        genome: The genome of a run.
        genes: Number of its genes that have a prediction.
        setting: How its model makes its mask, or which baseline it is.
        window: Bases of a window.
        checkpoint_sha256: Checksum of the weights.
    """

    folder: Path
    genome: str | None
    genes: int
    setting: str
    window: int
    checkpoint_sha256: str

    @classmethod
    def of_run(cls, run: Run) -> Self:
        """A run of `score`."""
        model = run.manifest.model
        return cls(run.folder, run.manifest.genome, len(run.genes), model.setting, model.window, model.sha256)


@dataclass(frozen=True, slots=True, eq=False)
class ElementEvaluation:
    """How well elements are told apart.

    Attributes:
        truth: What they are compared with.
        methods: Description of each method by its name.
        elements: The methods over pairs of element and gene.
        bases: The methods over bases.
        step: Every how many-th base was looked at.
        coverage: Precision and recall at equal coverage.
        calls: Precision and recall of the run's called elements over bases, by places.
        peak_command: How MACS3 was called; None where it was not.
    """

    truth: Truth
    methods: dict[str, str]
    elements: list[Ranked]
    bases: list[Ranked]
    step: int
    coverage: list[Coverage]
    calls: dict[str, tuple[float, float]]
    peak_command: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """All that was measured of a run or a training; None for what was not asked for or cannot be.

    Attributes:
        request: What was asked for.
        subject: What was measured.
        mask: What the mask keeps; None where there is none.
        genes: Genes with a label.
        expression: How well their expression is predicted.
        elements: How well elements are told apart.
        evidence: What hiding elements does.
        notes: What the user should know, one line each.
    """

    request: EvaluationRequest
    subject: Subject
    mask: MaskStatistics | None
    genes: list[LabelledGene]
    expression: list[Group]
    elements: ElementEvaluation | None
    evidence: Evidence | None
    notes: tuple[str, ...]
