"""What a user can choose about an export, the same for every kind of folder."""

from dataclasses import dataclass

from seq2exp_tracks.exports.placing import Placement


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Choices of the user.

    Attributes:
        overwrite: Whether an older export may be replaced.
        placement: Whether files of the run are copied or linked.
        signals: Whether the signals that the model read are shown, too.
        name: Name of the run in the browser; None for the name of its folder.
        assembly: The browser's name of the genome; None to go by the run's.
    """

    overwrite: bool = False
    placement: Placement = Placement.COPY
    signals: bool = False
    name: str | None = None
    assembly: str | None = None
