"""From a user's files to a folder of cells: bigWigs, a table of features, and the TOML that names them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.bigwig_file import join_parts
from seq2exp_tracks.io.whole_folder import WholeFolder
from seq2exp_tracks.preparation.annotation import Annotated, AnnotateTask, annotate, half_life_table
from seq2exp_tracks.preparation.coverage import (
    CountTask,
    SignalCount,
    WriteTask,
    count_chromosome,
    write_chromosome,
)
from seq2exp_tracks.preparation.inputs import Opened, excluded_on, open_inputs
from seq2exp_tracks.preparation.places_of_reads import notes_on_places
from seq2exp_tracks.preparation.promoters import mean_signal, promoter_bounds, reads_per_million
from seq2exp_tracks.preparation.record import RECORD, write_record
from seq2exp_tracks.preparation.request import DNASE, H3K27AC, PrepareRequest
from seq2exp_tracks.preparation.table import write_features
from seq2exp_tracks.preparation.workers import Workers
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.resources.cells import Cells

CELLS = "cells.toml"
FEATURES = "features.tsv"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was made.

    Attributes:
        cells: The file for `score --cells`.
        genes: Genes in the table of features.
        without_half_life: Those of them whose eight half-life features are not known, for want of a
            translated transcript.
        reads: What counts of each signal's reads, one line each.
        remarks: What every run on the cells will tell.
    """

    cells: Path
    genes: int
    without_half_life: int
    reads: tuple[str, ...]
    remarks: tuple[str, ...]


def prepare(request: PrepareRequest, progress: Progress | None = None) -> Prepared:
    """Prepares cells. The folder holds `cells.toml` when it is whole, and what it held before until then.

    Raises:
        InputError: If a file cannot be used.
        OutputError: If the folder holds what may not be replaced, or cannot be written.
    """
    progress = progress or Silent()
    check_request(request)
    opened = open_inputs(request, progress)
    names, folder = _names(request), _folder(request)
    with folder, TemporaryDirectory(prefix=".counts-", dir=folder.partial) as scratch:
        with Workers(request.workers, Path(scratch), progress) as workers:
            counts = _count(request, opened, workers, Path(scratch))
            for name, count in counts.items():
                for note in notes_on_places(name, count, opened.fasta.sizes):
                    progress.note(note)
            annotated = _annotate(opened, workers)
            known = {name: _known(count, annotated) for name, count in counts.items()}
            factors = {name: count.factor(known[name]) for name, count in counts.items()}
            for name, count in counts.items():
                _write(folder.path(f"{name}.bw"), count, factors[name], opened, workers)
        genes = opened.genes.genes
        half_life = _half_life(opened, annotated)
        rpm, activity = _promoters(request, opened, counts)
        write_features(folder.path(FEATURES), genes, half_life, rpm, activity)
        unknown = int(np.isnan(half_life).all(axis=1).sum())
        remarks = _remarks(request)
        write_record(
            folder.path(RECORD),
            request,
            {name: count.told(known[name]) for name, count in counts.items()},
            [*names, CELLS],
            genes=len(genes),
            without_half_life=unknown,
            remarks=remarks,
        )
        _cells(request, folder, remarks).write(folder.path(CELLS))
    reads = tuple(f"{name}: {count.summary(factors[name])}" for name, count in counts.items())
    return Prepared(request.out / CELLS, len(genes), unknown, reads, remarks)


def check_request(request: PrepareRequest) -> None:
    """Refuses what is known to be wrong before any file is read.

    Raises:
        InputError: If the request contradicts itself.
        OutputError: If its folder holds what may not be replaced.
    """
    request.check()
    _folder(request).check()


def _names(request: PrepareRequest) -> list[str]:
    """The files that are written beside `CELLS`."""
    return [*(f"{name}.bw" for name in (*request.bam, *request.atac)), FEATURES, RECORD]


def _folder(request: PrepareRequest) -> WholeFolder:
    what, names = "prepared cell type", _names(request)
    return WholeFolder(request.out, CELLS, what, overwrite=request.overwrite, names=names)


def _count(
    request: PrepareRequest, opened: Opened, workers: Workers, scratch: Path
) -> dict[str, SignalCount]:
    """Counts every file, the longest chromosomes first."""
    sizes = opened.fasta.sizes
    bounds = _promoters_by_chrom(opened.genes.genes, opened)
    tasks = {
        (name, chrom): CountTask(
            alignments,
            chrom,
            sizes[chrom],
            request.counting(name),
            excluded_on(opened, chrom),
            bounds[chrom],
            scratch / f"{name}-{sizes.rank(chrom)}.npy",
        )
        for name, alignments in opened.alignments.items()
        for chrom in alignments.chroms
    }
    order = sorted(tasks, key=lambda key: -sizes[key[1]])
    found = workers.each("Counting reads", count_chromosome, [tasks[key] for key in order])
    by_key = dict(zip(order, found, strict=True))
    counts = {
        name: SignalCount(
            alignments.path,
            request.counting(name),
            tuple(by_key[name, chrom] for chrom in alignments.chroms),
        )
        for name, alignments in opened.alignments.items()
    }
    for count in counts.values():
        count.check()
    return counts


