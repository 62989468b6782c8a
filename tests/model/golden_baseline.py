"""One golden case of a baseline: its loaded checkpoint, its inputs, and what the published code gave."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from seq2exp_tracks.checkpoints.baselines import load_baseline
from seq2exp_tracks.model.baselines import Baseline, EnformerConfig
from seq2exp_tracks.model.baselines.epinformer_elements import Elements

CONFIGS = {
    "base_enformer": EnformerConfig(dim=48, depth=1, heads=2, key_dim=16, divisible_by=8, d_model=16),
}
"""Models whose options do not say what they are made of."""

FIRST_TOKEN = 7


@dataclass(frozen=True, eq=False)
class BaselineCase:
    """Inputs as the API takes them, in one floating type."""

    model: Baseline[Any]
    sequence: Tensor | None
    signals: Tensor | None
    gene_features: Tensor
    fixed_mask: Tensor | None
    elements: Elements | None
    expected: dict[str, np.ndarray]

    @classmethod
    def read(cls, golden: Path, name: str, dtype: torch.dtype) -> "BaselineCase":
        model = load_baseline(golden / name / "checkpoint.ckpt", CONFIGS.get(name)).to(dtype)
        with np.load(golden / name / "inputs.npz") as file:
            inputs = {key: torch.from_numpy(file[key]) for key in file.files}
        with np.load(golden / name / "outputs.npz") as file:
            expected = dict(file)
        sequence = signals = mask = elements = None
        if "seqs" in inputs:
            sequence = inputs["seqs"].to(dtype)
            signals = inputs["signals"][..., : len(model.config.signals)].to(dtype)
            mask = inputs["bio_mask"][..., 1].to(dtype)
        elif "token_ids" in inputs:
            codes = inputs["token_ids"].long() - FIRST_TOKEN
            sequence = one_hot(codes, 5)[..., :4].to(dtype)
            signals = sequence.new_zeros(*codes.shape, len(model.config.signals))
        else:
            elements = Elements(inputs["pe_code"].to(dtype), inputs["pe_feat"].to(dtype))
        return cls(model, sequence, signals, inputs["rna_feat"].to(dtype), mask, elements, expected)

    def expression(self) -> np.ndarray:
        """What our model predicts."""
        if self.elements is not None:
            return self.model.read(self.elements, self.gene_features)[0].numpy()
        output = self.model(
            self.sequence, self.signals, self.gene_features, blacklist=None, fixed_mask=self.fixed_mask
        )
        return output.expression.numpy()
