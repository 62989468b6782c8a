"""One file over HTTP: goes on where it was, tries again after what passes, and stops at what does not.

By httpx. pooch and fsspec begin a broken download anew, and huggingface_hub goes on for the Hub's files only;
here those are files like all others, so that one way has one behaviour, one record and one mirror.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.resources import answers

# Answers that may be others a moment later.
_PASSING = (408, 425, 429, 500, 502, 503, 504)
# Answers of a server that will not give the file.
_FINAL = (401, 403, 404, 410, 451)
# Answers of a server that knows no HEAD.
_NO_HEAD = (405, 501)
_MOST_REDIRECTS = 10
_LONGEST_WAIT = 60.0

Found = TypeVar("Found")


class State(NamedTuple):
    """A state of a file where it comes from.

    Attributes:
        bytes: Its size; None where nobody tells.
        validator: What is another one when the file is; None where nobody tells.
    """

    bytes: int | None
    validator: str | None


class NotThereError(InputError):
    """The server says that it has no such file, or not for us."""


class StoppedError(Exception):
    """Another file failed, or the user ended it: what has arrived stays for the next time."""


class _TryAgainError(Exception):
    """A failure that may pass; `wait` seconds if the server said how long."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class Transfer:
    """Asks servers for files; may be shared by threads.

    Args:
        attempts: How often in a row it may fail without any byte arriving.
        first_wait: Seconds before the second attempt; each further wait is twice as long.
        timeout: Seconds without an answer after which an attempt has failed.
    """

    def __init__(self, *, attempts: int = 5, first_wait: float = 1.0, timeout: float = 30.0) -> None:
        self._attempts, self._first_wait = attempts, first_wait
        # Bytes as they lie on the server: the compression of a file is the file's own.
        self._client = httpx.Client(timeout=timeout, headers={"Accept-Encoding": "identity"})
        self.stop = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def size(self, url: str) -> int | None:
        """The size of a file in bytes, or None where the server does not tell; see `state`."""
        return self.state(url).bytes

    def state(self, url: str) -> State:
        """What the server says of a file before it gives it.

        Raises:
            NotThereError: If the server has none.
            InputError: If it cannot be asked.
        """

        def head() -> State:
            with self._open("HEAD", url) as answer:
                size = answers.number(answer.headers.get("Content-Length"))
                return State(size, answers.validator(answer))

        def first_byte() -> State:
            with self._open("GET", url, {"Range": "bytes=0-0"}) as answer:
                return State(answers.total(answer), answers.validator(answer))

        try:
            return self._patiently(head, url)
        except NotThereError:
            # Addresses that are signed for GET refuse HEAD.
            return self._patiently(first_byte, url)

    def read(self, url: str) -> bytes:
        """A small file.

        Raises:
            NotThereError: If the server has none.
            InputError: If it cannot be had.
        """

        def get() -> bytes:
            with self._open("GET", url) as answer:
                return answer.read()

        return self._patiently(get, url)

    def fetch(self, url: str, to: Path, tell: Callable[[int], None]) -> None:
        """Fetches a file to `to`, which goes on where it was if it is there.

        Args:
            url: The address.
            to: The unfinished file. Beside it lies what it is of, so that no two are ever mixed.
            tell: Is told of bytes that have arrived; of fewer than none where they were thrown away.

        Raises:
            NotThereError: If the server has none.
            InputError: If it cannot be had.
            OutputError: If it cannot be written.
            StoppedError: If `stop` was set.
        """
        self._patiently(lambda: self._rest(url, to, tell), url, lambda: _size(to))
        state_path(to).unlink(missing_ok=True)

    def _rest(self, url: str, to: Path, tell: Callable[[int], None]) -> None:
        """Fetches what is not there yet."""
        held, state = _size(to), _state(to)
        headers = {}
        if held:
            headers["Range"] = f"bytes={held}-"
            headers |= {"If-Range": str(state["validator"])} if state.get("validator") else {}
        with self._open("GET", url, headers) as answer:
            total = answers.total(answer)
            if answer.status_code == 416 and total == held and state.get("total", total) == total:
                return
            # Of what nothing is known, as of a copy that was interrupted, nothing is kept.
            goes_on = bool(state) and answer.status_code == 206 and answers.start(answer) == held
            if not goes_on or state.get("total", total) != total:
                # Another file by now, or a server that gives whole files only.
                tell(-held)
                to.unlink(missing_ok=True)
                if answer.status_code != 200:
                    raise _TryAgainError("the file has changed meanwhile")
                held = 0
                _write_state(to, {"validator": answers.validator(answer), "total": total})
            with writing(to), to.open("ab") as file:
                # As it arrives: what httpx gathers to larger chunks is lost when the connection drops.
                for chunk in answer.iter_raw():
                    file.write(chunk)
                    tell(len(chunk))
                    if self.stop.is_set():
                        raise StoppedError
        if total is not None and _size(to) != total:
            raise _TryAgainError(f"{_size(to):,} of {total:,} bytes arrived")

    @contextmanager
    def _open(
        self, method: str, url: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        """The answer of the server at the end of all redirects."""
        asked = shown(url)
        for _ in range(_MOST_REDIRECTS):
            with self._client.stream(method, url, headers=headers) as answer:
                if answer.status_code in (301, 302, 303, 307, 308):
                    url = _next(asked, url, answer.headers.get("Location", ""))
                    continue
                if answer.status_code in _FINAL or (method == "HEAD" and answer.status_code in _NO_HEAD):
                    raise NotThereError(f"{asked}: not there ({answer.status_code} {answer.reason_phrase})")
                if answer.status_code in _PASSING:
                    wait = answers.number(answer.headers.get("Retry-After")) or 0
                    raise _TryAgainError(f"{answer.status_code} {answer.reason_phrase}", wait)
                if answer.status_code not in (200, 206, 416):
                    raise InputError(f"{asked}: answered {answer.status_code} {answer.reason_phrase}")
                yield answer
                return
        raise InputError(f"{asked}: redirects without end")

    def _patiently(
        self, attempt: Callable[[], Found], url: str, arrived: Callable[[], int] = lambda: 0
    ) -> Found:
        """Tries until it succeeds, or has failed too often without anything arriving."""
        failures = 0
        while True:
            before = arrived()
            try:
                return attempt()
            except httpx.InvalidURL as error:
                raise InputError(f"{shown(url)}: no address ({error}); mend it, or --mirror") from error
            except (_TryAgainError, httpx.TransportError) as error:
                failures = 1 if arrived() > before else failures + 1
                if failures >= self._attempts:
                    reason = str(error) or type(error).__name__
                    raise InputError(
                        f"{shown(url)}: failed {failures} times ({reason}); run the command again later, it "
                        "goes on where it was; without a connection add --offline"
                    ) from error
                wait = max(self._first_wait * 2 ** (failures - 1), getattr(error, "wait", 0.0))
                if self.stop.wait(min(wait, _LONGEST_WAIT)):
                    raise StoppedError from error


def state_path(to: Path) -> Path:
    """Where it lies of what an unfinished file is."""
    return to.with_name(f"{to.name}.of")


def _next(asked: str, url: str, location: str) -> str:
    """Where a redirect leads.

    Raises:
        InputError: If that is no web address, a less safe one, or one with a password.
    """
    try:
        target = urljoin(url, location)
        there, here = urlsplit(target), urlsplit(url)
    except ValueError as error:
        raise InputError(f"{asked}: redirects to {location!r}, which is no address") from error
    less_safe = there.scheme not in ("http", "https") or (there.scheme == "http" and here.scheme == "https")
    # A user and password that a mirror's own address has go no further than to that server.
    if less_safe or ("@" in there.netloc and there.netloc != here.netloc):
        raise InputError(f"{asked}: redirects to {shown(target)}, which is refused; get the file by hand")
    return target


def shown(url: str) -> str:
    """An address as it may be printed: without user and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _state(to: Path) -> dict[str, str | int]:
    """What is known of an unfinished file; nothing if it is damaged or missing."""
    try:
        found = json.loads(state_path(to).read_text())
    except (OSError, ValueError):
        return {}
    return {key: value for key, value in found.items() if value is not None}


def _write_state(to: Path, state: dict[str, str | int | None]) -> None:
    place = state_path(to)
    with writing(place):
        place.write_text(json.dumps(state))
