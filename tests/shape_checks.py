"""beartype as the checker of shapes and of nothing else: mypy has checked the other types."""

from collections.abc import Callable
from typing import Any, TypeVar, get_args

from beartype import beartype
from jaxtyping import AbstractArray

Function = TypeVar("Function", bound=Callable[..., Any])


def check(function: Function) -> Function:
    """Makes a function check the arrays that it takes and returns; jaxtyping calls this for each."""
    hints = getattr(function, "__annotations__", {})
    for name, hint in hints.items():
        if not mentions_array(hint):
            hints[name] = Any
    return beartype(function)


def mentions_array(hint: object) -> bool:
    """Tells whether a shape stands anywhere in an annotation."""
    is_array = isinstance(hint, type) and issubclass(hint, AbstractArray)
    return is_array or any(mentions_array(part) for part in get_args(hint))
