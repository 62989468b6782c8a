"""The Hi-C file: its resolutions, its normalisations, and whether its counts are counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float32

from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.contact_files import readable
from seq2exp_tracks.io.contacts import TRAINED_RESOLUTION, Contacts
from seq2exp_tracks.io.hictk import hictkpy
from seq2exp_tracks.scales import Distribution, measure, spread
from seq2exp_tracks.signals import CONTACT_SIGNAL, LEAST_OWN_CONTACT, ContactSignal
from seq2exp_tracks.windows import Window

SECTION = "contacts"

_REACH = 2  # bins; where counts are largest
_SAMPLE = 100  # genes whose TSS is looked at
LEAST_SEEN = 0.7
MOST_DIFFERENT = 0.3
"""Of log10(1 + contact), in the median: contacts twice as large or half as large."""


@dataclass(frozen=True, slots=True, eq=False)
class GivenContacts:
    """Contacts that are looked at, and what they are looked at for.

    Attributes:
        path: A Hi-C file; or a folder of stored vectors, or one of these.
        norm: Normalisation that is asked for.
        sizes: Chromosomes of the genome.
        windows: Windows of genes.
        trained: What the checkpoint was trained on; None where it does not tell.
    """

    path: Path
    norm: Literal["VC", "ICE"]
    sizes: ChromSizes
    windows: Sequence[Window]
    trained: Distribution | None = None


def check_contacts(given: GivenContacts) -> list[Finding]:
    """Opens a Hi-C file as scoring does, and looks into it."""
    path, sizes, findings = given.path, given.sizes, list[Finding]()
    try:
        with Contacts(path, sizes, normalization=given.norm) as contacts:
            findings += _holds(path, contacts)
            findings += _counts(path, contacts, sizes)
            on_file = [window for window in given.windows if window.inside.chrom not in contacts.missing]
            findings += _seen(contacts, on_file)
            read = ContactSignal(CONTACT_SIGNAL, contacts).read
            findings += compared_contacts(read, on_file, given.trained)
    except InputError as error:
        findings.append(Finding.of_error(SECTION, error))
    return findings


def _holds(path: Path, contacts: Contacts) -> list[Finding]:
    """Resolutions and normalisations of the file, and the one in use."""
    with readable(path):
        several = hictkpy.is_hic(path) or hictkpy.is_mcool_file(path)
        resolutions = hictkpy.MultiResFile(path).resolutions() if several else [TRAINED_RESOLUTION]
        norms = hictkpy.File(path, TRAINED_RESOLUTION).avail_normalizations()
    widths = ", ".join(f"{int(width):,}" for width in sorted(resolutions))
    what = f"{path}: bins of {widths} bp; normalisations: {', '.join(norms) or 'none, raw counts'}"
    findings = [Finding(SECTION, Level.OK, what)]
    if contacts.computed:
        what = f"{path}: stores no {contacts.normalization}, which is computed from its raw counts"
        findings.append(Finding(SECTION, Level.NOTE, what))
    if contacts.warning is not None:
        findings.append(Finding(SECTION, Level.WARN, contacts.warning, "use --contacts-norm VC"))
    if contacts.missing:
        what = f"{path}: lacks {len(contacts.missing)} chromosome(s) of the genome, which have no contacts"
        findings.append(Finding(SECTION, Level.NOTE, what))
    return findings


def _counts(path: Path, contacts: Contacts, sizes: ChromSizes) -> list[Finding]:
    """Whether what VC is computed from are counts, and not contacts that were normalised before."""
    if not contacts.computed:
        return []
    with Contacts(path, sizes, normalization="NONE") as raw:
        chrom = next(chrom for chrom in sizes if chrom not in raw.missing)
        values = raw.near_pairs(chrom, _REACH)[2]
    if (values == np.round(values)).all():
        return []
    what = f"{path}: its counts are no whole numbers: they look normalised already, and would be once more"
    return [Finding(SECTION, Level.WARN, what, "give the file with raw counts")]


def _seen(contacts: Contacts, windows: Sequence[Window]) -> list[Finding]:
    """At how many TSS the experiment saw anything: the others have contact 0 all over their window."""
    genes = [window.gene for window in spread(windows, _SAMPLE)]
    if not genes:
        return []
    seen = sum(contacts.own_contact(gene.chrom, gene.tss) >= LEAST_OWN_CONTACT for gene in genes)
    what = f"{contacts.path}: contacts at {seen} of {len(genes)} TSS"
    if seen < LEAST_SEEN * len(genes):
        way_out = "use a deeper experiment, or --no-contacts, which every output tells"
        return [Finding(SECTION, Level.WARN, f"{what}: contact is 0 around the others", way_out)]
    return [Finding(SECTION, Level.OK, what)]


def compared_contacts(
    read: Callable[[Window], Float32[np.ndarray, " inside"]],
    windows: Sequence[Window],
    trained: Distribution | None,
) -> list[Finding]:
    """Contacts against those of the training.

    Args:
        read: Reads the contact of a window, as log10(1 + contact).
        windows: Windows of genes.
        trained: What the checkpoint was trained on; None where it does not tell.

    Raises:
        InputError: If the file is damaged.
    """
    given = measure(read, spread(windows, _SAMPLE))
    if trained is None or trained.is_empty or given.is_empty:
        return []
    told = f"{CONTACT_SIGNAL}, log10(1 + contact): median / 90% / 99% {given}, in the training {trained}"
    if abs(given.quantile(0.5) - trained.quantile(0.5)) > MOST_DIFFERENT:
        return [Finding(SECTION, Level.WARN, told, "use the normalisation that the model was trained on")]
    return [Finding(SECTION, Level.OK, told)]
