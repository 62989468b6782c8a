"""Baselines so small that they compute in a moment, and windows for them."""

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import one_hot

from seq2exp_tracks.model.baselines import (
    CaduceusConfig,
    EnformerConfig,
    EPInformerConfig,
    OneWayMambaConfig,
    initialised,
)
from seq2exp_tracks.model.config import Directions, MambaConfig

WINDOW = 2600
SMALL_MAMBA = MambaConfig(d_state=3)
SMALL = {
    "caduceus": CaduceusConfig(window=WINDOW, d_model=12, layers=2, mamba=SMALL_MAMBA, promoter=100),
    "caduceus of the sequence": CaduceusConfig(
        window=WINDOW, d_model=12, layers=2, mamba=SMALL_MAMBA, promoter=100, with_signals=False
    ),
    "mamba": OneWayMambaConfig(
        window=WINDOW,
        d_model=12,
        layers=2,
        mamba=replace(SMALL_MAMBA, directions=Directions.FORWARD),
        promoter=100,
    ),
    "epinformer": EPInformerConfig(window=WINDOW, elements=3, d_model=32, layers=2, heads=2),
    "enformer": EnformerConfig(
        window=WINDOW, dim=48, depth=1, heads=2, key_dim=8, divisible_by=8, d_model=12
    ),
}


def make(name, seed=0):
    if name == "enformer":
        pytest.importorskip("enformer_pytorch")
    return initialised(SMALL[name], seed)


def windows(batch=4, seed=0):
    """Random windows with peaks on either side of the promoter, and labels that follow the signals."""
    generator = torch.Generator().manual_seed(seed)
    sequence = one_hot(torch.randint(5, (batch, WINDOW), generator=generator), 5)[..., :4].float()
    signals = torch.rand(batch, WINDOW, 3, generator=generator) * torch.arange(1, batch + 1)[:, None, None]
    mask = torch.zeros(batch, WINDOW)
    mask[:, 60:160] = mask[:, 1250:1350] = mask[:, 2450:2500] = 1
    features = torch.rand(batch, 9, generator=generator)
    return sequence, signals, features, mask, torch.arange(1.0, batch + 1)
