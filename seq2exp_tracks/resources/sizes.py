"""Sizes of files as people read them."""


def size_text(count: int) -> str:
    """A number of bytes: `1.5 GB`, `20.0 MB`, `3.1 kB`."""
    for unit, name in ((10**9, "GB"), (10**6, "MB")):
        if count >= unit:
            return f"{count / unit:,.1f} {name}"
    return f"{count / 1e3:,.1f} kB"
