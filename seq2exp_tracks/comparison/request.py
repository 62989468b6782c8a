"""CompareRequest: everything that a user decides about a comparison."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seq2exp_tracks.comparison.methods import DEFAULT, Method, chosen
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.simulation.layout import SIZES, Layout
from seq2exp_tracks.simulation.setting import setting_named
from seq2exp_tracks.training.order import check_seed


def are_reads(path: Path) -> bool:
    """Tells by its name whether a file holds reads to call peaks from, and not peaks."""
    return path.suffix.lower() == ".bam"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """Measured data: the same for every seed.

    Attributes:
        inputs: What a `TrainRequest` is told of the data: genome, labels, split, signals and so on.
        truth: BED of elements with known effect, as `simulate` writes it, or None.
        crispr: Table of CRISPRi pairs, or None.
        cell_type: Rows of `crispr` that count.
        peaks: Peaks of the cells (narrowPeak), or None.
        bam: Reads to call peaks from, or None.
        against: Files of intervals to compare with, by name.
    """

    inputs: Mapping[str, Any]
    truth: Path | None = None
    crispr: Path | None = None
    cell_type: str | None = None
    peaks: Path | None = None
    bam: Path | None = None
    against: Mapping[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.peaks is not None and self.bam is not None:
            raise InputError("--peaks are given and --bam is to call them from; give one of them")
        if self.bam is not None and not are_reads(self.bam):
            raise InputError(f"--bam {self.bam}: no name of a BAM file (.bam); give peaks with --peaks")
        if self.peaks is not None and are_reads(self.peaks):
            raise InputError(f"--peaks {self.peaks}: a BAM file; give it with --bam to call peaks from it")

    @property
    def judged_by(self) -> dict[str, Any]:
        """What an `EvaluationRequest` is told of the truth."""
        return {
            "truth": self.truth,
            "crispr": self.crispr,
            "cell_type": self.cell_type,
            "against": self.against,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedData:
    """Simulated genomes: a new one for every seed.

    Attributes:
        settings: What acts in them: names of the simulator's settings, one data set each.
        size: Name of the layout.
        genes: Other number of genes, or None.
    """

    settings: tuple[str, ...]
    size: str = "small"
    genes: int | None = None

    def __post_init__(self) -> None:
        for name in self.settings:
            setting_named(name)
        if not self.settings or len(set(self.settings)) < len(self.settings):
            raise InputError(f"--simulate {', '.join(self.settings)}: name each setting once")

    @property
    def layout(self) -> Layout:
        """Sizes of the genomes.

        Raises:
            InputError: If there is no room for the genes.
        """
        layout = SIZES[self.size]
        return layout if self.genes is None else layout.with_genes(self.genes)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRequest:
    """Which methods are compared, on what, over which seeds.

    Attributes:
        data: Measured or simulated data.
        out: Folder of the comparison.
        methods: Names of the methods.
        seeds: Seeds of the training; on simulated data also of the genome.
        training: What a `TrainRequest` is told of the size of the models and of their training.
        reference: The method that others are compared with seed by seed; None for the first.
        jobs: Trainings at a time; None for one a GPU, or one on the CPU.
        workers: Processes that score on the CPU; None for as many as a training may use cores.
    """

    data: OwnData | SimulatedData
    out: Path
    methods: tuple[str, ...] = DEFAULT
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    training: Mapping[str, Any] = field(default_factory=dict)
    reference: str | None = None
    jobs: int | None = None
    workers: int | None = None

    def __post_init__(self) -> None:
        if not chosen(self.methods):
            raise InputError("no method is given; name at least one with --method")
        if not self.seeds or min(self.seeds) < 0 or len(set(self.seeds)) < len(self.seeds):
            raise InputError(f"--seeds {','.join(map(str, self.seeds))}: different whole numbers from 0")
        for seed in self.seeds:
            check_seed(seed)
        if self.reference is not None and self.reference not in self.methods:
            raise InputError(
                f"--reference {self.reference}: not among the methods, {', '.join(self.methods)}"
            )
        if self.training.get("devices", 1) > 1:
            raise InputError("--devices: a comparison trains on one device; use train for several GPUs")

    @property
    def chosen(self) -> tuple[Method, ...]:
        """The methods in the order in which they are trained."""
        return chosen(self.methods)

    @property
    def against(self) -> str:
        """The method that others are compared with."""
        return self.reference or self.methods[0]
