"""The demo's model is a small Seq2Exp-soft whose mask follows the signals."""

from pathlib import Path

import numpy as np
import torch

from seq2exp_tracks.checkpoints import load_checkpoint, read_config
from seq2exp_tracks.simulation.checkpoint import WINDOW, demo_checkpoint


def test_the_same_bytes_are_written_every_time(tmp_path: Path) -> None:
    demo_checkpoint(tmp_path / "one.safetensors")
    demo_checkpoint(tmp_path / "two.safetensors")
    content = (tmp_path / "one.safetensors").read_bytes()
    assert content == (tmp_path / "two.safetensors").read_bytes()
    assert len(content) < 200_000
    assert read_config(tmp_path / "one.safetensors").window == WINDOW == 20_000


def test_the_mask_is_the_published_prior_of_the_signals_but_for_a_little_sequence(tmp_path: Path) -> None:
    path = tmp_path / "demo.safetensors"
    demo_checkpoint(path, window=2_048)
    rng = np.random.default_rng(0)
    bases = torch.eye(4)[torch.from_numpy(rng.integers(4, size=2_048))][None]
    signals = torch.from_numpy(rng.gamma(0.5, 4.0, size=(1, 2_048, 3)).astype(np.float32))
    out = load_checkpoint(path)(bases, signals, torch.zeros(1, 9))
    learned = (out.alpha / (out.alpha + out.beta)).numpy()[0]
    weights = np.array([0.4, 0.4, 0.2])
    alpha = ((signals.numpy()[0] + 1) * 10) @ weights
    beta = (np.array([1.5, 0.2, 1.0]) + 1) @ weights * 10
    prior = alpha / (alpha + beta)
    assert np.corrcoef(learned, prior)[0, 1] > 0.995
    assert np.abs(learned - prior).max() < 0.1
