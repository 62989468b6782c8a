"""A run that was broken off goes on to the numbers of an unbroken one."""

from pathlib import Path

import pytest
import torch
from small_training import CONFIGS, SETTINGS, SmallRun, examples, new_model

from seq2exp_tracks.checkpoints import load_checkpoint, save_checkpoint
from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.model import Seq2Exp
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.training.examples import Example, as_batch
from seq2exp_tracks.training.gradients import (
    Aim,
    Group,
    gradients_in_threads,
    window_threads,
)
from seq2exp_tracks.training.order import draws_of


class BrokenOffError(Exception):
    pass


class BreaksOff(Silent):
    """Breaks a run off after some updates."""

    def __init__(self, updates: int) -> None:
        self.left = updates

    def advance(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise BrokenOffError


def files_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("best.safetensors", "log.csv")}


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, bytes], Seq2Exp]]:
    found = {}
    for setting in CONFIGS:
        folder = tmp_path_factory.mktemp(setting)
        position, model = SmallRun(folder, setting).go()
        assert position.step == 7
        found[setting] = (files_of(folder), model)
    return found


@pytest.mark.parametrize("updates", range(1, 8))
@pytest.mark.parametrize("setting", CONFIGS)
def test_broken_off_at_any_update(
    unbroken: dict[str, tuple[dict[str, bytes], Seq2Exp]], tmp_path: Path, setting: str, updates: int
) -> None:
    with pytest.raises(BrokenOffError):
        SmallRun(tmp_path, setting, progress=BreaksOff(updates)).go()
    _, model = SmallRun(tmp_path, setting).go()
    files, expected = unbroken[setting]
    assert files_of(tmp_path) == files
    for name, weight in expected.state_dict().items():
        assert torch.equal(model.state_dict()[name], weight), name


def test_broken_off_between_the_checkpoint_and_the_state(
    unbroken: dict[str, tuple[dict[str, bytes], Seq2Exp]], tmp_path: Path
) -> None:
    def write_and_break(model: Seq2Exp, path: Path) -> None:
        save_checkpoint(model, path)
        raise BrokenOffError

    with pytest.raises(BrokenOffError):
        SmallRun(tmp_path, write=write_and_break).go()
    SmallRun(tmp_path).go()
    assert files_of(tmp_path) == unbroken["soft"][0]


def test_the_best_checkpoint_is_that_of_the_lowest_validation_error(tmp_path: Path) -> None:
    position, _ = SmallRun(tmp_path).go()
    rows = [line.split(",") for line in (tmp_path / "log.csv").read_text().splitlines()]
    column = rows[0].index("valid_mse")
    errors = {int(row[0]): float(row[column]) for row in rows[1:]}
    assert list(errors) == [3, 6, 7]
    assert position.best == min(errors.values())
    assert errors[position.best_step] == position.best
    assert load_checkpoint(tmp_path / "best.safetensors").config == CONFIGS["soft"]


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    (tmp_path / "last.pt").write_bytes(b"half")
    with pytest.raises(InputError, match=r"last.pt: the last state cannot be read .*--overwrite"):
        SmallRun(tmp_path).go()


def test_a_loss_that_is_no_number_ends_the_run(tmp_path: Path) -> None:
    run = SmallRun(tmp_path)
    broken = examples(9)
    with pytest.MonkeyPatch.context() as patch:
        nan = [example._replace(label=torch.tensor(torch.nan)) for example in broken]
        patch.setattr("small_training.examples", lambda *_, **__: nan)
        with pytest.raises(TracksError, match="the loss is nan at update 1: use a lower --rate"):
            run.go()


def test_a_validation_error_that_is_no_number_ends_the_run_before_anything_is_saved(tmp_path: Path) -> None:
    def with_broken_labels(count: int, seed: int = 0) -> list[Example]:
        label = torch.tensor(torch.inf)
        return [each._replace(label=label) if seed else each for each in examples(count, seed)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("small_training.examples", with_broken_labels)
        with pytest.raises(TracksError, match="validation error is inf after update 3: use a lower --rate"):
            SmallRun(tmp_path).go()
    assert {path.name for path in tmp_path.iterdir()} <= {"tensorboard"}


@pytest.mark.parametrize("setting", CONFIGS)
def test_the_number_of_threads_changes_no_bit_of_a_gradient(setting: str) -> None:
    found = []
    for threads in (1, 2, 3):
        model = new_model(CONFIGS[setting]).train()
        groups = [
            Group(as_batch([example]), 1 / 5, draws_of(0, 0, number, torch.device("cpu")))
            for number, example in enumerate(examples(5))
        ]
        with window_threads(threads) as pool:
            gradients_in_threads(model, groups, Aim(model.config.beta, SETTINGS.weights), pool)
        found.append({name: weight.grad for name, weight in model.named_parameters()})
    with_gradient = {name for name, gradient in found[0].items() if gradient is not None}
    assert {"encoder.layers.0.forwards.A_log", "mask_output.bias"} <= with_gradient
    for other in found[1:]:
        assert {name for name, gradient in other.items() if gradient is not None} == with_gradient
        for name in with_gradient:
            assert torch.equal(other[name], found[0][name]), name


def test_gradients_of_single_windows_sum_to_those_of_the_batch() -> None:
    model = new_model(CONFIGS["soft"])  # in evaluation mode: what samples a window gets is not the question
    aim = Aim(model.config.beta, SETTINGS.weights)
    windows = examples(4)
    draws = torch.Generator()
    split = [Group(as_batch(windows[:1]), 1 / 4, draws), Group(as_batch(windows[1:]), 3 / 4, draws)]
    gradients = []
    for groups in ([Group(as_batch(windows), 1.0, draws)], split):
        with window_threads(2) as pool:
            losses = gradients_in_threads(model, groups, aim, pool)
        gradients.append((losses, {n: w.grad for n, w in model.named_parameters() if w.requires_grad}))
    (whole_losses, whole), (sum_losses, summed) = gradients
    assert sum_losses == pytest.approx(whole_losses, rel=1e-5)
    for name, gradient in whole.items():
        torch.testing.assert_close(summed[name], gradient, rtol=1e-4, atol=1e-6)
