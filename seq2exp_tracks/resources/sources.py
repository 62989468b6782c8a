"""Where a file comes from: an address, a repository of the Hugging Face Hub, or this machine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Self
from urllib.parse import urlsplit

HUB = "https://huggingface.co"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_REPOSITORY = re.compile(r"(?:datasets/)?[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A file at an address.

    Attributes:
        address: `https://host/path`.
        sha256: What it must hold, as hexadecimal digits; None where nobody knows.
        verified: Whether somebody is known to have fetched it from there.
    """

    address: str
    sha256: str | None = None
    verified: bool = True

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise ValueError(f"{self.address!r} is no address https://host/path")
        if not PurePosixPath(parts.path).name or {"..", "."} & set(parts.path.split("/")):
            raise ValueError(f"{self.address!r} does not end in the name of a file")
        if self.sha256 is not None and not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"{self.sha256!r} is no sha256")

    @property
    def place(self) -> PurePosixPath:
        """Where it lies below a store or a mirror: `host/path`."""
        parts = urlsplit(self.address)
        return PurePosixPath(parts.netloc.replace(":", "_"), parts.path.lstrip("/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHub:
    """A file of a repository of the Hugging Face Hub that is found in its listing.

    Attributes:
        hub: The repository, `owner/name` or `datasets/owner/name`.
        words: All of them are in the file's path, upper and lower case alike.
        suffixes: It ends in one of them.
        verified: Whether somebody is known to have fetched it from there.
    """

    hub: str
    words: tuple[str, ...]
    suffixes: tuple[str, ...]
    verified: bool = True

    def __post_init__(self) -> None:
        if not _REPOSITORY.fullmatch(self.hub):
            raise ValueError(f"{self.hub!r} is no repository owner/name")

    @property
    def listing(self) -> str:
        """The address of the repository's listing."""
        return f"{HUB}/api/{self.hub if self.hub.startswith('datasets/') else f'models/{self.hub}'}"

    def of(self, *words: str) -> Self:
        """The same, of a file that has more words in its path."""
        return replace(self, words=(*self.words, *words))

    def fits(self, file: str) -> bool:
        """Whether a path of the repository is that of the file."""
        path = file.casefold()
        return path.endswith(self.suffixes) and all(word.casefold() in path for word in self.words)

    def remote(self, file: str, sha256: str | None = None) -> Remote:
        """A file of the repository by its path.

        Raises:
            ValueError: If the path is none.
        """
        address = f"{HUB}/{self.hub}/resolve/main/{file}"
        return Remote(address=address, sha256=sha256, verified=self.verified)


@dataclass(frozen=True, slots=True)
class Local:
    """A file of this machine, which is used where it lies."""

    path: Path


Source = Remote | OnHub | Local


def is_source(table: Mapping[str, Any]) -> bool:
    """Whether a table of TOML says where a file comes from."""
    return not {"address", "hub", "path"}.isdisjoint(table)


def read_source(table: Mapping[str, Any], folder: Path) -> Source:
    """A source as TOML has it.

    Args:
        table: The table.
        folder: What a relative `path` is relative to.

    Raises:
        ValueError: If it is none.
        TypeError: If an entry is unknown.
    """
    if "path" in table:
        if set(table) != {"path"} or not isinstance(table["path"], str):
            raise ValueError("path stands alone and is a text")
        return Local(folder / table["path"])
    if "hub" in table:
        lists = {name: tuple(table[name]) for name in ("words", "suffixes") if name in table}
        return OnHub(**{**table, **lists})
    return Remote(**table)
