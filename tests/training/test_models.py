"""Every model that can be trained takes a step, is saved, and predicts the same when it is read again."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from small_training import LENGTH, SETTINGS, examples
from torch import nn

from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.model.baselines import EnformerConfig, EPInformerConfig
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.training.examples import Example, as_batch
from seq2exp_tracks.training.gradients import Aim, Group, computes_batch_as_one, gradients_on_device
from seq2exp_tracks.training.loop import Fitting
from seq2exp_tracks.training.models import (
    check_packages,
    load_model,
    marginal_of,
    new_model,
    save_model,
)
from seq2exp_tracks.training.order import draws_of
from seq2exp_tracks.training.predict import predict
from seq2exp_tracks.training.settings import SIZES as SIZES_BY_NAME
from seq2exp_tracks.training.settings import Setting, model_config, schedule
from seq2exp_tracks.training_files import TrainingFiles

# Window, channels, layers and promoter; models of convolutions have windows and channels that they need.
SIZES = dict.fromkeys(Setting, (LENGTH, 4, 1, 8)) | {
    Setting.EPINFORMER: (4100, 32, 1, 8),
    Setting.ENFORMER: (700, 48, 1, 8),
}


def fit(setting: Setting, folder: Path, progress: Progress, seed: int = 2) -> tuple[nn.Module, list[Example]]:
    """Trains a small model, or the rest of a training that was broken off."""
    if setting is Setting.ENFORMER:
        pytest.importorskip("enformer_pytorch")
    config = model_config(setting, *SIZES[setting])
    length = config.window
    peaks = (torch.arange(length) % 7 < 3).float()
    windows = [example._replace(fixed_mask=peaks) for example in examples(6, length=length)]
    model = new_model(config, seed)
    together = computes_batch_as_one(model)
    fitting = Fitting(
        model=model,
        aim=Aim(marginal_of(config), SETTINGS.weights),
        settings=replace(SETTINGS, at_once=SETTINGS.batch_size) if together else SETTINGS,
        files=TrainingFiles(folder),
        fabric=Fabric(accelerator="cpu", devices=1),
        write=lambda path: save_model(model, path),
        progress=progress,
    )
    fitting.run(windows, windows)
    return model, windows


@pytest.mark.parametrize("setting", Setting)
def test_a_model_is_trained_saved_and_read_again(setting: Setting, tmp_path: Path) -> None:
    model, windows = fit(setting, tmp_path, Silent())
    config = model.config
    before = new_model(config, seed=2).state_dict()
    changed = {n: not torch.equal(before[n], weight) for n, weight in model.named_parameters()}
    of_signals = {"signal_weights", "signal_betas"} & changed.keys()  # not learned, as published
    assert changed == dict.fromkeys(changed, True) | dict.fromkeys(of_signals, False)
    save_model(model, tmp_path / "model.safetensors")
    read = load_model(config, tmp_path / "model.safetensors")
    fabric = Fabric(accelerator="cpu", devices=1)
    (expected, _), (found, labels) = (predict(each, windows, fabric) for each in (model, read))
    # torch's convolutions and attention round by where tensors lie in memory.
    rounding = 1e-6 if setting in (Setting.EPINFORMER, Setting.ENFORMER) else 0
    np.testing.assert_allclose(found, expected, rtol=rounding)
    assert labels.tolist() == [window.label.item() for window in windows]


class BrokenOffError(Exception):
    pass


class BreaksOff(Silent):
    """Breaks a run off at its fifth update: after the state of the third was saved."""

    left = 5

    def advance(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise BrokenOffError


@pytest.mark.slow
@pytest.mark.parametrize("setting", [Setting.EPINFORMER, Setting.ENFORMER])
def test_norms_over_batches_and_dropout_go_on_to_the_same_numbers(setting: Setting, tmp_path: Path) -> None:
    expected, windows = fit(setting, tmp_path / "whole", Silent())
    with pytest.raises(BrokenOffError):
        fit(setting, tmp_path / "broken", BreaksOff())
    torch.rand(3)  # nothing follows from what else was drawn in the process
    found, _ = fit(setting, tmp_path / "broken", Silent())
    fabric = Fabric(accelerator="cpu", devices=1)
    (whole, _), (broken, _) = (predict(each, windows, fabric) for each in (expected, found))
    np.testing.assert_allclose(broken, whole, rtol=1e-3)  # torch's kernels may round otherwise each time


def test_dropout_differs_from_update_to_update_and_follows_the_seed() -> None:
    pytest.importorskip("enformer_pytorch")
    config = model_config(Setting.ENFORMER, *SIZES[Setting.ENFORMER])
    model = new_model(config, 0).train()
    windows = as_batch(examples(2, length=config.window))
    fabric = Fabric(accelerator="cpu", devices=1)
    aim = Aim(marginal_of(config), SETTINGS.weights)

    def loss(seed: int, step: int) -> float:
        group = Group(windows, 1.0, draws_of(seed, step, 0, torch.device("cpu")))
        return gradients_on_device(fabric, fabric.setup(model), [group], aim).total

    before = torch.get_rng_state()
    assert loss(1, 0) == loss(1, 0)
    assert torch.equal(torch.get_rng_state(), before)
    assert len({loss(1, 0), loss(1, 1), loss(2, 0)}) == 3


def test_published_shapes_of_the_baselines_are_those_of_their_authors() -> None:
    size = SIZES_BY_NAME["published"]
    configs = {
        setting: model_config(setting, size.window, *size.shape_of(setting), 2000)
        for setting in (Setting.EPINFORMER, Setting.ENFORMER)
    }
    assert configs == {
        Setting.EPINFORMER: EPInformerConfig(calls_elements=True),
        Setting.ENFORMER: EnformerConfig(),
    }


def test_epinformer_reads_given_elements_or_calls_them_and_no_more_than_find_room() -> None:
    def config(window: int, given: bool) -> EPInformerConfig:
        return model_config(Setting.EPINFORMER, window, 32, 2, 2000, given_mask=given)

    assert [config(10_000, given).needs_mask for given in (False, True)] == [False, True]
    assert [config(window, False).elements for window in (2_000, 10_000, 75_000, 200_000)] == [1, 8, 60, 60]


@pytest.mark.parametrize(
    ("setting", "window", "d_model", "message"),
    [
        (Setting.EPINFORMER, 1_999, 32, "--window 1,999: epinformer reads at least 2,000 bp; use a longer"),
        (Setting.ENFORMER, 511, 48, "--window 511: enformer reads at least 512 bp; use a longer one"),
        (Setting.ENFORMER, 600, 100, "100 channels, but those of Enformer are a multiple of 48"),
        (Setting.EPINFORMER, 2_000, 48, "48 channels in 4 heads"),
    ],
)
def test_sizes_that_a_baseline_cannot_have_are_refused(
    setting: Setting, window: int, d_model: int, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        model_config(setting, window, d_model, layers=1, promoter=8)


def test_enformer_without_its_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "enformer_pytorch", None)
    with pytest.raises(TracksError, match=r"not installed: pip install 'seq2exp-tracks\[enformer\]'"):
        check_packages(model_config(Setting.ENFORMER, 600, 48, 1, 8))
    check_packages(model_config(Setting.EPINFORMER, 2000, 32, 1, 8))


def test_a_schedule_is_the_published_one_in_its_proportions() -> None:
    published = schedule(50_000, 5e-4)
    assert (published.steps, published.warmup, published.peak) == (50_000, 5_000, 5e-4)
    assert (published.start, published.end) == pytest.approx((1e-5, 1e-4))


def test_a_window_shorter_than_the_promoter_is_refused() -> None:
    with pytest.raises(InputError, match="--window 1,000: shorter than the promoter of 2,000 bp"):
        model_config(Setting.SOFT, window=1000, d_model=4, layers=1, promoter=2000)
