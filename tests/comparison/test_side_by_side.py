"""Trainings side by side end in the files of trainings one after the other."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from small_comparison import small_comparison

from seq2exp_tracks.comparison.protocol import protocol_of, take_place
from seq2exp_tracks.comparison.run import compare
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.progress import Silent

METHODS = ("retrain", "soft", "caduceus")  # the first waits for the second


class Watched(Silent):
    """Progress that counts steps of its stages."""

    def __init__(self) -> None:
        self.stages: dict[str, list[int]] = {}

    def stage(self, label: str, total: int) -> None:
        self._steps = self.stages.setdefault(label, [total, 0])

    def advance(self) -> None:
        self._steps[1] += 1


def results(out: Path) -> dict[str, bytes]:
    """Whatever a comparison leaves that does not tell its time or its folder."""
    names = ("best.safetensors", "log.csv", "predictions.tsv", "mask.bw", "elements.tsv", "coverage.tsv")
    return {str(path.relative_to(out)): path.read_bytes() for name in names for path in out.rglob(name)}


@pytest.mark.slow
def test_the_numbers_are_those_of_one_at_a_time(tmp_path: Path) -> None:
    alone = small_comparison(tmp_path / "alone", *METHODS, seeds=(1, 2))
    compare(alone, Silent())
    together = replace(alone, out=tmp_path / "together", jobs=2)
    watched = Watched()
    compare(together, watched)
    assert watched.stages["Training, 2 at a time"] == [24, 24]
    found = results(alone.out)
    assert {"elements.tsv", "default/seed2/soft/mask/mask.bw", "default/seed1/retrain/model/log.csv"} < set(
        found
    )
    assert results(together.out) == found


@pytest.mark.slow
def test_what_goes_wrong_in_a_process_is_told_as_it_is(tmp_path: Path) -> None:
    request = replace(small_comparison(tmp_path / "out", "soft", "caduceus"), jobs=2)
    recipe = request.out / "default" / "seed1" / "caduceus" / "model" / "recipe.json"
    take_place(request.out, protocol_of(request, Silent()))
    recipe.parent.mkdir(parents=True)
    recipe.write_text("no recipe")
    with pytest.raises(InputError, match=f"^{re.escape(str(recipe))}: "):
        compare(request, Silent())
