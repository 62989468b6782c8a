"""Where a file comes from: an address, a repository of the Hugging Face Hub, or this machine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

HUB = "https://huggingface.co"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_REPOSITORY = re.compile(r"(?:datasets/)?\w[\w.-]*/\w[\w.-]*")
# No user and password, which would stand in every record; nothing that leaves the folder of the store.
_HOST = re.compile(r"\w[\w.-]*(?::\d+)?", re.ASCII)
_UNPRINTED = re.compile(r"[\s\x00-\x1f\x7f\\]")


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
        if not isinstance(self.address, str) or _UNPRINTED.search(self.address):
            raise ValueError(f"{self.address!r} is no address https://host/path")
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.netloc):
            raise ValueError(f"{self.address!r} is no address https://host/path")
        if parts.query or parts.fragment:
            raise ValueError(f"{self.address!r} has more than https://host/path")
        folders = unquote(parts.path).split("/")
        if not folders[-1] or "\0" in folders[-1] or {"..", "."} & set(folders):
            raise ValueError(f"{self.address!r} does not end in the name of a file")
        if self.sha256 is not None and not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"{self.sha256!r} is no sha256")

    @property
    def place(self) -> PurePosixPath:
        """Where it lies below a store or a folder that is a mirror: `host/path`, with blanks as such."""
        parts = urlsplit(self.address)
        return PurePosixPath(parts.netloc.replace(":", "_"), unquote(parts.path).lstrip("/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHub:
    """A file of a repository of the Hugging Face Hub that is found in its listing.

    Attributes:
        hub: The repository, `owner/name` or `datasets/owner/name`.
        words: All of them are in the file's path, upper and lower case alike.
        suffixes: It ends in one of them, upper and lower case alike.
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
        ends = any(path.endswith(suffix.casefold()) for suffix in self.suffixes)
        return ends and all(word.casefold() in path for word in self.words)

    def remote(self, file: str, sha256: str | None = None) -> Remote:
        """A file of the repository by its path.

        Raises:
            ValueError: If the path is none.
        """
        address = f"{HUB}/{self.hub}/resolve/main/{quote(file)}"
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
        return OnHub(**{**table, **{name: _texts(table, name) for name in ("words", "suffixes")}})
    return Remote(**table)


def _texts(table: Mapping[str, Any], name: str) -> tuple[str, ...]:
    texts = table.get(name)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise TypeError(f"{name}: no list of texts")
    return tuple(texts)