def _promoters_by_chrom(genes: Sequence[Gene], opened: Opened) -> dict[str, np.ndarray]:
    bounds = promoter_bounds(genes, opened.fasta.sizes)
    chroms = np.array([gene.chrom for gene in genes])
    return {chrom: bounds[chroms == chrom] for chrom in opened.fasta.sizes}


def _annotate(opened: Opened, workers: Workers) -> dict[str, Annotated]:
    by_chrom: dict[str, list[Any]] = {chrom: [] for chrom in opened.fasta.sizes}
    for transcript in opened.transcripts:
        by_chrom[transcript.chrom].append(transcript)
    tasks = [AnnotateTask(opened.fasta, chrom, tuple(found)) for chrom, found in by_chrom.items()]
    return {found.chrom: found for found in workers.each("Reading the sequence", annotate, tasks)}


def _known(count: SignalCount, annotated: Mapping[str, Annotated]) -> int:
    """Bases of the file's chromosomes that are not N."""
    return sum(annotated[chrom.chrom].known_bases for chrom in count.chroms)


def _write(path: Path, count: SignalCount, factor: float, opened: Opened, workers: Workers) -> None:
    sizes = opened.fasta.sizes
    order = sorted(count.chroms, key=lambda chrom: -chrom.length)
    tasks = [WriteTask(chrom, sizes, factor, path) for chrom in order]
    found = workers.each(f"Writing {path.name}", write_chromosome, tasks)
    parts = {chrom.chrom: part for chrom, part in zip(order, found, strict=True)}
    join_parts(path, sizes, [parts[chrom] for chrom in sizes if chrom in parts])


def _half_life(opened: Opened, annotated: Mapping[str, Annotated]) -> Float64[np.ndarray, "genes 8"]:
    if opened.half_life is not None:
        return opened.half_life
    features = {key: values for found in annotated.values() for key, values in found.features.items()}
    return half_life_table(opened.genes.genes, opened.genes.renamed, features, opened.transcripts)


def _promoters(
    request: PrepareRequest, opened: Opened, counts: Mapping[str, SignalCount]
) -> tuple[Float64[np.ndarray, "genes 2"], Float64[np.ndarray, " genes"]]:
    """Reads per million of both signals in each promoter, and the activity that they make."""
    genes, sizes = opened.genes.genes, opened.fasta.sizes
    rpm = np.full((len(genes), 2), np.nan)
    height = np.zeros((len(genes), 2))
    for column, name in enumerate((H3K27AC, DNASE)):
        if name in counts:
            rpm[:, column] = height[:, column] = reads_per_million(counts[name], genes, sizes)
        elif name in opened.bigwigs:
            height[:, column] = mean_signal(opened.bigwigs[name], genes, sizes)
        else:
            rpm[:, column] = 0.0
    activity: Float64[np.ndarray, " genes"] = np.sqrt(height.prod(axis=1))
    return rpm, activity


def _remarks(request: PrepareRequest) -> tuple[str, ...]:
    """What every output of a run on these cells has to tell."""
    lacking = [name for name in (H3K27AC, DNASE) if name in request.without]
    ready = [name for name in (H3K27AC, DNASE) if name in request.signals]
    remarks = [] if request.half_life else ["features: derived"]
    if lacking:
        remarks.append(f"promoter activity: 0 for all genes, as it is made of {' and '.join(lacking)} too")
    elif request.half_life:
        remarks.append("promoter activity: derived")
    remarks += [f"{name}: from ATAC" for name in request.atac]
    if ready and not lacking:
        remarks.append(f"promoter activity: {' and '.join(ready)} from bigWig, not reads per million")
    return tuple(remarks)


def _cells(request: PrepareRequest, folder: WholeFolder, remarks: tuple[str, ...]) -> Cells:
    """The cells, with their files where they are until the folder is whole."""
    made = {name: folder.partial / f"{name}.bw" for name in (*request.bam, *request.atac)}
    ready = {name: path.resolve() for name, path in request.signals.items()}
    return Cells(
        name=request.name,
        signals=made | ready,
        genome=request.genome,
        contacts=request.contacts.resolve() if request.contacts else None,
        contacts_norm=request.contacts_norm,
        features=folder.partial / FEATURES,
        without=request.without,
        remarks=remarks,
    )
