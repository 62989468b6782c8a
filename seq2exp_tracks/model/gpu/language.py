"""Triton's `jit` with a type, for kernels and for the functions that they call."""

from collections.abc import Callable
from typing import Any

import triton


def jit(function: Callable[..., Any]) -> Any:
    """Makes a kernel, or a function that kernels call.

    Triton compiles anew where a number is 1 or a multiple of 16. How long and how many windows are changes
    from call to call, so what is called `longest` or `windows` is left out of that.
    """
    return triton.jit(function, do_not_specialize=("longest", "windows"))
