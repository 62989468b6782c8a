"""What the page around the viewer shows: the runs, their genes, their files. Plain data, ready for JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from higlass_views.catalog import Catalog
from higlass_views.column import PageView
from higlass_views.run_files import listed_files
from higlass_views.run_tracks import PREDICTED_UNIT, measured_unit
from higlass_views.shown_run import ShownRun, find_gene, missing_inputs
from seq2exp_tracks.genome import ChromSizes, Interval

VIEW_TITLES = {
    "gene": "Gene",
    "region": "Region",
    "genome": "Whole genome",
    "compare": "Compare runs",
}
"""Views by id; the last needs two runs."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the page opens with.

    Attributes:
        view: Id of a view.
        gene: Id of a gene, or None.
        region: A place as people write it, or None.
    """

    view: str
    gene: str | None = None
    region: str | None = None


def choose_start(
    catalog: Catalog, *, gene: str | None = None, region: Interval | None = None, genome: bool = False
) -> Start:
    """What a page opens with: what was asked for, else the gene of the highest predicted expression.

    Two or more runs are compared, wherever the page opens.

    Raises:
        InputError: If no run has the gene.
    """
    compare = len(catalog.runs) > 1
    if genome:
        return Start("genome")
    if region is not None:
        return Start("compare" if compare else "region", region=str(region))
    genes = catalog.runs[0].run.genes
    if gene is None and not genes:
        return Start("genome")
    scored = find_gene(catalog.runs, gene) if gene else max(genes.values(), key=lambda each: each.expression)
    return Start("compare" if compare else "gene", gene=scored.gene.id)


def page_json(catalog: Catalog, start: Start) -> dict[str, Any]:
    """Everything that the page says of its runs."""
    views = [view for view in VIEW_TITLES if view != "compare" or len(catalog.runs) > 1]
    return {
        "runs": [_run_json(shown) for shown in catalog.runs],
        "chromosomes": [{"name": name, "length": length} for name, length in catalog.axis.sizes.items()],
        "views": [{"id": view, "title": VIEW_TITLES[view]} for view in views],
        "start": asdict(start),
        "missing": list(missing_inputs(catalog.runs)),
        "files": listed_files(catalog.runs),
    }


def genes_json(runs: Sequence[ShownRun]) -> dict[str, Any]:
    """The table of genes: one row a gene, with columns of each run where there are several."""
    columns = [
        {"id": "gene_id", "title": "Id", "unit": "", "type": "text"},
        {"id": "gene_name", "title": "Gene", "unit": "", "type": "text"},
        {"id": "chrom", "title": "Chromosome", "unit": "", "type": "text"},
        {"id": "tss", "title": "TSS", "unit": "1-based", "type": "number"},
        {"id": "strand", "title": "Strand", "unit": "", "type": "text"},
    ]
    kept: list[tuple[int, str]] = []
    for index, shown in enumerate(runs):
        for name, title, unit, kind in _columns_of(shown):
            kept.append((index, name))
            many = len(runs) > 1
            columns.append(
                {
                    "id": f"{name}-{index}" if many else name,
                    "title": f"{title}, {shown.name}" if many else title,
                    "unit": unit,
                    "type": kind,
                }
            )
    tables = [{row["gene_id"]: row for row in shown.gene_table.to_pylist()} for shown in runs]
    places = {gene_id: row for table in reversed(tables) for gene_id, row in table.items()}
    rows = []
    for gene_id in dict.fromkeys(gene_id for table in tables for gene_id in table):
        place = places[gene_id]
        start = [gene_id, place["gene_name"], place["chrom"], place["tss"] + 1, place["strand"]]
        rows.append(start + [tables[index].get(gene_id, {}).get(name) for index, name in kept])
    return {"columns": columns, "rows": rows}


def view_json(view: PageView, sizes: ChromSizes) -> dict[str, Any]:
    """A view and what the page says of it."""
    return {
        "viewconf": view.config(),
        "title": view.title,
        "subtitle": view.subtitle,
        "region": str(view.region) if view.region else _whole(sizes),
        "legend": [
            {"title": caption.title, "color": caption.color, "unit": caption.unit}
            for caption in view.captions
        ],
    }


def _whole(sizes: ChromSizes) -> str:
    """The whole genome as a place: from the first base of its first chromosome to the last of its last."""
    first, *_, last = [*sizes, *sizes]
    return f"{first}:1-{'' if first == last else f'{last}:'}{sizes[last]:,}"


def _run_json(shown: ShownRun) -> dict[str, Any]:
    manifest = shown.run.manifest
    return {
        "name": shown.name,
        "heading": manifest.heading(shown.name),
        "genome": manifest.genome,
        "setting": manifest.model.setting,
        "window": manifest.model.window,
        "merge": manifest.merge,
        "n_genes": manifest.n_genes,
        "created": manifest.created,
        "notes": list(manifest.notes),
    }


def _columns_of(shown: ShownRun) -> list[tuple[str, str, str, str]]:
    """Name, title, unit and type of a run's own columns; measured expression only where labels were given."""
    columns = [("expression", "Predicted", PREDICTED_UNIT, "number")]
    if shown.labelled:
        columns.append(("measured", "Measured", measured_unit(shown), "number"))
    return [*columns, ("n_elements", "Elements", "", "number"), ("flags", "Flags", "", "list")]
