"""Kernels for GPUs, in Triton: what `caduceus.Stack` and `scan.reference` compute, many windows at a time.

Import nothing of this package but `door` before `door.kernels_for` has said yes: all else needs Triton.
"""
