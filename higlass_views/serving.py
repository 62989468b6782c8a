"""Runs the application on a port of this machine until it is told to stop."""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from higlass_views.connections import Connection
from seq2exp_tracks.errors import InputError

# Connections that wait: a few times as many may be open before the first one too many is cut off.
_BACKLOG = 128

# Seconds that answers under way have when the server is told to stop: then their connections are cut off, and
# whatever still computes is waited for no longer than this.
_GRACE, _LONGEST = 0.5, 2


def listen(host: str, port: int) -> socket.socket:
    """Takes a port before anything is opened or promised.

    Args:
        host: Address or name to listen on.
        port: Port; 0 for any that is free.

    Raises:
        InputError: If the port is taken or not allowed, or the host is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sends small answers at once (TCP_NODELAY) only where it is:
    # without, every tile waits 40 ms for the client's acknowledgement of the headers.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise InputError(_why_not(host, port, error)) from error
    return listening


def address(listening: socket.socket) -> str:
    """The address to open in a browser on this machine."""
    host, port = listening.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def names_of(host: str) -> tuple[str, ...]:
    """Names by which a page that listens on `host` is asked: the host, and this machine's for all of them."""
    if not _is_unspecified(host):
        return (host,)
    own = socket.gethostname()
    return tuple(dict.fromkeys((own, socket.getfqdn(), *_addresses(own))))


def is_local(host: str) -> bool:
    """Tells whether only programs on this machine can reach a host."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(app: ASGIApp, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serves until Ctrl-C or SIGTERM.

    Args:
        app: The application.
        listening: What `listen` returned; closed at the end.
        ready: Called once when requests are answered.
    """
    # h11 and asyncio wherever this runs: others may be installed, and refuse other things.
    config = uvicorn.Config(
        app,
        http=Connection,
        backlog=_BACKLOG,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_LONGEST,
    )
    try:
        _Server(config, ready).run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # uvicorn has stopped, and raises the signal once more
    finally:
        listening.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # To cancel an answer instead, as uvicorn does, prints a traceback for each.
        asyncio.get_running_loop().call_later(_GRACE, self._cut_off)
        await super().shutdown(sockets)

    def _cut_off(self) -> None:
        for connection in self.server_state.connections:
            if isinstance(connection, Connection):
                connection.transport.abort()


def _why_not(host: str, port: int, error: Exception) -> str:
    place = f"{host}:{port}"
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return f"{place}: the port is in use; name another by --port, or leave --port out for any free one"
    if code == errno.EACCES:
        return f"{place}: the port is not allowed; name one from 1024 by --port"
    if isinstance(error, OverflowError):
        return f"{place}: not a port; ports are 0 to 65535"
    return f"{place}: cannot be listened on ({error}); --host is an address of this machine"


def _is_unspecified(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _addresses(name: str) -> list[str]:
    try:
        return socket.gethostbyname_ex(name)[2]
    except OSError:
        return []
