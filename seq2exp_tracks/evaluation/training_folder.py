"""The folder of a training, as far as it can be measured: its predictions and the parts of its split."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.tables import read_table
from seq2exp_tracks.run_reader import ScoredGene
from seq2exp_tracks.training_files import TrainingFiles

LEARN_MASKS = ("soft", "hard", "hard-straight")
"""Settings whose models have a mask to show."""


def refuse_linear(linear: bool) -> None:
    """Refuses to take the logarithm of a training's labels.

    Raises:
        InputError: If it is asked for.
    """
    if linear:
        raise InputError(
            "--linear-labels: the labels of a training are as its model learned them, and no counts; leave "
            "it out, or give counts with --labels and --label-column"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """A whole training.

    Attributes:
        files: Where its files are.
        setting: Which model was trained.
        window: Bases of its windows.
        checkpoint_sha256: Checksum of its best checkpoint.
        genes: Genes that it predicted, those that did not train, by id.
        parts: Part of the split of each gene, by id.
    """

    files: TrainingFiles
    setting: str
    window: int
    checkpoint_sha256: str
    genes: dict[str, ScoredGene]
    parts: dict[str, str]

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Reads what a training wrote.

        Raises:
            InputError: If it is not whole, or a file is damaged.
        """
        files = TrainingFiles(folder)
        if not files.summary.is_file():
            raise InputError(f"{folder}: holds a training that is not whole; go on with it by train --resume")
        recipe = read_recipe(files.summary)
        try:
            setting, window = str(recipe["setting"]), int(recipe["model"]["window"])
        except (LookupError, TypeError, ValueError) as error:
            raise InputError(f"{files.summary}: its recipe cannot be read; train again") from error
        if not files.best.is_file():
            raise InputError(f"{files.best}: is missing; train again")
        genes, parts = _read_predictions(files.predictions)
        return cls(files, setting, window, sha256_of(files.best), genes, parts)

    @property
    def folder(self) -> Path:
        """Its folder."""
        return self.files.folder

    @property
    def notes(self) -> list[str]:
        """What there is to know of the numbers, one line each."""
        unseen = len(self.parts) - len(self.genes)
        return [
            f"{unseen:,} of {len(self.parts):,} genes trained and have no prediction here: "
            "`all` and the chromosomes are of the others, of which valid chose the checkpoint",
            f"no mask is measured: {self.way_to_a_mask}",
        ]

    @property
    def way_to_a_mask(self) -> str:
        """How the mask can be measured, if there is one."""
        if self.setting in LEARN_MASKS:
            return f"evaluate {self.files.best} scores the genes and measures it"
        return f"a model of --setting {self.setting} learns none"


def read_recipe(path: Path) -> dict[str, Any]:
    """The recipe of a training, from its own file or its summary.

    Raises:
        InputError: If the file holds none.
    """
    try:
        content = json.loads(path.read_bytes())
        recipe: dict[str, Any] = content.get("recipe", content)
        recipe["setting"], recipe["model"], recipe["inputs"], recipe["data"]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not the recipe of a training; train again") from error
    return recipe


def _read_predictions(path: Path) -> tuple[dict[str, ScoredGene], dict[str, str]]:
    """Genes with a prediction, and the part of every gene."""
    table = read_table(path)
    columns = [table.text(table.require((name,))) for name in ("gene_id", "gene_name", "chrom", "split")]
    numbers = [table.numbers(table.require((name,))) for name in ("tss", "label", "predicted")]
    genes: dict[str, ScoredGene] = {}
    parts: dict[str, str] = {}
    for gene_id, name, chrom, part, tss, label, predicted in zip(*columns, *numbers, strict=True):
        parts[gene_id] = part
        if np.isfinite(predicted):
            # The table has no strand, on which no measure of expression depends.
            gene = Gene(gene_id, name, chrom, int(tss), Strand.PLUS)
            genes[gene_id] = ScoredGene(gene, float(predicted), float(label))
    return genes, parts
