"""`seq2exp-tracks score`: genes in, genome tracks out."""

from pathlib import Path
from typing import Any

import click

from .inputs import input_options
from .options import PATH, hardware_options
from .progress import progress_bar
from .report import report_run


@click.command()
@click.option(
    "--checkpoint", type=PATH, required=True, help="Trained weights: a published .ckpt or .safetensors."
)
@input_options()
@click.option(
    "--gene", "names", multiple=True, metavar="NAME", help="Only this gene, by symbol or id. Repeatable."
)
@click.option(
    "--region", help="Only genes with their TSS in it: chr22:36,000,000-36,500,000 (1-based, inclusive)."
)
@click.option("--labels", type=PATH, help="Table of measured expression, copied beside the prediction.")
@click.option("--label-column", metavar="NAME", help="Column of --labels.")
@click.option("--window", type=int, metavar="BP", help="Bases around the TSS.  [default: the checkpoint's]")
@click.option(
    "--merge",
    type=click.Choice(["max", "mean", "nearest"]),
    default="max",
    show_default=True,
    help="Where windows overlap, a base gets their highest score, their mean, or that of the nearest TSS.",
)
@click.option(
    "--top-share", type=float, metavar="SHARE", help="Call this share of bases.  [default for soft: 0.10]"
)
@click.option("--threshold", type=float, help="Call bases of at least this score.  [default for hard: 0.5]")
@click.option("--gap", type=int, default=100, show_default=True, metavar="BP", help="Join calls this close.")
@click.option(
    "--min-length", type=int, default=50, show_default=True, metavar="BP", help="Drop shorter elements."
)
@click.option(
    "--per-gene/--no-per-gene",
    default=None,
    help="Also write each gene's own mask.  [default: for 50 genes or fewer]",
)
@click.option(
    "--resolution",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="BP",
    help="Bases that share a value in the mask's tracks: 10 makes them 8 times smaller.",
)
@click.option(
    "--bin-by",
    type=click.Choice(["mean", "max"]),
    default="mean",
    show_default=True,
    help="What a bin of --resolution holds of its bases.",
)
@click.option(
    "--precision",
    type=click.IntRange(0, 7),
    metavar="DECIMALS",
    help="Decimals of the mask's tracks.  [default: 3, and 4 for mask.sd]",
)
@click.option(
    "--shared-generator",
    is_flag=True,
    help="Soft models: overlapping windows share a pass of the generator. Faster; not exact.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=0.01,
    show_default=True,
    help="With --shared-generator: refuse if masks or expression differ by more from exact ones.",
)
@click.option(
    "--calibration-genes",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    metavar="N",
    help="With --shared-generator: genes that are scored both ways before the run.",
)
@hardware_options
@click.option(
    "--writers",
    type=click.IntRange(min=0),
    metavar="N",
    help="Processes that write beside them.  [default: 0 on the CPU, 2 on a GPU]",
)
@click.option("--overwrite", is_flag=True, help="Replace the run that OUT holds.")
@click.option("--out", type=PATH, required=True, help="Folder for the tracks.")
def score(genome: str, genes: Path | None, features: Path | None, out: Path, **options: Any) -> None:
    """Score every gene's window and write tracks of what the model learned.

    \b
    Example:
      seq2exp-tracks score --genome hg38 --checkpoint soft.ckpt \\
          --signal H3K27ac=k562.h3k27ac.bw --signal DNase=k562.dnase.bw \\
          --contacts k562.mcool --chrom chr22 --out k562

    OUT then holds mask.bw (learned score of every base), mask.sd.bw (its uncertainty),
    mask.applied.bw (what the predictor saw), elements.bed, genes.bed, genes.parquet, predicted
    expression by strand, and manifest.json, which says what all of it was made from.
    """
    from seq2exp_tracks.pipeline import ScoreRequest, make_tracks
    from seq2exp_tracks.resources.registry import Registry

    entry = Registry().get(genome).with_files(genes=genes, features=features)
    with progress_bar() as progress:
        found = make_tracks(ScoreRequest(genome=entry, out=out, **options), progress)
    report_run(out, found)
