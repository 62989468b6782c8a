"""TrainRequest: everything that a user decides about a training run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.training.losses import LossWeights
from seq2exp_tracks.training.models import Config
from seq2exp_tracks.training.settings import (
    SIZES,
    Precision,
    Setting,
    TrainingSettings,
    model_config,
    schedule,
)

CHROMOSOMES, POSITION = "chromosomes", "position"
"""Splits by rule; any other is a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRequest:
    """What to train, on which genes and signals.

    Attributes:
        genome: Sequence, genes, blacklist and gene features.
        labels: A table; or a bigWig of transcription starts, or two of them, plus strand first.
        label_column: Column of a table of labels; None for `label`.
        label_counts: The table holds counts, of which log10(1 + count) is the label.
        split: `chromosomes`, `position`, or a table of genes with a column `split`.
        valid_chroms: Chromosomes that validate; empty for the published ones.
        test_chroms: Chromosomes that test; empty for the published ones.
        gap: Bases between the parts of a split by position, TSS to TSS; None for the window.
        signals: bigWig of each signal, by its name.
        contacts: Hi-C file, or None.
        no_contacts: Train without Hi-C: contact is 0 everywhere.
        contacts_norm: Normalisation of the contacts.
        clip_negative: Read negative signal values as 0 instead of refusing them.
        gene_types: Biotypes to take; empty for the default of the annotation's format.
        bed_tss: Where the TSS of a BED row is.
        chroms: Only genes of these chromosomes; empty for all.
        fixed_mask: BED of the bases that a model of the setting `fixed` reads.
        setting: Which model, and how its mask is made.
        size: Name of the preset that stands in for every size that is None.
        window: Bases around a TSS.
        d_model: Channels of the network.
        layers: Layers of each stack.
        promoter: Bases around the TSS that are always kept.
        steps: Updates.
        rate: Highest learning rate.
        warmup: Updates of the warm-up; None for a tenth.
        batch_size: Windows an update.
        at_once: Windows that a device computes at a time; None for 1 on the CPU and all on a GPU.
        divergence: Weight of the KL divergence in the loss.
        evaluate_every: Updates between evaluations; None for a twentieth.
        seed: Seed of all that is random.
        device: `auto`, `cpu` or `cuda`.
        devices: GPUs.
        precision: Of the arithmetic; None for bf16 on CUDA, float32 elsewhere.
        resume: Go on with the run that `out` holds.
        overwrite: Replace the run that `out` holds.
        out: Folder of the run.
    """

    genome: GenomeEntry
    labels: tuple[Path, ...]
    out: Path
    label_column: str | None = None
    label_counts: bool = False
    split: str = CHROMOSOMES
    valid_chroms: tuple[str, ...] = ()
    test_chroms: tuple[str, ...] = ()
    gap: int | None = None
    signals: Mapping[str, Path] = field(default_factory=dict)
    contacts: Path | None = None
    no_contacts: bool = False
    contacts_norm: Literal["VC", "ICE"] = "VC"
    clip_negative: bool = False
    gene_types: tuple[str, ...] = ()
    bed_tss: Literal["strand", "middle"] = "strand"
    chroms: tuple[str, ...] = ()
    fixed_mask: Path | None = None
    setting: Setting = Setting.SOFT
    size: str = "published"
    window: int | None = None
    d_model: int | None = None
    layers: int | None = None
    promoter: int = 2000
    steps: int | None = None
    rate: float | None = None
    warmup: int | None = None
    batch_size: int = 8
    at_once: int | None = None
    divergence: float = 0.01
    evaluate_every: int | None = None
    seed: int = 2222
    device: str = "auto"
    devices: int = 1
    precision: Precision | None = None
    resume: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        if self.no_contacts and self.contacts is not None:
            raise InputError("--contacts and --no-contacts exclude each other; give one of them")
        if self.setting.is_given_mask != (self.fixed_mask is not None):
            raise InputError("--setting fixed and --fixed-mask BED belong together; give both or none")
        if self.split != CHROMOSOMES and (self.valid_chroms or self.test_chroms):
            raise InputError("--valid-chrom and --test-chrom belong to --split chromosomes")
        if self.gap is not None and (self.split != POSITION or self.gap < 0):
            raise InputError(f"--gap {self.gap}: bases, at least 0, and with --split position only")
        if self.resume and self.overwrite:
            raise InputError("--resume goes on with a run, --overwrite replaces it; give one of them")

    @property
    def config(self) -> Config:
        """The model that is asked for.

        Raises:
            InputError: If its sizes do not fit together.
        """
        preset = SIZES[self.size]
        return model_config(
            self.setting,
            preset.window if self.window is None else self.window,
            preset.d_model if self.d_model is None else self.d_model,
            preset.layers if self.layers is None else self.layers,
            self.promoter,
        )

    def settings(self, on_cuda: bool) -> TrainingSettings:
        """How it is trained on a kind of device.

        Raises:
            InputError: If two settings exclude each other, or the device cannot follow one.
        """
        preset = SIZES[self.size]
        steps = preset.steps if self.steps is None else self.steps
        if not on_cuda and self.precision == "bf16-mixed":
            raise InputError(
                "--precision bf16-mixed: on CUDA only; most CPUs are slower with it than without"
            )
        if not on_cuda and self.devices > 1:
            raise InputError(f"--devices {self.devices}: for GPUs; on the CPU one process uses all cores")
        return TrainingSettings(
            schedule=schedule(steps, preset.rate if self.rate is None else self.rate, self.warmup),
            batch_size=self.batch_size,
            at_once=self.at_once or (self.batch_size if on_cuda else 1),
            weights=LossWeights(divergence=self.divergence),
            evaluate_every=self.evaluate_every or max(1, steps // 20),
            seed=self.seed,
            precision=self.precision or ("bf16-mixed" if on_cuda else "32-true"),
            devices=self.devices,
        )

    @property
    def inputs(self) -> dict[str, Path]:
        """Every file that the run reads, by its role."""
        files = self.genome.files
        files |= {f"signal:{name}": path for name, path in self.signals.items()}
        files |= {"contacts": self.contacts} if self.contacts else {}
        files |= {"fixed_mask": self.fixed_mask} if self.fixed_mask else {}
        files |= {} if self.split in (CHROMOSOMES, POSITION) else {"split": Path(self.split)}
        return files | {f"labels:{number}": path for number, path in enumerate(self.labels, start=1)}
