"""`seq2exp-tracks train`: genes with measured expression in, a checkpoint for `score` out."""

from pathlib import Path
from typing import Any

import click

from .options import PATH, named_files
from .progress import progress_bar


@click.command()
@click.option("--genome", required=True, metavar="NAME", help="A registered genome (see: genome list).")
@click.option(
    "--signal",
    "signals",
    multiple=True,
    callback=named_files,
    metavar="NAME=FILE",
    help="bigWig of a signal: H3K27ac=…, DNase=… Repeat for each.",
)
@click.option("--contacts", type=PATH, help="Hi-C with 5 kb bins: .hic, .cool or .mcool.")
@click.option("--no-contacts", is_flag=True, help="Train without Hi-C: contact is 0.")
@click.option(
    "--contacts-norm",
    type=click.Choice(["VC", "ICE"]),
    default="VC",
    show_default=True,
    help="Normalisation of the contacts.",
)
@click.option("--clip-negative", is_flag=True, help="Read negative signal as 0 instead of refusing it.")
@click.option("--genes", type=PATH, help="Genes instead of the genome's own: GTF, GFF3, BED or table.")
@click.option(
    "--gene-type",
    "gene_types",
    multiple=True,
    metavar="TYPE",
    help="Biotype to take; repeat for several. Default for GTF and GFF3: protein_coding, else all.",
)
@click.option(
    "--bed-tss",
    type=click.Choice(["strand", "middle"]),
    default="strand",
    show_default=True,
    help="TSS of a BED row: its 5' end, or its middle (for promoter windows).",
)
@click.option("--features", type=PATH, help="Gene features instead of the genome's own.")
@click.option(
    "--chrom", "chroms", multiple=True, metavar="NAME", help="Only genes of this chromosome. Repeatable."
)
@click.option(
    "--labels",
    type=PATH,
    multiple=True,
    required=True,
    help="Measured expression: a table, or a CAGE bigWig; of two, plus strand first.",
)
@click.option("--label-column", metavar="NAME", help="Column of a table of labels.  [default: label]")
@click.option("--label-counts", is_flag=True, help="The column holds counts: learn log10(1 + count).")
@click.option(
    "--split",
    default="chromosomes",
    show_default=True,
    metavar="chromosomes|position|FILE",
    help="What trains, validates and tests: whole chromosomes; stretches of each chromosome with gaps "
    "between; or a table with a column `split` (train, valid, test).",
)
@click.option(
    "--valid-chrom",
    "valid_chroms",
    multiple=True,
    metavar="NAME",
    help="Chromosome that validates. Repeatable.  [default: chr3 and chr21, the published fold]",
)
@click.option(
    "--test-chrom",
    "test_chroms",
    multiple=True,
    metavar="NAME",
    help="Chromosome that tests. Repeatable.  [default: chr22 and chrX, the published fold]",
)
@click.option(
    "--gap",
    type=click.IntRange(min=0),
    metavar="BP",
    help="Bases between the parts of a split by position.  [default: the window]",
)
@click.option(
    "--setting",
    type=click.Choice(["soft", "hard", "hard-straight", "fixed", "caduceus", "caduceus-sequence", "mamba"]),
    default="soft",
    show_default=True,
    help="How the mask is made; hard-straight is hard, but learns the mask from expression too. "
    "The last three are baselines without a mask.",
)
@click.option("--fixed-mask", type=PATH, help="BED of the bases that --setting fixed reads, such as peaks.")
@click.option(
    "--size",
    type=click.Choice(["published", "small"]),
    default="published",
    show_default=True,
    help="published: 200 kb, 128 channels, 4 layers, 50,000 updates at 5e-4. "
    "small: 10 kb, 32 channels, 2 layers, 1,500 updates at 2e-3. What follows overrides it.",
)
@click.option("--window", type=click.IntRange(min=1), metavar="BP", help="Bases around the TSS.")
@click.option("--d-model", type=click.IntRange(min=1), metavar="N", help="Channels of the network.")
@click.option("--layers", type=click.IntRange(min=1), metavar="N", help="Layers of each stack.")
@click.option(
    "--promoter",
    type=click.IntRange(min=1),
    default=2000,
    show_default=True,
    metavar="BP",
    help="Bases around the TSS that are always kept, and that the prediction is made from.",
)
@click.option("--steps", type=click.IntRange(min=1), metavar="N", help="Updates.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Highest learning rate.")
@click.option(
    "--warmup", type=click.IntRange(min=0), metavar="N", help="Updates of the warm-up.  [default: a tenth]"
)
@click.option(
    "--batch-size", type=click.IntRange(min=1), default=8, show_default=True, help="Windows an update."
)
@click.option(
    "--at-once",
    type=click.IntRange(min=1),
    metavar="N",
    help="Windows that a device computes at a time.  [default: 1 on a core, the batch on a GPU]",
)
@click.option(
    "--divergence",
    type=click.FloatRange(min=0),
    default=0.01,
    show_default=True,
    help="Weight of the KL divergence of the mask from its marginal distribution.",
)
@click.option(
    "--evaluate-every",
    type=click.IntRange(min=1),
    metavar="N",
    help="Updates between evaluations, each of which saves the state.  [default: a twentieth of all]",
)
@click.option("--seed", type=click.IntRange(min=0), default=2222, show_default=True, help="Seed of the run.")
@click.option(
    "--device",
    default="auto",
    show_default=True,
    help="auto (a GPU that has Triton, else the CPU), cpu, or cuda.",
)
@click.option(
    "--devices", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="GPUs to use."
)
@click.option(
    "--precision",
    type=click.Choice(["32-true", "bf16-mixed"]),
    help="Arithmetic.  [default: bf16-mixed on CUDA, 32-true on the CPU]",
)
@click.option("--resume", is_flag=True, help="Go on with the run that OUT holds, to the same numbers.")
@click.option("--overwrite", is_flag=True, help="Replace the run that OUT holds.")
@click.option("--out", type=PATH, required=True, help="Folder for the checkpoint and all about it.")
def train(genome: str, genes: Path | None, features: Path | None, setting: str, **options: Any) -> None:
    """Train Seq2Exp on your cells: which bases explain the expression of their genes?

    \b
    Example, on the CPU:
      seq2exp-tracks train --genome hg38 --size small --setting soft \\
          --signal H3K27ac=k562.h3k27ac.bw --signal DNase=k562.dnase.bw \\
          --contacts k562.mcool --labels k562.expression.tsv --label-column CAGE --out trained
      seq2exp-tracks score --genome hg38 --checkpoint trained/best.safetensors … --out run

    OUT then holds best.safetensors (the weights of the lowest validation error, for score),
    log.csv and curves.png (losses and validation), predictions.tsv (genes that did not train),
    and training.json (what was measured, and from what). A run that was killed goes on with
    --resume and the same options.
    """
    from seq2exp_tracks.resources.registry import Registry
    from seq2exp_tracks.training.request import TrainRequest
    from seq2exp_tracks.training.run import train_model
    from seq2exp_tracks.training.settings import Setting

    entry = Registry().get(genome).with_files(genes=genes, features=features)
    request = TrainRequest(genome=entry, setting=Setting(setting), **options)
    with progress_bar() as progress:
        trained = train_model(request, progress)
    click.echo(f"Best checkpoint: {trained.files.best} (after {trained.best.best_step:,} updates)")
    for part, measured in trained.measured.items():
        click.echo(
            f"{part}: {trained.genes[part]:,} genes, MSE {measured.mse:.4f}, MAE {measured.mae:.4f}, "
            f"Pearson's r {measured.pearson:.3f}"
        )
    click.echo(f"Curves: {trained.files.curves}")
