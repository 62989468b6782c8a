"""Reads what a run wrote, for whoever shows it: the manifest, and the files that it lists.

Knows nothing of how a run is made, and nothing of drawing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyBigWig
from jaxtyping import Float64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand
from seq2exp_tracks.io.gene_selection import select_genes
from seq2exp_tracks.io.text import bad_line, numbered_lines
from seq2exp_tracks.manifest import FileEntry, InputEntry, Manifest


@dataclass(frozen=True, slots=True)
class ScoredGene:
    """A gene of a run.

    Attributes:
        gene: The gene.
        expression: Predicted log10(1 + CAGE).
        measured: Measured expression as the labels had it; None where there is none.
    """

    gene: Gene
    expression: float
    measured: float | None


@dataclass(frozen=True, slots=True)
class CalledElement:
    """An element of a run.

    Attributes:
        interval: Its bases.
        gene_id: The gene in whose window it was called.
        kind: `promoter` or `distal`.
    """

    interval: Interval
    gene_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Run:
    """A folder that holds a whole run.

    Attributes:
        folder: The folder.
        manifest: What it holds and from what it was made.
        genes: Its genes by id, in the order of the table.
    """

    folder: Path
    manifest: Manifest
    genes: dict[str, ScoredGene]

    @classmethod
    def open(cls, folder: Path) -> "Run":
        """Reads the manifest and the table of genes.

        Raises:
            InputError: If the folder holds no run, or a file of it is missing or damaged.
        """
        manifest = Manifest.read(folder)
        path = folder / _entry(manifest, "genes", "parquet").path
        return cls(folder, manifest, {scored.gene.id: scored for scored in _read_genes(path)})

    def find(self, name: str) -> ScoredGene:
        """The gene of a symbol or id.

        Raises:
            InputError: If there is none, with names like it, or several genes have that symbol.
        """
        genes = [scored.gene for scored in self.genes.values()]
        try:
            found = select_genes(genes, self.manifest.sizes, names=[name])
        except InputError as error:
            raise InputError(f"{self.folder}: {error}") from error
        if len(found) > 1:
            ids = ", ".join(gene.id for gene in found)
            raise InputError(
                f"{self.folder}: {name} is the name of several genes; ask for one by its id: {ids}"
            )
        return self.genes[found[0].id]

    def genes_in(self, interval: Interval) -> list[Gene]:
        """The genes whose TSS lies in an interval."""
        genes = (scored.gene for scored in self.genes.values())
        return [gene for gene in genes if gene.chrom == interval.chrom and interval.contains(gene.tss)]

    def track(self, name: str, gene_id: str | None = None) -> FileEntry | None:
        """The file of a track: of one gene's own window, or merged over all genes; None if not written."""
        for entry in self.manifest.files:
            if entry.track == name and entry.gene_id == gene_id:
                return entry
        return None

    def values(self, entry: FileEntry, interval: Interval) -> Float64[np.ndarray, " length"]:
        """Values of a track, NaN where nothing was scored."""
        return read_bigwig(self.folder / entry.path, interval, self.manifest.sizes)

    def elements(self, interval: Interval, gene_id: str | None = None) -> list[CalledElement]:
        """Called elements that overlap an interval: of one gene, or of all."""
        path = self.folder / _entry(self.manifest, "elements", "bed").path
        return [
            element
            for element in _read_elements(path)
            if gene_id in (None, element.gene_id) and element.interval.overlap(interval)
        ]

    def input(self, role: str) -> InputEntry | None:
        """A file that the run was made from, by its role."""
        return next((entry for entry in self.manifest.inputs if entry.role == role), None)


def read_bigwig(path: Path, interval: Interval, sizes: ChromSizes) -> Float64[np.ndarray, " length"]:
    """Values of a bigWig, NaN where it has none or lacks the chromosome; `chr1` and `1` are the same.

    Raises:
        InputError: If the file cannot be read.
    """
    try:
        with pyBigWig.open(str(path)) as file:
            name = sizes.reconcile(file.chroms(), path).get(interval.chrom)
            if name is None:
                return np.full(len(interval), np.nan)
            values = file.values(name, interval.start, interval.end, numpy=True)
    except RuntimeError as error:
        raise InputError(f"{path}: cannot be read; is it a whole bigWig file?") from error
    return np.asarray(values, dtype=np.float64)


def _entry(manifest: Manifest, content: str, kind: str) -> FileEntry:
    for entry in manifest.files:
        if entry.content == content and entry.kind == kind:
            return entry
    raise InputError(f"the manifest lists no {kind} file of {content}; run `score` again")


def _read_genes(path: Path) -> Iterator[ScoredGene]:
    try:
        rows = pq.read_table(path).to_pylist()
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{path}: cannot be read; was the run copied whole?") from error
    for row in rows:
        gene = Gene(row["gene_id"], row["gene_name"], row["chrom"], row["tss"], Strand(row["strand"]))
        yield ScoredGene(gene, row["expression"], row.get("measured"))


def _read_elements(path: Path) -> Iterator[CalledElement]:
    columns: list[str] = []
    for number, line in numbered_lines(path):
        fields = line.split("\t")
        if line.startswith("#"):
            columns = line.lstrip("#").split("\t")
            continue
        row = dict(zip(columns, fields, strict=False))
        try:
            place = Interval(row["chrom"], int(row["start"]), int(row["end"]))
            yield CalledElement(place, row["gene_id"], row["class"])
        except (KeyError, ValueError) as error:
            raise bad_line(path, number, "no element of a run") from error
