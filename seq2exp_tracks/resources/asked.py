"""What the user says of the inputs of a run, and what is read in the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.cells import Given, Norm
from seq2exp_tracks.resources.registry import GenomeEntry

NO_FEATURES = "features: none (the nine gene features are 0: predicted expression means little)"
"""What is remarked where there are no features."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the user says of the inputs; None for what is left to choose.

    Attributes:
        genome: Name of the genome.
        cell_type: Name of a cell type.
        cells: File of cells.
        checkpoint: Trained weights: a file, or the name of a checkpoint.
        signals: bigWig of each signal, by its name.
        contacts: Hi-C file.
        no_contacts: Whether to do without Hi-C.
        without: Signals to do without.
        contacts_norm: Normalisation of the contacts.
        genes: Genes instead of the genome's.
        features: Gene features instead of the genome's.
        chroms: Only genes of these chromosomes; empty for all.
        names: Only genes of these symbols or ids; empty for all.
        region: Only genes whose TSS lies in it.
    """

    genome: str
    cell_type: str | None = None
    cells: Path | None = None
    checkpoint: Path | None = None
    signals: Mapping[str, Path] = field(default_factory=dict)
    contacts: Path | None = None
    no_contacts: bool = False
    without: tuple[str, ...] = ()
    contacts_norm: Norm | None = None
    genes: Path | None = None
    features: Path | None = None
    chroms: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    region: str | None = None

    def __post_init__(self) -> None:
        if self.cell_type is not None and self.cells is not None:
            raise InputError("--cell-type and --cells exclude each other; give one of them")

    @property
    def given(self) -> Given:
        """What comes before the file of cells."""
        return Given(
            signals=self.signals,
            contacts=self.contacts,
            no_contacts=self.no_contacts,
            contacts_norm=self.contacts_norm,
            features=self.features,
            without=self.without,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is read.

    Attributes:
        genome: Sequence, genes, black list and features.
        checkpoint: Trained weights.
        signals: bigWig of each signal, by its name.
        contacts: Hi-C file, or a folder of stored contact; None without.
        contacts_norm: Normalisation of the contacts.
        remarks: What was chosen for the user and what every output has to tell of it.
        without: Signals that were not measured.
        derive_features: Whether features are to be derived of sequence and annotation: there are none, and
            the weights are the authors', which were trained on some.
        cells: What the cells are called; None where the user's own signals have no name.
    """

    genome: GenomeEntry
    checkpoint: Path
    signals: Mapping[str, Path]
    contacts: Path | None
    contacts_norm: Norm
    remarks: tuple[str, ...]
    without: tuple[str, ...] = ()
    derive_features: bool = False
    cells: str | None = None
