"""A mirror: a server or a folder that holds `https://host/path` at `host/path`."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.redirects import shown

MIRROR_VARIABLE = "SEQ2EXP_TRACKS_MIRROR"
OFFLINE_VARIABLE = "SEQ2EXP_TRACKS_OFFLINE"

_NO = ("", "0", "false", "no")


@dataclass(frozen=True, slots=True)
class Way:
    """How addresses are reached.

    Attributes:
        mirror: Address or folder that stands in for all others, or None.
        offline: Whether nothing is fetched, not from a mirror either.
    """

    mirror: str | None = None
    offline: bool = False

    @classmethod
    def chosen(cls, mirror: str | None = None, offline: bool = False) -> Self:
        """The way that options name, else the environment.

        Raises:
            InputError: If the mirror is neither an address nor a folder.
        """
        mirror = mirror or os.environ.get(MIRROR_VARIABLE) or None
        if mirror:
            _check(mirror)
        return cls(mirror, offline or os.environ.get(OFFLINE_VARIABLE, "").casefold() not in _NO)

    def to(self, address: str) -> str | Path:
        """Where to ask for an address: another one, or a file."""
        if self.mirror is None:
            return address
        parts = urlsplit(address)
        if urlsplit(self.mirror).scheme in ("http", "https"):
            return f"{self.mirror.rstrip('/')}/{parts.netloc}{parts.path}"
        return Path(self.mirror, parts.netloc.replace(":", "_"), unquote(parts.path).lstrip("/"))


def _check(mirror: str) -> None:
    """Refuses what cannot stand before `/host/path`, without repeating what may be secret of it.

    Raises:
        InputError: If so.
    """
    try:
        parts = urlsplit(mirror)
    except ValueError as error:
        raise InputError("--mirror: an address that cannot be read; mend it") from error
    if parts.scheme in ("http", "https"):
        if parts.query or parts.fragment:
            raise InputError(f"--mirror {shown(mirror)}: goes on after its path; give http(s)://host/path")
    elif not Path(mirror).is_dir():
        told = shown(mirror) if "://" in mirror else mirror
        raise InputError(f"--mirror {told}: neither an address http(s)://… nor a folder")
