"""`seq2exp-tracks evaluate`: what a run's predictions and its mask are worth."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import PATH, named_files
from .progress import progress_bar

if TYPE_CHECKING:
    from seq2exp_tracks.evaluation.expression import Estimate
    from seq2exp_tracks.evaluation.found import ElementEvaluation, Evaluation
    from seq2exp_tracks.evaluation.mask_statistics import MaskStatistics
    from seq2exp_tracks.evaluation.request import EvaluationRequest
    from seq2exp_tracks.exports.destination import ExportedFile


@click.command(short_help="Measure how good a run is.")
@click.argument("run", type=PATH, metavar="RUN|TRAINING|CHECKPOINT")
@click.option("--labels", type=PATH, help="Measured expression instead of the labels of the run.")
@click.option("--label-column", metavar="NAME", help="Column of --labels, as log10(1 + x).")
@click.option(
    "--linear-labels",
    is_flag=True,
    help="Labels are counts or TPM: take their log10(1 + x). Not for the labels of a training.",
)
@click.option("--split", type=PATH, help="Table with each gene's part in its column `split`.")
@click.option("--truth", type=PATH, help="truth.bed of a simulated genome.")
@click.option("--crispr", type=PATH, help="Table of CRISPRi pairs, in the format of EPCrisprBenchmark.")
@click.option("--cell-type", metavar="NAME", help="Only pairs of --crispr of this cell type.")
@click.option(
    "--against",
    multiple=True,
    callback=named_files,
    metavar="NAME=FILE",
    help="Intervals to compare with: BED, narrowPeak or a table with a header. Repeatable.",
)
@click.option("--macs3", type=PATH, help="Peaks of MACS3, or a BAM to call them from with macs3.")
@click.option(
    "--evidence",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Hide N called elements from the model, one by one, and cut their genes' windows.",
)
@click.option(
    "--device", default="auto", show_default=True, help="Of --evidence and of scoring: auto, cpu or cuda."
)
@click.option(
    "--threshold", type=float, default=0.5, show_default=True, help="Score from which a base counts as kept."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of bootstrap and sample."
)
@click.option("--overwrite", is_flag=True, help="Replace the evaluation that OUT holds.")
@click.option("--out", type=PATH, required=True, help="Folder to make.")
def evaluate(out: Path, overwrite: bool, **options: Any) -> None:
    """Measure a run: expression against labels, the mask against truth or CRISPRi and against baselines.

    Give the folder that score wrote; or the best.safetensors that train wrote, whose genes are then
    scored into OUT/run first, with the inputs that it was trained on; or the folder that train
    wrote, also of a baseline, of which expression is measured on the genes that did not train.

    Measures of expression, areas, and precision and recall at equal coverage come with 95 % intervals by the
    bootstrap. docs/evaluation.md defines each.

    \b
    Examples:
      seq2exp-tracks evaluate demo/run --truth demo/genome/A/truth.bed --out demo/evaluation
      seq2exp-tracks evaluate trained/best.safetensors --crispr pairs.tsv --out trained.evaluation
    """
    from seq2exp_tracks.evaluation.request import EvaluationRequest

    request = EvaluationRequest(**options)
    measured = _of_checkpoint if request.run.is_file() else _of_folder
    found, files = measured(request, out, overwrite)
    for note in found.notes:
        click.echo(f"Note: {note}", err=True)
    _report(found)
    width = max(len(file.name) for file in files)
    for file in files:
        click.echo(f"  {file.name:<{width}}  {file.bytes:>12,} bytes  {file.description}")


def _of_folder(
    request: "EvaluationRequest", out: Path, overwrite: bool
) -> "tuple[Evaluation, Sequence[ExportedFile]]":
    """Evaluates a run or a training."""
    from seq2exp_tracks.evaluation.evaluate import evaluate_run
    from seq2exp_tracks.evaluation.plots import write_plots
    from seq2exp_tracks.evaluation.record import write_record
    from seq2exp_tracks.exports.destination import ExportFolder
    from seq2exp_tracks.exports.placing import Placement

    with ExportFolder(out, "evaluation", overwrite=overwrite, placement=Placement.COPY) as folder:
        with progress_bar() as progress:
            found = evaluate_run(request, progress)
        write_record(found, folder)
        write_plots(found, folder)
    return found, folder.files


def _of_checkpoint(
    request: "EvaluationRequest", out: Path, overwrite: bool
) -> "tuple[Evaluation, Sequence[ExportedFile]]":
    """Scores the genes of a training with its checkpoint, and evaluates that."""
    from seq2exp_tracks.evaluation.evaluate import evaluate_run
    from seq2exp_tracks.evaluation.plots import write_plots
    from seq2exp_tracks.evaluation.record import write_record
    from seq2exp_tracks.trained.folder import EvaluatedFolder
    from seq2exp_tracks.trained.scoring import TrainedCheckpoint

    trained = TrainedCheckpoint.open(request.run)
    with EvaluatedFolder(out, overwrite=overwrite) as folder:
        asked = trained.evaluation_of(folder.run, request)
        with progress_bar() as progress:
            # Pairs of element and gene are judged by the gene's own mask.
            per_gene = request.truth is not None or request.crispr is not None
            trained.score(folder.run, per_gene=per_gene, device=request.device, progress=progress)
            found = evaluate_run(asked, progress)
        write_record(found, folder)
        write_plots(found, folder)
    return found, folder.files


def _report(found: "Evaluation") -> None:
    """Prints what was found in a few lines."""
    if found.mask is not None:
        _report_mask(found.mask)
    _report_expression(found)
    if found.elements is not None:
        _report_elements(found.elements)
    if found.evidence is not None:
        changes = [abs(one.change) for one in found.evidence.elements]
        cuts = [abs(one.change) for one in found.evidence.windows]
        click.echo(
            f"evidence: {len(changes):,} elements hidden one by one change log10(1 + CAGE) by "
            f"{sum(changes) / len(changes):.4f} on average; windows cut to 2.5 kb by "
            f"{sum(cuts) / len(cuts):.4f} ({len(cuts):,} genes)"
        )


def _report_mask(mask: "MaskStatistics") -> None:
    """Prints how much the mask keeps."""
    click.echo(
        f"mask: mean {mask.mean:.4f} over {mask.bases:,} bases; "
        f"{mask.kept:.2%} at {mask.threshold:g} or more, {mask.called:.2%} in called elements"
    )


def _report_expression(found: "Evaluation") -> None:
    """Prints how well expression is predicted."""
    for group in found.expression:
        if group.measures and group.by != "chromosome":
            told = ", ".join(f"{name} {_told(group.measures[name])}" for name in ("pearson", "mse", "mae"))
            click.echo(f"expression, {group.name} ({group.genes:,} genes): {told}")


def _report_elements(found: "ElementEvaluation") -> None:
    """Prints the areas of each method, and all at the mask's coverage."""
    for what, ranked in (("pairs", found.elements), ("bases", found.bases)):
        for places in dict.fromkeys(one.places for one in ranked):
            ours = [one for one in ranked if one.places == places]
            click.echo(f"{places} {what} ({ours[0].positive:,} of {ours[0].items:,} regulate): AUPRC, AUROC")
            for one in ours:
                click.echo(f"  {one.method:<12} {_told(one.auprc)}  {_told(one.auroc)}")
    at_mask = [one for one in found.coverage if one.set_by == "mask" and one.places == "distal"]
    if at_mask:
        click.echo(f"distal bases at equal coverage ({at_mask[0].share:.2%}): precision, recall")
    for at in at_mask:
        click.echo(f"  {at.method:<12} {_told(at.precision)}  {_told(at.recall)}")


def _told(estimate: "Estimate") -> str:
    """A figure with its interval."""
    if estimate.value != estimate.value:
        return "not defined"
    if estimate.low != estimate.low:
        return f"{estimate.value:.4f}"
    return f"{estimate.value:.4f} [{estimate.low:.4f}, {estimate.high:.4f}]"
