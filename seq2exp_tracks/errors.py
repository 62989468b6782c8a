"""What a user can get wrong.

Every message is one line that prints the offending value, names the file where there is one, and
says the way out. The command line turns these into that line and exit status 1; any other exception
is a bug and keeps its traceback.
"""


class TracksError(Exception):
    """A mistake that the user can mend: the message says what and how."""


class InputError(TracksError):
    """A file that cannot be read, or whose content does not fit the genome or the model."""


class CheckpointError(TracksError):
    """Trained weights that are damaged, unsafe, or ask for something we do not do."""


class OutputError(TracksError):
    """A place that cannot be written: it holds a run already, is read-only, or is full."""
