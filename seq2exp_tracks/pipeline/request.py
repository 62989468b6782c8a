"""ScoreRequest: everything that a user decides about a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.contact_vectors import contact_inputs
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.scoring.executors.board import PATIENCE

# Above this many genes a run writes merged tracks only, unless per-gene files are asked for.
PER_GENE_LIMIT = 50

# Tracks hold float32, which has no more digits to give to a number between 0 and 1.
MOST_DECIMALS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRequest:
    """What to score, with which model and signals, and how to write it.

    Attributes:
        genome: Sequence, genes, blacklist and gene features.
        checkpoint: Trained weights.
        signals: bigWig of each signal, by the checkpoint's name for it.
        contacts: Hi-C file, or stored vectors of contact (a folder of them or one); None without.
        no_contacts: Score without Hi-C: contact is 0 everywhere, which every output tells.
        without: Signals that were not measured: 0 everywhere, which every output tells.
        contacts_norm: Normalisation of the contacts.
        clip_negative: Read negative signal values as 0 instead of refusing them.
        match_scale: How bigWigs are brought to the scale that the checkpoint was trained on, if at all.
        gene_types: Biotypes to take; empty for the default of the annotation's format.
        bed_tss: Where the TSS of a BED row is: its 5' end, or its middle.
        labels: Table of measured expression, or None.
        label_column: Column of `labels`.
        chroms: Only genes of these chromosomes; empty for all.
        names: Only genes of these symbols or ids; empty for all.
        region: Only genes whose TSS lies in it, as samtools writes it (1-based, inclusive).
        window: Bases around a TSS; None for the checkpoint's own.
        merge: What a base gets where windows overlap.
        top_share: Share of a gene's scored bases to call; None for the model's default.
        threshold: Score from which bases are called; None for the model's default.
        gap: Called bases this close (bp) are joined.
        min_length: Elements shorter than this (bp) are dropped.
        per_gene: Whether each gene's own mask is written; None for 50 genes or fewer.
        resolution: Bases (bp) that share a value in the tracks of the mask.
        bin_by: What such a bin holds of its bases.
        precision: Decimals of the tracks of the mask; None for the default of each.
        shared_generator: Overlapping windows share passes of the generator: faster, and not exact.
        tolerance: How far scores may then be from those of exact windows: mask, and log10(1 + CAGE).
        calibration_genes: Genes that are scored both ways beforehand to tell how far they are.
        device: `auto`, `cpu`, `cuda` for all GPUs, or `cuda:1` for one.
        precision_compute: How exact a GPU's kernels are: `fp32` or `bf16`. A CPU computes in `fp32`.
        windows_in_flight: Windows that a GPU reads at once; None for as many as its memory holds.
        patience: Seconds that a worker may take for a window, or a GPU for those in flight, before it counts
            as hung and is ended.
        workers: Processes on the CPU; None for one a core. Of a Ray cluster: its workers in all.
        executor: Who computes: processes of this machine (`local`), or of a Ray cluster (`ray`).
        address: The Ray cluster; None for one that is started on this machine for the run.
        writers: Processes that write beside those; None for none on the CPU and two on a GPU.
        overwrite: Replace the run that `out` holds.
        resume: Keep of an unfinished run in `out` what still fits, where inputs or settings have changed.
        allow_mixed: Go on with shards that other kernels, devices or another precision computed.
        keep_shards: Leave the scores of the windows beside the finished run.
        cells: What the cells are called; None where nothing names them.
        remarks: What the outputs have to tell of the choice of the inputs, such as `features: derived`.
        out: Folder of the run.
    """

    genome: GenomeEntry
    checkpoint: Path
    out: Path
    signals: Mapping[str, Path] = field(default_factory=dict)
    contacts: Path | None = None
    no_contacts: bool = False
    without: tuple[str, ...] = ()
    contacts_norm: Literal["VC", "ICE"] = "VC"
    clip_negative: bool = False
    match_scale: Literal["none", "quantile", "factor"] = "none"
    gene_types: tuple[str, ...] = ()
    bed_tss: Literal["strand", "middle"] = "strand"
    labels: Path | None = None
    label_column: str | None = None
    chroms: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    region: str | None = None
    window: int | None = None
    merge: Literal["max", "mean", "nearest"] = "max"
    top_share: float | None = None
    threshold: float | None = None
    gap: int = 100
    min_length: int = 50
    per_gene: bool | None = None
    resolution: int = 1
    bin_by: Literal["mean", "max"] = "mean"
    precision: int | None = None
    shared_generator: bool = False
    tolerance: float = 0.01
    calibration_genes: int = 8
    device: str = "auto"
    precision_compute: Literal["fp32", "bf16"] = "fp32"
    windows_in_flight: int | None = None
    patience: float = PATIENCE
    workers: int | None = None
    executor: Literal["local", "ray"] = "local"
    address: str | None = None
    writers: int | None = None
    overwrite: bool = False
    resume: bool = False
    allow_mixed: bool = False
    keep_shards: bool = False
    cells: str | None = None
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.no_contacts and self.contacts is not None:
            raise InputError("--contacts and --no-contacts exclude each other; give one of them")
        if (self.labels is None) != (self.label_column is None):
            raise InputError("--labels and --label-column belong together; give both or none")
        if self.top_share is not None and self.threshold is not None:
            raise InputError("--top-share and --threshold exclude each other; give one of them")
        if self.top_share is not None and not 0 < self.top_share <= 1:
            raise InputError(f"--top-share {self.top_share}: a share of bases lies above 0 and up to 1")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise InputError(f"--threshold {self.threshold}: a mask score lies between 0 and 1")
        if self.gap < 0 or self.min_length < 1:
            raise InputError(
                f"--gap {self.gap}, --min-length {self.min_length}: lengths in bp, at least 0 and 1"
            )
        if self.resolution < 1:
            raise InputError(f"--resolution {self.resolution}: a bin has at least 1 bp")
        if self.precision is not None and not 0 <= self.precision <= MOST_DECIMALS:
            raise InputError(f"--precision {self.precision}: between 0 and {MOST_DECIMALS} decimals")
        if self.windows_in_flight is not None and self.windows_in_flight < 1:
            raise InputError(f"--windows-in-flight {self.windows_in_flight}: at least 1")
        if not self.patience > 0:
            raise InputError(f"--patience {self.patience:g}: more than 0 seconds")
        if self.executor != "ray" and self.address is not None:
            raise InputError("--address: belongs to --executor ray; give both or none")
        if self.executor == "ray" and self.shared_generator:
            raise InputError("--shared-generator: computed on this machine only; leave out --executor ray")
        if not self.tolerance >= 0:
            raise InputError(f"--tolerance {self.tolerance}: a difference of masks is at least 0")
        if self.calibration_genes < 1:
            raise InputError(f"--calibration-genes {self.calibration_genes}: compare at least one")

    @property
    def inputs(self) -> dict[str, Path]:
        """Every file that the run reads, by its role."""
        files = {"checkpoint": self.checkpoint} | self.genome.files
        files |= {f"signal:{name}": path for name, path in self.signals.items()}
        files |= contact_inputs(self.contacts) if self.contacts else {}
        return files | ({"labels": self.labels} if self.labels else {})
