"""evaluate_run: the folder of a run or of a training in, everything that can be measured of it out."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from seq2exp_tracks.evaluation.base_scores import (
    base_pieces,
    called_precision,
    called_shares,
    equal_coverage,
    rank_bases,
)
from seq2exp_tracks.evaluation.element_scores import rank_elements
from seq2exp_tracks.evaluation.expression_groups import (
    LabelledGene,
    expression_groups,
    labelled_genes,
)
from seq2exp_tracks.evaluation.found import ElementEvaluation, Evaluation, Subject
from seq2exp_tracks.evaluation.mask_statistics import called_intervals, mask_statistics
from seq2exp_tracks.evaluation.methods import methods_of
from seq2exp_tracks.evaluation.peaks import find_peaks
from seq2exp_tracks.evaluation.request import MACS3, EvaluationRequest
from seq2exp_tracks.evaluation.run_inputs import check_inputs, open_blacklist, windows_of
from seq2exp_tracks.evaluation.training_folder import Training
from seq2exp_tracks.evaluation.truth import Truth, crispr_truth, planted_truth
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.run_reader import Run
from seq2exp_tracks.training_files import TrainingFiles


def evaluate_run(request: EvaluationRequest, progress: Progress | None = None) -> Evaluation:
    """Measures a run, or a training: of that the expression alone, as it holds predictions and no mask.

    Args:
        request: What to measure.
        progress: Who is told how far it is.

    Raises:
        TracksError: At the first file that cannot be used, in one line that names it.
    """
    progress = progress or Silent()
    if TrainingFiles(request.run).is_training:
        return _evaluate_training(request, progress)
    run = Run.open(request.run)
    if request.evidence:
        # Loaded where evidence is asked for: nothing else needs torch, which takes seconds to load.
        from seq2exp_tracks.scoring import resolve_devices

        resolve_devices(request.device)  # a device that is not there is told before anything is computed
    if request.needs_mask:
        check_inputs(run, progress, weights=request.evidence > 0)
    notes: list[str] = []
    progress.stage("Evaluating", 3)
    genes = _genes(run, request, notes)
    expression = expression_groups(genes, request.seed) if genes else []
    progress.advance()
    elements = _elements(run, request, notes)
    progress.advance()
    mask = mask_statistics(run, request.threshold)
    progress.advance()
    evidence = None
    if request.evidence:
        from seq2exp_tracks.evaluation.evidence import gather_evidence

        evidence = gather_evidence(run, request.evidence, request.seed, request.device, progress)
        if run.manifest.settings.get("shared_generator"):
            notes.append("the run shared its generator; the evidence is computed from exact windows")
    else:
        notes.append("no evidence that the model uses what it keeps: --evidence N hides N elements")
    return Evaluation(request, Subject.of_run(run), mask, genes, expression, elements, evidence, tuple(notes))


def _evaluate_training(request: EvaluationRequest, progress: Progress) -> Evaluation:
    """Measures the expression that a training predicted of the genes that did not train."""
    progress.stage("Evaluating", 1)
    training = Training.open(request.run)
    labels = None
    if request.labels is not None and request.label_column is not None:
        labels = (request.labels, request.label_column)
    genes = labelled_genes(training, labels, request.split, request.linear_labels, training.parts)
    expression = expression_groups(genes, request.seed)
    progress.advance()
    subject = Subject(
        folder=training.folder,
        genome=None,
        genes=len(training.genes),
        setting=training.setting,
        window=training.window,
        checkpoint_sha256=training.checkpoint_sha256,
    )
    notes = training.notes
    if request.needs_mask:
        asked = ", ".join(request.needs_mask)
        notes.append(f"{asked}: not measured, as a training holds no mask; {training.way_to_a_mask}")
    return Evaluation(request, subject, None, genes, expression, None, None, tuple(notes))


def _genes(run: Run, request: EvaluationRequest, notes: list[str]) -> list[LabelledGene]:
    """Genes with labels; none, and a note, where the run has no labels and none were given."""
    has_own = any(scored.measured is not None for scored in run.genes.values())
    labels = None
    if request.labels is not None and request.label_column is not None:
        labels = (request.labels, request.label_column)
    elif not has_own:
        notes.append("no labels: expression is not measured; give --labels TSV and --label-column NAME")
        return []
    genes = labelled_genes(run, labels, request.split, request.linear_labels)
    missing = len(run.genes) - len(genes)
    if missing:
        notes.append(f"{missing:,} of {len(run.genes):,} genes have no label and are left out")
    return genes


def _elements(run: Run, request: EvaluationRequest, notes: list[str]) -> ElementEvaluation | None:
    truth = _truth(run, request)
    if truth is None:
        notes.append("no --truth and no --crispr: elements are not measured")
        return None
    with ExitStack() as opened:
        against, command = dict(request.against), None
        if request.macs3 is not None:
            folder = Path(opened.enter_context(TemporaryDirectory(prefix="seq2exp-tracks-")))
            peaks = find_peaks(request.macs3, run.manifest.sizes, folder)
            against[MACS3], command = peaks.path, peaks.command
        methods, more = methods_of(run, against)
    notes += more
    windows = windows_of(run)
    calls = called_intervals(run)
    pieces, step = base_pieces(truth, windows, run.manifest.sizes, open_blacklist(run))
    if step > 1:
        notes.append(f"every {step}th base is looked at: more than 20 million were scored")
    if not pieces:
        notes.append("no base is left that is tested and not blacklisted: bases are not ranked")
    bases = rank_bases(methods, pieces, request.seed)
    shares = called_shares(pieces, calls, methods)
    by_id = {window.gene.id: window for window in windows}
    return ElementEvaluation(
        truth=truth,
        methods={method.name: method.description for method in methods},
        elements=rank_elements(methods, truth.pairs, by_id, request.seed),
        bases=bases,
        step=step,
        coverage=equal_coverage(bases, shares, request.seed),
        calls=called_precision(pieces, calls),
        peak_command=command,
    )


def _truth(run: Run, request: EvaluationRequest) -> Truth | None:
    windows, sizes = windows_of(run), run.manifest.sizes
    if request.truth is not None:
        return planted_truth(request.truth, windows, sizes)
    if request.crispr is not None:
        return crispr_truth(request.crispr, windows, sizes, request.cell_type)
    return None
