"""A connection to the server: how long its client may take to ask, and how many there may be.

Clients that are slow, vanish or never ask cost a connection and an open file each. Without a limit a few
hundred of them would use up the files that a process may have open, and nobody else would be answered.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 100
"""Most connections at once; a browser has six of a page. With a file each, 256 open files are enough."""

PATIENCE = 20.0
"""Seconds within which a request has to be whole, from the connection or the last answer on."""


class Connection(H11Protocol):
    """A connection that is cut off if nothing is asked, or where one too many comes.

    Then the one goes that has waited longest to be asked something; if all are being answered, the one
    whose answer takes longest.
    """

    _begun = 0.0
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Takes a connection, and cuts off another if it is one too many."""
        super().connection_made(transport)
        self._begin()
        others = [one for one in self.connections if isinstance(one, Connection) and one is not self]
        others = [one for one in others if not one.transport.is_closing()]
        if len(others) >= MOST:
            min(others, key=lambda one: (one._is_asked, one._begun)).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets a connection."""
        if self._patience is not None:
            self._patience.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Waits for the next request."""
        self._begin()
        super().on_response_complete()

    @property
    def _is_asked(self) -> bool:
        """Whether a whole request has come whose answer is not sent yet."""
        if self.cycle is None or self.cycle.more_body:
            return False
        return not self.cycle.response_complete or self.transport.get_write_buffer_size() > 0

    def _begin(self) -> None:
        self._begun = self.loop.time()
        if self._patience is not None:
            self._patience.cancel()
        self._patience = self.loop.call_later(PATIENCE, self._cut_off_unless_asked)

    def _cut_off_unless_asked(self) -> None:
        if not self._is_asked:
            self.transport.abort()
