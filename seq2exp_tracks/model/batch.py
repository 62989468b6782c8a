"""What a model is given of a batch of windows, and what it says of them."""

from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from jaxtyping import Float
from torch import Tensor


class Seq2ExpOutput(NamedTuple):
    """What the model says of each window of a batch.

    Attributes:
        expression: Predicted log10(1 + CAGE) of the gene.
        mask: What the predictor saw of each base: blacklist, include list and promoter applied.
        alpha: Evidence for keeping each base; the learned score is alpha / (alpha + beta). None where
            the mask is not learned by this model.
        beta: Evidence against it.
    """

    expression: Float[Tensor, " batch"]
    mask: Float[Tensor, "batch length"]
    alpha: Float[Tensor, "batch length"] | None
    beta: Float[Tensor, "batch length"] | None


class Inputs(NamedTuple):
    """What `Seq2Exp.forward` is given of a batch of windows."""

    sequence: Tensor
    signals: Tensor
    gene_features: Tensor | None
    blacklist: Tensor | None
    include: Tensor | None
    fixed_mask: Tensor | None
    logits: Tensor | None

    def only(self, index: int) -> "Inputs":
        """One window as a batch of one, in memory of its own.

        How memory is aligned can decide the last bit of a matrix product; torch aligns what it allocates.
        """
        alone = [None if x is None else _copy(x[index : index + 1]) for x in self]
        return Inputs(cast("Tensor", alone[0]), cast("Tensor", alone[1]), *alone[2:])


def _copy(x: Tensor) -> Tensor:
    return x.clone(memory_format=torch.contiguous_format)


def join(outputs: Sequence[Seq2ExpOutput]) -> Seq2ExpOutput:
    """The outputs of single windows as those of a batch."""
    expression, mask, alpha, beta = zip(*outputs, strict=True)
    learned = alpha[0] is not None
    return Seq2ExpOutput(
        torch.cat(expression),
        torch.cat(mask),
        torch.cat(alpha) if learned else None,
        torch.cat(beta) if learned else None,
    )
