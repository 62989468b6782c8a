"""The baselines compute what the published code computes, and train as Seq2Exp does."""

import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from golden_baseline import BaselineCase
from small_baselines import SMALL, SMALL_MAMBA, WINDOW, make, windows

from seq2exp_tracks.errors import CheckpointError, TracksError
from seq2exp_tracks.model import SOFT, Seq2Exp, reading
from seq2exp_tracks.model.baselines import (
    CaduceusBaseline,
    CaduceusConfig,
    EnformerConfig,
    EPInformerConfig,
    MambaBaseline,
    OneWayMambaConfig,
    initialised,
)
from seq2exp_tracks.model.baselines.enformer import kept_bins
from seq2exp_tracks.model.baselines.mamba import tokens_of
from seq2exp_tracks.model.config import MambaConfig
from seq2exp_tracks.model.mask_rules import FixedKind, FixedMask

STACKS = [
    "base_caduceus_signals",
    "base_caduceus_seq",
    "base_caduceus_biomask",
    "base_caduceus_sig2",
    "base_mamba",
]
CASES = [*STACKS, "base_epinformer", "base_enformer"]

MACS_MASK = replace(
    SOFT,
    window=WINDOW,
    d_model=12,
    generator_layers=0,
    encoder_layers=2,
    mamba=SMALL_MAMBA,
    promoter=100,
    mask=FixedMask(FixedKind.PEAKS),
)


def case_of(golden, name, dtype):
    if name == "base_enformer":
        pytest.importorskip("enformer_pytorch")
    return BaselineCase.read(golden, name, dtype)


