"""`--cells FILE` for the commands that train: what it says, but for what is given in its place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .inputs import left_alone

# What a file of cells says, in the names of the commands' parameters and of a request.
_OF_CELLS = ("signals", "contacts", "contacts_norm", "features", "without", "remarks")


def with_cells(cells: Path | None, genome: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of inputs, with those of a file of cells where the user leaves them alone.

    Args:
        cells: The file; without one the options stay as they are.
        genome: Name of the genome that is given.
        options: What `input_options` adds, by name.

    Returns:
        The options; of cells also their name (`cells`), the signals that were not measured (`without`) and
        what the outputs have to tell of them (`remarks`).

    Raises:
        InputError: If the file cannot be used, or its cells belong to another genome.
    """
    if cells is None:
        return dict(options)
    from seq2exp_tracks.resources.cells import Given
    from seq2exp_tracks.resources.named import given_cells
    from seq2exp_tracks.signals import channel_name

    given = Given(
        signals=options["signals"],
        contacts=options["contacts"],
        no_contacts=options["no_contacts"],
        contacts_norm=None if left_alone("contacts_norm") else options["contacts_norm"],
        features=options["features"],
    )
    found = given_cells(cells, genome).overridden(given, channel_name)
    return {**options, **{name: getattr(found, name) for name in _OF_CELLS}, "cells": found.name}
