"""The optimiser and its schedule are the published ones."""

import json
from pathlib import Path

import pytest
import torch

from seq2exp_tracks.model import SOFT, Seq2Exp
from seq2exp_tracks.training.optimiser import Schedule, make_optimiser, make_scheduler


def test_rates_are_those_of_the_published_run(golden: Path) -> None:
    recorded = json.loads((golden / "misc" / "misc.json").read_text())["lr_schedule_published"]["lr"]
    schedule = Schedule()
    found = {step: schedule.rate(int(step)) for step in recorded}
    assert found == pytest.approx(recorded, rel=1e-12)


def test_a_scheduler_sets_the_rate_of_every_update(golden: Path) -> None:
    recorded = json.loads((golden / "misc" / "misc.json").read_text())["lr_schedule_small"]
    args = recorded["args"]
    schedule = Schedule(args["max_steps"], args["warm"], args["init"], args["lr"], args["mn"])
    optimiser = make_optimiser(torch.nn.Linear(2, 1), schedule)
    scheduler, found = make_scheduler(optimiser, schedule), []
    for _ in recorded["lr"]:
        found.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    assert found == pytest.approx(recorded["lr"], rel=1e-12)


def test_a_warm_up_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="a warm-up of 10 in 10 steps"):
        Schedule(steps=10, warmup=10)


def test_biases_and_memories_are_not_drawn_to_zero() -> None:
    with torch.device("meta"):
        model = Seq2Exp(SOFT)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    decayed, free = (
        {names[id(parameter)] for parameter in group["params"]}
        for group in make_optimiser(model, Schedule()).param_groups
    )
    assert {name.rsplit(".", 1)[-1] for name in free} == {"bias", "conv_bias", "A_log", "D"}
    assert {name.rsplit(".", 1)[-1] for name in decayed} == {"weight", "conv_weight"}
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert decayed | free == trained
