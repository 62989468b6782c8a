"""Choosing among the genes of an annotation: by chromosome, by name, by region."""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Interval
from seq2exp_tracks.io.gene_index import without_version
from seq2exp_tracks.io.text import is_position

_REGION = re.compile(r"(?P<chrom>.+):(?P<start>[0-9,]+)-(?P<end>[0-9,]+)")


def select_genes(
    genes: Iterable[Gene],
    sizes: ChromSizes,
    *,
    chroms: Sequence[str] = (),
    names: Sequence[str] = (),
    region: Interval | None = None,
    listed_in: str = "",
) -> list[Gene]:
    """Chooses the genes that fit all that is asked for, in genome order.

    Args:
        genes: The genes to choose from.
        sizes: Chromosomes of the genome.
        chroms: Chromosomes to take, `chr1` and `1` being the same; all where empty.
        names: Symbols, or ids with or without version; all where empty.
        region: Interval in which the TSS lies.
        listed_in: Where a user finds the names, to be told with one that is not known.

    Raises:
        InputError: If a chromosome or a name is not known, or no gene is left.
    """
    chosen = sorted(genes, key=genome_order(sizes))
    if names:
        chosen = _named(chosen, names, listed_in)
    if chroms:
        wanted = {known_chrom(chrom, sizes) for chrom in chroms}
        chosen = [gene for gene in chosen if gene.chrom in wanted]
    if region:
        chosen = [gene for gene in chosen if gene.chrom == region.chrom and region.contains(gene.tss)]
    if not chosen:
        asked = [*names, *chroms, *([f"TSS in {region}"] if region else [])]
        raise InputError(
            f"no gene fits all that was asked for ({'; '.join(asked) or 'any gene'}); ask for less"
        )
    return chosen


def parse_region(text: str, sizes: ChromSizes) -> Interval:
    """Reads a region as samtools and UCSC write it: `chr22:36,000,000-36,500,000`, 1-based, inclusive.

    The name of a chromosome alone is all of it.

    Raises:
        InputError: If it is no region, or does not lie on a chromosome of the genome.
    """
    text = text.strip()
    if (whole := sizes.resolve(text)) is not None:
        return Interval(whole, 0, sizes[whole])
    match = _REGION.fullmatch(text)
    if match is None:
        if ":" not in text:
            known_chrom(text, sizes)
        raise InputError(f"{text!r} is no region; write it as chr22:36,000,000-36,500,000")
    chrom = known_chrom(match["chrom"], sizes)
    digits = [match[side].replace(",", "") for side in ("start", "end")]
    start, end = (int(side) if is_position(side) else 0 for side in digits)
    if not 1 <= start <= end <= sizes[chrom]:
        raise InputError(f"{text!r}: not on {chrom}, whose bases are 1 to {sizes[chrom]:,}, start first")
    return Interval(chrom, start - 1, end)


def known_chrom(name: str, sizes: ChromSizes) -> str:
    """The genome's name of a chromosome.

    Raises:
        InputError: If the genome lacks it; lists some that it has.
    """
    chrom = sizes.resolve(name)
    if chrom is None:
        listed = list(sizes)
        some = ", ".join(listed[:5]) + (", …" if len(listed) > 5 else "")
        raise InputError(f"{name!r} is no chromosome of the genome; it has {some}")
    return chrom


def genome_order(sizes: ChromSizes) -> Callable[[Gene], tuple[int, int, str, str, str]]:
    """Sorts genes by chromosome in the genome's order, then by TSS, strand and id."""
    rank = {chrom: place for place, chrom in enumerate(sizes)}
    return lambda gene: (rank[gene.chrom], gene.tss, gene.strand, gene.id, gene.name)


def _named(genes: Sequence[Gene], names: Sequence[str], listed_in: str) -> list[Gene]:
    """The genes that have one of the names for their id or symbol."""
    known = {name for gene in genes for name in (gene.id, gene.name)}
    wanted = {without_version(name) for name in names}
    for name in names:
        if without_version(name) not in known:
            raise InputError(f"unknown gene {name!r}; {_suggestion(name, known, listed_in)}")
    return [gene for gene in genes if gene.id in wanted or gene.name in wanted]


def _suggestion(name: str, known: set[str], listed_in: str) -> str:
    """Names like one that is not known, upper and lower case being the same, and where all of them stand."""
    by_lower = {each.casefold(): each for each in sorted(known)}
    close = difflib.get_close_matches(name.casefold(), by_lower)
    if close:
        meant = f"did you mean {' or '.join(by_lower[each] for each in close)}?"
        return f"{meant} All names: {listed_in}" if listed_in else meant
    return f"genes are named by symbol or id, as in {listed_in or 'the annotation'}"
