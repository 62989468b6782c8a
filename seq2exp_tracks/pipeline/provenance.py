"""The manifest of a run: what it was made from and how, so that anybody can make it again."""

import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from seq2exp_tracks.manifest import Chromosome, FileEntry, Json, Manifest, ModelEntry
from seq2exp_tracks.origin import Origin
from seq2exp_tracks.pipeline.job import Job
from seq2exp_tracks.pipeline.opening import Opened
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.resources.address import told_command
from seq2exp_tracks.shards.identity import Identity
from seq2exp_tracks.shards.store import ShardStore
from seq2exp_tracks.tracks.elements import ElementSettings
from seq2exp_tracks.tracks.summary import RunSummary


def describe_run(
    job: Job,
    elements: ElementSettings,
    files: Sequence[FileEntry],
    summary: RunSummary,
    origin: Origin,
    store: ShardStore,
) -> Manifest:
    """Puts together the manifest of a run whose files are written.

    Args:
        job: What was computed, and with what.
        elements: How elements were called.
        files: What was written.
        summary: What was found.
        origin: What the files say of the run.
        store: Where the shards are; knows what computed them, which where they are only merged is another
            machine.
    """
    request, opened, hardware, sharing = job.request, job.opened, job.hardware, job.sharing
    by_role = {entry.role: entry for entry in job.inputs}
    checkpoint = by_role.pop("checkpoint")
    return Manifest(
        genome=request.genome.name,
        chromosomes=tuple(Chromosome(name, length) for name, length in opened.reader.sizes.items()),
        model=ModelEntry(
            setting="hard" if opened.config.is_hard else "soft",
            window=opened.reader.window,
            config=opened.config.to_json(),
            checkpoint=checkpoint.path,
            sha256=checkpoint.sha256,
        ),
        merge=request.merge,
        n_genes=summary.genes,
        files=tuple(files),
        inputs=tuple(by_role.values()),
        settings=_settings(request, opened, elements)
        | hardware.record(opened.config)
        | {
            "shared_generator": None if sharing is None else sharing.record(),
            "paths": list(store.paths(job.shards)),
        },
        versions=_versions(store.identity),
        notes=(
            *request.remarks,
            *opened.notes,
            *([] if sharing is None else [sharing.note()]),
            *summary.notes(),
        ),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=told_command(sys.argv),
        host=platform.node(),
        run_id=origin.run,
        cells=request.cells or "",
    )


def _versions(identity: Identity) -> dict[str, str]:
    """Versions of all that the numbers depend on; that of Triton is known where its kernels ran."""
    path = identity.path
    return dict(identity.versions) | ({"triton": str(path["triton"])} if "triton" in path else {})


def _matched(request: ScoreRequest, opened: Opened) -> dict[str, Json]:
    """How signals were brought to another scale: the map of each, by which it can be done again."""
    return {
        "method": request.match_scale,
        "signals": {found.name: found.record() for found in opened.matched},
    }


def _settings(request: ScoreRequest, opened: Opened, elements: ElementSettings) -> dict[str, Json]:
    """The settings that decide what the files hold."""
    return {
        "elements": asdict(elements),
        "without": list(request.without),
        "contacts": "none" if opened.contacts is None else opened.contacts.normalization,
        "contacts_normalised_here": opened.contacts is not None and opened.contacts.computed,
        "resolution": request.resolution,
        "bin_by": request.bin_by,
        "precision": request.precision,
        "clip_negative": request.clip_negative,
        "match_scale": None if not opened.matched else _matched(request, opened),
        "gene_types": list(request.gene_types),
        "bed_tss": request.bed_tss,
        "label_column": request.label_column,
        "chroms": list(request.chroms),
        "genes": list(request.names),
        "region": request.region,
        "remarks": list(request.remarks),
        "device": request.device,
    }
