"""The folder of a simulated genome: whole or not at all, its parameters last."""

from pathlib import Path

from seq2exp_tracks.io.whole_folder import WholeFolder

RECORD = "parameters.json"


class SimulationFolder(WholeFolder):
    """A folder for one simulated genome; see `WholeFolder`.

    Args:
        folder: The folder; it and its parents are made if they are missing.
        overwrite: Whether a folder that holds anything may be written to: files of an older simulation are
            replaced, others stay.

    Raises:
        OutputError: If the folder holds anything that may not be replaced, or cannot be written.
    """

    def __init__(self, folder: Path, *, overwrite: bool) -> None:
        super().__init__(folder, RECORD, "simulated genome", overwrite=overwrite, names=None)
