"""TrainRequest: everything that a user decides about a training run."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.bigwig import is_bigwig
from seq2exp_tracks.model.baselines import BaselineConfig
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.training.fixed_masks import check_share
from seq2exp_tracks.training.losses import LossWeights
from seq2exp_tracks.training.models import Config
from seq2exp_tracks.training.published_folder import published_files
from seq2exp_tracks.training.published_tables import Expression
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

PUBLISHED_CELL_TYPE = "K562"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRequest:
    """What to train, on which genes and signals.

    Attributes:
        genome: Sequence, genes, blacklist and gene features; of `published` what `published_genome` makes.
        published: The authors' data folder, which has labels, signals and contacts too; or None.
        cell_type: Cell type of that folder.
        labels: A table; or a bigWig of transcription starts, or two of them, plus strand first.
        label_column: Column of a table of labels; None for `label`. Of `published` `CAGE`, the default, or
            `RNA`.
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
        fixed_mask: BED of the bases that a model of the setting `fixed` reads, or bigWig of scores.
        fixed_share: Share of a window's bases that is kept of a bigWig, those of the highest score.
        setting: Which model, and how its mask is made.
        size: Name of the preset that stands in for every size that is None.
        window: Bases around a TSS.
        d_model: Channels of the network.
        layers: Layers of each stack.
        promoter: Bases around the TSS that are always kept.
        steps: Updates.
        rate: Highest learning rate.
        warmup: Updates of the warm-up; None for a tenth.
        batch_size: Windows an update; None for the preset's.
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
    out: Path
    published: Path | None = None
    cell_type: str = PUBLISHED_CELL_TYPE
    labels: tuple[Path, ...] = ()
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
    fixed_share: float | None = None
    setting: Setting = Setting.SOFT
    size: str = "published"
    window: int | None = None
    d_model: int | None = None
    layers: int | None = None
    promoter: int = 2000
    steps: int | None = None
    rate: float | None = None
    warmup: int | None = None
    batch_size: int | None = None
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
        self._check_source()
        self._check_mask()
        check_share(self.fixed_mask, self.fixed_share)
        if self.split != CHROMOSOMES and (self.valid_chroms or self.test_chroms):
            raise InputError("--valid-chrom and --test-chrom belong to --split chromosomes")
        if self.gap is not None and (self.split != POSITION or self.gap < 0):
            raise InputError(f"--gap {self.gap}: bases, at least 0, and with --split position only")
        for option, value in (("--rate", self.rate), ("--divergence", self.divergence)):
            if value is not None and not math.isfinite(value):
                raise InputError(f"{option} {value}: give a finite number")
        if self.resume and self.overwrite:
            raise InputError("--resume goes on with a run, --overwrite replaces it; give one of them")

    def _check_source(self) -> None:
        """Refuses a run without data, or with data from two places.

        Raises:
            InputError: If so.
        """
        if self.published is None:
            if not self.labels:
                raise InputError("--labels FILE is needed, or --published FOLDER, the authors' data")
            self._check_label_options()
            return
        own = {
            "--labels": self.labels,
            "--label-counts": self.label_counts,
            "--signal": self.signals,
            "--contacts": self.contacts,
            "--no-contacts": self.no_contacts,
            "--clip-negative": self.clip_negative,
            "--gene-type": self.gene_types,
        }
        if given := [name for name, value in own.items() if value]:
            raise InputError(f"--published has everything that a run reads; leave out {', '.join(given)}")
        if self.label_column not in (None, *Expression):
            raise InputError(
                f"--label-column {self.label_column}: the published labels are {' and '.join(Expression)}"
            )

    def _check_label_options(self) -> None:
        """Refuses options of a table of labels where labels are counted in tracks.

        Raises:
            InputError: If so.
        """
        if not is_bigwig(self.labels[0]):
            return
        for option, given in (("--label-column", self.label_column), ("--label-counts", self.label_counts)):
            if given:
                raise InputError(
                    f"{option} is for a table of labels; {self.labels[0]} is a bigWig: leave it out"
                )

    def _check_mask(self) -> None:
        """Refuses a mask that is missing, or that the model would not look at.

        Raises:
            InputError: If so.
        """
        given = self.fixed_mask is not None
        if self.setting.is_given_mask and not given and self.published is None:
            raise InputError("--setting fixed and --fixed-mask FILE belong together; give both or none")
        if given and not self.setting.takes_given_mask:
            raise InputError("--fixed-mask FILE is for --setting fixed, or epinformer; give both or none")

    @property
    def expression(self) -> Expression:
        """Which label of the published folder is learned."""
        return Expression(self.label_column or Expression.CAGE)

    @property
    def config(self) -> Config:
        """The model that is asked for.

        Raises:
            InputError: If its sizes do not fit together.
        """
        preset = SIZES[self.size]
        d_model, layers = preset.shape_of(self.setting)
        return model_config(
            self.setting,
            preset.window if self.window is None else self.window,
            d_model if self.d_model is None else self.d_model,
            layers if self.layers is None else self.layers,
            self.promoter,
            given_mask=self.fixed_mask is not None,
        )

    def settings(self, on_cuda: bool) -> TrainingSettings:
        """How it is trained on a kind of device.

        Raises:
            InputError: If two settings exclude each other, or the device cannot follow one.
        """
        preset = SIZES[self.size]
        steps = preset.steps if self.steps is None else self.steps
        batch = preset.batch_size if self.batch_size is None else self.batch_size
        if not on_cuda and self.precision == "bf16-mixed":
            raise InputError(
                "--precision bf16-mixed: on CUDA only; most CPUs are slower with it than without"
            )
        if not on_cuda and self.devices > 1:
            raise InputError(f"--devices {self.devices}: for GPUs; on the CPU one process uses all cores")
        if self._batch_is_one and self.devices > 1:
            raise InputError(
                f"--devices {self.devices}: {self.setting} takes norms over the whole batch; use one"
            )
        if self._batch_is_one and self.at_once is not None and self.at_once < batch:
            raise InputError(
                f"--at-once {self.at_once}: {self.setting} takes norms over the whole batch; leave it out"
            )
        return TrainingSettings(
            schedule=schedule(steps, preset.rate if self.rate is None else self.rate, self.warmup),
            batch_size=batch,
            at_once=self.at_once or (batch if on_cuda or self._batch_is_one else 1),
            weights=LossWeights(divergence=self.divergence),
            evaluate_every=self.evaluate_every or max(1, steps // 20),
            start=preset.start,
            seed=self.seed,
            precision=self.precision or ("bf16-mixed" if on_cuda else "32-true"),
            devices=self.devices,
        )

    @property
    def _batch_is_one(self) -> bool:
        """Whether the windows of a batch have to be computed together."""
        return isinstance(self.config, BaselineConfig) and self.config.normalises_batch

    @property
    def _source(self) -> dict[str, Path]:
        """The files of the genome, and of the published folder."""
        if self.published is None:
            return self.genome.files
        peaks = self.setting.is_given_mask and self.fixed_mask is None
        return self.genome.files | published_files(self.published, self.cell_type, with_peaks=peaks)

    @property
    def inputs(self) -> dict[str, Path]:
        """Every file that the run reads, by its role."""
        files = self._source
        files |= {f"signal:{name}": path for name, path in self.signals.items()}
        files |= {"contacts": self.contacts} if self.contacts else {}
        files |= {"fixed_mask": self.fixed_mask} if self.fixed_mask else {}
        files |= {} if self.split in (CHROMOSOMES, POSITION) else {"split": Path(self.split)}
        return files | {f"labels:{number}": path for number, path in enumerate(self.labels, start=1)}
