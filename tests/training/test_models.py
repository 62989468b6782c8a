"""Every model that can be trained takes a step, is saved, and predicts the same when it is read again."""

from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric
from small_training import LENGTH, SETTINGS, examples

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.training.gradients import Aim
from seq2exp_tracks.training.loop import Fitting, predict
from seq2exp_tracks.training.models import load_model, marginal_of, new_model, save_model
from seq2exp_tracks.training.places import TrainingFiles
from seq2exp_tracks.training.settings import Setting, model_config, schedule


@pytest.mark.parametrize("setting", Setting)
def test_a_model_is_trained_saved_and_read_again(setting: Setting, tmp_path: Path) -> None:
    config = model_config(setting, window=LENGTH, d_model=4, layers=1, promoter=8)
    peaks = (torch.arange(LENGTH) % 7 < 3).float()
    windows = [example._replace(fixed_mask=peaks) for example in examples(6)]
    model = new_model(config, seed=2)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    fabric = Fabric(accelerator="cpu", devices=1)
    fitting = Fitting(
        model=model,
        aim=Aim(marginal_of(config), SETTINGS.weights),
        settings=SETTINGS,
        files=TrainingFiles(tmp_path),
        fabric=fabric,
        write=lambda path: save_model(model, path),
        progress=Silent(),
    )
    fitting.run(windows, windows)
    changed = {name: not torch.equal(before[name], weight) for name, weight in model.named_parameters()}
    of_signals = {"signal_weights", "signal_betas"} & changed.keys()  # not learned, as published
    assert changed == dict.fromkeys(changed, True) | dict.fromkeys(of_signals, False)
    save_model(model, tmp_path / "model.safetensors")
    read = load_model(config, tmp_path / "model.safetensors")
    (expected, _), (found, labels) = (predict(each, windows, fabric) for each in (model, read))
    assert (found == expected).all()
    assert labels.tolist() == [window.label.item() for window in windows]


def test_a_schedule_is_the_published_one_in_its_proportions() -> None:
    published = schedule(50_000, 5e-4)
    assert (published.steps, published.warmup, published.peak) == (50_000, 5_000, 5e-4)
    assert (published.start, published.end) == pytest.approx((1e-5, 1e-4))


def test_a_window_shorter_than_the_promoter_is_refused() -> None:
    with pytest.raises(InputError, match="--window 1,000: shorter than the promoter of 2,000 bp"):
        model_config(Setting.SOFT, window=1000, d_model=4, layers=1, promoter=2000)
