"""Compiled CPU kernels: a stack of layers over a window, at the speed of the machine.

The definition is `caduceus.Stack.forward`; `compiled.stack` gives its numbers where no gradient is needed,
`compiled.training` its numbers and their gradients.
"""
