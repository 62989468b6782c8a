"""Small models, and what the tests of checkpoints do with them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from seq2exp_tracks.model import HARD, SOFT, ModelConfig, Seq2Exp

SIZES: dict[str, Any] = {"window": 40, "d_model": 4, "promoter": 10}
SMALL_SOFT = replace(SOFT, **SIZES, generator_layers=1, encoder_layers=1)
SMALL_HARD = replace(HARD, **SIZES, generator_layers=1, encoder_layers=1)


def random_inputs(config: ModelConfig) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    bases = torch.randint(0, 4, (2, config.window), generator=generator)
    signals = torch.rand(2, config.window, len(config.signals), generator=generator)
    return torch.eye(4)[bases], signals, torch.rand(2, config.gene_features, generator=generator)


def assert_same_model(found: Seq2Exp, expected: Seq2Exp) -> None:
    assert found.config == expected.config
    assert found.state_dict().keys() == expected.state_dict().keys()
    for name, weight in expected.state_dict().items():
        assert torch.equal(found.state_dict()[name], weight), name


def change_published(source: Path, target: Path, change: Any) -> Path:
    """Writes a published checkpoint with something changed."""
    content = torch.load(source, weights_only=True)
    change(content)
    torch.save(content, target)
    return target
