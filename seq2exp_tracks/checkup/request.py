"""CheckupRequest: what a user wants looked at. Whatever is not named is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from seq2exp_tracks.preparation.record import CountedSignal, read_counted
from seq2exp_tracks.resources.cells import Cells, Given
from seq2exp_tracks.scales import Match
from seq2exp_tracks.signals import channel_name


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckupRequest:
    """What is looked at.

    Attributes:
        genome: Name of a genome, or None for that of `cells`.
        cells: File of a cell type's inputs; the fields below override it.
        checkpoint: Trained weights, or None.
        trained_on: The file of each signal that these were trained on, by its name, where that is known: of
            the weights that a preset names.
        signals: bigWig of each signal, by its name.
        contacts: Hi-C file, or None.
        contacts_norm: Normalisation of the contacts; None for that of `cells`, else VC.
        genes: Annotation in place of the genome's own, or None.
        features: Table of features in place of the genome's own, or None.
        bed_tss: Where the TSS of a BED row is.
        clip_negative: Negative signal values are read as 0.
        window: Bases around a TSS; None for the checkpoint's.
        match_scale: The way of matching whose effect is told.
        device: What would compute, as `score` names it.
        out: Where a run would be written, to look at the disk there.
    """

    genome: str | None = None
    cells: Path | None = None
    checkpoint: Path | None = None
    trained_on: Mapping[str, str] = field(default_factory=dict)
    signals: Mapping[str, Path] = field(default_factory=dict)
    contacts: Path | None = None
    contacts_norm: Literal["VC", "ICE"] | None = None
    genes: Path | None = None
    features: Path | None = None
    bed_tss: Literal["strand", "middle"] = "strand"
    clip_negative: bool = False
    window: int | None = None
    match_scale: Match = "none"
    device: str = "auto"
    out: Path = Path()


@dataclass(frozen=True, slots=True)
class ChosenFiles:
    """The files of a request, those of its cells included.

    Attributes:
        genome: Name of the genome, or None.
        signals: bigWig of each signal, by its name.
        contacts: Hi-C file, or None.
        contacts_norm: Normalisation of the contacts.
        features: Table of features in place of the genome's own, or None.
        without: Signals that were not measured.
        remarks: What the cells' file has to tell.
        genome_of_cells: The genome that the cells' file names, or None.
        counted: How `prepare` made some of the signals of reads, by their names.
    """

    genome: str | None
    signals: Mapping[str, Path]
    contacts: Path | None
    contacts_norm: Literal["VC", "ICE"]
    features: Path | None
    without: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    genome_of_cells: str | None = None
    counted: Mapping[str, CountedSignal] = field(default_factory=dict)

    @classmethod
    def of(cls, request: CheckupRequest) -> "ChosenFiles":
        """Reads the file of the cells, if there is one.

        Raises:
            InputError: If it cannot be read.
        """
        named = Cells(name="none", signals={}) if request.cells is None else Cells.read(request.cells)
        given = Given(
            signals=request.signals,
            contacts=request.contacts,
            contacts_norm=request.contacts_norm,
            features=request.features,
        )
        cells = named.overridden(given, channel_name)
        made = {} if request.cells is None else read_counted(request.cells.parent)
        return cls(
            genome=request.genome or cells.genome,
            signals=cells.signals,
            contacts=cells.contacts,
            contacts_norm=cells.contacts_norm,
            features=cells.features,
            without=cells.without,
            remarks=cells.remarks,
            genome_of_cells=cells.genome,
            counted={name: made[path] for name, path in cells.signals.items() if path in made},
        )
