"""Addresses that may stand for a file or a run folder: https://, s3:// and gs://, and none besides.

What is printed or written of one has neither user nor password, nor what follows a question mark: signed
addresses carry their key there.
"""

import hashlib
import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

import platformdirs

from seq2exp_tracks.errors import InputError

CACHE_VARIABLE = "SEQ2EXP_TRACKS_CACHE"

WEB = ("https",)
CLOUD = ("s3", "gs")

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
# Without encryption from this machine alone.
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_UNPRINTED = re.compile(r"[\s\x00-\x1f\x7f]")
_NAME = re.compile(r"[^\W_.][\w.+=@~-]*")


@dataclass(frozen=True, slots=True)
class Address:
    """A file, or a folder, that is not on this machine.

    Attributes:
        url: The address as it was given; it may hold a password.
    """

    url: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The address that a user gives; None for a path.

        Raises:
            InputError: If it is none that can be used.
        """
        if "://" not in text:
            return None
        address, host = cls(text), _host(text)
        if host is None or not _SCHEME.match(text):
            raise InputError("an address with :// is none that can be read; mend it, or name a file")
        scheme = address.scheme
        local = scheme == "http" and host in _THIS_MACHINE
        if scheme not in (*WEB, *CLOUD) and not local:
            raise InputError(
                f"{address.shown}: {scheme}:// cannot be used; use https://, s3:// or gs://, or a file of "
                "this machine"
            )
        if _UNPRINTED.search(text) or not _NAME.fullmatch(address.name):
            raise InputError(f"{address.shown}: does not end in the name of a file; mend the address")
        return address

    @property
    def scheme(self) -> str:
        """How it is reached, such as `https`."""
        return urlsplit(self.url).scheme.lower()

    @property
    def shown(self) -> str:
        """The address as it may be printed and written."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def name(self) -> str:
        """The name of the file."""
        return unquote(urlsplit(self.url).path.rstrip("/")).rpartition("/")[2]

    def place(self, kind: str) -> Path:
        """Where it lies on this machine, in a folder of its own, below `kind` in the cache."""
        digest = hashlib.sha256(self.url.rstrip("/").encode()).hexdigest()
        return cache_folder() / kind / digest[:24] / self.name

    def hidden(self, text: str) -> str:
        """A message that others wrote, without the address's secrets."""
        parts = urlsplit(self.url)
        told = text.replace(self.url, self.shown)
        secrets = [parts.query, parts.fragment, parts.username or "", parts.password or ""]
        for secret in secrets:
            if len(secret) > 1:
                told = told.replace(secret, "…")
        return " ".join(told.split())


def cache_folder() -> Path:
    """The user's cache, or the folder that the environment names; machines of a cluster share that."""
    named = os.environ.get(CACHE_VARIABLE)
    return (Path(named) if named else platformdirs.user_cache_path("seq2exp-tracks")).absolute()


def told_command(words: Sequence[str]) -> str:
    """A command line as it may be written: without the secrets of addresses in it."""
    return shlex.join(_without_secrets(word) for word in words)


def _without_secrets(word: str) -> str:
    found = _SCHEME.search(word)
    if found is None:
        return word
    before, url = word[: found.start()], word[found.start() :]
    return before + ("…" if _host(url) is None else Address(url).shown)


def _host(url: str) -> str | None:
    """The host, or bucket; None where there is none. What Python says of a bad address repeats a password."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
