"""Gene models: where genes begin and end, and the exons of the transcript that stands for each.

Read straight from an annotation, which may have millions of lines, for whoever draws genes. Who wants TSSs to
score takes `genes.read_genes`.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.gene_index import without_version
from seq2exp_tracks.io.gene_models_bed import read_bed_models
from seq2exp_tracks.io.gene_models_gtf import read_gff3_models, read_gtf_models

GENE_MODEL_COLUMNS = {
    "gene_id": pa.string(),
    "name": pa.string(),
    "gene_type": pa.string(),
    "chrom": pa.string(),
    "start": pa.int64(),
    "end": pa.int64(),
    "strand": pa.string(),
    "thick_start": pa.int64(),
    "thick_end": pa.int64(),
    "exon_starts": pa.list_(pa.int64()),
    "exon_ends": pa.list_(pa.int64()),
}
"""One row a gene; positions 0-based and half-open. A gene that is not translated has an empty thick part."""

_READERS: dict[str, Callable[[Path], pa.Table]] = {
    ".gtf": read_gtf_models,
    ".gff": read_gff3_models,
    ".gff3": read_gff3_models,
    ".bed": read_bed_models,
    ".bed6": read_bed_models,
    ".bed12": read_bed_models,
}


def read_gene_models(path: str | Path, sizes: ChromSizes) -> pa.Table:
    """Reads the genes of a GTF, GFF3 or BED, plain or gzipped, that lie on a genome.

    Of the transcripts of a gene the one tagged MANE Select stands for it, else Ensembl's canonical one, else
    of those that are translated, if any, the one with the most exonic bases. A gene without exons in the file
    is one exon. Ids lose their version.

    Args:
        path: The annotation; its suffix tells the format.
        sizes: Chromosomes of the genome; `chr1` and `1` are the same chromosome.

    Returns:
        A table with the columns of `GENE_MODEL_COLUMNS`, under the genome's names of chromosomes.

    Raises:
        InputError: If the file is of none of these formats, a line is malformed, a gene reaches over its
            chromosome's end, or no gene lies on the genome.
    """
    path = Path(path)
    suffix = Path(path.name.lower().removesuffix(".gz").removesuffix(".bgz")).suffix
    if suffix not in _READERS:
        known = ", ".join(_READERS)
        raise InputError(f"{path}: genes are drawn from {known} (also gzipped); rename the file if it is one")
    return _on_genome(path, _READERS[suffix](path).cast(pa.schema(list(GENE_MODEL_COLUMNS.items()))), sizes)


def _on_genome(path: Path, models: pa.Table, sizes: ChromSizes) -> pa.Table:
    """The genes on chromosomes of the genome, under its names for them."""
    chroms = models["chrom"].combine_chunks().dictionary_encode()
    ours = [sizes.resolve(name) for name in chroms.dictionary.to_pylist()]
    renamed = pa.array(ours, pa.string()).take(chroms.indices)
    ids = pa.array([without_version(gene_id) for gene_id in models["gene_id"].to_pylist()], pa.string())
    models = models.set_column(models.schema.get_field_index("chrom"), "chrom", renamed)
    models = models.set_column(models.schema.get_field_index("gene_id"), "gene_id", ids)
    placed = models.filter(pc.is_valid(renamed)).combine_chunks()
    if not len(placed):
        raise InputError(
            f"{path}: none of its {len(models):,} genes lies on a chromosome of the genome; "
            "are the names of the chromosomes those of the FASTA?"
        )
    lengths = np.array([sizes[chrom] for chrom in placed["chrom"].to_pylist()])
    beyond = placed["end"].to_numpy() > lengths
    if beyond.any():
        gene = placed.slice(int(beyond.argmax()), 1).to_pylist()[0]
        raise InputError(
            f"{path}: {gene['name']} ends at {gene['chrom']}:{gene['end']:,}, past the end of the chromosome "
            f"({sizes[gene['chrom']]:,} bp): the file belongs to another assembly"
        )
    return placed
