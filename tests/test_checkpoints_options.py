"""Options of the published code: what each means to us, and which are refused by name and value."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from seq2exp_tracks.checkpoints.options import ONLY, translate
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model import HARD, SOFT
from seq2exp_tracks.model.config import Directions, MambaConfig, SignalUse
from seq2exp_tracks.model.mask_rules import FixedKind, FixedMask, HardMask, SelectorMask, TopMask


@pytest.fixture(scope="module")
def soft(golden: Path) -> Mapping[str, Any]:
    return options_of(golden / "soft_wide_8k" / "checkpoint.ckpt")


@pytest.fixture(scope="module")
def hard(golden: Path) -> Mapping[str, Any]:
    return {**options_of(golden / "hard_wide_4k" / "checkpoint.ckpt"), "seq_range": 200_000}


def options_of(path: Path) -> Mapping[str, Any]:
    values: Mapping[str, Any] = torch.load(path, weights_only=True)["hyper_parameters"]["model"]["config"]
    return values


def test_the_published_settings_are_the_constants(soft: Mapping[str, Any], hard: Mapping[str, Any]) -> None:
    assert translate(soft) == (SOFT, ())
    assert translate(hard) == (HARD, ())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"test_soft": False, "test_hard": True, "sample_threshold": 0.3}, {"mask": HardMask(0.3)}),
        ({"test_soft": False, "test_top": True}, {"mask": TopMask(0.1)}),
        ({"test_soft": False, "test_top": True, "test_top_soft": True}, {"mask": TopMask(0.1, soft=True)}),
        ({"use_bio_mask": True}, {"mask": FixedMask(FixedKind.ENHANCERS), "generator_layers": 0}),
        (
            {"use_peak_mask": True, "test_soft": False},
            {"mask": FixedMask(FixedKind.PEAKS), "generator_layers": 0},
        ),
        (
            {"use_mask_model": True, "mask_model": "a/b.ckpt", "top_mask_percent": 0.2},
            {"mask": SelectorMask("b.ckpt", 0.2), "generator_layers": 0},
        ),
        ({"gen_signal": True}, {"signal_use": SignalUse.BOTH}),
        ({"interact": "no_signal"}, {"signal_use": SignalUse.NEITHER}),
        ({"useRNAFeat": False}, {"gene_features": 0}),
        ({"use_include_list": True}, {"include_list": True}),
        ({"bidirectional": False}, {"mamba": MambaConfig(directions=Directions.FORWARD)}),
        ({"bidirectional_strategy": "ew_multiply"}, {"mamba": MambaConfig(directions=Directions.MULTIPLY)}),
        ({"bidirectional_strategy": None}, {}),
        ({"bidirectional_weight_tie": False}, {"mamba": MambaConfig(tied=False)}),
        ({"ssm_cfg": {"d_state": 8, "dt_rank": 4}}, {"mamba": MambaConfig(d_state=8, dt_rank=4)}),
        ({"prior_signal": "DHS"}, {"beta": replace(SOFT.beta, signals=("DNase",))}),
        ({"dist_param_grad": True}, {"beta": replace(SOFT.beta, learned=True)}),
        ({"max_pool_size": 31, "use_gumbel": True, "residual_in_fp32": True}, {}),
    ],
)
def test_each_option_changes_its_setting_and_no_other(
    soft: Mapping[str, Any], changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert translate({**soft, **changes}) == (replace(SOFT, **expected), ())


def test_two_signals_leave_the_third_out_of_the_mask_too(soft: Mapping[str, Any]) -> None:
    config, _ = translate({**soft, "signal_size": 2})
    assert config.signals == config.beta.signals == ("H3K27ac", "DNase")
    assert config.beta.weights == (2, 2, 1)


@pytest.mark.parametrize(
    ("changes", "option"),
    [
        ({"post_dist": "kuma"}, "post_dist='kuma'"),
        ({"decouple_x": False}, "decouple_x=False"),
        ({"post_sample": False}, "post_sample=False"),
        ({"pool_mask": 31}, "pool_mask=31"),
        ({"merge_peak_mask": True}, "merge_peak_mask=True"),
        ({"rms_norm": False}, "rms_norm=False"),
        ({"rcps": True}, "rcps=True"),
        ({"pretrained_model": True}, "pretrained_model=True"),
        ({"ssm_cfg": {"conv_bias": False}}, "ssm_cfg.conv_bias=False"),
        ({"use_include_list": True, "mask_region_hard": False}, "mask_region_hard=False"),
        ({"test_soft": False}, "test_soft=False"),
        ({"test_hard": True}, "test_hard=True"),
        ({"test_top": True}, "test_top=True"),
        ({"use_bio_mask": True, "use_peak_mask": True}, "use_peak_mask=True"),
        ({"use_bio_mask": True, "enc_prd_ps": True}, "enc_prd_ps=True"),
        ({"use_mask_model": True}, "mask_model=''"),
        ({"pos_enc": True}, "test_soft=True"),
        ({"pos_enc": True, "use_peak_mask": True}, "pos_enc=True"),
        (
            {"pos_enc": True, "test_soft": False, "test_top": True, "test_top_soft": True},
            "test_top_soft=True",
        ),
        ({"pos_enc": True, "test_soft": False, "test_hard": True, "center_len": 199}, "center_len=199"),
        ({"pos_enc": True, "test_soft": False, "test_hard": True, "center_len": 0}, "center_len=0"),
        ({"pos_enc": True, "test_soft": False, "test_hard": True, "seq_range": 1025}, "seq_range=1025"),
        ({"interact": "no_signal", "gen_signal": True}, "interact='no_signal'"),
        ({"prior_signal": "hic", "signal_size": 2}, "prior_signal='hic'"),
        ({"prior_signal": ""}, "prior_signal=''"),
        ({"prior_beta": "1.5;0.2"}, "prior_beta='1.5;0.2'"),
        ({"signal_size": 4}, "signal_size=4"),
        ({"signal_size": -1}, "signal_size=-1"),
        ({"bidirectional_strategy": "concat"}, "bidirectional_strategy='concat'"),
        ({"d_model": "128"}, "d_model='128'"),
        ({"test_soft": 1}, "test_soft=1"),
    ],
)
def test_what_is_not_computed_is_refused_by_name_and_value(
    soft: Mapping[str, Any], changes: dict[str, Any], option: str
) -> None:
    with pytest.raises(CheckpointError) as caught:
        translate({**soft, **changes})
    assert str(caught.value).startswith(f"option {option} is not supported: ")


def test_a_switch_that_is_not_written_down_has_its_one_position(soft: Mapping[str, Any]) -> None:
    without = {name: value for name, value in soft.items() if name not in ONLY}
    without["ssm_cfg"] = {}
    assert translate(without) == (SOFT, ())


def test_a_missing_option_is_named(soft: Mapping[str, Any]) -> None:
    for name in ("d_model", "seq_range", "prior_beta", "test_soft"):
        with pytest.raises(CheckpointError, match=f"option {name} is missing"):
            translate({key: value for key, value in soft.items() if key != name})


def test_sizes_that_cannot_be_are_refused(soft: Mapping[str, Any]) -> None:
    with pytest.raises(CheckpointError, match="do not fit together: encoder_layers is 0"):
        translate({**soft, "enc_n_layer": 0})


def test_options_that_we_do_not_know_are_told(soft: Mapping[str, Any]) -> None:
    assert translate({**soft, "zeta": 1, "alpha": 2}) == (SOFT, ("alpha", "zeta"))
