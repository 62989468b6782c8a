"""How exact a GPU's arithmetic is."""

from enum import StrEnum


class Precision(StrEnum):
    """What matrix products are made of on a GPU, and how rows lie in its memory between kernels.

    States of the scan, step sizes and exponentials are float32 always: in bfloat16 0.999 is 1, and a slow
    state would never decay. A CPU computes in float32, whatever is asked for.
    """

    FP32 = "fp32"
    BF16 = "bf16"
