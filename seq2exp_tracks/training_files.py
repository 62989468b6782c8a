"""The files of a training run: what `training` writes and `evaluation` reads."""

from dataclasses import dataclass
from pathlib import Path

_EVENTS = "events.out.tfevents.*"


@dataclass(frozen=True, slots=True)
class TrainingFiles:
    """Where a run writes.

    Attributes:
        folder: Folder of the run.
    """

    folder: Path

    @property
    def best(self) -> Path:
        """The checkpoint of the lowest validation error."""
        return self.folder / "best.safetensors"

    @property
    def state(self) -> Path:
        """What a broken run goes on from."""
        return self.folder / "last.pt"

    @property
    def log(self) -> Path:
        """Evaluations."""
        return self.folder / "log.csv"

    @property
    def board(self) -> Path:
        """The same for TensorBoard, where it is installed: a folder."""
        return self.folder / "tensorboard"

    @property
    def curves(self) -> Path:
        """The same as a picture."""
        return self.folder / "curves.png"

    @property
    def recipe(self) -> Path:
        """What the run was made from and how; written first."""
        return self.folder / "recipe.json"

    @property
    def predictions(self) -> Path:
        """Genes of the split, with the best checkpoint's predictions for those that did not train."""
        return self.folder / "predictions.tsv"

    @property
    def summary(self) -> Path:
        """What was measured, with the recipe; written last."""
        return self.folder / "training.json"

    @property
    def is_training(self) -> bool:
        """Whether the folder is that of a training, whole or not."""
        return self.recipe.is_file() or self.summary.is_file()

    @property
    def all(self) -> tuple[Path, ...]:
        """Every file: first the one that says that a run is whole, last the one that says that there is one.

        Of TensorBoard's folder those that are there, by the name that TensorBoard gives them.
        """
        files = (self.summary, self.state, self.best, self.log, self.curves, self.predictions)
        return (*files, *sorted(self.board.glob(_EVENTS)), self.recipe)
