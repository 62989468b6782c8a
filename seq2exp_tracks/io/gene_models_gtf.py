"""Gene models of a GTF or GFF3, as GENCODE, Ensembl, NCBI and UCSC write them."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Int64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.annotation_kinds import (
    GENE_NAMES,
    is_gene,
    is_kind,
    may_be_transcript,
    of_gff3,
    of_gtf,
)
from seq2exp_tracks.io.annotation_lines import Wanted, read_lines

_TYPES = ("gene_type", "gene_biotype", "biotype")

# Tags of the transcript that stands for its gene, best first; NCBI writes a space for the underscore.
_REPRESENTATIVE = (r"MANE[_ ]Select", "Ensembl_canonical")

Rows = Int64[np.ndarray, "_"]


def read_gtf_models(path: Path) -> pa.Table:
    """Reads the genes of a GTF. A gene without a line of its own reaches as far as its transcripts.

    Returns:
        A table with the columns of `gene_models.GENE_MODEL_COLUMNS`.

    Raises:
        InputError: If a line is malformed, or a gene has no id.
    """
    gene, transcript = ({"gene": of_gtf("gene_id")}, {"transcript": of_gtf("transcript_id")})
    about = _about(of_gtf)
    tags = {f"tag_{rank}": rf'(?:^|[; ])tag "(?P<value>{tag})"' for rank, tag in enumerate(_REPRESENTATIVE)}
    lines = read_lines(
        path,
        {
            "genes": Wanted(is_kind("gene"), gene | about),
            "transcripts": Wanted(is_kind("transcript"), gene | transcript | about | tags),
            "exons": Wanted(is_kind("exon"), transcript),
            "coding": Wanted(is_kind("CDS"), transcript),
        },
    )
    declared = lines["genes"]
    known = _found(lines["transcripts"], "gene", declared, "gene") >= 0
    undeclared = _spans(lines["transcripts"].filter(pa.array(~known)).select(declared.column_names))
    return _models(path, pa.concat_tables([declared, undeclared]), lines)


def read_gff3_models(path: Path) -> pa.Table:
    """Reads the genes of a GFF3.

    Returns:
        A table with the columns of `gene_models.GENE_MODEL_COLUMNS`.

    Raises:
        InputError: If a line is malformed, or a gene has no id.
    """
    about = _about(of_gff3)
    tags = {
        f"tag_{rank}": rf"(?:^|;)tag=(?:[^;]*,)?(?P<value>{tag})(?:[,;]|$)"
        for rank, tag in enumerate(_REPRESENTATIVE)
    }
    lines = read_lines(
        path,
        {
            "genes": Wanted(is_gene, {"gene": of_gff3("ID"), "id": of_gff3("gene_id")} | about),
            # What a transcript is called differs; those that have a gene for their parent are taken below.
            "transcripts": Wanted(
                may_be_transcript, {"gene": of_gff3("Parent"), "transcript": of_gff3("ID")} | tags
            ),
            "exons": Wanted(is_kind("exon"), {"transcript": of_gff3("Parent")}),
            "coding": Wanted(is_kind("CDS"), {"transcript": of_gff3("Parent")}),
        },
    )
    models = _models(path, lines["genes"], lines)
    given = lines["genes"]["id"]
    bare = pc.replace_substring_regex(lines["genes"]["gene"], "^gene[:-]", "")
    models = models.set_column(0, "gene_id", pc.coalesce(given, bare))
    names = [unquote(name) for name in models["name"].to_pylist()]
    return models.set_column(1, "name", pa.array(names, pa.string()))


def _models(path: Path, genes: pa.Table, lines: dict[str, pa.Table]) -> pa.Table:
    """One row for each gene, with the exons and the coding part of the transcript that stands for it."""
    if pc.any(pc.is_null(genes["gene"])).as_py():
        raise InputError(f"{path}: a gene without gene_id (GTF) or ID (GFF3); add it to every gene")
    starts, ends = genes["start"].to_numpy(), genes["end"].to_numpy()
    gene_of_exon, gene_of_coding = _representatives(genes, lines)
    exon_starts, exon_ends = _grouped(lines["exons"], gene_of_exon, starts, ends)
    coding = lines["coding"].filter(pa.array(gene_of_coding >= 0))
    owners = gene_of_coding[gene_of_coding >= 0]
    thick_starts, thick_ends = ends.copy(), starts.copy()
    np.minimum.at(thick_starts, owners, coding["start"].to_numpy())
    np.maximum.at(thick_ends, owners, coding["end"].to_numpy())
    empty = thick_ends <= thick_starts
    return pa.table(
        {
            "gene_id": genes["gene"],
            "name": pc.coalesce(*(genes[f"name_{key}"] for key in GENE_NAMES), genes["gene"]),
            "gene_type": pc.coalesce(*(genes[f"type_{key}"] for key in _TYPES)),
            "chrom": genes["chrom"],
            "start": starts,
            "end": ends,
            "strand": genes["strand"],
            "thick_start": np.where(empty, starts, thick_starts),
            "thick_end": np.where(empty, starts, thick_ends),
            "exon_starts": exon_starts,
            "exon_ends": exon_ends,
        }
    )


def _representatives(genes: pa.Table, lines: dict[str, pa.Table]) -> tuple[Rows, Rows]:
    """The gene of each exon and of each coding line, -1 where the transcript does not stand for one."""
    transcripts = lines["transcripts"]
    owner = _found(transcripts, "gene", genes, "gene")
    of_exon = _found(lines["exons"], "transcript", transcripts, "transcript")
    of_coding = _found(lines["coding"], "transcript", transcripts, "transcript")
    lengths = (lines["exons"]["end"].to_numpy() - lines["exons"]["start"].to_numpy())[of_exon >= 0]
    exonic = np.bincount(of_exon[of_exon >= 0], lengths, len(transcripts))
    silent = np.bincount(of_coding[of_coding >= 0], minlength=len(transcripts)) == 0
    rank = np.full(len(transcripts), len(_REPRESENTATIVE))
    for place in reversed(range(len(_REPRESENTATIVE))):
        rank[pc.is_valid(transcripts[f"tag_{place}"]).to_numpy()] = place
    best_first = np.lexsort((-exonic, silent, rank, owner))
    best_first = best_first[owner[best_first] >= 0]
    chosen = best_first[np.unique(owner[best_first], return_index=True)[1]]
    stands_for = np.full(len(transcripts) + 1, -1)  # the last is for exons of no transcript
    stands_for[chosen] = owner[chosen]
    return stands_for[of_exon], stands_for[of_coding]


def _grouped(exons: pa.Table, gene: Rows, starts: Rows, ends: Rows) -> tuple[pa.ListArray, pa.ListArray]:
    """Starts and ends of the exons of each gene, ascending; the gene itself where it has none."""
    whole = np.setdiff1d(np.arange(len(starts)), gene)
    owners = np.concatenate([gene[gene >= 0], whole])
    firsts = np.concatenate([exons["start"].to_numpy()[gene >= 0], starts[whole]])
    lasts = np.concatenate([exons["end"].to_numpy()[gene >= 0], ends[whole]])
    order = np.lexsort((firsts, owners))
    offsets = np.searchsorted(owners[order], np.arange(len(starts) + 1)).astype(np.int32)
    return (
        pa.ListArray.from_arrays(offsets, firsts[order]),
        pa.ListArray.from_arrays(offsets, lasts[order]),
    )


def _spans(transcripts: pa.Table) -> pa.Table:
    """Genes that have no line of their own, as far as their transcripts reach."""
    columns = [name for name in transcripts.column_names if name not in ("start", "end")]
    first = [name for name in columns if name not in ("place", "gene")]
    spans = transcripts.group_by(["place", "gene"], use_threads=False).aggregate(
        [("start", "min"), ("end", "max"), *((name, "first") for name in first)]
    )
    names = {"start_min": "start", "end_max": "end"} | {f"{name}_first": name for name in first}
    renamed = spans.rename_columns([names.get(name, name) for name in spans.column_names])
    return renamed.select(transcripts.column_names)


def _found(lines: pa.Table, column: str, among: pa.Table, id_column: str) -> Rows:
    """Row of `among` that each line belongs to, -1 for none.

    An id may stand on two chromosomes (the pseudoautosomal regions), so the place has to fit, too.
    """
    values, ids = (
        pc.binary_join_element_wise(table["place"], table[name], "\t")
        for table, name in ((lines, column), (among, id_column))
    )
    places = pc.index_in(values, ids.combine_chunks(), skip_nulls=True)
    found: Rows = pc.fill_null(places, -1).to_numpy().astype(np.int64)
    return found


def _about(attribute: Callable[[str], str]) -> dict[str, str]:
    """Columns that tell a gene's symbol and biotype."""
    names = {f"name_{key}": attribute(key) for key in GENE_NAMES}
    return names | {f"type_{key}": attribute(key) for key in _TYPES}
