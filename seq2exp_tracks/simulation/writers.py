"""A simulated genome's files. Same content, same bytes; but a .cool also holds the time of its writing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pysam
from jaxtyping import Int32

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.bigwig_writer import BigWigWriter
from seq2exp_tracks.io.hictk import hictkpy
from seq2exp_tracks.simulation.domains import RESOLUTION, Domains
from seq2exp_tracks.simulation.elements import PlantedElement
from seq2exp_tracks.simulation.expression import Effect, Expression
from seq2exp_tracks.simulation.features import COLUMNS
from seq2exp_tracks.simulation.indices import write_index
from seq2exp_tracks.simulation.plan import Plan, PlannedGene
from seq2exp_tracks.simulation.signals import DECIMALS, BinnedSignal

ASSEMBLY = "simulated"
FASTA_LINE = 60  # bases
SOURCE = "seq2exp-tracks-simulation"
BED6 = ("chrom", "start", "end", "name", "score", "strand")
TRUTH_COLUMNS = (*BED6, "class", "gene_id", "gene_name", "effect", "activity", "contact", "openness")
NO_EFFECT = "0.000000"
SITE_COLUMNS = (*BED6, "sequence", "element")


def write_fasta(sequence: Mapping[str, bytes], path: Path) -> None:
    """Writes the sequence and its index beside it (`.fai`)."""
    with path.open("wb") as file:
        for chrom, letters in sequence.items():
            file.write(b">" + chrom.encode() + b"\n")
            for start in range(0, len(letters), FASTA_LINE):
                file.write(letters[start : start + FASTA_LINE] + b"\n")
    write_index(pysam.faidx, path)


def write_signal(signal: Mapping[str, BinnedSignal], chromosomes: ChromSizes, path: Path) -> None:
    """Writes a bigWig: no value where the signal is NaN."""
    with BigWigWriter(path, chromosomes, DECIMALS) as file:
        for chrom, binned in signal.items():
            values = np.repeat(binned.values, binned.bin)[: chromosomes[chrom]]
            measured = np.concatenate([[False], np.isfinite(values), [False]])
            for start, end in np.flatnonzero(np.diff(measured)).reshape(-1, 2).tolist():
                file.write(chrom, start, values[start:end])


def write_contacts(
    counts: Mapping[str, Int32[np.ndarray, " bins bins"]], chromosomes: ChromSizes, path: Path
) -> None:
    """Writes raw counts as a `.cool` without weights.

    The HDF5 container notes when it was written, so two writings differ in those bytes; the counts do not.
    """
    path.unlink(missing_ok=True)
    try:
        _write_pixels(counts, chromosomes, path)
    except RuntimeError as error:  # hictk's messages run over several lines
        raise OutputError(f"{path}: cannot be written ({str(error).splitlines()[0]})") from error


def _write_pixels(
    counts: Mapping[str, Int32[np.ndarray, " bins bins"]], chromosomes: ChromSizes, path: Path
) -> None:
    writer = hictkpy.cooler.FileWriter(
        str(path), dict(chromosomes), RESOLUTION, assembly=ASSEMBLY, tmpdir=path.parent
    )
    first = 0
    for matrix in counts.values():
        rows, columns = np.nonzero(matrix)
        pixels = {"bin1_id": rows + first, "bin2_id": columns + first, "count": matrix[rows, columns]}
        writer.add_pixels(pa.table(pixels), sorted=True)
        first += len(matrix)
    writer.finalize()


def write_gtf(plan: Plan, path: Path) -> None:
    """Writes the genes: a gene row and a transcript row each (1-based, inclusive)."""
    rows = [row for planned in plan.genes for row in _gtf_rows(planned)]
    path.write_text("".join(f"{row}\n" for row in rows))


def _gtf_rows(planned: PlannedGene) -> tuple[str, str]:
    gene, body = planned.gene, planned.body
    where = f"{body.start + 1}\t{body.end}\t.\t{gene.strand}\t."
    names = f'gene_id "{gene.id}"; gene_name "{gene.name}"; gene_type "protein_coding";'
    transcript = f'transcript_id "{gene.id.replace("SIMG", "SIMT")}"; transcript_type "protein_coding";'
    return (
        f"{gene.chrom}\t{SOURCE}\tgene\t{where}\t{names}",
        f'{gene.chrom}\t{SOURCE}\ttranscript\t{where}\t{names} {transcript} tag "Ensembl_canonical";',
    )


def write_features(plan: Plan, features: Mapping[str, Mapping[str, float]], path: Path) -> None:
    """Writes the nine features of each gene; an unknown one is an empty field."""
    rows = []
    for planned in plan.genes:
        values = [features[planned.gene.id][column] for column in COLUMNS]
        rows.append(
            (planned.gene.id, planned.gene.name, *("" if np.isnan(v) else f"{v:.6f}" for v in values))
        )
    _write_table(("gene_id", "gene_name", *COLUMNS), rows, path)


def write_labels(plan: Plan, expression: Mapping[str, Expression], path: Path) -> None:
    """Writes each gene's expression, log10(1 + CAGE): with noise, and expected by the formula."""
    rows = []
    for planned in plan.genes:
        value = expression[planned.gene.id]
        rows.append((planned.gene.id, planned.gene.name, f"{value.measured:.6f}", f"{value.expected:.6f}"))
    _write_table(("gene_id", "gene_name", "expression", "expected"), rows, path)


