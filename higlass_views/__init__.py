"""HiGlass views of runs: in the browser by `seq2exp-tracks view`, in a notebook by `show`.

Reads what a run's manifest lists and knows nothing of how runs are made. A name is loaded when it is first
used.

    >>> from higlass_views import show
    >>> show("run", gene="MYH9")  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from higlass_views.jupyter import show

__all__ = ["show"]


def __getattr__(name: str) -> Any:
    """Loads `show` from its module (PEP 562); the server needs no widgets."""
    if name == "show":
        from higlass_views.jupyter import show

        return show
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
