"""Valid files, drawn by Hypothesis: each is to be accepted, and to be read as what was drawn."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from drawn_manifests import manifests
from fuzz_drawn import (
    cells,
    drawn_genes,
    drawn_plans,
    numbers,
    place_lists,
    places,
    receipts,
    strands,
    texts,
    three,
    words,
)
from fuzz_readings import named_file, plan, receipt
from fuzz_seeds import GENES, SIZES
from fuzz_valid_genes import bed, bed_line, expect, gene_file, gff3_line, gtf_line, transcripts
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from seq2exp_tracks.features import FEATURES, GeneFeatures, read_labels
from seq2exp_tracks.genome import Interval, Strand
from seq2exp_tracks.io.bed_table import read_bed_table
from seq2exp_tracks.io.bed_writer import write_bed
from seq2exp_tracks.io.element_rows import ElementRow
from seq2exp_tracks.io.gene_selection import parse_region
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.resources.cells import Cells
from seq2exp_tracks.resources.registry import GenomeEntry, Registry
from seq2exp_tracks.run_reader import ELEMENT_COLUMNS
from seq2exp_tracks.shards.plan_file import Plan
from seq2exp_tracks.shards.receipt import Receipt
from seq2exp_tracks.training.splits import split_by_file


@dataclass(frozen=True)
class Valid:
    """Valid files of one kind.

    Attributes:
        drawn: What files are made of.
        check: Writes a file of it into a folder, reads it, and raises if it is not what was drawn.
    """

    drawn: st.SearchStrategy[Any]
    check: Callable[[Any, Path], None]


def _features(drawn: list[list[float]], folder: Path) -> None:
    lines = ["\t".join(("gene_id", *FEATURES))]
    lines += ["\t".join((gene.id, *map(repr, row))) for gene, row in zip(GENES, drawn, strict=True)]
    (folder / "f.tsv").write_text("\n".join(lines) + "\n")
    table = GeneFeatures.from_table(folder / "f.tsv")
    for gene, row in zip(GENES, drawn, strict=True):
        values, missing = table.of(gene)
        expect(
            ([round(float(value), 3) for value in values], missing), ([round(value, 3) for value in row], ())
        )


def _labels(drawn: list[float | None], folder: Path) -> None:
    told = ["NA" if value is None else repr(value) for value in drawn]
    rows = [f"{gene.id},{gene.name},{value}" for gene, value in zip(GENES, told, strict=True)]
    (folder / "l.csv").write_text("gene_id,symbol,label\n" + "\n".join(rows) + "\n")
    labels = read_labels(folder / "l.csv", "label")
    expect([labels.of(gene) for gene in GENES], drawn)


def _split(drawn: list[str], folder: Path) -> None:
    (folder / "s.tsv").write_text(
        "gene_id\tsplit\n" + "".join(f"{g.id}\t{p}\n" for g, p in zip(GENES, drawn, strict=True))
    )
    found = split_by_file(GENES, folder / "s.tsv")
    told = {gene: str(part) for part, of_part in found for gene in of_part}
    expect([told[gene] for gene in GENES], drawn)


def _elements(drawn: list[tuple[str, Interval, Strand, int, float | None]], folder: Path) -> None:
    rows = [
        ElementRow(at.chrom, at.start, at.end, f"{name}.1", score, str(strand), name, name, score / 1000,
                   0.25, -5, "distal", contact)
        for name, at, strand, score, contact in drawn
    ]  # fmt: skip
    path = folder / "elements.bed"
    write_bed(path, list(ELEMENT_COLUMNS), [row.bed() for row in rows], "#seq2exp-tracks run=1 file=y")
    expected = []
    for row in rows:
        cells = asdict(row)
        contact = None if row.contact is None else round(row.contact, 4)
        expected.append({name: cells.get(name, row.kind) for name in ELEMENT_COLUMNS} | {"contact": contact})
    expect(read_bed_table(path, ELEMENT_COLUMNS).to_pylist(), expected)


def _manifest(drawn: Manifest, folder: Path) -> None:
    drawn.write(folder / "manifest.json")
    expect(Manifest.read(folder), drawn)


def _plan(drawn: Plan, folder: Path) -> None:
    drawn.write(folder)
    expect(plan(folder / "plan.json")[0], drawn)


def _receipt(drawn: Receipt, folder: Path) -> None:
    drawn.write(folder / "000001.json")
    expect(receipt(folder / "000001.json"), drawn)


def _registry(drawn: dict[str, list[str]], folder: Path) -> None:
    entries = {name: GenomeEntry(name, *(folder / file for file in files)) for name, files in drawn.items()}
    (folder / "genomes.toml").unlink(missing_ok=True)
    for entry in entries.values():
        Registry(folder).add(entry)
    expect(Registry(folder).genomes(), {name: entry.absolute() for name, entry in entries.items()})


def _cells(drawn: Cells, folder: Path) -> None:
    inside = replace(drawn, signals={name: folder.resolve() / file for name, file in drawn.signals.items()})
    inside.write(folder.resolve() / "cells.toml")
    expect(Cells.read(folder.resolve() / "cells.toml"), inside)


def _region(drawn: Interval, folder: Path) -> None:
    for text in (
        f"{drawn.chrom}:{drawn.start + 1}-{drawn.end}",
        f" {drawn.chrom}:{drawn.start + 1:,}-{drawn.end:,}\n",
    ):
        expect(parse_region(text, SIZES), drawn)


def _named_file(drawn: tuple[str, str], folder: Path) -> None:
    (folder / "option.txt").write_text(f"{drawn[0]}={drawn[1]}", encoding="utf-8")
    expect(named_file(folder / "option.txt"), {drawn[0]: Path(drawn[1])})


VALID: dict[str, Valid] = {
    "BED (blacklist)": Valid(place_lists, bed),
    "genes: BED": Valid(drawn_genes, gene_file("g.bed", bed_line)),
    "genes: GTF": Valid(drawn_genes, gene_file("g.gtf", gtf_line)),
    "genes: GFF3": Valid(drawn_genes, gene_file("g.gff3", gff3_line)),
    "transcripts": Valid(drawn_genes, transcripts),
    "features table": Valid(st.lists(st.lists(numbers, min_size=9, max_size=9), **three), _features),
    "labels": Valid(st.lists(st.none() | numbers, **three), _labels),
    "split": Valid(st.permutations(["train", "valid", "test"]), _split),
    "elements of a run": Valid(
        st.lists(st.tuples(words, places(), strands, st.integers(0, 1000), st.none() | numbers), max_size=4),
        _elements,
    ),
    "manifest": Valid(manifests, _manifest),
    "plan.json": Valid(drawn_plans(), _plan),
    "receipt": Valid(receipts, _receipt),
    "genomes.toml": Valid(
        st.dictionaries(words, st.lists(words, min_size=2, max_size=3), max_size=3), _registry
    ),
    "cells (TOML)": Valid(cells, _cells),
    "region": Valid(places(), _region),
    "NAME=FILE": Valid(st.tuples(words, texts.filter(lambda text: text and "://" not in text)), _named_file),
}


def check_valid(valid: Valid, inputs: int, number: int, folder: Path) -> int:
    """Draws files and checks each.

    Args:
        valid: What to draw.
        inputs: How many at most; there may not be so many different ones.
        number: Seed.
        folder: Where the files are written.

    Returns:
        How many were drawn.

    Raises:
        Exception: If one was refused, or not read as what was drawn.
    """
    count = 0

    @seed(number)
    @settings(
        max_examples=inputs,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(valid.drawn)
    def each(drawn: Any) -> None:
        nonlocal count
        count += 1
        valid.check(drawn, folder)

    each()
    return count