@pytest.mark.parametrize("name", CASES)
def test_float32_outputs_are_the_published_ones(golden: Path, name: str) -> None:
    case = case_of(golden, name, torch.float32)
    np.testing.assert_allclose(case.expression(), case.expected["expression"][:, 0], rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("name", CASES)
def test_float64_outputs_are_the_published_ones_to_nine_digits(golden: Path, name: str) -> None:
    case = case_of(golden, name, torch.float64)
    np.testing.assert_allclose(case.expression(), case.expected["expression_f64"][:, 0], rtol=1e-9)


@pytest.mark.parametrize("name", STACKS)
def test_hidden_rows_are_the_published_ones(golden: Path, name: str) -> None:
    case = case_of(golden, name, torch.float64)
    model = case.model
    if isinstance(model, MambaBaseline):
        x = model.embedding(tokens_of(case.sequence))
    else:
        x = model.embed(case.sequence, case.signals, case.fixed_mask)
    hidden = reading.read(model.encoder, x)[:, case.expected["hidden_at"]]
    np.testing.assert_allclose(hidden.numpy(), case.expected["hidden_f64"], rtol=1e-9, atol=1e-9)


def test_attention_is_the_published_one(golden: Path) -> None:
    case = case_of(golden, "base_epinformer", torch.float32)
    attention = case.model.read(case.elements, case.gene_features)[1]
    np.testing.assert_allclose(attention.numpy(), case.expected["attention"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", SMALL)
def test_the_output_is_that_of_a_model_which_reads_every_base(name: str) -> None:
    sequence, signals, features, mask, _ = windows()
    output = make(name)(sequence, signals, features, None, mask)
    assert output.expression.shape == (4,)
    assert torch.equal(output.mask, torch.ones(4, WINDOW))
    assert output.alpha is None
    assert output.beta is None


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_each_baseline_trains(name: str) -> None:
    sequence, signals, features, mask, labels = windows()
    model = make(name).train().requires_grad_(True)
    losses = train(lambda: model(sequence, signals, features, None, mask), model, labels)
    assert losses[-1] < 0.8 * losses[0]
    untrained = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert untrained == []


def test_seq2exp_trains_with_the_mask_of_macs() -> None:
    sequence, signals, features, mask, labels = windows()
    model = Seq2Exp.initialised(MACS_MASK, 0).train().requires_grad_(True)
    losses = train(lambda: model(sequence, signals, features, None, fixed_mask=mask), model, labels)
    assert losses[-1] < 0.8 * losses[0]
    output = model.eval()(sequence, signals, features, fixed_mask=mask)
    assert torch.equal(output.mask, mask)
    assert output.alpha is None


def train(forward, model, labels):
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    torch.manual_seed(0)  # of dropout
    for _ in range(15):
        loss = torch.nn.functional.smooth_l1_loss(forward().expression, labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("name", SMALL)
def test_a_seed_decides_all_weights_and_leaves_torch_alone(name: str) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again, other = (make(name, seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize(("name", "layers"), [("caduceus", 2), ("mamba", 2)])
def test_output_projections_start_divided_by_the_root_of_the_layers(name: str, layers: int) -> None:
    for layer in make(name).encoder.layers:
        weight = layer.projections.output.weight
        bound = 1 / math.sqrt(weight.shape[1] * layers)
        assert weight.abs().max() <= bound
        assert weight.abs().max() > 0.95 * bound


def test_biases_start_at_0_in_caduceus_and_as_torch_draws_them_in_mamba() -> None:
    caduceus, mamba = make("caduceus"), make("mamba")
    for bias in (caduceus.embedding.bias, *(caduceus.head[n].bias for n in (0, 2, 4))):
        assert not bias.any()
    assert all(mamba.head[n].bias.any() for n in (0, 2, 4))
    assert 0.015 < mamba.embedding.weight.std() < 0.025


def test_the_attention_layers_of_epinformer_start_alike() -> None:
    first, second = make("epinformer").attn_encoder
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)


def test_signals_change_caduceus_with_signals_alone() -> None:
    sequence, signals, features, _, _ = windows()
    changes = {}
    for name in ("caduceus", "caduceus of the sequence", "mamba"):
        model = make(name)
        changes[name] = not torch.equal(
            model(sequence, signals, features).expression, model(sequence, 2 * signals, features).expression
        )
    assert changes == {"caduceus": True, "caduceus of the sequence": False, "mamba": False}


def test_mamba_is_not_changed_by_what_follows_the_promoter() -> None:
    sequence, signals, features, _, _ = windows()
    model = make("mamba")
    end = (WINDOW + 100) // 2
    before = model(sequence, signals, features).expression
    sequence[:, end:] = sequence[:, end:].flip(1)
    assert torch.equal(before, model(sequence, signals, features).expression)
    sequence[:, end - 1] = 1 - sequence[:, end - 1]
    assert not torch.equal(before, model(sequence, signals, features).expression)


def test_a_masked_base_keeps_the_bias_of_the_embedding() -> None:
    model = CaduceusBaseline.initialised(replace(SMALL["caduceus"], masked=True), 0)
    model.embedding.bias.copy_(torch.arange(12.0))
    sequence, signals, _, mask, _ = windows(1)
    rows = model.embed(sequence, signals, mask).rows()
    torch.testing.assert_close(rows[mask == 0], torch.arange(12.0).expand(int((mask == 0).sum()), 12))


def test_as_many_bins_are_left_out_on_either_side() -> None:
    assert kept_bins(1536) == 896
    for bins in range(4, 200):
        kept = kept_bins(bins)
        assert kept % 2 == bins % 2
        assert -1 < kept - bins * 7 / 12 <= 1


def test_a_mask_that_is_missing_is_an_error() -> None:
    sequence, signals, features, _, _ = windows()
    with pytest.raises(ValueError, match="fixed_mask should have the shape"):
        make("epinformer")(sequence, signals, features)


def test_inputs_of_another_shape_are_errors() -> None:
    sequence, signals, features, _, _ = windows()
    model = make("caduceus")
    with pytest.raises(ValueError, match=r"signals should have the shape \(4, 2600, 3\), not \(4, 2600, 2\)"):
        model(sequence, signals[..., :2], features)
    with pytest.raises(ValueError, match="gene_features should have the shape"):
        model(sequence, signals, None)
    with pytest.raises(ValueError, match="a batch of no windows"):
        model(sequence[:0], signals[:0], features[:0])
    with pytest.raises(CheckpointError, match="a window of 50 bp, but Caduceus reads at least 100 bp"):
        model(sequence[:, :50], signals[:, :50], features)


def test_sizes_that_do_not_fit_are_errors() -> None:
    for wrong in (
        lambda: EPInformerConfig(d_model=48),
        lambda: EPInformerConfig(heads=3),
        lambda: EnformerConfig(dim=1000),
        lambda: EnformerConfig(heads=5),
        lambda: CaduceusConfig(layers=0),
        lambda: OneWayMambaConfig(mamba=MambaConfig()),
        lambda: CaduceusConfig(window=0),
    ):
        with pytest.raises(ValueError, match=r"\d|forwards"):
            wrong()


def test_enformer_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "enformer_pytorch", None)
    with pytest.raises(TracksError, match=r"pip install 'seq2exp-tracks\[enformer\]'"):
        initialised(SMALL["enformer"], 0)
