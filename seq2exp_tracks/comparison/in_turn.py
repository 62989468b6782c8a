"""All trainings of a comparison, one after the other on all cores or on one GPU."""

import time
from collections.abc import Sequence

from seq2exp_tracks.comparison.cases import Case
from seq2exp_tracks.comparison.request import CompareRequest
from seq2exp_tracks.comparison.steps import Places
from seq2exp_tracks.comparison.told import Pace, Told, place
from seq2exp_tracks.comparison.work import is_trained, prepare, work
from seq2exp_tracks.progress import Progress


def go_through(request: CompareRequest, cases: Sequence[Case], progress: Progress) -> None:
    """Does all that is left to do, case by case.

    Args:
        request: What is compared.
        cases: On what.
        progress: Who is told how far it is.

    Raises:
        TracksError: If an input cannot be used or a training fails.
    """
    todo = [(case, method) for case in cases for method in request.chosen]
    pace, said, before = Pace(), set[str](), None
    for number, (case, method) in enumerate(todo, start=1):
        left = [after.name for one, after in todo[number - 1 :] if not is_trained(one, after)]
        label = place(number, len(todo), f"{case.name}, {method.name}", pace.to_go(left) if left else None)
        told = Told(progress, label, said)
        if case is not before:
            prepare(case, told)
            before = case
        whole = not Places.of(case, method.name).model.recipe.exists()  # and not what was left of it
        began = time.perf_counter()
        work(case, method, request, told)
        if whole:
            pace.add(method.name, time.perf_counter() - began)
