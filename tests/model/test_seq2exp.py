"""The whole model: initial weights, what it asks for, what it ignores, and independence of the batch."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model import HARD, SOFT, ModelConfig, Seq2Exp
from seq2exp_tracks.model.initialise import initialise
from seq2exp_tracks.model.mask_rules import FixedKind, FixedMask, SelectorMask, TopMask

LENGTH = 300
SMALL: dict[str, Any] = {
    "window": LENGTH,
    "d_model": 8,
    "generator_layers": 1,
    "encoder_layers": 1,
    "promoter": 40,
}
SMALL_SOFT, SMALL_HARD = replace(SOFT, **SMALL), replace(HARD, **SMALL)


def inputs(batch: int, seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    bases = torch.randint(0, 4, (batch, LENGTH), generator=generator)
    return {
        "sequence": torch.eye(4)[bases],
        "signals": 3 * torch.rand(batch, LENGTH, 3, generator=generator),
        "gene_features": torch.randn(batch, 9, generator=generator),
    }


def make(config: ModelConfig, seed: int = 5) -> Seq2Exp:
    return Seq2Exp.initialised(config, seed)


def test_the_published_sizes_have_the_published_numbers_of_parameters() -> None:
    with torch.device("meta"):
        soft, hard = Seq2Exp(SOFT), Seq2Exp(HARD)
    assert sum(weight.numel() for weight in soft.parameters()) == 1_114_249
    assert sum(weight.numel() for weight in hard.parameters()) == 26_174_985


class TestInitialWeights:
    """What training starts from."""

    def test_a_seed_decides_every_weight_and_leaves_the_global_generator_alone(self) -> None:
        torch.manual_seed(0)
        expected = torch.rand(3)
        torch.manual_seed(0)
        first, second, other = make(SMALL_HARD, 1), make(SMALL_HARD, 1), make(SMALL_HARD, 2)
        assert torch.equal(torch.rand(3), expected)
        for name, weight in first.state_dict().items():
            assert torch.equal(weight, second.state_dict()[name])
        assert not torch.equal(first.head[0].weight, other.head[0].weight)

    def test_no_weight_is_left_as_memory_happened_to_be(self) -> None:
        for config in (SMALL_SOFT, SMALL_HARD):
            with torch.device("meta"):
                empty = Seq2Exp(config)
            nan = {name: torch.full(t.shape, torch.nan) for name, t in empty.state_dict().items()}
            empty.load_state_dict(nan, assign=True)
            initialise(empty, config, seed=0)
            assert all(weight.isfinite().all() for weight in empty.state_dict().values())

    def test_they_are_drawn_as_published(self) -> None:
        model = make(replace(SOFT, window=4000, generator_layers=1, encoder_layers=1))
        layer = model.encoder.layers[0]
        assert layer.projections.output.weight.abs().max() == pytest.approx(1 / 128, rel=1e-2)
        assert layer.projections.input.weight.abs().max() == pytest.approx(128**-0.5, rel=1e-2)
        assert torch.equal(layer.forwards.A_log.exp().round(), torch.arange(1, 17).expand(256, 16).float())
        assert torch.equal(layer.backwards.D, torch.ones(256))
        steps = torch.nn.functional.softplus(layer.forwards.dt_proj.bias)
        assert 1e-3 * 0.99 < steps.min() < 2e-3
        assert 5e-2 < steps.max() < 1e-1 * 1.01
        assert layer.forwards.conv_weight.abs().max() == pytest.approx(0.5, rel=1e-2)
        assert layer.forwards.conv_bias.abs().max() == pytest.approx(0.5, rel=2e-2)
        assert not model.mask_output.bias.any()
        torch.testing.assert_close(model.signal_weights.softmax(0), torch.tensor([0.4, 0.4, 0.2]))
        torch.testing.assert_close(model.signal_betas, torch.tensor([1.5, 0.2, 1.0]))
        assert not make(SMALL_HARD).positions.any()

    def test_it_is_ready_to_score(self) -> None:
        model = make(SMALL_SOFT)
        assert not model.training
        assert not any(weight.requires_grad for weight in model.parameters())


@pytest.mark.parametrize("config", [SMALL_SOFT, SMALL_HARD])
def test_outputs_have_the_promised_shapes_and_ranges(config: ModelConfig) -> None:
    output = make(config)(**inputs(3))
    assert output.expression.shape == (3,)
    assert output.mask.shape == output.alpha.shape == output.beta.shape == (3, LENGTH)
    assert ((output.mask >= 0) & (output.mask <= 1)).all()
    assert (output.alpha > 0).all()
    assert (output.beta > 0).all()
    assert (output.mask[:, 130:170] == 1).all()


@pytest.mark.parametrize("config", [SMALL_SOFT, SMALL_HARD, replace(SMALL_SOFT, mask=TopMask(0.3))])
def test_partners_in_the_batch_change_no_bit(config: ModelConfig) -> None:
    model, batch = make(config), inputs(4)
    blacklist = torch.rand(4, LENGTH, generator=torch.Generator().manual_seed(1)) < 0.2
    together = model(**batch, blacklist=blacklist)
    for i in range(4):
        alone = model(**{key: x[i : i + 1] for key, x in batch.items()}, blacklist=blacklist[i : i + 1])
        assert all(torch.equal(a, b[i : i + 1]) for a, b in zip(alone, together, strict=True))


@pytest.mark.parametrize("config", [SMALL_SOFT, SMALL_HARD])
def test_neither_cores_nor_memory_alignment_change_a_bit(config: ModelConfig) -> None:
    model, batch = make(config), inputs(2)
    threads = torch.get_num_threads()
    expected = model(**batch)
    for cores, shift in itertools.product((1, 2), (0, 1, 7)):
        torch.set_num_threads(cores)
        found = model(**{name: shifted(x, shift) for name, x in batch.items()})
        torch.set_num_threads(threads)
        assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


def shifted(x: Tensor, elements: int) -> Tensor:
    """The same values some elements further in memory than torch would put them."""
    memory = torch.empty(x.numel() + elements)
    memory[elements:] = x.flatten()
    return memory[elements:].view(x.shape)


@pytest.mark.parametrize("config", [SMALL_SOFT, SMALL_HARD])
def test_the_definition_with_gradients_agrees_with_the_fast_way(config: ModelConfig) -> None:
    config = replace(config, window=60)
    model, batch = make(config), {name: x[:, :60] if x.ndim == 3 else x for name, x in inputs(2).items()}
    fast = model(**batch)
    model.requires_grad_(True)
    slow = model(**batch)
    assert slow.expression.requires_grad
    torch.testing.assert_close(fast.expression, slow.expression.detach(), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(fast.mask, slow.mask.detach(), rtol=1e-5, atol=1e-5)
    slow.expression.sum().backward()
    assert model.head[0].weight.grad.any()


def test_an_argument_that_the_configuration_does_not_use_is_ignored() -> None:
    model, batch = make(SMALL_SOFT), inputs(1)
    everything = torch.ones(1, LENGTH)
    plain = model(**batch)
    more = model(**batch, include=everything, fixed_mask=everything)
    assert torch.equal(plain.mask, more.mask)
    no_features = make(replace(SMALL_SOFT, gene_features=0))
    batch["gene_features"] = None
    assert no_features(**batch).expression.shape == (1,)


def test_an_include_list_acts_where_the_configuration_has_one() -> None:
    model = make(replace(SMALL_SOFT, include_list=True))
    output = model(**inputs(1), include=torch.ones(1, LENGTH, dtype=torch.bool))
    assert torch.equal(output.mask, torch.ones(1, LENGTH))


def test_a_fixed_mask_is_used_as_it_is() -> None:
    model = make(replace(SMALL_SOFT, generator_layers=0, mask=FixedMask(FixedKind.PEAKS)))
    given = torch.zeros(1, LENGTH)
    output = model(**inputs(1), fixed_mask=given, blacklist=torch.ones(1, LENGTH))
    assert torch.equal(output.mask, given)
    assert output.alpha is None
    assert output.beta is None
    with pytest.raises(ValueError, match=r"fixed_mask should have the shape \(1, 300\), not None"):
        model(**inputs(1))


def test_a_selector_picks_the_top_share_of_its_own_mask() -> None:
    config = replace(SMALL_SOFT, generator_layers=0, mask=SelectorMask("selector.ckpt", 0.5))
    selector, batch = make(SMALL_SOFT), inputs(1)
    model = Seq2Exp(config, selector)
    chosen = selector(**batch).mask
    kept = model.selected_mask(batch["sequence"], batch["signals"], None, None)
    assert kept.sum() == LENGTH // 2
    assert chosen[kept == 1].min() >= chosen[kept == 0].max()
    with pytest.raises(ValueError, match="selector"):
        Seq2Exp(config)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("sequence", torch.zeros(1, LENGTH, 5), r"sequence should have the shape \(1, 300, 4\)"),
        (
            "signals",
            torch.zeros(1, LENGTH, 2),
            r"signals should have the shape \(1, 300, 3\), not \(1, 300, 2\)",
        ),
        ("signals", torch.zeros(1, 299, 3), r"signals should have the shape \(1, 300, 3\)"),
        ("gene_features", torch.zeros(1, 8), r"gene_features should have the shape \(1, 9\), not \(1, 8\)"),
        ("gene_features", None, r"gene_features should have the shape \(1, 9\), not None"),
    ],
)
def test_inputs_of_another_shape_are_refused(name: str, value: Tensor | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(SMALL_SOFT)(**{**inputs(1), name: value})


def test_nothing_is_computed_on_another_device_than_the_inputs() -> None:
    # The meta device refuses to mix with any other, as a GPU does.
    model = make(SMALL_SOFT).to("meta")
    batch = {name: x.to("meta") for name, x in inputs(2).items()}
    output = model(**batch, blacklist=torch.zeros(2, LENGTH, dtype=torch.bool, device="meta"))
    assert {field.device.type for field in output} == {"meta"}


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="a batch of no windows"):
        make(SMALL_SOFT)(**{name: x[:0] for name, x in inputs(1).items()})


def test_a_hard_model_takes_its_own_window_length_only() -> None:
    shorter = {key: x[:, :200] if x.ndim == 3 else x for key, x in inputs(1).items()}
    assert make(SMALL_SOFT)(**shorter).mask.shape == (1, 200)
    with pytest.raises(CheckpointError, match="200 bp, but this model has learned positions for 300 bp"):
        make(SMALL_HARD)(**shorter)
