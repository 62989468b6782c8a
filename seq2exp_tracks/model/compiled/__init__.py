"""Compiled CPU kernels: a stack of layers over a window without gradients, at the speed of the machine.

The definition is `caduceus.Stack.forward`; `compiled.stack.read` gives its numbers.
"""
