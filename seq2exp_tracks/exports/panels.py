"""The panels of a picture of a run: what the model read, what it learned, what was called.

The signals come from where the run read them; a panel says so where they are not there any more.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.exports.picture import Block, BlockPanel, CurvePanel, Panel
from seq2exp_tracks.exports.shown import signal_inputs
from seq2exp_tracks.exports.truth import CLASSES, UNCLASSED, read_given
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.contact_files import TRAINED_NORMALIZATION
from seq2exp_tracks.io.contact_vectors import CONTACTS_ROLE, ContactVectors
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.manifest import InputEntry
from seq2exp_tracks.palette import DECOY, DISTAL, GIVEN, OTHER_SIGNAL, PROMOTER, TRACKS
from seq2exp_tracks.run_reader import Run, read_bigwig
from seq2exp_tracks.signals import ContactSignal
from seq2exp_tracks.stored_contacts import StoredContactSignal
from seq2exp_tracks.windows import Window

Values = Float64[np.ndarray, " bases"]
# Extends values of the part on the chromosome to the whole picture, with NaN.
Pad = Callable[[Values], Values]


def signal_panels(run: Run, inside: Interval, pad: Pad) -> list[Panel]:
    """One panel for each bigWig that the model read."""
    panels: list[Panel] = []
    for name, entry in signal_inputs(run):
        panel = CurvePanel(name, "as in the bigWig", TRACKS.get(name, OTHER_SIGNAL), None)
        if problem := _problem(entry):
            panels.append(replace(panel, message=problem))
        else:
            panels.append(
                replace(panel, values=pad(read_bigwig(Path(entry.path), inside, run.manifest.sizes)))
            )
    return panels


def _problem(entry: InputEntry) -> str:
    """Why an input of the run cannot be shown; empty where it can."""
    path = Path(entry.path)
    if not path.is_file():
        return f"file not found: {path}"
    if path.stat().st_size != entry.bytes:
        return f"file has changed since the run: {path}"
    return ""


def contact_panel(run: Run, window: Window) -> Panel:
    """Contact with the gene's TSS, as the model saw it."""
    panel = CurvePanel("Hi-C contact", "with the TSS,\nlog10(1 + contact)", TRACKS["HiC"], None)
    vectors = run.input(f"{CONTACTS_ROLE}:{window.gene.chrom}")
    entry = vectors or run.input(CONTACTS_ROLE)
    if entry is None:
        return replace(panel, message="the run was made without Hi-C")
    if problem := _problem(entry):
        return replace(panel, message=problem)
    if vectors is not None:
        stored = ContactVectors.open(Path(vectors.path), run.manifest.sizes)
        values = StoredContactSignal("HiC", stored).read(window)
        return replace(panel, values=window.pad(values.astype(np.float64), np.nan))
    normalization = str(run.manifest.settings.get("contacts", TRAINED_NORMALIZATION))
    with Contacts(entry.path, run.manifest.sizes, normalization=normalization) as contacts:
        values = ContactSignal("HiC", contacts).read(window)
    return replace(panel, values=window.pad(values.astype(np.float64), np.nan))


def mask_panels(run: Run, inside: Interval, pad: Pad, gene_id: str | None) -> list[Panel]:
    """Learned mask with its spread, the gene's own where it was written, and the mask that was applied."""
    own = gene_id if gene_id is not None and run.track("mask", gene_id) else None
    whose = "this gene's own window" if own else f"merged by {run.manifest.merge}"
    masks: dict[str, Values | None] = {}
    for name, owner in (("mask", own), ("mask.sd", own), ("mask.applied", None)):
        entry = run.track(name, owner)
        masks[name] = pad(run.values(entry, inside)) if entry else None
    missing = "not written by this run"
    learned = CurvePanel(
        "Learned mask",
        f"mean ± sd,\n{whose}",
        TRACKS["mask"],
        masks["mask"],
        message=missing,
        spread=masks["mask.sd"],
        ceiling=_ceiling(masks["mask"], masks["mask.sd"]),
        hatched=True,
        height=1.25,
    )
    applied = CurvePanel(
        "Applied mask",
        f"seen by the predictor,\nmerged by {run.manifest.merge}",
        TRACKS["mask.applied"],
        masks["mask.applied"],
        message=missing,
        ceiling=1.0,
        hatched=True,
    )
    return [learned, applied]


def _ceiling(mean: Values | None, sd: Values | None) -> float:
    """The least tenth that holds mask and spread: the masks of a soft model are flat on an axis up to 1."""
    if mean is None or np.isnan(mean).all():
        return 1.0
    highest = float(np.nanmax(mean if sd is None else mean + sd))
    return min(max(math.ceil(highest * 10), 1) / 10, 1.0)


def element_panel(run: Run, inside: Interval, gene_id: str | None) -> Panel:
    """Called elements: of one gene, or of all."""
    kinds = {"promoter": "promoter", "distal": "distal element"}
    blocks = tuple(
        Block(element.interval.start, element.interval.end, kinds.get(element.kind, "distal element"))
        for element in run.elements(inside, gene_id)
    )
    whose = ",\n".join(["of this gene" if gene_id else "of all genes", *_called_by(run)])
    colours = {"promoter": PROMOTER, "distal element": DISTAL}
    return BlockPanel("Called elements", whose, blocks, colours, message="none called here")


def _called_by(run: Run) -> list[str]:
    """Which bases were called, where the manifest tells."""
    match run.manifest.settings.get("elements"):
        case {"top_share": float() | int() as share}:
            return [f"top {100 * share:.3g} % of bases"]
        case {"threshold": float() | int() as threshold}:
            return [f"score {threshold:.3g} or more"]
    return []


def truth_panel(run: Run, truth: Path, inside: Interval, gene_id: str | None) -> Panel:
    """Given elements; those that act on other genes only stand back."""
    shown: dict[Interval, Block] = {}
    for given in read_given(truth, run.manifest.sizes, inside):
        faint = gene_id is not None and given.gene_id not in (None, gene_id)
        if given.interval not in shown or not faint:
            shown[given.interval] = Block(given.interval.start, given.interval.end, given.kind, faint)
    blocks = tuple(sorted(shown.values(), key=lambda block: not block.faint))
    colours = {
        "promoter": PROMOTER,
        "distal element": DISTAL,
        CLASSES["peak_decoy"]: DECOY,
        CLASSES["motif_decoy"]: DECOY,
        UNCLASSED: GIVEN,
    }
    present = {
        kind: colour for kind, colour in colours.items() if any(block.kind == kind for block in blocks)
    }
    note = "faint: of other genes" if any(block.faint for block in blocks) else truth.name
    label = "Given elements" if UNCLASSED in present else "Planted truth"
    return BlockPanel(
        label, note, blocks, present, hollow=(CLASSES["motif_decoy"],), message="no element given here"
    )
