"""One case of the published model's golden vectors: its inputs, outputs and loaded checkpoint."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from seq2exp_tracks.checkpoints import load_checkpoint
from seq2exp_tracks.model import Seq2Exp
from seq2exp_tracks.model.mask_rules import FixedKind, FixedMask

BORROWED = {"soft_wide_200k": "soft_wide_8k"}
"""Cases that use another case's checkpoint."""


@dataclass(frozen=True, eq=False)
class GoldenCase:
    """Inputs as the API takes them, in one floating type, and what the published code made of them."""

    model: Seq2Exp
    sequence: Tensor
    signals: Tensor
    gene_features: Tensor
    blacklist: Tensor
    include: Tensor
    fixed_mask: Tensor | None
    expected: dict[str, np.ndarray]

    @classmethod
    def read(cls, golden: Path, name: str, dtype: torch.dtype) -> "GoldenCase":
        model = load_checkpoint(golden / BORROWED.get(name, name) / "checkpoint.ckpt").to(dtype)
        with np.load(golden / name / "inputs.npz") as file:
            inputs = {key: torch.from_numpy(file[key]) for key in file.files}
        with np.load(golden / name / "outputs.npz") as file:
            expected = dict(file)
        rule, fixed = model.config.mask, None
        if isinstance(rule, FixedMask):
            enhancers = rule.kind is FixedKind.ENHANCERS
            fixed = inputs["bio_mask"][..., 1].to(dtype) if enhancers else inputs["peak_mask"].to(dtype)
        return cls(
            model,
            inputs["seqs"].to(dtype),
            inputs["signals"][..., : len(model.config.signals)].to(dtype),
            inputs["rna_feat"].to(dtype),
            inputs["mask_regions"][..., 1],
            inputs["mask_regions"][..., 0],
            fixed,
            expected,
        )

    @property
    def arguments(self) -> tuple[Tensor | None, ...]:
        """What the model is called with."""
        return (
            self.sequence,
            self.signals,
            self.gene_features,
            self.blacklist,
            self.include,
            self.fixed_mask,
        )

    def alone(self, index: int) -> tuple[Tensor | None, ...]:
        """One element of the batch, as a batch of one."""
        return tuple(None if x is None else x[index : index + 1] for x in self.arguments)

    def at(self, name: str, rows: np.ndarray) -> np.ndarray:
        """The rows of a per-position array at which the expected values were kept."""
        for key in (f"{name}_at", "positions"):
            if key in self.expected:
                return rows[:, self.expected[key]]
        return rows
