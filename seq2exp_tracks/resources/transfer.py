"""One file over HTTP: goes on where it was, tries again after what passes, and stops at what does not.

By httpx. pooch and fsspec begin a broken download anew, and huggingface_hub goes on for the Hub's files only;
here those are files like all others, so that one way has one behaviour, one record and one mirror.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self, TypeVar

import httpx

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.resources import answers, unfinished
from seq2exp_tracks.resources.redirects import redirected, shown
from seq2exp_tracks.resources.unfinished import State

# Answers that may be others a moment later.
_PASSING = (408, 425, 429, 500, 502, 503, 504)
# Answers of a server that will not give the file.
_FINAL = (401, 403, 404, 410, 451)
# Answers of a server that knows no HEAD.
_NO_HEAD = (405, 501)
_MOST_REDIRECTS = 10
_LONGEST_WAIT = 60.0

Found = TypeVar("Found")


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

    def fetch(self, url: str, to: Path, tell: Callable[[int], None], stop: Event | None = None) -> None:
        """Fetches a file to `to`, which goes on where it was if it is there.

        Args:
            url: The address.
            to: The unfinished file, whose name the caller gives it when it is whole.
            tell: Is told of bytes that have arrived; of fewer than none where they were thrown away.
            stop: Ends it with the next that is heard of the server; nothing is written after it is set.

        Raises:
            NotThereError: If the server has none.
            InputError: If it cannot be had.
            OutputError: If it cannot be written.
            StoppedError: If `stop` is set.
        """
        stop = stop or Event()
        self._patiently(lambda: self._rest(url, to, tell, stop), url, lambda: unfinished.arrived(to), stop)

    def _rest(self, url: str, to: Path, tell: Callable[[int], None], stop: Event) -> None:
        """Fetches what is not there yet."""
        held, known = unfinished.arrived(to), unfinished.state_of(to)
        headers = {}
        if held and known.validator:
            # Of what nothing is known, as of a copy that was interrupted, nothing is kept.
            headers = {"Range": f"bytes={held}-", "If-Range": known.validator}
        with self._open("GET", url, headers) as answer:
            _end_if(stop)
            total = answers.total(answer)
            same = bool(headers) and known.bytes in (None, total)
            if answer.status_code == 416 and same and total == held:
                return
            if not (answer.status_code == 206 and same and answers.start(answer) == held):
                # Another file by now, or a server that gives whole files only.
                tell(-held)
                unfinished.forget(to)
                if answer.status_code != 200:
                    raise _TryAgainError("the file has changed meanwhile")
                unfinished.remember(to, State(total, answers.validator(answer)))
            self._write(answer, to, tell, stop)
        if total is None:
            total = self.size(url)  # a connection that closed early is not noticed otherwise
        if total is not None and unfinished.arrived(to) != total:
            raise _TryAgainError(f"{unfinished.arrived(to):,} of {total:,} bytes arrived")

    def _write(self, answer: httpx.Response, to: Path, tell: Callable[[int], None], stop: Event) -> None:
        """Writes an answer to the end of a file, as it arrives."""
        with writing(to), to.open("ab") as file:
            # What httpx gathers to larger chunks would be lost when the connection drops.
            for chunk in answer.iter_raw():
                _end_if(stop)
                file.write(chunk)
                file.flush()  # who leaves this thread to its server leaves nothing to be written
                tell(len(chunk))

    @contextmanager
    def _open(
        self, method: str, url: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        """The answer of the server at the end of all redirects."""
        asked = shown(url)
        for _ in range(_MOST_REDIRECTS):
            with self._client.stream(method, url, headers=headers) as answer:
                if answer.status_code in (301, 302, 303, 307, 308):
                    url = redirected(asked, url, answer.headers.get("Location", ""))
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
        self,
        attempt: Callable[[], Found],
        url: str,
        arrived: Callable[[], int] = lambda: 0,
        stop: Event | None = None,
    ) -> Found:
        """Tries until it succeeds, or has failed too often without anything arriving."""
        failures, most, stop = 0, arrived(), stop or Event()
        while True:
            try:
                return attempt()
            except httpx.InvalidURL as error:
                # What the library says of it may repeat a password.
                raise InputError(f"{shown(url)}: no address; mend it, or --mirror") from error
            except (_TryAgainError, httpx.TransportError) as error:
                # More than ever before: a server that gives whole files only would be asked without end.
                failures = 1 if arrived() > most else failures + 1
                most = max(most, arrived())
                if failures >= self._attempts:
                    reason = str(error) or type(error).__name__
                    raise InputError(
                        f"{shown(url)}: failed {failures} times ({reason}); run the command again later, it "
                        "goes on where it was; without a connection add --offline"
                    ) from error
                wait = max(self._first_wait * 2 ** (failures - 1), getattr(error, "wait", 0.0))
                if stop.wait(min(wait, _LONGEST_WAIT)):
                    raise StoppedError from error


def _end_if(stop: Event) -> None:
    if stop.is_set():
        raise StoppedError
