"""Reads what a run wrote, for whoever shows it: the manifest, and the files that it lists.

Knows nothing of how a run is made, and nothing of drawing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyBigWig
from jaxtyping import Float64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand
from seq2exp_tracks.io.bed_table import read_bed_table
from seq2exp_tracks.io.bed_writer import bed_text
from seq2exp_tracks.io.gene_selection import select_genes
from seq2exp_tracks.manifest import FileEntry, InputEntry, Manifest

ELEMENT_COLUMNS = {
    "chrom": pa.string(),
    "start": pa.int64(),
    "end": pa.int64(),
    "name": pa.string(),
    "score": pa.int64(),
    "strand": pa.string(),
    "gene_id": pa.string(),
    "gene_name": pa.string(),
    "mean_score": pa.float64(),
    "sd": pa.float64(),
    "distance": pa.int64(),
    "class": pa.string(),
    "contact": pa.float64(),
}
"""Columns of the elements of a run, as docs/formats.md describes them; null where the file has none."""


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

    def find(self, name: str, called: str = "") -> ScoredGene:
        """The gene of a symbol or id.

        Args:
            name: The symbol or id.
            called: What an error calls the run, where whoever reads it is not to see the path of its folder.

        Raises:
            InputError: If there is none, with names like it, or several genes have that symbol.
        """
        genes, run = [scored.gene for scored in self.genes.values()], called or str(self.folder)
        try:
            found = select_genes(genes, self.manifest.sizes, names=[name], listed_in=f"{run}/genes.bed")
        except InputError as error:
            raise InputError(f"{run}: {error}") from error
        if len(found) > 1:
            ids = ", ".join(gene.id for gene in found)
            raise InputError(f"{run}: {name} is the name of several genes; ask for one by its id: {ids}")
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
        wanted = (
            (pc.field("chrom") == interval.chrom)
            & (pc.field("start") < interval.end)
            & (pc.field("end") > interval.start)
        )
        if gene_id is not None:
            wanted &= pc.field("gene_id") == bed_text(gene_id)
        return [_element(row) for row in self.element_table().filter(wanted).to_pylist()]

    def element_table(self) -> pa.Table:
        """All elements, one row each in the order of the genome, with the columns of `ELEMENT_COLUMNS`.

        Raises:
            InputError: If the file cannot be read.
        """
        return read_bed_table(self.folder / _entry(self.manifest, "elements", "bed").path, ELEMENT_COLUMNS)

    def link_table(self) -> pa.Table:
        """The links of elements to genes: the distal rows of `element_table`, and the gene's `tss`.

        An element over a gene's own promoter, TSS - 1 kb to TSS + 1 kb, is no link; nor is one of a gene
        whose TSS lies off the chromosome.
        """
        sizes = self.manifest.sizes
        genes = (scored.gene for scored in self.genes.values())
        places = {bed_text(gene.id): gene.tss for gene in genes if 0 <= gene.tss < sizes[gene.chrom]}
        table = self.element_table().filter(pc.field("class") == "distal")
        tss = pa.array([places.get(gene_id) for gene_id in table["gene_id"].to_pylist()], pa.int64())
        return table.append_column("tss", tss).filter(pc.field("tss").is_valid())

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


def _element(row: Mapping[str, Any]) -> CalledElement:
    return CalledElement(Interval(row["chrom"], row["start"], row["end"]), row["gene_id"], row["class"])
