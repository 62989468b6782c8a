"""What training reads: the inputs of a gene's window as tensors, beside its measured expression."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, cast

import torch
from jaxtyping import Bool, Float32, UInt8
from torch import Tensor, nn

from seq2exp_tracks.model.batch import Seq2ExpOutput
from seq2exp_tracks.scoring.engine import one_hot


class Example(NamedTuple):
    """A window and its label; of several, as a batch, with an axis before the others.

    Attributes:
        bases: The plus strand as codes: A 0, C 1, G 2, T 3, unknown 4.
        signals: Signals in the order of the model's channels.
        excluded: Bases of the blacklist.
        features: The gene's features in the order of `features.FEATURES`.
        label: log10(1 + CAGE).
        fixed_mask: 1 at the bases that a model with a given mask reads; None for every other model.
    """

    bases: UInt8[Tensor, "*batch length"]
    signals: Float32[Tensor, "*batch length channels"]
    excluded: Bool[Tensor, "*batch length"]
    features: Float32[Tensor, "*batch nfeatures"]
    label: Float32[Tensor, "*batch"]
    fixed_mask: Float32[Tensor, "*batch length"] | None = None

    def to(self, device: torch.device) -> "Example":
        """The same on a device."""
        return Example(*(None if part is None else part.to(device) for part in self))  # type: ignore[arg-type]

    @property
    def sequence(self) -> Float32[Tensor, "*batch length 4"]:
        """One-hot bases, as the model reads them."""
        return one_hot(self.bases)


def as_batch(examples: Sequence[Example]) -> Example:
    """Examples of one length as a batch."""
    bases, signals, excluded, features, labels, masks = zip(*examples, strict=True)
    given = None if masks[0] is None else torch.stack(masks)
    return Example(
        torch.stack(bases),
        torch.stack(signals),
        torch.stack(excluded),
        torch.stack(features),
        torch.stack(labels),
        given,
    )


def answer(model: nn.Module, windows: Example, **options: Any) -> Seq2ExpOutput:
    """What a model says of a batch of windows.

    Args:
        model: The model, or one that Fabric has wrapped.
        windows: The batch.
        options: What else the model is told.
    """
    output = model(
        windows.sequence,
        windows.signals,
        windows.features,
        blacklist=windows.excluded,
        fixed_mask=windows.fixed_mask,
        **options,
    )
    return cast("Seq2ExpOutput", output)


class Examples(Protocol):
    """Examples by number."""

    def __len__(self) -> int:
        """How many there are."""

    def __getitem__(self, number: int, /) -> Example:
        """One of them."""
