"""From evidence to mask: the Beta distribution of every base, and the ways to pick the mask from it.

All is per base; nothing here knows the network. A base's mask value is distributed as
Beta(alpha, beta): alpha counts evidence for keeping the base, beta against (paper section 3.2).
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.autograd import Function
from torch.nn.functional import softplus

from seq2exp_tracks.model.config import BetaConfig
from seq2exp_tracks.model.mask_rules import HardMask, LearnedMask, TopMask

EPSILON = 1e-8
"""Keeps alpha and beta positive, as in the published model."""


class Beta(NamedTuple):
    """Parameters of Beta distributions, one a base; `beta` of a signal is one number."""

    alpha: Float[Tensor, "*shape"]
    beta: Float[Tensor, "*shape"]

    @property
    def mean(self) -> Float[Tensor, "*shape"]:
        """Expected mask value."""
        return self.alpha / (self.alpha + self.beta)


def sequence_evidence(logits: Float[Tensor, "batch length 2"], config: BetaConfig) -> Beta:
    """The evidence of the sequence. The second logit is for keeping the base, the first against."""
    against, keep = (softplus(logits) + (config.minimum + EPSILON)).unbind(-1)
    return Beta(keep, against)


def signal_evidence(signal: Float[Tensor, "batch length"], beta: Tensor, config: BetaConfig) -> Beta:
    """The evidence of one signal: more of it speaks for the base, a constant beta against."""
    return Beta(
        (signal + config.minimum) * config.scale + EPSILON,
        (beta + config.minimum) * config.scale,
    )


def combine(
    sequence: Beta, signals: list[Beta], weights: Float[Tensor, " weights"], config: BetaConfig
) -> Beta:
    """Adds the evidence of the signals, weighted, to that of the sequence.

    Weights count from the first, whichever the signals are; those left over are not used.
    """
    alpha, beta = sequence
    if config.signals_only:
        alpha, beta = torch.zeros_like(alpha), torch.zeros_like(beta)
    for weight, signal in zip(weights, signals, strict=False):
        alpha = alpha + weight * signal.alpha
        beta = beta + weight * signal.beta
    return Beta(alpha * config.total_scale, beta * config.total_scale)


def pick_mask(distribution: Beta, rule: LearnedMask) -> Float[Tensor, "batch length"]:
    """The mask of a model that learns it, before anything is clamped."""
    mean = distribution.mean
    if isinstance(rule, HardMask):
        return hard_mask(mean, rule.threshold)
    if isinstance(rule, TopMask):
        kept = top_mask(mean, rule.share)
        return mean * kept if rule.soft else kept
    return mean


def sample_mask(
    distribution: Beta, threshold: float | None = None, generator: torch.Generator | None = None
) -> Float[Tensor, "batch length"]:
    """A mask drawn for training: one sample a base, with the gradient of its path.

    Args:
        distribution: What is drawn from.
        threshold: From which value on a sample becomes 1, and 0 below, with the gradient of the sample
            ("straight through"); None leaves samples as they are.
        generator: Where random numbers come from; torch's global generator if None.
    """
    pairs = torch.stack(distribution, -1)
    sample: Tensor = _Draw.apply(pairs, generator)[..., 0]  # type: ignore[no-untyped-call]
    if threshold is None:
        return sample
    # What is added is 0, so that the mask is exactly 0 or 1.
    return hard_mask(sample.detach(), threshold) + (sample - sample.detach())


class _Draw(Function):
    """What `torch.distributions.Beta.rsample` does, from a generator of the caller's.

    A value of Beta(alpha, beta) and its complement are a draw of Dirichlet(alpha, beta).
    """

    @staticmethod
    def forward(ctx: Any, pairs: Tensor, generator: torch.Generator | None) -> Tensor:
        drawn = torch._sample_dirichlet(pairs, generator)
        ctx.save_for_backward(drawn, pairs)
        return drawn

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        drawn, pairs = ctx.saved_tensors
        along = torch._dirichlet_grad(drawn, pairs, pairs.sum(-1, keepdim=True).expand_as(pairs))
        return along * (gradient - (drawn * gradient).sum(-1, keepdim=True)), None


def hard_mask(mean: Float[Tensor, "batch length"], threshold: float) -> Float[Tensor, "batch length"]:
    """1 where the mean reaches the threshold."""
    return (mean >= threshold).to(mean.dtype)


def top_mask(mean: Float[Tensor, "batch length"], share: float) -> Float[Tensor, "batch length"]:
    """1 at the share of positions with the highest means; of equal ones the first come first."""
    count = int(mean.shape[1] * share)
    order = mean.argsort(dim=1, descending=True, stable=True)
    return torch.zeros_like(mean).scatter(1, order[:, :count], 1.0)


def clamp_mask(
    mask: Float[Tensor, "batch length"],
    blacklist: Shaped[Tensor, "batch length"] | None,
    include: Shaped[Tensor, "batch length"] | None,
    promoter: int,
) -> Float[Tensor, "batch length"]:
    """Sets the blacklist to 0, then the include list to 1, then the promoter to 1.

    The order is the published one: a blacklisted base of the promoter stays kept.
    """
    if blacklist is not None:
        mask = mask.masked_fill(blacklist.bool(), 0.0)
    if include is not None:
        mask = mask.masked_fill(include.bool(), 1.0)
    start = promoter_start(mask.shape[1], promoter)
    inside = torch.zeros_like(mask, dtype=torch.bool)
    inside[:, start : start + promoter] = True
    return mask.masked_fill(inside, 1.0)


def promoter_start(length: int, promoter: int) -> int:
    """First row of the promoter in the middle of a window."""
    return (length - promoter) // 2
