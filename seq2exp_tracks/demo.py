"""The whole of it on a genome made on the spot: simulate, score, draw."""

from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.exports.plot import plot_gene
from seq2exp_tracks.pipeline import Progress, ScoreRequest, make_tracks
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.simulation.checkpoint import demo_caveat, demo_checkpoint
from seq2exp_tracks.simulation.genome import CELL_TYPES, simulate
from seq2exp_tracks.simulation.recovery import Recovery, recovery_of_run
from seq2exp_tracks.tracks.summary import RunSummary

# A gene of the middle of the first chromosome, with enhancers on both sides in the genome of seed 0.
GENE = "A10"

# The first of the simulated cell types, whose signals are scored.
CELLS = f"simulated cells {CELL_TYPES[0]}"


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo made.

    Attributes:
        run: Folder of the tracks.
        found: What was found, in a few numbers.
        picture: PNG of one gene's window.
        recovered: How many of the planted elements the calls found, against chance.
        caveat: What the demo can and cannot show.
    """

    run: Path
    found: RunSummary
    picture: Path
    recovered: Recovery
    caveat: str


def run_demo(out: Path, seed: int, overwrite: bool, progress: Progress) -> Demo:
    """Makes a small genome with known regulatory elements, scores its genes and draws one.

    Args:
        out: Folder for the genome (`genome/`), the tracks (`run/`) and the picture.
        seed: Seed of the simulated genome.
        overwrite: Replace a demo that `out` holds.
        progress: Who is told how far it is.

    Returns:
        What was made.

    Raises:
        OutputError: If `out` holds a demo already, or cannot be written.
    """
    run, picture = out / "run", out / "gene.png"
    if (run / "manifest.json").exists() and not overwrite:
        raise OutputError(
            f"{out}: holds a demo already; replace it with --overwrite, or choose another folder"
        )
    genome = simulate(out / "genome", seed, overwrite=True, progress=progress)
    checkpoint = out / "genome" / "demo.safetensors"
    demo_checkpoint(checkpoint)
    request = ScoreRequest(
        genome=GenomeEntry("simulated", genome.fasta, genome.genes, genome.blacklist, genome.features),
        checkpoint=checkpoint,
        signals={"H3K27ac": genome.h3k27ac, "DNase": genome.dnase},
        contacts=genome.contacts,
        labels=genome.labels,
        label_column="expression",
        cells=CELLS,
        overwrite=True,
        out=run,
    )
    found = make_tracks(request, progress)
    plot_gene(run, GENE, picture, truth=genome.truth)
    return Demo(run, found, picture, recovery_of_run(run, genome.truth), demo_caveat())
