"""The files of a genome: sequence, assembly, blacklist, genes and their features."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import FEATURES, GeneFeatures
from seq2exp_tracks.genome import ChromSizes, Gene
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.feature_columns import PROMOTER_ACTIVITY
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.opening import left_out, off_genome, open_blacklist
from seq2exp_tracks.pipeline.judging import activity_of, judge_activity
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.scales import Distribution

ASSEMBLIES: dict[str, dict[str, int]] = {
    "hg19": {"chr1": 249_250_621, "chr2": 243_199_373, "chr21": 48_129_895, "chr22": 51_304_566},
    "hg38": {"chr1": 248_956_422, "chr2": 242_193_529, "chr21": 46_709_983, "chr22": 50_818_468},
    "mm10": {"chr1": 195_471_971, "chr2": 182_113_224, "chr18": 90_702_639, "chr19": 61_431_566},
    "mm39": {"chr1": 195_154_279, "chr2": 181_755_017, "chr18": 90_720_763, "chr19": 61_420_004},
}
"""Lengths (bp) by which an assembly is known."""

_OF_AN_ASSEMBLY = re.compile(r"(chr)?([1-9][0-9]?|X|Y|M|MT)")

LEAST_KNOWN = 0.5
"""Share of the genes that should have features."""

MOST_ACTIVITY = 60.0
"""Median promoter activity from which reads are probably per million of something smaller than a genome.

