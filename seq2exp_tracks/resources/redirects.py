"""Where a server sends us on to, if we follow; and what of an address may be printed."""

from urllib.parse import urljoin, urlsplit

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.address import Address


def shown(url: str) -> str:
    """An address as it may be printed: without user, password, and what is signed."""
    return Address(url).shown


def redirected(asked: str, url: str, location: str) -> str:
    """Where a redirect leads.

    Args:
        asked: The address that was asked for first, as it may be printed.
        url: The address that answered.
        location: What it answered.

    Raises:
        InputError: If that is no web address, a less safe one, or one with a password.
    """
    try:
        target = urljoin(url, location)
        there, here = urlsplit(target), urlsplit(url)
    except ValueError as error:
        told = location.partition("?")[0].rpartition("@")[2]
        raise InputError(f"{asked}: redirects to {told!r}, which is no address") from error
    less_safe = there.scheme not in ("http", "https") or (there.scheme == "http" and here.scheme == "https")
    # A user and password that a mirror's own address has go no further than to that server.
    if less_safe or ("@" in there.netloc and there.netloc != here.netloc):
        raise InputError(f"{asked}: redirects to {shown(target)}, which is refused; get the file by hand")
    return target
