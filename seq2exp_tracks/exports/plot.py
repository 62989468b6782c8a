"""Pictures of a run: a gene's window, or any stretch of the genome, as PNG."""

from pathlib import Path

import numpy as np

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.exports.drawing import save_picture
from seq2exp_tracks.exports.panels import (
    contact_panel,
    element_panel,
    mask_panels,
    signal_panels,
    truth_panel,
)
from seq2exp_tracks.exports.picture import GenePanel, Picture
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.run_reader import Run, ScoredGene
from seq2exp_tracks.windows import Window

SEPARATOR = "   ·   "


def plot_gene(run: Path, gene: str, out: Path, truth: Path | None = None) -> None:
    """Draws a gene's window: genes, signals, contact with its TSS, mask with spread, elements.

    Args:
        run: Folder of a run.
        gene: Symbol or id of a gene that was scored.
        out: PNG to write.
        truth: BED of elements to show below, such as the truth of a simulated genome.

    Raises:
        InputError: If the folder holds no run, or the run no such gene.
        OutputError: If the picture cannot be written.
    """
    opened = Run.open(run)
    save_picture(gene_picture(opened, opened.find(gene), truth), out)


def plot_region(run: Path, region: Interval, out: Path, truth: Path | None = None) -> None:
    """Draws a stretch of the genome: as `plot_gene`, without contact, which is a gene's own.

    Args:
        run: Folder of a run.
        region: What to draw; on a chromosome of the genome.
        out: PNG to write.
        truth: BED of elements to show below.

    Raises:
        InputError: If the folder holds no run, or the region lies off the genome.
        OutputError: If the picture cannot be written.
    """
    opened = Run.open(run)
    length = opened.manifest.sizes.get(region.chrom, 0)
    if region.end > length:
        raise InputError(f"{region}: not on the run's genome, whose {region.chrom} has {length:,} bp")
    save_picture(region_picture(opened, region, truth), out)


def gene_picture(run: Run, scored: ScoredGene, truth: Path | None) -> Picture:
    """What `plot_gene` draws."""
    gene = scored.gene
    window = Window.around(gene, run.manifest.model.window, run.manifest.sizes[gene.chrom])
    return Picture(
        title=gene.name,
        subtitle=(
            SEPARATOR.join(
                [f"predicted {_number(scored.expression)} log10(1 + CAGE)", *_measured(run, scored)]
            ),
            SEPARATOR.join([gene.id, f"{gene.strand.name.lower()} strand", str(window.inside)]),
            _about(run),
        ),
        chrom=gene.chrom,
        chrom_length=run.manifest.sizes[gene.chrom],
        start=window.start,
        end=window.start + len(window),
        tss=gene.tss,
        panels=(
            GenePanel("Genes", "scored in this run", tuple(run.genes_in(window.inside)), gene.id),
            *signal_panels(run, window.inside, lambda values: window.pad(values, np.nan)),
            contact_panel(run, window),
            *mask_panels(run, window.inside, lambda values: window.pad(values, np.nan), gene.id),
            element_panel(run, window.inside, gene.id),
            *([truth_panel(run, truth, window.inside, gene.id)] if truth else []),
        ),
    )


def region_picture(run: Run, region: Interval, truth: Path | None) -> Picture:
    """What `plot_region` draws."""
    return Picture(
        title=str(region),
        subtitle=(f"{len(run.genes_in(region))} genes with their TSS here", _about(run)),
        chrom=region.chrom,
        chrom_length=run.manifest.sizes[region.chrom],
        start=region.start,
        end=region.end,
        tss=None,
        panels=(
            GenePanel("Genes", "scored in this run", tuple(run.genes_in(region)), None),
            *signal_panels(run, region, lambda values: values),
            *mask_panels(run, region, lambda values: values, None),
            element_panel(run, region, None),
            *([truth_panel(run, truth, region, None)] if truth else []),
        ),
    )


def _measured(run: Run, scored: ScoredGene) -> list[str]:
    """Measured expression; only the name of its column tells its unit."""
    if scored.measured is None:
        return []
    column = run.manifest.settings.get("label_column")
    return [f"measured {_number(scored.measured)} ({column})"]


def _number(value: float) -> str:
    """A number with two decimals and a minus sign instead of a hyphen."""
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def _about(run: Run) -> str:
    """Cells, genome, model and merge rule in one line."""
    manifest = run.manifest
    return SEPARATOR.join(
        (
            *([manifest.cells] if manifest.cells else []),
            f"genome {manifest.genome}",
            f"Seq2Exp {manifest.model.setting}, window {manifest.model.window:,} bp",
            f"overlapping windows merged by {manifest.merge}",
        )
    )
