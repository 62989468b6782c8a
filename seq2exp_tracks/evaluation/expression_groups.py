"""Predicted against measured expression of a run: all genes, and by chromosome and by part of the split."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.evaluation.expression import Estimate, agreement
from seq2exp_tracks.evaluation.training_folder import refuse_linear
from seq2exp_tracks.features import read_labels
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.gene_index import GeneIndex
from seq2exp_tracks.io.tables import read_table
from seq2exp_tracks.run_reader import ScoredGene
from seq2exp_tracks.scores import HIGHEST_EXPRESSION
from seq2exp_tracks.training_files import TrainingFiles

# Cells of a table that name no part.
_NO_PART = ("", ".")


class Predicted(Protocol):
    """Genes with predictions."""

    @property
    def folder(self) -> Path:
        """Where they come from, for messages."""

    @property
    def genes(self) -> Mapping[str, ScoredGene]:
        """The genes by id."""


@dataclass(frozen=True, slots=True)
class LabelledGene:
    """A gene with prediction and label.

    Attributes:
        gene: The gene.
        predicted: Predicted log10(1 + CAGE).
        measured: The label, on the same scale.
        part: Part of the split that it is in; None without a split, or where the split lacks it.
    """

    gene: Gene
    predicted: float
    measured: float
    part: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Genes that are measured together.

    Attributes:
        by: `all`, `chromosome` or `split`.
        name: Which of them.
        genes: How many.
        measures: Every measure of `expression.MEASURES`; none where there are fewer than two genes.
    """

    by: str
    name: str
    genes: int
    measures: dict[str, Estimate]


def labelled_genes(
    run: Predicted,
    labels: tuple[Path, str] | None,
    split: Path | None,
    linear: bool,
    parts: Mapping[str, str] | None = None,
) -> list[LabelledGene]:
    """The genes of a run that have a label.

    Args:
        run: The run, or a training.
        labels: Table and column of labels; None for those that the run was given.
        split: Table with a column `split`, by gene; None for none.
        linear: Whether labels are counts, of which log10(1 + x) is to be taken; not for those of a training,
            which are what its model learned, on whatever scale.
        parts: Part of each gene by its id, where `split` is None.

    Raises:
        InputError: If no gene has a label, labels are not on the scale that they should be, or a table
            cannot be used.
    """
    trained = TrainingFiles(run.folder).is_training if labels is None else _of_training(labels[0])
    if trained:
        refuse_linear(linear)
    table = None if labels is None else read_labels(*labels)
    part_of = _parts(split, parts or {})
    found = []
    for scored in run.genes.values():
        measured = scored.measured if table is None else table.of(scored.gene)
        if measured is not None and np.isfinite(measured):
            found.append(LabelledGene(scored.gene, scored.expression, measured, part_of(scored.gene)))
    source = labels[0] if labels else run.folder
    if not found and labels is None:
        raise InputError(f"{run.folder}: no gene has a label; give --labels TSV and --label-column NAME")
    if not found:
        raise InputError(f"{source}: no label for any gene of the run; is it of the same annotation?")
    return [_of_trained(one, source) if trained else _on_scale(one, linear, source) for one in found]


def expression_groups(genes: Sequence[LabelledGene], seed: int = 0) -> list[Group]:
    """Measures all genes, those of each chromosome, and those of each part of the split."""
    groups = [("all", "all", list(genes))]
    groups += [
        ("chromosome", chrom, [one for one in genes if one.gene.chrom == chrom])
        for chrom in dict.fromkeys(one.gene.chrom for one in genes)
    ]
    groups += [
        ("split", part, [one for one in genes if one.part == part])
        for part in dict.fromkeys(one.part for one in genes if one.part is not None)
    ]
    return [Group(by, name, len(members), _measured(members, seed)) for by, name, members in groups]


def _measured(genes: Sequence[LabelledGene], seed: int) -> dict[str, Estimate]:
    if len(genes) < 2:
        return {}
    predicted: Float64[np.ndarray, " genes"] = np.array([one.predicted for one in genes], np.float64)
    measured: Float64[np.ndarray, " genes"] = np.array([one.measured for one in genes], np.float64)
    return agreement(predicted, measured, seed)


def _parts(split: Path | None, known: Mapping[str, str]) -> Callable[[Gene], str | None]:
    """The part of each gene, as a table has it, or as it is known."""
    if split is None:
        return lambda gene: known.get(gene.id)
    table = read_table(split)
    index, column = GeneIndex.of_table(table), table.text(table.require(("split", "part")))

    def part_of(gene: Gene) -> str | None:
        row = index.row(gene)
        return None if row is None or column[row] in _NO_PART else column[row]

    return part_of


def _of_training(labels: Path) -> bool:
    """Whether a table of labels is one that a training wrote."""
    files = TrainingFiles(labels.parent)
    return labels == files.predictions and files.is_training


def _of_trained(one: LabelledGene, source: Path) -> LabelledGene:
    """The gene with its label as the model learned it, which may be another logarithm."""
    if one.measured > HIGHEST_EXPRESSION:
        raise InputError(
            f"{source}: the label of {one.gene.name} is {one.measured:g}, which is no log10(1 + x); "
            "train with --label-counts if labels are counts or TPM"
        )
    return one


def _on_scale(one: LabelledGene, linear: bool, source: Path) -> LabelledGene:
    """The gene with its label as log10(1 + x)."""
    if not linear and one.measured > HIGHEST_EXPRESSION:
        raise InputError(
            f"{source}: the label of {one.gene.name} is {one.measured:g}, which is no log10(1 + x); "
            "use --linear-labels if labels are counts or TPM"
        )
    if one.measured < 0:
        told = "counts are from 0 up" if linear else "log10(1 + x) of a count is from 0 up"
        raise InputError(f"{source}: the label of {one.gene.name} is {one.measured:g}; {told}")
    if not linear:
        return one
    return LabelledGene(one.gene, one.predicted, float(np.log10(1 + one.measured)), one.part)