def write_bed(intervals: Sequence[Interval], name: str, path: Path) -> None:
    """Writes intervals as BED4."""
    path.write_text("".join(f"{i.chrom}\t{i.start}\t{i.end}\t{name}\n" for i in intervals))


def write_domains(domains: Domains, path: Path) -> None:
    """Writes the domains as BED4, numbered along each chromosome from 1."""
    rows = [
        (*_place(domain), f"domain_{domains.number(domain.chrom, domain.start) + 1:03d}")
        for domain in domains.intervals()
    ]
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))


def write_truth(plan: Plan, effects: Iterable[Effect], path: Path) -> None:
    """Writes the elements of a cell type: BED6 and what they do, one row an element and gene.

    An element that acts on no gene has one row with `.` for gene and contact, and effect 0. `effect` is in
    log10(1 + CAGE); `score` is the effect in thousandths, at most 1000.
    """
    by_element: dict[Interval, list[Effect | None]] = {}
    for effect in effects:
        by_element.setdefault(effect.element.interval, []).append(effect)
    rows = [
        row
        for element in plan.elements
        for row in _truth_rows(element, by_element.get(element.interval, [None]))
    ]
    _write_table(TRUTH_COLUMNS, rows, path, comment="#")


def _truth_rows(element: PlantedElement, effects: Sequence[Effect | None]) -> Iterator[tuple[object, ...]]:
    """The rows of an element, one an effect; None stands for none at all."""
    for effect in effects:
        score, gene, contact = 0, (".", ".", NO_EFFECT), "."
        if effect is not None:
            score = min(1000, round(1000 * effect.size))
            gene = effect.gene.id, effect.gene.name, f"{effect.size:.6f}"
            contact = f"{effect.contact:.6f}"
        place, activity = _place(element.interval), f"{element.activity:.6f}"
        yield (
            *(*place, element.name, score, ".", element.kind, *gene),
            *(activity, contact, f"{element.openness:.6f}"),
        )


def write_sites(plan: Plan, path: Path) -> None:
    """Writes the planted binding sites: BED6 named by the motif, then plus-strand bases and element."""
    rows = [
        (*_place(site.interval), site.motif, 0, site.strand, site.sequence, element.name)
        for element in plan.elements
        for site in element.sites
    ]
    _write_table(SITE_COLUMNS, rows, path, comment="#")


def _place(interval: Interval) -> tuple[str, int, int]:
    return interval.chrom, interval.start, interval.end


def _write_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], path: Path, comment: str = ""
) -> None:
    """Writes a tab-separated table with a line of column names."""
    lines = [comment + "\t".join(columns), *("\t".join(map(str, row)) for row in rows)]
    path.write_text("".join(f"{line}\n" for line in lines))
