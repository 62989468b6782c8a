"""TrainData: what a training run reads: genes, their labels and split, signals, contacts and given masks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.bigwig import is_bigwig
from seq2exp_tracks.io.contact_vectors import contact_inputs
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.training.fixed_masks import check_share
from seq2exp_tracks.training.published_tables import Expression

CHROMOSOMES, POSITION = "chromosomes", "position"
"""Splits by rule; any other is a file."""

PUBLISHED_CELL_TYPE = "K562"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainData:
    """On which genes and signals a model is trained.

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
        contacts: Hi-C file, or stored vectors of contact (a folder of them or one); None without.
        no_contacts: Train without Hi-C: contact is 0 everywhere.
        without: Signals that were not measured: 0 everywhere.
        contacts_norm: Normalisation of the contacts.
        clip_negative: Read negative signal values as 0 instead of refusing them.
        gene_types: Biotypes to take; empty for the default of the annotation's format.
        bed_tss: Where the TSS of a BED row is.
        chroms: Only genes of these chromosomes; empty for all.
        fixed_mask: BED of the bases that a model of the setting `fixed` reads, or bigWig of scores.
        fixed_share: Share of a window's bases that is kept of a bigWig, those of the highest score.
        cells: What the cells are called; None where nothing names them.
        remarks: What the recipe has to tell of the choice of the inputs, such as `features: derived`.
    """

    genome: GenomeEntry
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
    without: tuple[str, ...] = ()
    contacts_norm: Literal["VC", "ICE"] = "VC"
    clip_negative: bool = False
    gene_types: tuple[str, ...] = ()
    bed_tss: Literal["strand", "middle"] = "strand"
    chroms: tuple[str, ...] = ()
    fixed_mask: Path | None = None
    fixed_share: float | None = None
    cells: str | None = None
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.no_contacts and self.contacts is not None:
            raise InputError("--contacts and --no-contacts exclude each other; give one of them")
        self._check_source()
        check_share(self.fixed_mask, self.fixed_share)
        if self.split != CHROMOSOMES and (self.valid_chroms or self.test_chroms):
            raise InputError("--valid-chrom and --test-chrom belong to --split chromosomes")
        if self.gap is not None and (self.split != POSITION or self.gap < 0):
            raise InputError(f"--gap {self.gap}: bases, at least 0, and with --split position only")

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

    @property
    def expression(self) -> Expression:
        """Which label of the published folder is learned."""
        return Expression(self.label_column or Expression.CAGE)

    @property
    def given_files(self) -> dict[str, Path]:
        """Every file that the user names beside the genome, by its role."""
        files = {f"signal:{name}": path for name, path in self.signals.items()}
        files |= contact_inputs(self.contacts) if self.contacts else {}
        files |= {"fixed_mask": self.fixed_mask} if self.fixed_mask else {}
        files |= {} if self.split in (CHROMOSOMES, POSITION) else {"split": Path(self.split)}
        return files | {f"labels:{number}": path for number, path in enumerate(self.labels, start=1)}
