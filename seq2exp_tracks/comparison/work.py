"""What there is to do in a comparison: the files of a case, then every step of a method on it."""

from seq2exp_tracks.comparison.called_peaks import call_peaks
from seq2exp_tracks.comparison.cases import Case
from seq2exp_tracks.comparison.methods import Method, learns_mask
from seq2exp_tracks.comparison.request import CompareRequest
from seq2exp_tracks.comparison.steps import Places, evaluate, score, train, train_request
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.simulation.folder import RECORD
from seq2exp_tracks.simulation.genome import CELL_TYPES, simulate
from seq2exp_tracks.simulation.setting import setting_named


def prepare(case: Case, progress: Progress) -> None:
    """Makes what the methods of a case share: its genome and its peaks."""
    genome = case.genome
    if genome is not None and not (genome.folder / RECORD).exists():
        # One cell type: a further one would leave its files as they are.
        simulate(
            genome.folder,
            case.seed,
            genome.layout,
            setting_named(genome.setting),
            cell_types=CELL_TYPES[:1],
            overwrite=True,
            progress=progress,
        )
    call_peaks(case, progress)


def work(case: Case, method: Method, request: CompareRequest, progress: Progress) -> None:
    """Trains a method on a case that is prepared; scores and measures its mask, if it learns one."""
    train(case, method, request, progress)
    if learns_mask(train_request(case, method, request.training).config):
        score(case, method, request, progress)
        evaluate(case, method, progress)


def is_trained(case: Case, method: Method) -> bool:
    """Whether a training is done."""
    return Places.of(case, method.name).model.summary.exists()
