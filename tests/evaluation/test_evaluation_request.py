"""What an evaluation may be asked for."""

from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.evaluation.request import EvaluationRequest

RUN, TRUTH, FILE = Path("run"), Path("truth.bed"), Path("calls.bed")


@pytest.mark.parametrize("name", ["A", "cCREs", "ABC 0.02", "rE2G_v1.2+-"])
def test_a_name_of_intervals_has_letters_digits_and_few_signs(name: str) -> None:
    assert EvaluationRequest(run=RUN, truth=TRUTH, against={name: FILE}).against == {name: FILE}


@pytest.mark.parametrize("name", ["", " ", "A ", " A", "-A", "A|B", "A\tB", "A\nB", "Ä", "a/b", "*"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(
        InputError, match="a name begins with a letter or digit and has letters, digits, spaces"
    ):
        EvaluationRequest(run=RUN, truth=TRUTH, against={name: FILE})


@pytest.mark.parametrize(
    "name", ["mask", "Mask.Max", "DNASE", "h3k27ac", "Prior", "ABC", "distance", "macs3"]
)
def test_names_of_the_methods_are_taken(name: str) -> None:
    with pytest.raises(InputError, match="that name is taken; choose another"):
        EvaluationRequest(run=RUN, truth=TRUTH, against={name: FILE})