Over the genes of chr22 with any, in K562, it is 6 in reads per million of the genome, and 334 per million
of those on chr22.
"""


@dataclass(frozen=True, slots=True)
class Genome:
    """A genome that can be read.

    Attributes:
        fasta: Its sequence.
        genes: Its genes; none where the annotation cannot be read.
        features: Features of the genes, or None.
    """

    fasta: Fasta
    genes: tuple[Gene, ...]
    features: GeneFeatures | None


def check_genome_files(
    entry: GenomeEntry, bed_tss: Literal["strand", "middle"], trained: Distribution | None
) -> tuple[Genome | None, list[Finding]]:
    """Opens the files of a genome.

    Args:
        entry: The genome.
        bed_tss: Where the TSS of a BED row is.
        trained: Promoter activity that the checkpoint was trained on, if it tells.

    Returns:
        The genome, or None where its sequence cannot be read; and what was found.
    """
    try:
        fasta = Fasta(entry.fasta)
    except InputError as error:
        return None, [Finding.of_error("genome", error)]
    sizes = fasta.sizes
    total = f"{len(sizes)} chromosome(s), {sum(sizes.values()):,} bp"
    findings = [Finding("genome", Level.OK, f"{entry.fasta}: {total}"), *assembly_of(entry, sizes)]
    if fasta.note:
        findings.append(Finding("genome", Level.NOTE, fasta.note))
    findings += _blacklist(entry, sizes)
    genes: tuple[Gene, ...] = ()
    try:
        table = read_genes(entry.genes, sizes, bed_tss=bed_tss)
    except InputError as error:
        findings.append(Finding.of_error("genes", error))
    else:
        genes = table.genes
        findings.append(Finding("genes", Level.OK, f"{entry.genes}: {len(genes):,} genes"))
        findings += [Finding("genes", Level.NOTE, line) for line in left_out(entry.genes, table)]
    features, found = _features(entry.features, genes, trained)
    return Genome(fasta, genes, features), findings + found


def assembly_of(entry: GenomeEntry, sizes: ChromSizes) -> list[Finding]:
    """Which assembly the lengths of the chromosomes are of, against the name that the genome has."""
    for name, lengths in ASSEMBLIES.items():
        shared = {chrom: sizes[ours] for chrom in lengths if (ours := sizes.resolve(chrom))}
        if not shared or any(lengths[chrom] != length for chrom, length in shared.items()):
            continue
        if entry.name in ASSEMBLIES and entry.name != name:
            what = f"{entry.fasta}: is {name} by its lengths, but registered as {entry.name}"
            return [Finding("genome", Level.BAD, what, f"register the FASTA of {entry.name}")]
        return [Finding("genome", Level.OK, f"{entry.fasta}: the assembly is {name} by its lengths")]
    known = ASSEMBLIES.get(entry.name)
    if known and not any(map(sizes.resolve, known)) and any(map(_OF_AN_ASSEMBLY.fullmatch, sizes)):
        what = f"{entry.fasta}: has none of {', '.join(known)}, by whose lengths {entry.name} is known"
        return [Finding("genome", Level.NOTE, what, f"see to it that it is of {entry.name}")]
    if known:
        what = f"{entry.fasta}: its lengths are not those of {entry.name}"
        return [Finding("genome", Level.BAD, what, f"register the FASTA of {entry.name}, or another name")]
    return []


def _blacklist(entry: GenomeEntry, sizes: ChromSizes) -> list[Finding]:
    try:
        blacklist = open_blacklist(entry, sizes)
    except InputError as error:
        return [Finding.of_error("genome", error)]
    if blacklist is None:
        what = "no blacklist: artefacts of mapping can get a high mask"
        way_out = "give one with: seq2exp-tracks genome add … --blacklist FILE"
        return [Finding("genome", Level.NOTE, what, way_out)]
    regions = sum(len(ranges) for ranges in blacklist.intervals.values())
    found = [Finding("genome", Level.OK, f"{entry.blacklist}: {regions:,} regions")]
    return found + [Finding("genome", Level.NOTE, line) for line in off_genome(entry.blacklist, blacklist)]


def _features(
    path: Path | None, genes: Sequence[Gene], trained: Distribution | None
) -> tuple[GeneFeatures | None, list[Finding]]:
    """The table of features, and how many genes it knows."""
    if path is None:
        what = "no table of gene features: predicted expression means little; the mask does not depend on it"
        way_out = "give --features FILE (docs/inputs.md), or have eight derived (docs/resources.md)"
        return None, [Finding("genes", Level.WARN, what, way_out)]
    try:
        features = GeneFeatures.from_table(path)
    except InputError as error:
        return None, [Finding.of_error("genes", error)]
    if not genes:
        return features, []
    filled = [names for _, names in map(features.of, genes)]
    known, absent = sum(not names for names in filled), sum(names == FEATURES for names in filled)
    found = [_coverage(path, len(genes), known, absent)]
    return features, found + _activity(path, features, genes, trained)


def _coverage(path: Path, genes: int, known: int, absent: int) -> Finding:
    what = f"{path}: all nine features of {known:,} of {genes:,} genes ({known / genes:.0%})"
    way_out = "give the table that belongs to these genes: it is joined by id, else by symbol"
    if absent == genes:
        return Finding("genes", Level.BAD, f"{path}: knows none of the {genes:,} genes", way_out)
    if absent > (1 - LEAST_KNOWN) * genes:
        return Finding("genes", Level.WARN, f"{what}; {absent:,} are not in it at all", way_out)
    return Finding("genes", Level.OK, what)


def _activity(
    path: Path, features: GeneFeatures, genes: Sequence[Gene], trained: Distribution | None
) -> list[Finding]:
    """Whether promoter activity is on its scale: reads per million reads of the whole genome."""
    found = activity_of(features, genes)
    if found.is_empty:
        return []
    median = found.quantile(0.5)
    way_out = (
        "make it of reads per million of the whole genome's reads, not of one chromosome's, nor of a bigWig "
        "(docs/preparing.md#promoter-activity)"
    )
    judged = None if trained is None else judge_activity(found, trained)
    if judged is not None:
        what = f"{path}: {judged.what}"
        return [Finding("genes", Level(judged.grade), what, way_out if judged.grade == "bad" else "")]
    if median > MOST_ACTIVITY:
        what = f"{path}: median {PROMOTER_ACTIVITY} is {median:.3g}; in reads per million it is about 6"
        return [Finding("genes", Level.WARN, what, way_out)]
    return []
