"""verify_run: a run's folder to what is wrong with it."""

import random
from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.evaluation.run_inputs import windows_of
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.run_reader import Run
from seq2exp_tracks.verification.files import check_files
from seq2exp_tracks.verification.finding import Finding
from seq2exp_tracks.verification.reference import rescored
from seq2exp_tracks.verification.sample import GeneCheck


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what is wrong.

    Attributes:
        files: How many files of the run were looked at.
        full: Whether every byte of them was read, and of the inputs.
        genes: Ids of the genes that were scored again.
        bases: Bases that were compared with those scores, over all tracks.
        tracks: How many tracks these are of.
        findings: What is wrong.
    """

    files: int
    full: bool
    genes: tuple[str, ...]
    bases: int
    tracks: int
    findings: tuple[Finding, ...]


def verify_run(
    folder: Path, *, full: bool = False, sample: int = 0, seed: int = 0, progress: Progress | None = None
) -> Verified:
    """Checks a run against its manifest, and genes of it against the reference.

    Args:
        folder: The run's folder.
        full: Whether all bytes of its files and its inputs are read; else sizes are compared.
        sample: How many genes are scored again; at most all.
        seed: Which ones: the same for the same number.
        progress: Who is told how far it is.

    Raises:
        InputError: If there is no manifest, or it cannot be read.
    """
    progress = progress or Silent()
    manifest = Manifest.read(folder)
    findings = list(check_files(folder, manifest, full=full, progress=progress))
    genes: tuple[str, ...] = ()
    bases = tracks = 0
    if sample:
        try:
            run = Run.open(folder)
            chosen = chosen_genes(run, sample, seed)
            check = GeneCheck(run, windows_of(run))
            for scores in rescored(run, chosen, progress):
                findings += check(scores)
            genes = tuple(gene.id for gene in chosen)
            bases, tracks = check.bases, len(check.tracks)
        except InputError as error:
            findings.append(Finding("not recomputed", str(error)))
    return Verified(len(manifest.files), full, genes, bases, tracks, tuple(findings))


def chosen_genes(run: Run, sample: int, seed: int) -> list[Gene]:
    """Some genes of a run at random, in its order."""
    genes = [scored.gene for scored in run.genes.values()]
    numbers = random.Random(seed).sample(range(len(genes)), min(sample, len(genes)))
    return [genes[number] for number in sorted(numbers)]
