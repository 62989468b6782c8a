"""Every parser of users' files, with valid files to damage and what reads them; for `fuzz.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import fuzz_readings as readings
import fuzz_seeds as seeds
from fuzz_seeds import GENES, SIZES, WINDOWS

from seq2exp_tracks.evaluation.truth import crispr_truth, planted_truth
from seq2exp_tracks.io.transcripts import read_transcripts
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.resources.cells import Cells
from seq2exp_tracks.resources.presets import Presets
from seq2exp_tracks.training.splits import split_by_file


@dataclass(frozen=True)
class Parser:
    """A parser of users' files.

    Attributes:
        name: What the table calls it.
        file: Name of the file that it reads.
        seeds: Valid files.
        read: Reads the file to plain values.
        kind: How files are damaged: `text`, `json`, `safetensors` or `zip`.
        again: Writes what was read and reads it again; None where nothing writes it.
    """

    name: str
    file: str
    seeds: tuple[bytes, ...]
    read: Callable[[Path], Any]
    kind: str = "text"
    again: Callable[[Any, Path], Any] | None = None


def _parsers() -> tuple[Parser, ...]:
    transcripts = partial(read_transcripts, sizes=SIZES)
    crispr, planted = (partial(read, windows=WINDOWS, sizes=SIZES) for read in (crispr_truth, planted_truth))
    bed_genes, tables = (seeds.BED6, seeds.BED12), (seeds.FEATURE_TABLE, seeds.RPM_TABLE)
    manifests, plans, receipts = (seeds.manifest(),), (seeds.plan(),), (seeds.receipt(),)
    return (
        Parser("BED (blacklist)", "a.bed", (seeds.BED,), readings.intervals, again=readings.intervals_again),
        Parser("genes: BED", "g.bed", bed_genes, readings.genes, again=readings.genes_again),
        Parser("genes: GTF", "g.gtf", (seeds.GTF,), readings.genes, again=readings.genes_again),
        Parser("genes: GFF3", "g.gff3", (seeds.GFF3,), readings.genes, again=readings.genes_again),
        Parser("genes: table", "g.tsv", (seeds.GENE_TABLE,), readings.genes, again=readings.genes_again),
        Parser("gene models: BED", "m.bed", bed_genes, readings.models),
        Parser("gene models: GTF", "m.gtf", (seeds.GTF,), readings.models),
        Parser("gene models: GFF3", "m.gff3", (seeds.GFF3,), readings.models),
        Parser("transcripts: BED12", "t.bed", (seeds.BED12,), transcripts),
        Parser("transcripts: GTF", "t.gtf", (seeds.GTF,), transcripts),
        Parser("transcripts: GFF3", "t.gff3", (seeds.GFF3,), transcripts),
        Parser("features table", "f.tsv", tables, readings.features),
        Parser("labels", "l.csv", (seeds.LABELS,), readings.labels),
        Parser("split", "s.tsv", (seeds.SPLIT,), partial(split_by_file, GENES)),
        Parser("elements of a run", "elements.bed", (seeds.ELEMENTS,), readings.elements),
        Parser("scored intervals: BED", "p.bed", (seeds.GIVEN_BED, seeds.ELEMENTS), readings.given),
        Parser("scored intervals: links", "p.tsv", (seeds.GIVEN_TABLE,), readings.given),
        Parser("scored intervals: peaks", "p.narrowPeak", (seeds.NARROW_PEAK,), readings.given),
        Parser("CRISPRi pairs", "c.tsv", (seeds.CRISPR,), crispr),
        Parser("planted elements", "truth.bed", (seeds.PLANTED,), planted),
        Parser("manifest", "manifest.json", manifests, Manifest.read, "json", readings.manifest_again),
        Parser("plan.json", "plan.json", plans, readings.plan, "json", readings.plan_again),
        Parser("receipt", "000003.json", receipts, readings.receipt, "json", readings.receipt_again),
        Parser(
            "genomes.toml", "genomes.toml", (seeds.GENOMES,), readings.registry, again=readings.registry_again
        ),
        Parser("cells (TOML)", "cells.toml", (seeds.CELLS,), Cells.read, again=readings.cells_again),
        Parser(
            "resources.toml",
            "resources.toml",
            (seeds.PRESETS,),
            lambda path: Presets.load(path.parent, path.parent),
        ),
        Parser(
            "checkpoint: ours",
            "m.safetensors",
            (seeds.own_checkpoint(),),
            readings.own_checkpoint,
            "safetensors",
        ),
        Parser(
            "checkpoint: published",
            "m.ckpt",
            (seeds.published_checkpoint(),),
            readings.published_checkpoint,
            "zip",
        ),
        Parser(
            "checkpoint: baseline", "b.safetensors", (seeds.baseline(),), readings.baseline, "safetensors"
        ),
        Parser("region", "region.txt", seeds.REGIONS, readings.region, again=readings.region_again),
        Parser(
            "NAME=FILE", "option.txt", seeds.NAMED_FILE, readings.named_file, again=readings.named_file_again
        ),
    )


PARSERS = _parsers()
