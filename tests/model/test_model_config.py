"""ModelConfig: what it refuses, what it says of itself, and its JSON form."""

import json
from dataclasses import replace
from typing import Any

import pytest

from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model import HARD, SOFT, ModelConfig
from seq2exp_tracks.model.config import BetaConfig, Directions, MambaConfig, SignalUse
from seq2exp_tracks.model.mask_rules import (
    FixedKind,
    FixedMask,
    HardMask,
    MaskRule,
    SelectorMask,
    SoftMask,
    TopMask,
)


def with_mask(mask: MaskRule) -> ModelConfig:
    layers = 0 if isinstance(mask, FixedMask | SelectorMask) else 4
    return replace(SOFT, mask=mask, generator_layers=layers)


ALL_RULES = [
    SoftMask(),
    HardMask(0.3),
    TopMask(0.1),
    TopMask(0.1, soft=True),
    FixedMask(FixedKind.PEAKS),
    SelectorMask("selector.ckpt", 0.2),
]


@pytest.mark.parametrize("config", [SOFT, HARD, *map(with_mask, ALL_RULES)])
def test_json_brings_back_the_same_configuration(config: ModelConfig) -> None:
    assert ModelConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_every_setting_survives_json() -> None:
    config = replace(
        SOFT,
        mamba=MambaConfig(d_state=8, dt_rank=3, directions=Directions.MULTIPLY, tied=False),
        beta=BetaConfig(signals=("DNase",), betas=(1.0,), weights=(2.0,), learned=True),
        signals=("H3K27ac", "DNase"),
        signal_use=SignalUse.NEITHER,
        include_list=True,
    )
    assert ModelConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["windw"], 5, "unknown settings of ModelConfig: windw"),
        (["mamba", "d_states"], 5, "unknown settings of MambaConfig: d_states"),
        (["window"], "200000", "window should be of type int, not '200000'"),
        (["window"], True, "window should be of type int, not True"),
        (["include_list"], 1, "include_list should be of type bool, not 1"),
        (["signals"], "DNase", "signals should be a list, not 'DNase'"),
        (["signal_use"], "sometimes", "'sometimes' is not a valid SignalUse"),
        (["mask"], {"type": "Mask"}, "mask should be one of SoftMask, HardMask"),
        (["mask"], "soft", "mask should be one of SoftMask, HardMask"),
        (["mask"], {"type": "HardMask", "share": 1.0}, "unknown settings of HardMask: share"),
        (["mask"], {"type": "HardMask"}, "missing settings of HardMask: threshold"),
        (["beta"], 3, "BetaConfig should be an object, not 3"),
        (["window"], 0, "window is 0, but must be at least 1"),
        (["mamba", "expand"], 0, "sizes of a Mamba block must be at least 1"),
    ],
)
def test_json_that_is_not_a_configuration_is_refused(path: list[str], value: Any, message: str) -> None:
    values = SOFT.to_json()
    group = values
    for key in path[:-1]:
        group = group[key]
    group[path[-1]] = value
    with pytest.raises(ValueError, match=message):
        ModelConfig.from_json(values)


def test_a_missing_setting_is_named() -> None:
    values = SOFT.to_json()
    del values["d_model"]
    with pytest.raises(ValueError, match="missing settings of ModelConfig: d_model"):
        ModelConfig.from_json(values)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"generator_layers": 0}, "0 generator layers"),
        ({"mask": FixedMask(FixedKind.PEAKS)}, "4 generator layers"),
        ({"shared_stack": True}, "sees the signals in both passes"),
        ({"shared_stack": True, "encoder_layers": 2}, "as many layers"),
        ({"position_embedding": True}, "mask of 0 and 1"),
        ({"position_embedding": True, "mask": HardMask(), "promoter": 0}, "a promoter"),
        ({"position_embedding": True, "mask": HardMask(), "window": 1001}, "odd window"),
        ({"signals": ("DNase",)}, "but the signals are"),
        ({"beta": BetaConfig(betas=(1.0,))}, "3 signals"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SOFT, **changes)


@pytest.mark.parametrize(
    ("mask", "is_hard", "learns_mask", "selector"),
    [
        (SoftMask(), False, True, None),
        (HardMask(), True, True, None),
        (TopMask(0.1), True, True, None),
        (TopMask(0.1, soft=True), False, True, None),
        (FixedMask(FixedKind.ENHANCERS), True, False, None),
        (SelectorMask("a.ckpt", 0.1), True, False, "a.ckpt"),
    ],
)
def test_a_configuration_says_what_kind_of_mask_it_makes(
    mask: MaskRule, is_hard: bool, learns_mask: bool, selector: str | None
) -> None:
    config = with_mask(mask)
    assert (config.is_hard, config.learns_mask, config.selector) == (is_hard, learns_mask, selector)


def test_a_window_must_hold_the_promoter_and_fit_the_positions() -> None:
    SOFT.check_window(2000)
    HARD.check_window(200_000)
    with pytest.raises(CheckpointError, match=r"1,999 bp is shorter than the model's promoter of 2,000 bp"):
        SOFT.check_window(1999)
    with pytest.raises(CheckpointError, match=r"4,096 bp, but .* for 200,000 bp: use --window 200000"):
        HARD.check_window(4096)
