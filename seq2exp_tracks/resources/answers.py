"""What the headers of a server's answer say of a file."""

import re

import httpx


def total(answer: httpx.Response) -> int | None:
    """The size of the whole file, whichever part was asked for."""
    if answer.status_code in (206, 416):
        return number(answer.headers.get("Content-Range", "").rpartition("/")[2])
    return number(answer.headers.get("Content-Length"))


def start(answer: httpx.Response) -> int | None:
    """The first byte of the part that is answered."""
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def validator(answer: httpx.Response) -> str | None:
    """What names this state of the file to the server, if it holds for every byte."""
    tag: str = answer.headers.get("ETag", "")
    if tag and not tag.startswith("W/"):
        return tag
    modified: str | None = answer.headers.get("Last-Modified")
    return modified


def number(text: str | None) -> int | None:
    """A header's number; None where it has none."""
    return int(text) if text is not None and text.isdecimal() else None
