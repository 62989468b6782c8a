"""Stored vectors of contact, in the place of a Hi-C file: whether the genes have theirs, and their scale."""

from seq2exp_tracks.checkup.contact_file import SECTION, GivenContacts, compared_contacts
from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.io.contact_files import TRAINED_NORMALIZATION
from seq2exp_tracks.io.contact_vectors import ContactVectors
from seq2exp_tracks.signals import CONTACT_SIGNAL
from seq2exp_tracks.stored_contacts import StoredContactSignal, check_vectors


def check_stored_contacts(given: GivenContacts) -> list[Finding]:
    """Opens stored vectors as scoring does, and looks into them."""
    path, sizes = given.path, given.sizes
    if given.norm != TRAINED_NORMALIZATION:
        what = f"{path}: stored vectors are normalised by {TRAINED_NORMALIZATION} already"
        return [Finding(SECTION, Level.BAD, what, "leave --contacts-norm out")]
    try:
        vectors = ContactVectors.open(path, sizes)
        what = f"{path}: stored contact, on {len(vectors.files)} of {len(sizes)} chromosome(s)"
        findings = [Finding(SECTION, Level.OK, what)]
        on_file = [window for window in given.windows if window.inside.chrom in vectors.files]
        if given.windows and not on_file:
            what = f"{path}: none of the {len(given.windows):,} genes looked at is on these"
            findings.append(
                Finding(SECTION, Level.WARN, what, "score genes of these chromosomes only (--chrom)")
            )
        findings += [Finding(SECTION, Level.NOTE, note) for note in check_vectors(vectors, on_file)]
        signal = StoredContactSignal(CONTACT_SIGNAL, vectors)
        findings += compared_contacts(signal.read, on_file, given.trained)
    except TracksError as error:
        return [Finding.of_error(SECTION, error)]
    return findings
