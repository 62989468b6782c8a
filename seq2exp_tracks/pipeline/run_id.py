"""The id of a run: a checksum of what decides its files, the same wherever and however often it is made."""

from dataclasses import asdict
from typing import Any

from seq2exp_tracks.origin import Origin
from seq2exp_tracks.pipeline.job import Job
from seq2exp_tracks.pipeline.resuming import identity_of
from seq2exp_tracks.shards.identity import checksum
from seq2exp_tracks.tracks.elements import ElementSettings

DIGITS = 12
"""Of hexadecimal digits: 48 bits, so that of a million runs two are alike once in 500 times."""

_PACKAGE = "seq2exp-tracks"


def run_id(job: Job, elements: ElementSettings, *, per_gene: bool) -> str:
    """The id of a run.

    Neither time, host, place, command, number of workers nor the name under which the genome is registered is
    part of it, nor what computes: kernels and versions of other packages change the last bits of a score and
    stand in the manifest.

    Args:
        job: What is computed, and with what.
        elements: How elements are called.
        per_gene: Whether the files of single genes are written.
    """
    request, identity = job.request, identity_of(job)
    settings: dict[str, Any] = {
        "merge": request.merge,
        "resolution": request.resolution,
        "bin_by": request.bin_by,
        "precision": request.precision,
        "per_gene": per_gene,
        "label_column": request.label_column,
        "elements": asdict(elements),
    }
    genes = sorted((gene.id, gene.name, gene.chrom, gene.tss, str(gene.strand)) for gene in job.opened.genes)
    decides: dict[str, Any] = {
        # The genes stand for their file, in which order, format and other genes make no difference.
        "inputs": {entry.role: entry.sha256 for entry in job.inputs if entry.role != "genes"},
        "settings": settings | dict(identity.settings),
        "genes": genes,
        "version": identity.versions[_PACKAGE],
    }
    return checksum(decides)[:DIGITS]


def origin_of(job: Job, elements: ElementSettings, *, per_gene: bool) -> Origin:
    """What every file of a run says of it; see `run_id`."""
    digests = {entry.role: entry.sha256 for entry in job.inputs}
    return Origin(
        run=run_id(job, elements, per_gene=per_gene),
        fasta=digests["fasta"],
        model="hard" if job.opened.config.is_hard else "soft",
        merge=job.request.merge,
        weights=digests["checkpoint"],
        version=job.versions()[_PACKAGE],
    )
