"""Opens measured data before the first training: what cannot be used is told then, and not after hours."""

from pathlib import Path

from seq2exp_tracks.comparison.called_peaks import peaks_of
from seq2exp_tracks.comparison.cases import Case
from seq2exp_tracks.comparison.methods import MACS3, Method
from seq2exp_tracks.comparison.request import CompareRequest
from seq2exp_tracks.comparison.steps import evaluation_request, train_request
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.evaluation.given import GivenIntervals
from seq2exp_tracks.evaluation.request import EvaluationRequest
from seq2exp_tracks.evaluation.truth import crispr_truth, planted_truth
from seq2exp_tracks.opening import windows_of
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.training.opening import OpenedTraining, open_training
from seq2exp_tracks.training.settings import Setting


def check_inputs(request: CompareRequest, case: Case, progress: Progress) -> None:
    """Opens what a case is trained on and measured against; nothing of a genome that is yet to be simulated.

    Args:
        request: The comparison.
        case: One of its cases; others have the same data and the same split.
        progress: Who is told of each step.

    Raises:
        TracksError: If an input cannot be used, or no test gene has an element of the truth in reach.
    """
    if case.genome is not None:
        return
    method = _opened_for(request, case)
    asked = evaluation_request(case, method)
    for path in (asked.truth, asked.crispr, *asked.against.values()):
        _check_there(path)
    training = train_request(case, method, request.training)
    opened = open_training(training, training.config, progress)
    _check_truth(asked, opened, training.config.window)
    sizes = opened.reader.inputs.sizes
    given = [asked.macs3] if asked.macs3 is not None and asked.macs3 == case.peaks else []
    for path in (*asked.against.values(), *given):
        GivenIntervals.read(path, sizes)


def _opened_for(request: CompareRequest, case: Case) -> Method:
    """The method whose inputs are opened: the one that reads peaks, if these are there."""
    if peaks_of(case) == case.peaks:
        return next((one for one in request.chosen if one.name == MACS3), request.chosen[0])
    return request.chosen[0] if request.chosen[0].name != MACS3 else Method.named(Setting.SOFT)


def _check_truth(asked: EvaluationRequest, opened: OpenedTraining, window: int) -> None:
    """Refuses a truth that says nothing of the test genes."""
    sizes = opened.reader.inputs.sizes
    windows = windows_of(opened.split.test, window, sizes)
    if asked.truth is not None:
        planted_truth(asked.truth, windows, sizes)
    if asked.crispr is not None:
        crispr_truth(asked.crispr, windows, sizes, asked.cell_type)


def _check_there(path: Path | None) -> None:
    if path is not None and not path.is_file():
        raise InputError(f"{path}: no such file")
