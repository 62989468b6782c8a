"""The options of a published checkpoint: asked for by name and type, refused by name and value."""

import reprlib
from collections.abc import Mapping
from typing import Any, NoReturn

from seq2exp_tracks.errors import CheckpointError


class OptionValues:
    """The options by name, with their types checked; remembers which were asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.read: set[str] = set()

    def get(self, name: str, default: Any) -> Any:
        """An option, or what is computed where it is not written down. "a.b" is b of the group a."""
        group, _, key = name.rpartition(".")
        self.read.add(group or key)
        values = self._values.get(group, {}) if group else self._values
        return values.get(key, default) if isinstance(values, Mapping) else default

    def refuse(self, name: str, why: str) -> NoReturn:
        """Says by name and value which option is not what we compute, and why."""
        raise CheckpointError(f"option {name}={reprlib.repr(self.get(name, None))} is not supported: {why}")

    def _typed(self, name: str, kinds: tuple[type, ...], default: Any = None) -> Any:
        value = self.get(name, default)
        if value is None:
            raise CheckpointError(f"option {name} is missing from its configuration")
        if type(value) not in kinds:
            self.refuse(name, f"it should be of type {kinds[0].__name__}")
        return value

    def flag(self, name: str) -> bool:
        """An option that is true or false."""
        return bool(self._typed(name, (bool,)))

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        return int(self._typed(name, (int,), default))

    def number(self, name: str) -> float:
        """Any number."""
        return float(self._typed(name, (float, int)))

    def text(self, name: str) -> str:
        """Text."""
        return str(self._typed(name, (str,)))

    def numbers(self, name: str) -> tuple[float, ...]:
        """Numbers written with commas between them."""
        try:
            return tuple(float(part) for part in self.text(name).split(","))
        except ValueError:
            self.refuse(name, "it should be numbers with commas between them")
