"""What users' files hold, as plain values that can be compared, and the same written and read again.

Each function calls the reader that the program has for the file; `fuzz_parsers` lists them.
"""

from pathlib import Path
from typing import Any

import click
from fuzz_seeds import GENES, SIZES, WINDOWS
from seq2exp_tracks_cli.options import named_files

from seq2exp_tracks.checkpoints import load_checkpoint, own, published
from seq2exp_tracks.checkpoints.baselines import load_baseline
from seq2exp_tracks.evaluation.given import GivenIntervals
from seq2exp_tracks.features import GeneFeatures, read_labels
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.bed import read_intervals
from seq2exp_tracks.io.bed_table import read_bed_table
from seq2exp_tracks.io.gene_models import read_gene_models
from seq2exp_tracks.io.gene_selection import parse_region
from seq2exp_tracks.io.genes import ALL_GENE_TYPES, read_genes
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.pipeline.request_json import from_json, to_json
from seq2exp_tracks.resources.cells import Cells
from seq2exp_tracks.resources.registry import Registry
from seq2exp_tracks.run_reader import ELEMENT_COLUMNS
from seq2exp_tracks.shards.plan_file import Plan
from seq2exp_tracks.shards.receipt import Receipt

REFUSED = object()
"""What a parser returns that refuses without an error."""


def intervals(path: Path) -> dict[str, list[list[int]]]:
    """Intervals of a BED file."""
    return {chrom: rows.tolist() for chrom, rows in read_intervals(path, SIZES)[0].items()}


def intervals_again(found: dict[str, list[list[int]]], path: Path) -> Any:
    """The same, written as BED."""
    rows = [f"{chrom}\t{start}\t{end}\n" for chrom, places in found.items() for start, end in places]
    path.write_text("".join(rows))
    return intervals(path)


def genes(path: Path) -> list[Gene]:
    """Genes of an annotation."""
    return list(read_genes(path, SIZES, gene_types=ALL_GENE_TYPES))


def genes_again(found: list[Gene], path: Path) -> Any:
    """The same, written as a table; names that its cells cannot hold are compared no more."""
    words = ("id", "name", "chrom", "tss", "strand")
    cells = [[str(getattr(gene, word)) for word in words] for gene in found]
    if any(set(cell) & set('\t\n\r"\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029') or cell != cell.strip() or not cell
           for row in cells for cell in row):  # fmt: skip
        return found
    lines = ["id\tsymbol\tchrom\ttss\tstrand", *("\t".join(row) for row in cells)]
    table = path.with_name("again.tsv")
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return genes(table)


def features(path: Path) -> Any:
    """Features of a table, by gene."""
    table = GeneFeatures.from_table(path)
    return [(values.tolist(), names) for values, names in map(table.of, GENES)]


def labels(path: Path) -> Any:
    """Labels of a table, by gene."""
    table = read_labels(path, "label")
    return [table.of(gene) for gene in GENES]


def manifest_again(found: Manifest, path: Path) -> Manifest:
    """The same manifest, written and read."""
    found.write(path)
    return Manifest.read(path)


def plan(path: Path) -> Any:
    """The plan in a folder, and the request in it."""
    found = Plan.read(path.parent)
    return REFUSED if found is None else (found, to_json(from_json(found.request)))


def plan_again(found: tuple[Plan, Any], path: Path) -> Any:
    """The same plan, written and read."""
    found[0].write(path.parent)
    return plan(path)


def receipt(path: Path) -> Any:
    """A receipt; one that is damaged is as if it were not there."""
    found = Receipt.read(path)
    return REFUSED if found is None else found


def receipt_again(found: Receipt, path: Path) -> Any:
    """The same receipt, written and read."""
    found.write(path)
    return Receipt.read(path)


def registry(path: Path) -> Any:
    """Genomes of a registry."""
    return Registry(path.parent).genomes()


def registry_again(found: dict[str, Any], path: Path) -> Any:
    """The same registry, written genome by genome."""
    path.unlink()
    for genome in found.values():
        Registry(path.parent).add(genome)
    read = registry(path) if found else {}
    return found if read == {name: genome.absolute() for name, genome in found.items()} else read


def cells_again(found: Cells, path: Path) -> Cells:
    """The same cells; paths are written as they are resolved, so that what is compared is written twice."""
    found.write(path)
    once = Cells.read(path)
    once.write(path)
    return found if Cells.read(path) == once and once.name == found.name else once


def region(path: Path) -> Any:
    """A region, as on the command line."""
    return parse_region(path.read_bytes().decode("utf-8", "surrogateescape"), SIZES)


def region_again(found: Any, path: Path) -> Any:
    """The same region, as it is told."""
    return parse_region(f"{found.chrom}:{found.start + 1:,}-{found.end}", SIZES)


def named_file(path: Path) -> Any:
    """A NAME=FILE, as on the command line."""
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    return _named_files((text,))


def named_file_again(found: dict[str, Path], path: Path) -> Any:
    """The same NAME=FILE."""
    return _named_files(tuple(f"{name}={file}" for name, file in found.items()))


def _named_files(texts: tuple[str, ...]) -> dict[str, Path]:
    option = click.Option(["--signal"])
    return named_files(click.Context(click.Command("score")), option, texts)


def given(path: Path) -> Any:
    """Scored intervals."""
    found = GivenIntervals.read(path, SIZES)
    rows = {chrom: places.tolist() for chrom, places in found.rows.items()}
    return (
        rows,
        found.scores.tolist(),
        list(found.genes),
        [found.bases(window.inside).sum() for window in WINDOWS],
    )


def own_checkpoint(path: Path) -> Any:
    """What a checkpoint of ours says of itself, and its weights."""
    configs, scales = own.read_own_configs(path), own.read_own_scales(path)
    load_checkpoint(path)
    return configs, scales


def baseline(path: Path) -> Any:
    """What a baseline of ours is made of, and its weights."""
    return load_baseline(path).config


def published_checkpoint(path: Path) -> Any:
    """What a published checkpoint says of itself, and its weights."""
    return published.read_published_config(path), published.read_published(path).version


def models(path: Path) -> Any:
    """Gene models of an annotation."""
    return read_gene_models(path, SIZES).to_pylist()


def elements(path: Path) -> Any:
    """Elements of a run."""
    return read_bed_table(path, ELEMENT_COLUMNS).to_pylist()
