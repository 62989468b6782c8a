"""The published training steps of a golden case, with their random draws replayed."""

import json
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from golden_case import GoldenCase
from torch import Tensor

from seq2exp_tracks.checkpoints.published import rename
from seq2exp_tracks.training.losses import Losses, LossWeights, losses
from seq2exp_tracks.training.optimiser import Schedule, make_optimiser


class TrainingCase:
    """A case of the goldens `train_*`, ready for its first step."""

    def __init__(self, golden: Path, name: str) -> None:
        self.case = GoldenCase.read(golden, name, torch.float32)
        self.model = self.case.model.requires_grad_(True).train()
        self.meta = json.loads((golden / name / "meta.json").read_text())
        with np.load(golden / name / "inputs.npz") as file:
            self.target = torch.from_numpy(file["target"])[:, 0]
        if not self.model.config.beta.learned:
            self.model.signal_betas.requires_grad_(False)
            self.model.signal_weights.requires_grad_(False)
        weights = self.meta["loss_weights"]
        self.weights = LossWeights(weights["kl_loss_weight"], weights["continuity_weight"])
        # The goldens were recorded with the peak of the published rates at every step.
        self.optimiser = make_optimiser(self.model, Schedule())

    def losses(self, step: int = 0) -> Losses:
        """The losses of a step, whose draw is replayed."""
        recorded = torch.from_numpy(self.case.expected["dirichlet_sample"][step])
        with mock.patch.object(torch, "_sample_dirichlet", return_value=recorded) as drawn:
            output = self.model(*self.case.arguments)
        assert drawn.call_count == 1
        return losses(output, self.target, self.model.config.beta, self.weights)

    def step(self, number: int) -> Losses:
        """One update of the weights."""
        self.optimiser.zero_grad()
        found = self.losses(number)
        found.total.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        return found

    def trained(self) -> dict[str, torch.nn.Parameter]:
        """The weights that are trained."""
        return {name: p for name, p in self.model.named_parameters() if p.requires_grad}

    def published(self, kind: str) -> dict[str, Tensor]:
        """What was recorded in float64: `grad64` of the weights that are trained, `after64` of all."""
        recorded = {
            name.removeprefix(f"{kind}/"): torch.from_numpy(array)
            for name, array in self.case.expected.items()
            if name.startswith(f"{kind}/")
        }
        weights = dict(self.model.named_parameters()) if kind == "after64" else self.trained()
        shapes = {name: tuple(p.shape) for name, p in weights.items()}
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
