"""What lines and attributes of GTF and GFF3 are called: for `annotation_lines`, which reads them."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

GENE_NAMES = ("gene_name", "Name", "gene")
"""Attributes that may hold the symbol of a gene, best first."""


def of_gtf(key: str) -> str:
    """Finds `key "value";` or `key value;`."""
    return rf'(?:^|[; ]){key} "?(?P<value>[^";]+)"?'


def of_gff3(key: str) -> str:
    """Finds `key=value;`."""
    return rf"(?:^|;) ?{key}=(?P<value>[^;]+)"


def is_kind(kind: str) -> Callable[[pa.ChunkedArray], pa.ChunkedArray]:
    """Tells which lines are of a kind."""
    return lambda kinds: pc.equal(kinds, kind)


def is_gene(kinds: pa.ChunkedArray) -> pa.ChunkedArray:
    """Tells genes and pseudogenes of GFF3."""
    return pc.ends_with(kinds, "gene")


def may_be_transcript(kinds: pa.ChunkedArray) -> pa.ChunkedArray:
    """Tells what may be a transcript of GFF3."""
    return pc.invert(pc.or_(is_gene(kinds), pc.is_in(kinds, pa.array(["exon", "CDS"]))))
