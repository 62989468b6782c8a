"""The steps of one method on one case: train, score, evaluate. One whose result is there is not done again.

What decides a result is fixed by the folder it is in and by the comparison's protocol, which is compared
before the first step; so a file that is there, whole, is the result.
"""

import json
from collections.abc import Mapping, Sequence
from csv import DictReader
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seq2exp_tracks.comparison.called_peaks import peaks_of
from seq2exp_tracks.comparison.cases import Case
from seq2exp_tracks.comparison.costs import measured
from seq2exp_tracks.comparison.given_masks import share_read
from seq2exp_tracks.comparison.methods import MACS3, RETRAIN, RETRAIN_SHARE, Method
from seq2exp_tracks.comparison.request import CompareRequest
from seq2exp_tracks.evaluation.evaluate import evaluate_run
from seq2exp_tracks.evaluation.plots import write_plots
from seq2exp_tracks.evaluation.record import RECORD, write_record
from seq2exp_tracks.evaluation.request import EvaluationRequest
from seq2exp_tracks.exports.destination import ExportFolder
from seq2exp_tracks.exports.placing import Placement
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.manifest import FILE_NAME, Manifest
from seq2exp_tracks.pipeline import ScoreRequest, make_tracks
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.training.recipe import write_json
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.training.run import train_model
from seq2exp_tracks.training.settings import Setting
from seq2exp_tracks.training.splits import Part
from seq2exp_tracks.training_files import TrainingFiles

# What training and scoring are told alike of the data.
_READ_ALIKE = (
    *("genome", "signals", "contacts", "no_contacts", "contacts_norm", "clip_negative"),
    *("gene_types", "bed_tss", "chroms", "without", "cells", "remarks"),
)
# float32 has no more: with fewer, many bases of a mask would share its 10 % mark.
_MASK_DECIMALS = 7


@dataclass(frozen=True, slots=True)
class Places:
    """Where the results of a method on a case are.

    Attributes:
        folder: Folder of the method.
    """

    folder: Path

    @classmethod
    def of(cls, case: Case, method: str) -> "Places":
        """The places of a method on a case."""
        return cls(case.folder / method)

    @property
    def model(self) -> TrainingFiles:
        """The training."""
        return TrainingFiles(self.folder / "model")

    @property
    def run(self) -> Path:
        """Scores of the genes of the test part, with each gene's own mask."""
        return self.folder / "run"

    @property
    def mask(self) -> Path:
        """Scores of all genes of the split: the mask that `retrain` reads."""
        return self.folder / "mask"

    @property
    def evaluation(self) -> Path:
        """What the run is worth."""
        return self.folder / "evaluation"

    @property
    def measured_by(self) -> Path:
        """Checksums of what the run was measured against."""
        return self.folder / "measured_by.json"

    @property
    def cost(self) -> Path:
        """Time and memory of the training."""
        return self.folder / "cost.json"

    @property
    def share(self) -> Path:
        """How much of the windows a given mask reads."""
        return self.folder / "given_mask.json"


def train_request(case: Case, method: Method, training: Mapping[str, Any]) -> TrainRequest:
    """What `train` is asked for a method on a case.

    Raises:
        InputError: If the options exclude each other.
    """
    options = dict(training)
    if case.genome is not None and options.get("window") is None:
        options["window"] = case.genome.layout.window
    if method.name == MACS3:
        options["fixed_mask"] = peaks_of(case)
    if method.name == RETRAIN:
        options["fixed_mask"] = Places.of(case, Setting.SOFT).mask / "mask.bw"
        options["fixed_share"] = RETRAIN_SHARE
    out = Places.of(case, method.name).model.folder
    return TrainRequest(
        **case.inputs, **options, setting=method.setting, seed=case.seed, resume=True, out=out
    )


def train(case: Case, method: Method, request: CompareRequest, progress: Progress) -> None:
    """Trains a method, or goes on where it was broken off; then tells what a given mask reads."""
    places, asked = Places.of(case, method.name), train_request(case, method, request.training)
    if not places.model.summary.exists():
        whole = not places.model.recipe.exists()
        measured(lambda: train_model(asked, progress), places.cost, whole=whole)
    if method.setting.is_given_mask and not places.share.exists():
        share = share_read(asked, progress)
        with whole_file(places.share) as partial:
            partial.write_text(json.dumps({"share": share}) + "\n")


def score(case: Case, method: Method, request: CompareRequest, progress: Progress) -> None:
    """Scores the genes of the test part; of the soft model also all genes, where its mask is trained on."""
    places = Places.of(case, method.name)
    genes = genes_of(places.model.predictions)
    test = [gene for gene, part in genes.items() if part == Part.TEST]
    _score(case, places, places.run, test, request, progress, per_gene=True)
    if method.setting is Setting.SOFT and RETRAIN in request.methods:
        options = {"per_gene": False, "precision": _MASK_DECIMALS}
        _score(case, places, places.mask, list(genes), request, progress, **options)


def evaluate(case: Case, method: Method, progress: Progress) -> None:
    """Measures the run; again, where a truth or what it is compared with has joined or changed since."""
    places, asked = Places.of(case, method.name), evaluation_request(case, method)
    files = {"truth": asked.truth, "crispr": asked.crispr, "macs3": asked.macs3, **asked.against}
    now = {name: sha256_of(path) for name, path in files.items() if path is not None}
    if _was_asked(places.evaluation / RECORD, asked) and _read(places.measured_by) == now:
        return
    with ExportFolder(places.evaluation, "evaluation", overwrite=True, placement=Placement.COPY) as folder:
        found = evaluate_run(asked, progress)
        write_record(found, folder)
        write_plots(found, folder)
    write_json(now, places.measured_by)


def evaluation_request(case: Case, method: Method) -> EvaluationRequest:
    """What `evaluate` is asked for the run of a method on a case.

    Raises:
        InputError: If the options exclude each other.
    """
    places = Places.of(case, method.name)
    predictions = places.model.predictions
    knows_truth = any(case.judged_by.get(name) is not None for name in ("truth", "crispr"))
    return EvaluationRequest(
        run=places.run,
        labels=predictions,
        label_column="label",
        split=predictions,
        macs3=peaks_of(case) if knows_truth else None,
        **case.judged_by,
    )


def genes_of(predictions: Path) -> dict[str, str]:
    """The part of each gene of a training, by its id."""
    with predictions.open(newline="") as file:
        return {row["gene_id"]: row["split"] for row in DictReader(file, delimiter="\t")}


def _score(
    case: Case,
    places: Places,
    out: Path,
    genes: Sequence[str],
    request: CompareRequest,
    progress: Progress,
    **options: Any,
) -> None:
    checkpoint = places.model.best
    if (out / FILE_NAME).exists() and Manifest.read(out).model.sha256 == sha256_of(checkpoint):
        return
    alike = {name: case.inputs[name] for name in _READ_ALIKE if name in case.inputs}
    asked = ScoreRequest(
        **alike,
        **options,
        checkpoint=checkpoint,
        names=tuple(genes),
        device=request.training.get("device", "auto"),
        workers=request.workers,
        overwrite=True,
        out=out,
    )
    make_tracks(asked, progress)


def _was_asked(record: Path, asked: EvaluationRequest) -> bool:
    """Whether an evaluation is there that was asked for the same."""
    before = _read(record)
    now = json.loads(json.dumps(asdict(asked), default=str))
    return before is not None and bool(before.get("request") == now)


def _read(path: Path) -> dict[str, Any] | None:
    """The content of a JSON file; None where there is none, or it is damaged."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
