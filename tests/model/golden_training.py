"""The published training step of a golden case, with its one random draw replayed: loss and gradients.

The loss is the published one: smooth L1 of the expression, plus the KL divergence of each base's Beta
distribution from the marginal one, plus (in one case) how much the mask changes from base to base.
"""

import json
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from golden_case import GoldenCase
from torch import Tensor
from torch.distributions import Beta, kl_divergence
from torch.nn.functional import smooth_l1_loss

from seq2exp_tracks.checkpoints.published import rename
from seq2exp_tracks.model import elements
from seq2exp_tracks.model.mask_rules import HardMask


class TrainingCase:
    """A case of the goldens `train_*`, ready for its first step."""

    def __init__(self, golden: Path, name: str) -> None:
        self.case = GoldenCase.read(golden, name, torch.float32)
        self.model = self.case.model.requires_grad_(True)
        self.meta = json.loads((golden / name / "meta.json").read_text())
        with np.load(golden / name / "inputs.npz") as file:
            self.target = torch.from_numpy(file["target"])[:, 0]
        if not self.model.config.beta.learned:
            self.model.signal_betas.requires_grad_(False)
            self.model.signal_weights.requires_grad_(False)

    def loss(self) -> Tensor:
        """The loss of the first step."""
        case, model, weights = self.case, self.model, self.meta["loss_weights"]
        logits = model.sequence_logits(case.sequence, case.signals)
        distribution = Beta(*model.mask_distribution(logits, case.signals))
        mask = elements.clamp_mask(self._picked(distribution), case.blacklist, None, model.config.promoter)
        promoters = model.encode(case.sequence, case.signals, mask, published_batching=True)
        expression = model.head(model.summarise(promoters, case.gene_features))[:, 0]
        marginal = model.config.beta
        less = (1 - marginal.marginal_mean) / marginal.marginal_mean * marginal.marginal_scale
        divergence = kl_divergence(distribution, Beta(marginal.marginal_scale, less)).mean()
        changes = mask.diff(dim=1).abs().sum(1).mean() / (mask.shape[1] + 1)
        return (
            smooth_l1_loss(expression, self.target)
            + weights["kl_loss_weight"] * divergence
            + weights["continuity_weight"] * changes
        )

    def _picked(self, distribution: Beta) -> Tensor:
        """The recorded sample, made 0 or 1 with the sample's own gradient where the mask is hard."""
        recorded = torch.from_numpy(self.case.expected["dirichlet_sample"][0])
        with mock.patch.object(torch, "_sample_dirichlet", return_value=recorded):
            sample: Tensor = distribution.rsample()
        rule = self.model.config.mask
        if not isinstance(rule, HardMask):
            return sample
        return elements.hard_mask(sample.detach(), rule.threshold) - sample.detach() + sample

    def published_gradients(self) -> dict[str, Tensor]:
        """The recorded gradients in float64, by our names of the weights that are trained."""
        recorded = {
            name.removeprefix("grad64/"): torch.from_numpy(array)
            for name, array in self.case.expected.items()
            if name.startswith("grad64/")
        }
        shapes = {name: tuple(p.shape) for name, p in self.model.named_parameters() if p.requires_grad}
        # Shared weights are recorded under one name, but listed under several in a state dict.
        for name, alias in self._aliases(recorded):
            recorded[alias] = recorded[name]
        found, problems = rename(recorded, self.model.config, shapes)
        assert not problems
        return found

    def _aliases(self, recorded: dict[str, Tensor]) -> list[tuple[str, str]]:
        """The other names of each shared weight."""
        pairs = [
            (name, name.replace("mamba_fwd", "mamba_rev"))
            for name in recorded
            if name.endswith(("mamba_fwd.in_proj.weight", "mamba_fwd.out_proj.weight"))
        ]
        if self.model.config.shared_stack:
            names = [(name, name) for name in recorded] + pairs
            pairs += [
                (name, alias.replace("generator.", "encoder."))
                for name, alias in names
                if alias.startswith("generator.")
            ]
        return pairs
