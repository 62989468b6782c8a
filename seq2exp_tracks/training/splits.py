"""Which genes train, which choose the checkpoint, and which are kept back: three parts that share no TSS."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.gene_index import ID_COLUMNS, SYMBOL_COLUMNS, GeneIndex, without_version
from seq2exp_tracks.io.tables import Table, read_table

PUBLISHED_VALID = ("chr3", "chr21")
PUBLISHED_TEST = ("chr22", "chrX")
"""The published fold 11; all other chromosomes train."""

_NAMES = (ID_COLUMNS, SYMBOL_COLUMNS)

# Shares of a chromosome's genes that train, and that train or validate.
_CUTS = (0.7, 0.85)


class Part(StrEnum):
    """What a gene is for."""

    TRAIN = "train"
    VALID = "valid"
    TEST = "test"


_Placed = tuple[tuple[str, int], Part]
"""Chromosome and TSS, and what the genes there are for."""


@dataclass(frozen=True, slots=True)
class Split:
    """Genes by part.

    Attributes:
        train: Genes that the weights are fitted to.
        valid: Genes that choose the checkpoint.
        test: Genes that nothing is chosen by.
        notes: What the user should know, one line each.
    """

    train: tuple[Gene, ...]
    valid: tuple[Gene, ...]
    test: tuple[Gene, ...]
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[tuple[Part, tuple[Gene, ...]]]:
        """The parts by name."""
        yield from zip(Part, (self.train, self.valid, self.test), strict=True)


def split_by_chromosome(
    genes: Sequence[Gene],
    valid: Collection[str] = PUBLISHED_VALID,
    test: Collection[str] = PUBLISHED_TEST,
) -> Split:
    """Whole chromosomes validate and test; all others train.

    Raises:
        InputError: If there is one chromosome only, one is in two parts, or a part has no gene.
    """
    present = list(dict.fromkeys(gene.chrom for gene in genes))
    if len(present) < len(Part):
        raise InputError(
            f"genes on {' and '.join(present) or 'no chromosome'} only: a split by chromosomes needs three; "
            "use --split position, or --split FILE with a part for each gene"
        )
    if both := sorted(set(valid) & set(test)):
        raise InputError(f"{both[0]} is to validate and to test; name it in one of them")
    parts = dict.fromkeys(valid, Part.VALID) | dict.fromkeys(test, Part.TEST)
    way_out = f"name others with --valid-chrom and --test-chrom (genes are on {', '.join(present)})"
    return _split(genes, lambda gene: parts.get(gene.chrom, Part.TRAIN), way_out)


def split_by_file(genes: Sequence[Gene], path: Path) -> Split:
    """Parts as a table says, in its column `split`: train, valid or test for each gene.

    Genes that the table lacks are left out and counted.

    Raises:
        InputError: If a column is missing, a part is unknown, a gene has rows of two parts, or a part has no
            gene.
    """
    table = read_table(path)
    index, column = GeneIndex.of_table(table), table.text(table.require(("split", "part")))
    for line, cell in zip(table.lines, column, strict=True):
        if cell.casefold() not in set(Part):
            raise InputError(f"{path}:{line}: the part {cell!r} is none of {', '.join(Part)}")
    rows = {gene: index.row(gene) for gene in genes}
    _check_rows(path, table, column)
    parts = {gene: Part(column[row].casefold()) for gene, row in rows.items() if row is not None}
    split = _split([gene for gene in genes if gene in parts], parts.__getitem__, f"give it genes in {path}")
    missing = [gene.name for gene in genes if gene not in parts]
    note = f"{path}: lacks {len(missing):,} gene(s), which are left out ({some(missing)})"
    return Split(split.train, split.valid, split.test, (note,) if missing else ())


def split_by_position(genes: Sequence[Gene], gap: int) -> Split:
    """Along every chromosome the first 70 % of the genes train, the next 15 % validate, the last 15 % test.

    Before each cut genes are left out until the parts are `gap` bp apart, from TSS to TSS. With a gap of 0
    parts may follow each other at once, but genes of one TSS are not parted.

    Raises:
        InputError: If a part has no gene.
    """
    gap = max(gap, 1)
    parts: dict[Gene, Part] = {}
    for chrom in dict.fromkeys(gene.chrom for gene in genes):
        along = sorted((gene for gene in genes if gene.chrom == chrom), key=lambda gene: gene.tss)
        first, second = (round(share * len(along)) for share in _CUTS)
        runs = {Part.TRAIN: along[:first], Part.VALID: along[first:second], Part.TEST: along[second:]}
        for part, later in ((Part.TRAIN, along[first:]), (Part.VALID, along[second:]), (Part.TEST, [])):
            parts |= {gene: part for gene in runs[part] if not later or later[0].tss - gene.tss >= gap}
    split = _split([gene for gene in genes if gene in parts], parts.__getitem__, "use a smaller --gap")
    left_out = len(genes) - len(parts)
    note = f"{left_out:,} gene(s) less than {gap:,} bp before a cut of the split are left out"
    return Split(split.train, split.valid, split.test, (note,) if left_out else ())


def check_split(split: Split, window: int) -> list[str]:
    """Refuses a split that leaks, and tells where its parts see the same bases.

    The same TSS in two parts is refused. Windows of different parts may overlap, as those of neighbouring
    genes do in many splits; they are counted.

    Args:
        split: The split.
        window: Length of the windows in bp.

    Returns:
        What the user should know, one line each.

    Raises:
        InputError: If a part has no gene, or two parts share a TSS.
    """
    for part, genes in split:
        if not genes:
            raise InputError(
                f"no gene is in the part {part}: choose another --split, or more genes (--chrom, --labels)"
            )
    placed = [((gene.chrom, gene.tss), part, gene) for part, genes in split for gene in genes]
    parts: dict[tuple[str, int], Part] = {}
    for place, part, gene in placed:
        if parts.setdefault(place, part) is not part:
            raise InputError(
                f"the split leaks: genes with the TSS {gene.chrom}:{gene.tss + 1:,} ({gene.name}) are in "
                f"{parts[place]} and in {part}; put all genes of a TSS into one part"
            )
    genes_at = Counter(place for place, _, _ in placed)
    touching: Counter[Part] = Counter()
    for place, part in _overlapping(sorted(parts.items()), window):
        touching[part] += genes_at[place]
    return [
        f"{count:,} {part} gene(s) have windows that share bases with those of another part"
        for part, count in sorted(touching.items())
    ]


def _check_rows(path: Path, table: Table, column: Sequence[str]) -> None:
    """Refuses a table in which a gene has rows of different parts.

    Raises:
        InputError: If there is one; names both lines.
    """
    ids, symbols = (table.text(found) if (found := table.find(names)) else None for names in _NAMES)
    unnamed = [""] * len(column)
    first: dict[tuple[str, str], int] = {}
    for row, (gene_id, symbol) in enumerate(zip(ids or unnamed, symbols or unnamed, strict=True)):
        name = (without_version(gene_id), symbol)
        before = first.setdefault(name, row)
        if any(name) and column[before].casefold() != column[row].casefold():
            raise InputError(
                f"{path}:{table.lines[row]}: {gene_id or symbol} is in {column[row]}, but in "
                f"{column[before]} by line {table.lines[before]}; give it one part"
            )


def some(names: Sequence[str]) -> str:
    """The first few of some names, for a message."""
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def _overlapping(places: Sequence[_Placed], window: int) -> Iterator[_Placed]:
    """Every TSS whose window overlaps one of another part, and its part; places are in order."""
    near: set[int] = set()
    for first, ((chrom, tss), part) in enumerate(places):
        for second in range(first + 1, len(places)):
            (other, further), other_part = places[second]
            if other != chrom or further - tss >= window:
                break
            if other_part is not part:
                near |= {first, second}
    yield from (places[number] for number in near)


def _split(genes: Sequence[Gene], part_of: Callable[[Gene], Part], way_out: str) -> Split:
    """Puts every gene into its part.

    Raises:
        InputError: If a part has no gene.
    """
    parts: Mapping[Part, list[Gene]] = {part: [] for part in Part}
    for gene in genes:
        parts[part_of(gene)].append(gene)
    for part, members in parts.items():
        if not members:
            raise InputError(f"no gene of the {len(genes):,} is in the part {part}; {way_out}")
    train, valid, test = (tuple(members) for members in parts.values())
    return Split(train, valid, test)
