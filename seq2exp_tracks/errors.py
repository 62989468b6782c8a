"""What a user can get wrong.

Every message is one line that prints the offending value, names the file where there is one, and
says the way out. The command line turns these into that line and exit status 1; any other exception
is a bug and keeps its traceback.
"""

_LONGEST = 2_000
"""Letters of a message: one that quotes a damaged file can be as long as the file."""


class TracksError(Exception):
    """A mistake that the user can mend: the message says what and how.

    Messages quote files. What would end the line or steer the terminal is written as an escape, and the
    middle of what is too long to be read is left out.

    Args:
        message: The message.
        listed: Lines below it, where there are several things to mend at once.
    """

    def __init__(self, message: str = "", *listed: str) -> None:
        super().__init__(*(_shortened(_printable(line)) for line in (message, *listed)))

    def __str__(self) -> str:
        """The message, and below it what it lists."""
        return "\n".join(map(str, self.args))


class InputError(TracksError):
    """A file that cannot be read, or whose content does not fit the genome or the model."""


class CheckpointError(TracksError):
    """Trained weights that are damaged, unsafe, or ask for something we do not do."""


class OutputError(TracksError):
    """A place that cannot be written: it holds a run already, is read-only, or is full."""


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _shortened(text: str) -> str:
    half = _LONGEST // 2 - 1
    return text if len(text) <= _LONGEST else f"{text[:half]}…{text[-half:]}"
