"""Scores the genes of a training with its checkpoint and the inputs that it was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.evaluation.request import EvaluationRequest
from seq2exp_tracks.evaluation.training_folder import LEARN_MASKS, read_recipe, refuse_linear
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.contact_vectors import contacts_of_inputs
from seq2exp_tracks.io.tables import read_table
from seq2exp_tracks.manifest import FILE_NAME, Manifest
from seq2exp_tracks.pipeline import ScoreRequest, make_tracks
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.signals import CONTACT_SIGNAL
from seq2exp_tracks.training_files import TrainingFiles

_SIGNAL = "signal:"
_OF_GENOME = ("fasta", "genes", "blacklist", "features")


@dataclass(frozen=True, slots=True, eq=False)
class TrainedCheckpoint:
    """The best checkpoint of a training that learned a mask.

    Attributes:
        files: The training.
        checkpoint: The checkpoint.
        recipe: What the training was made from.
    """

    files: TrainingFiles
    checkpoint: Path
    recipe: Mapping[str, Any]

    @classmethod
    def open(cls, checkpoint: Path) -> Self:
        """Looks at what lies beside a checkpoint.

        Raises:
            InputError: If it was not trained here, has no mask, or the training is not whole.
        """
        files = TrainingFiles(checkpoint.parent)
        if not files.recipe.is_file():
            raise InputError(
                f"{checkpoint}: no {files.recipe.name} of a training beside it; score genes with it, and "
                "evaluate that run"
            )
        recipe = read_recipe(files.recipe)
        folder, setting = files.folder, recipe["setting"]
        if setting not in LEARN_MASKS:
            raise InputError(f"{checkpoint}: --setting {setting} has no mask to score; evaluate {folder}")
        if "published" in recipe["data"]:
            raise InputError(
                f"{checkpoint}: was trained on the published data folder, which `score` does not read; "
                f"evaluate {folder}"
            )
        if not files.summary.is_file():
            raise InputError(f"{folder}: the training is not whole; go on with it by train --resume")
        return cls(files, checkpoint, recipe)

    def score(self, out: Path, *, per_gene: bool, device: str, progress: Progress) -> Path:
        """Scores every gene of the split; a whole run of the same weights that is there is taken as it is.

        Args:
            out: Folder of the run.
            per_gene: Each gene's own mask is written too.
            device: `auto`, `cpu` or `cuda`.
            progress: Who is told of each gene.

        Returns:
            The folder of the run.

        Raises:
            TracksError: If an input is gone or has changed, or the folder cannot be written.
        """
        if (out / FILE_NAME).is_file():
            if Manifest.read(out).model.sha256 == sha256_of(self.checkpoint):
                progress.note(f"{out}: scored before with this checkpoint; its scores are used again")
                return out
            progress.note(f"{out}: scored before with other weights; is scored again")
        make_tracks(self._request(out, per_gene, device, self._inputs(progress)), progress)
        return out

    def evaluation_of(self, run: Path, request: EvaluationRequest) -> EvaluationRequest:
        """What to measure of its run: by labels and parts of the training, unless others are asked for.

        Raises:
            InputError: If the logarithm of the training's own labels is asked for.
        """
        predictions = self.files.predictions
        request = replace(request, run=run, split=request.split or predictions)
        if request.labels is not None:
            return request
        refuse_linear(request.linear_labels)
        return replace(request, labels=predictions, label_column="label")

    def _inputs(self, progress: Progress) -> dict[str, Path]:
        """The files that it was trained on, as they were then, by role."""
        entries = {
            role: entry
            for role, entry in self.recipe["inputs"].items()
            if role in _OF_GENOME or role.partition(":")[0] in ("contacts", "signal")
        }
        progress.stage("Checking the inputs of the training", len(entries))
        found = {}
        for role, entry in entries.items():
            path = Path(entry["path"])
            if not path.is_file():
                raise InputError(
                    f"{path}: the training's {role} is not there any more; put it back, or score the genes "
                    "and evaluate that run"
                )
            if sha256_of(path) != entry["sha256"]:
                raise InputError(
                    f"{path}: the training's {role} has changed since; put the old one back, or score the "
                    "genes and evaluate that run"
                )
            found[role] = path
            progress.advance()
        return found

    def _request(self, out: Path, per_gene: bool, device: str, inputs: Mapping[str, Path]) -> ScoreRequest:
        """What `score` would be asked for."""
        data = self.recipe["data"]
        contacts = contacts_of_inputs(inputs)
        genome = {role: inputs[role] for role in _OF_GENOME if role in inputs}
        genes = read_table(self.files.predictions)
        return ScoreRequest(
            genome=GenomeEntry("training", **genome),
            checkpoint=self.checkpoint,
            signals={
                role.removeprefix(_SIGNAL): path for role, path in inputs.items() if role.startswith(_SIGNAL)
            },
            contacts=contacts,
            no_contacts=contacts is None and CONTACT_SIGNAL in self.recipe["model"]["signals"],
            contacts_norm="VC" if contacts is None else data["contacts_norm"],
            without=tuple(data.get("without", ())),
            clip_negative=data["clip_negative"],
            gene_types=tuple(data["gene_types"]),
            bed_tss=data["bed_tss"],
            names=tuple(genes.text("gene_id")),
            per_gene=per_gene,
            device=device,
            overwrite=True,
            cells=data.get("cells"),
            remarks=tuple(data.get("remarks", ())),
            out=out,
        )
