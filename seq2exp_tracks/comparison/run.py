"""compare: every method on every case, and the tables of what came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.comparison.called_peaks import check_caller
from seq2exp_tracks.comparison.cases import Case, cases_of
from seq2exp_tracks.comparison.in_turn import go_through
from seq2exp_tracks.comparison.methods import MACS3, Method
from seq2exp_tracks.comparison.opening import check_inputs
from seq2exp_tracks.comparison.outcomes import Outcome, outcome_of
from seq2exp_tracks.comparison.protocol import protocol_of, take_place
from seq2exp_tracks.comparison.record import NAMES, write_comparison
from seq2exp_tracks.comparison.request import CompareRequest
from seq2exp_tracks.comparison.side_by_side import devices_of, go_through_together
from seq2exp_tracks.comparison.steps import train_request
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.training.claim import claimed
from seq2exp_tracks.training.models import new_model
from seq2exp_tracks.training.recipe import versions


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison made.

    Attributes:
        report: All tables, as Markdown.
        files: Where they are, and the numbers behind them.
    """

    report: str
    files: tuple[Path, ...]


def compare(request: CompareRequest, progress: Progress) -> Compared:
    """Trains, scores and measures every method on every case, and sums up.

    What is in the folder already is not computed again, and a training that was broken off goes on. So a
    comparison that was killed goes on when it is asked for again.

    Args:
        request: What is compared.
        progress: Who is told how far it is.

    Raises:
        TracksError: If an input cannot be used, the folder holds something else, or a training fails.
    """
    cases, methods = cases_of(request), request.chosen
    _check_peaks(cases, methods)
    parameters = {method.name: _parameters(request, cases[0], method) for method in methods}
    devices = devices_of(request)
    check_inputs(request, cases[0], progress)
    protocol = protocol_of(request, progress)
    take_place(request.out, protocol)
    with claimed(request.out, "comparison"):
        if len(devices) > 1:
            go_through_together(request, cases, devices, progress)
        else:
            go_through(request, cases, progress)
        outcomes = _outcomes(request, cases, parameters)
        told = protocol | {
            "methods": list(request.methods),
            "seeds": list(request.seeds),
            "data_sets": list(dict.fromkeys(case.data for case in cases)),
            "reference": request.against,
            "versions": versions(),
        }
        report = write_comparison(request.out, outcomes, request.against, told)
    return Compared(report, tuple(request.out / name for name in NAMES))


def _check_peaks(cases: Sequence[Case], methods: Sequence[Method]) -> None:
    """Refuses peaks that are needed and cannot be had, before anything is computed."""
    if cases[0].peaks is None and any(method.name == MACS3 for method in methods):
        raise InputError(
            "--method macs3 reads peaks: give --peaks (narrowPeak) or --bam to call them from, or name the "
            "methods without it (--method)"
        )
    for case in cases:
        check_caller(case)


def _parameters(request: CompareRequest, case: Case, method: Method) -> int:
    """How many numbers of a method are trained; refuses sizes that do not fit, and packages that lack."""
    model = new_model(train_request(case, method, request.training).config, case.seed)
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def _outcomes(request: CompareRequest, cases: Sequence[Case], parameters: Mapping[str, int]) -> list[Outcome]:
    """What came out, by data set, by method as they were asked for, by seed."""
    data = list(dict.fromkeys(case.data for case in cases))
    found = [outcome_of(case, method, parameters[method.name]) for case in cases for method in request.chosen]
    return sorted(found, key=lambda one: (data.index(one.data), request.methods.index(one.method)))
