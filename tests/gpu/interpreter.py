"""What Triton's interpreter (3.7) lacks for these tests: bfloat16 as numbers, and speed."""

import numpy as np
import torch
import triton.language as tl
from triton.runtime import interpreter
from triton.runtime.interpreter import InterpretedFunction, InterpreterBuilder, TensorHandle


def mend() -> None:
    """Mends the interpreter of this process."""
    InterpreterBuilder.create_dot = _dot
    InterpreterBuilder.create_fp_trunc = _truncated
    InterpreterBuilder.create_fp_ext = _extended
    InterpretedFunction.__call__ = _call


def _call(self: InterpretedFunction, *arguments: object) -> object:
    """Calls a function from a kernel. Triton's own makes its language ready each time, ready or not."""
    languages = [module for module in self.fn.__globals__.values() if module is tl or module is tl.core]
    if any(tl.core.is_builtin(language.full) for language in languages):
        interpreter._patch_lang(self.fn)
    return self.rewrite()(*arguments)


def _dot(
    self: InterpreterBuilder, a: TensorHandle, b: TensorHandle, d: TensorHandle, *how: object
) -> TensorHandle:
    """Products of bfloat16 are sums of numbers; Triton's own multiplies their bits as whole numbers."""
    return TensorHandle(np.matmul(_numbers(a), _numbers(b), dtype=np.float32) + d.data, d.dtype.scalar)


def _truncated(self: InterpreterBuilder, x: TensorHandle, to: tl.dtype) -> TensorHandle:
    """Rounds to the nearest bfloat16, as GPUs do; Triton's own cuts off."""
    if to.scalar != tl.bfloat16:
        return self.cast_impl(x, to)
    rounded = torch.from_numpy(np.ascontiguousarray(x.data)).to(torch.bfloat16)
    return TensorHandle(rounded.view(torch.int16).numpy().view(np.uint16), tl.bfloat16)


def _extended(self: InterpreterBuilder, x: TensorHandle, to: tl.dtype) -> TensorHandle:
    return TensorHandle(_numbers(x), tl.float32) if to.scalar == tl.float32 else self.cast_impl(x, to)


def _numbers(x: TensorHandle) -> np.ndarray:
    """The numbers that are stored: bfloat16 are the first halves of float32."""
    if x.dtype.scalar != tl.bfloat16:
        return np.asarray(x.data)
    return (x.data.astype(np.uint32) << 16).view(np.float32)
