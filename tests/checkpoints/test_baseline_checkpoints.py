"""Checkpoints of baselines: ours come back as they were, published ones are read strictly."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from seq2exp_tracks.checkpoints.baselines import KEY, load_baseline, save_baseline
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model.baselines import (
    CaduceusConfig,
    EnformerConfig,
    EPInformerConfig,
    OneWayMambaConfig,
    initialised,
)

CONFIGS = [
    CaduceusConfig(window=500, d_model=12, layers=1, promoter=100, signals=("DNase",)),
    OneWayMambaConfig(window=500, d_model=12, layers=1, promoter=100, gene_features=0),
    EPInformerConfig(window=5000, elements=2, d_model=32, layers=1),
    EnformerConfig(window=5000, dim=48, depth=1, heads=2, key_dim=8, divisible_by=8),
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: type(config).__name__)
def test_a_saved_baseline_comes_back_with_every_weight(tmp_path: Path, config) -> None:
    if isinstance(config, EnformerConfig):
        pytest.importorskip("enformer_pytorch")
    model = initialised(config, 3)
    save_baseline(model, tmp_path / "model.safetensors")
    loaded = load_baseline(tmp_path / "model.safetensors")
    assert loaded.config == config
    assert not loaded.training
    expected, found = model.state_dict(), loaded.state_dict()
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert not any(parameter.requires_grad for parameter in loaded.parameters())


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save_baseline(initialised(CONFIGS[0], 3), path)
    return path


def rewrite(path: Path, weights=None, **header) -> None:
    values = {"format": 1, "baseline": "caduceus", "config": CONFIGS[0].to_json()} | header
    save_file(weights or load_file(path), path, {KEY: json.dumps(values)})


def test_a_file_of_another_format_or_kind_is_refused(saved: Path) -> None:
    rewrite(saved, format=2)
    with pytest.raises(CheckpointError, match="format 2, this version reads 1"):
        load_baseline(saved)
    rewrite(saved, baseline="hyena")
    with pytest.raises(CheckpointError, match="its configuration cannot be read"):
        load_baseline(saved)
    save_file(load_file(saved), saved, {})
    with pytest.raises(CheckpointError, match="no baseline of seq2exp-tracks"):
        load_baseline(saved)
    saved.write_bytes(b"PK\3\4")
    with pytest.raises(CheckpointError, match="not a whole checkpoint"):
        load_baseline(saved)
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_baseline(saved.with_name("nothing"))


def test_impossible_sizes_are_refused_before_a_model_of_them_is_made(saved: Path) -> None:
    rewrite(saved, config=CONFIGS[0].to_json() | {"layers": 10**30})
    with pytest.raises(CheckpointError, match=r"impossible sizes \(layers is 10{30}\)$"):
        load_baseline(saved)


def test_weights_that_are_missing_or_not_finite_are_named(saved: Path) -> None:
    weights = load_file(saved)
    rewrite(saved, {name: tensor for name, tensor in weights.items() if name != "embedding.bias"})
    with pytest.raises(CheckpointError, match=r"missing embedding\.bias"):
        load_baseline(saved)
    weights["embedding.bias"][0] = torch.nan
    rewrite(saved, weights)
    with pytest.raises(CheckpointError, match=r"embedding\.bias holds NaN or infinity"):
        load_baseline(saved)


def published(golden: Path, name: str, target: Path, change) -> Path:
    """A published checkpoint, changed."""
    content = torch.load(golden / name / "checkpoint.ckpt", weights_only=True)
    change(content)
    torch.save(content, target)
    return target


@pytest.mark.parametrize(
    ("case", "weight"),
    [
        ("base_caduceus_seq", "caduceus.backbone.layers.1.mixer.mamba_rev.D"),
        ("base_caduceus_seq", "input_layer.weight"),
        ("base_mamba", "model.layers.1.mixer.D"),
        ("base_mamba", "model.embedding.weight"),
        ("base_epinformer", "conv_out.0.bias"),
    ],
)
def test_a_published_weight_that_is_missing_is_named_as_published(
    golden: Path, tmp_path: Path, case: str, weight: str
) -> None:
    path = published(
        golden, case, tmp_path / "a.ckpt", lambda content: content["state_dict"].pop(f"model.{weight}")
    )
    own_name = "embedding.weight" if weight == "model.embedding.weight" else weight
    with pytest.raises(CheckpointError, match=rf"missing {own_name}".replace(".", r"\.")):
        load_baseline(path)


def test_shared_weights_that_differ_are_refused(golden: Path, tmp_path: Path) -> None:
    name = "model.caduceus.backbone.layers.0.mixer.mamba_rev.in_proj.weight"

    def change(content):
        content["state_dict"][name] = content["state_dict"][name] + 1

    with pytest.raises(CheckpointError, match="should be one weight, but differ"):
        load_baseline(published(golden, "base_caduceus_signals", tmp_path / "a.ckpt", change))


def test_options_that_are_not_computed_are_refused(golden: Path, tmp_path: Path) -> None:
    def change(content):
        content["hyper_parameters"]["model"]["config"]["rcps"] = True

    with pytest.raises(CheckpointError, match="rcps is True; only False can be loaded"):
        load_baseline(published(golden, "base_caduceus_signals", tmp_path / "a.ckpt", change))


def test_a_checkpoint_of_seq2exp_is_no_baseline(golden: Path) -> None:
    with pytest.raises(
        CheckpointError, match="holds the model 'BiMambaMIRNP', which is none of the baselines"
    ):
        load_baseline(golden / "soft_tiny" / "checkpoint.ckpt")


def test_an_enformer_of_other_sizes_is_refused_without_its_configuration(golden: Path) -> None:
    pytest.importorskip("enformer_pytorch")
    with pytest.raises(CheckpointError, match=r"missing enformer\.transformer\.1"):
        load_baseline(golden / "base_enformer" / "checkpoint.ckpt")
