"""Hiding bases is setting their mask to 0 and nothing else, against the model's own parts put together."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.model import HARD, SOFT, ModelConfig, Seq2Exp
from seq2exp_tracks.scoring.engine import as_tensors, one_hot, score_window
from seq2exp_tracks.scoring.occlusion import predict_without
from seq2exp_tracks.windows import Window

LENGTH = 600
SIZES = {"window": LENGTH, "d_model": 8, "generator_layers": 1, "encoder_layers": 1, "promoter": 100}
CPU = torch.device("cpu")


def inputs() -> WindowInputs:
    rng = np.random.default_rng(4)
    return WindowInputs(
        window=Window.around(Gene("G", "G", "chr1", 2_000, Strand.PLUS), LENGTH, 5_000),
        bases=rng.integers(0, 5, LENGTH, dtype=np.uint8),
        signals=rng.gamma(1, 2, (LENGTH, 3)).astype(np.float32),
        excluded=rng.random(LENGTH) < 0.05,
        features=rng.normal(size=9).astype(np.float32),
        imputed=(),
    )


def large(model: Seq2Exp) -> Seq2Exp:
    """The model with larger weights: untrained ones hardly look beyond the promoter."""
    generator = torch.Generator().manual_seed(1)
    for name, weights in model.named_parameters():
        if weights.ndim == 2 and "A_log" not in name:
            weights.copy_(torch.randn(weights.shape, generator=generator) / 2)
    return model


@pytest.mark.parametrize("published", [SOFT, HARD], ids=["soft", "hard"])
def test_hidden_bases_have_a_mask_of_0_off_the_promoter(published: ModelConfig) -> None:
    model, given = large(Seq2Exp.initialised(replace(published, **SIZES), seed=3)), inputs()
    nothing, near, all_of_it = (np.zeros(LENGTH, bool) for _ in range(3))
    near[220:270] = True  # 20 of its bases lie on the promoter, 250 to 350, and stay
    all_of_it[:] = True
    found = predict_without(model, given, [nothing, near, all_of_it], CPU)

    tensors = as_tensors(given)
    sequence = one_hot(tensors.bases)
    with torch.inference_mode():
        output = model(sequence, tensors.signals, tensors.features, blacklist=tensors.excluded)
        for hidden, expression in zip((nothing, near, all_of_it), found, strict=True):
            mask = output.mask.clone()
            mask[0, torch.from_numpy(hidden)] = 0
            mask[0, 250:350] = 1
            promoters = model.encode(sequence, tensors.signals, mask)
            expected = model.head(model.summarise(promoters, tensors.features))
            assert expression == pytest.approx(expected.item(), rel=1e-5, abs=1e-6)
    assert found[0] == pytest.approx(score_window(model, given, CPU).expression, rel=1e-6)
    assert len({round(expression, 3) for expression in found}) == 3
