"""Cases: a data set and a seed, on which every method is trained."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seq2exp_tracks.comparison.methods import MACS3
from seq2exp_tracks.comparison.request import CompareRequest, OwnData, SimulatedData
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.simulation.genome import CELL_TYPES, SimulatedGenome
from seq2exp_tracks.simulation.layout import Layout
from seq2exp_tracks.training.splits import Part

_PARTS = len(Part)


@dataclass(frozen=True, slots=True)
class Genome:
    """A genome that is to be simulated.

    Attributes:
        folder: Where to.
        setting: What acts in it.
        layout: Its sizes.
    """

    folder: Path
    setting: str
    layout: Layout


@dataclass(frozen=True, slots=True)
class Case:
    """What every method is trained and measured on.

    Attributes:
        data: Name of the data set.
        seed: Seed of the training.
        folder: Where all that belongs to it goes.
        inputs: What a `TrainRequest` is told of the data.
        judged_by: What an `EvaluationRequest` is told of the truth.
        peaks: Peaks of MACS3, or reads (`.bam`) to call them from; None where there are none.
        peaks_folder: Where peaks that are called go.
        genome: What is to be simulated first; None for measured data.
    """

    data: str
    seed: int
    folder: Path
    inputs: Mapping[str, Any]
    judged_by: Mapping[str, Any]
    peaks: Path | None
    peaks_folder: Path
    genome: Genome | None = None

    @property
    def name(self) -> str:
        """What people are told of it."""
        return f"{self.data}, seed {self.seed}"


def cases_of(request: CompareRequest) -> list[Case]:
    """All cases: the data sets one after the other, each with every seed.

    Raises:
        InputError: If a simulated genome would have no room for its genes.
    """
    data = request.data
    if isinstance(data, OwnData):
        return [_measured(request, data, seed) for seed in request.seeds]
    return [_simulated(request, data, setting, seed) for setting in data.settings for seed in request.seeds]


def _measured(request: CompareRequest, data: OwnData, seed: int) -> Case:
    name = data.inputs["genome"].name
    folder = request.out / name
    peaks = data.peaks or data.bam
    return Case(
        name, seed, folder / f"seed{seed}", data.inputs, data.judged_by, peaks, peaks_folder=folder / "peaks"
    )


def _simulated(request: CompareRequest, data: SimulatedData, setting: str, seed: int) -> Case:
    folder, layout = request.out / setting / f"seed{seed}", data.layout
    genome = Genome(folder / "genome", setting, layout)
    files = SimulatedGenome.inside(genome.folder, CELL_TYPES[0])
    inputs = {
        "genome": GenomeEntry("simulated", files.fasta, files.genes, files.blacklist, files.features),
        "labels": (files.labels,),
        "label_column": "expression",
        "signals": {"H3K27ac": files.h3k27ac, "DNase": files.dnase},
        "contacts": files.contacts,
        **_split(layout),
    }
    peaks = files.reads if MACS3 in request.methods else None
    return Case(setting, seed, folder, inputs, {"truth": files.truth}, peaks, folder / "peaks", genome)


def _split(layout: Layout) -> dict[str, Any]:
    """How a simulated genome is split: as `simulate` recommends."""
    if len(layout.chromosomes) < _PARTS:
        return {"split": "position"}
    *_, test, valid = layout.chromosomes
    return {"split": "chromosomes", "valid_chroms": (valid,), "test_chroms": (test,)}
