"""Stored vectors of contact, in the place of a Hi-C file: whether the genes have theirs, and their scale."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from seq2exp_tracks.checkup.contact_file import SECTION, compared_contacts
from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.contact_files import TRAINED_NORMALIZATION
from seq2exp_tracks.io.contact_vectors import ContactVectors
from seq2exp_tracks.scales import Distribution
from seq2exp_tracks.signals import CONTACT_SIGNAL
from seq2exp_tracks.stored_contacts import StoredContactSignal, check_vectors
from seq2exp_tracks.windows import Window


def check_stored_contacts(
    path: Path,
    norm: Literal["VC", "ICE"],
    sizes: ChromSizes,
    windows: Sequence[Window],
    trained: Mapping[str, Distribution],
) -> list[Finding]:
    """Opens stored vectors as scoring does, and looks into them.

    Args:
        path: A folder of them, or one file.
        norm: Normalisation that is asked for.
        sizes: Chromosomes of the genome.
        windows: Windows of genes.
        trained: What the checkpoint was trained on, by name of the signal.
    """
    if norm != TRAINED_NORMALIZATION:
        what = f"{path}: stored vectors are normalised by {TRAINED_NORMALIZATION} already"
        return [Finding(SECTION, Level.BAD, what, "leave --contacts-norm out")]
    try:
        vectors = ContactVectors.open(path, sizes)
        what = f"{path}: stored contact, on {len(vectors.files)} of {len(sizes)} chromosome(s)"
        findings = [Finding(SECTION, Level.OK, what)]
        on_file = [window for window in windows if window.inside.chrom in vectors.files]
        findings += [Finding(SECTION, Level.NOTE, note) for note in check_vectors(vectors, on_file)]
        signal = StoredContactSignal(CONTACT_SIGNAL, vectors)
        findings += compared_contacts(signal.read, on_file, trained.get(CONTACT_SIGNAL))
    except TracksError as error:
        return [Finding.of_error(SECTION, error)]
    return findings
