"""The signals that the model reads beside the sequence, one source a channel.

A source is asked for a *window*, not an interval: contact is contact with the gene's own TSS, and so
differs from gene to gene at the same base. Values are those of the bases inside the chromosome;
padding is added by `inputs`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol, Self, runtime_checkable

import numpy as np
from jaxtyping import Float32

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contact_band import ContactBand, decode_band
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.decoded import DecodedArray, decode
from seq2exp_tracks.io.stretches import Stretches
from seq2exp_tracks.windows import Window

Alignment = Literal["correct", "published"]

# The published model's name for the channel of contact with the TSS.
CONTACT_SIGNAL = "HiC"

# Contact that the power law of ABC (gamma 0.87, scale 11.63 x gamma - 4.80) expects at 1 Mb: the
# pseudocount of every pair that is nearer than that. It is 0.00123.
CONTACT_PSEUDOCOUNT = math.exp(-4.80 + 11.63 * 0.87 - 0.87 * math.log(1e6 + 1))

# A TSS whose 5 kb bin has less contact with itself than this lies where the experiment saw nothing.
LEAST_OWN_CONTACT = 0.01

# Names that people use for the channels of the published model.
_ALIASES = {
    "h3k27ac": "H3K27ac",
    "dnase": "DNase",
    "dnase-seq": "DNase",
    "dhs": "DNase",
    "hic": "HiC",
    "hi-c": "HiC",
    "contact": "HiC",
    "contacts": "HiC",
}


class SignalSource(Protocol):
    """One signal. Whatever has a name and can be read by window is one."""

    @property
    def name(self) -> str:
        """Name of the signal, such as `H3K27ac`."""

    def read(self, window: Window) -> Float32[np.ndarray, " inside"]:
        """The signal of the bases of `window.inside`: finite, and not below 0."""


@runtime_checkable
class DecodableSource(SignalSource, Protocol):
    """A signal that can be read from its file once for many windows, which makes each of them cheap.

    A source that is none is read from where it lies, window by window.
    """

    def decoded(self, windows: Sequence[Window], path: Path) -> SignalSource:
        """The same signal for some windows of one chromosome, from a new file at `path`.

        What is returned is small when it is copied to another process.
        """


@dataclass(frozen=True, slots=True)
class BigWigSignal:
    """A signal that is the same for every gene: the values of a bigWig, unscaled.

    Attributes:
        name: Name of the signal.
        bigwig: The values, in the file or decoded.
    """

    name: str
    bigwig: BigWig | DecodedArray

    def read(self, window: Window) -> Float32[np.ndarray, " inside"]:
        """The signal of the bases of `window.inside`."""
        return self.bigwig.read(window.inside)

    def decoded(self, windows: Sequence[Window], path: Path) -> Self:
        """The same signal for some windows of one chromosome; see `DecodableSource`."""
        stretches = Stretches.covering(window.inside for window in windows)
        return replace(self, bigwig=decode(path, np.float32, stretches, self.bigwig.read))


@dataclass(frozen=True, slots=True)
class MappedSignal:
    """A bigWig whose values are brought to another scale, one by one.

    Attributes:
        source: The signal as it is in its file.
        scale: Maps values; 0 stays 0.
    """

    source: BigWigSignal
    scale: Callable[[Float32[np.ndarray, " values"]], Float32[np.ndarray, " values"]]

    @property
    def name(self) -> str:
        """Name of the signal."""
        return self.source.name

    def read(self, window: Window) -> Float32[np.ndarray, " inside"]:
        """The signal of the bases of `window.inside`."""
        return self.scale(self.source.read(window))

    def decoded(self, windows: Sequence[Window], path: Path) -> Self:
        """The same signal for some windows of one chromosome; see `DecodableSource`."""
        return replace(self, source=self.source.decoded(windows, path))


@dataclass(frozen=True, slots=True)
class ContactSignal:
    """Contact of every base with the gene's own TSS, from Hi-C: log10(1 + contact + pseudocount).

    The contact of a base is that of its bin with the bin of the TSS, so the signal is constant within
    a bin. Pairs that the experiment did not see count 0 before the pseudocount. Where the bin of the
    TSS has less than `LEAST_OWN_CONTACT` with itself, or the TSS lies off the chromosome and has no
    bin, the whole signal is 0.

    Attributes:
        name: Name of the signal.
        contacts: Normalised contacts of the experiment, in their file or a band of them decoded.
        alignment: `correct`, or `published` for the shift of the published dataset in windows that
            reach over a chromosome's end (`shift_as_published`).
    """

    name: str
    contacts: Contacts | ContactBand
    alignment: Alignment = "correct"

    def read(self, window: Window) -> Float32[np.ndarray, " inside"]:
        """The signal of the bases of `window.inside`."""
        gene, inside, size = window.gene, window.inside, self.contacts.resolution
        own = self.contacts.own_contact(gene.chrom, gene.tss)
        if own < LEAST_OWN_CONTACT:
            return np.zeros(len(inside), np.float32)
        by_bin = self.contacts.contact_with(gene.chrom, gene.tss, inside)
        signal = np.log10(1 + by_bin + CONTACT_PSEUDOCOUNT).astype(np.float32)
        starts = (inside.start // size + np.arange(len(signal) + 1)) * size
        bases = np.diff(starts.clip(inside.start, inside.end))
        values: Float32[np.ndarray, " inside"] = np.repeat(signal, bases)
        return shift_as_published(values, window) if self.alignment == "published" else values

    def decoded(self, windows: Sequence[Window], path: Path) -> Self:
        """The same signal for some windows of one chromosome; see `DecodableSource`."""
        if isinstance(self.contacts, ContactBand):
            return self
        distance = max(
            max(window.gene.tss - window.inside.start, window.inside.end - 1 - window.gene.tss)
            for window in windows
        )
        return replace(self, contacts=decode_band(path, self.contacts, windows[0].inside.chrom, distance))


@dataclass(frozen=True, slots=True)
class NoSignal:
    """A channel that was not measured: 0 everywhere, and named so that a run says it.

    Attributes:
        name: Name of the channel that stays empty.
    """

    name: str

    def read(self, window: Window) -> Float32[np.ndarray, " inside"]:
        """Zeros for the bases of `window.inside`."""
        return np.zeros(len(window.inside), np.float32)


def shift_as_published(
    values: Float32[np.ndarray, " inside"], window: Window
) -> Float32[np.ndarray, " inside"]:
    """Moves contact against the sequence as the published dataset does at chromosome ends.

    There the stored vector is padded a second time by what the window lacks (P1 bases on the left, P2
    on the right) and cut in its centre, which moves it right by P1 - (P1 + P2) // 2. Windows inside
    their chromosome, or lacking as much on either side, are not moved. What would move on to the
    padding is lost here; that happens on chromosomes shorter than the window only.

    Args:
        values: The signal of the bases of `window.inside`.
        window: The window.
    """
    shift = window.pad_left - (window.pad_left + window.pad_right) // 2
    if shift == 0:
        return values
    moved = np.zeros_like(values)
    if shift > 0:
        moved[shift:] = values[:-shift]
    else:
        moved[:shift] = values[-shift:]
    return moved


def channel_name(name: str) -> str:
    """The model's name of a channel that people also call otherwise: `DHS` is `DNase`."""
    return _ALIASES.get(name.casefold(), name)


class SignalSet:
    """The signals of a cell type in the order of the model's channels.

    Args:
        sources: The sources, in any order.
        expected: Names of the model's channels, in its order.

    Attributes:
        sources: The sources in the order of the channels.
        names: Names of the channels.

    Raises:
        InputError: If a channel has no source or two, or a source no channel.
    """

    def __init__(self, sources: Sequence[SignalSource], expected: tuple[str, ...]) -> None:
        given = [channel_name(source.name).casefold() for source in sources]
        wanted = [channel_name(name).casefold() for name in expected]
        if sorted(given) != sorted(wanted):
            raise InputError(
                f"the checkpoint expects the signals {_listed(expected)}; given: "
                f"{_listed([source.name for source in sources])}; give one file for each name"
            )
        self.sources = tuple(sources[given.index(name)] for name in wanted)
        self.names = tuple(expected)

    def read(self, window: Window) -> Float32[np.ndarray, " inside channels"]:
        """The signals of the bases of `window.inside`."""
        values = np.empty((len(window.inside), len(self.sources)), np.float32)
        for channel, source in enumerate(self.sources):
            values[:, channel] = source.read(window)
        return values

    def decoded(self, windows: Sequence[Window], folder: Path) -> "SignalSet":
        """The same signals for some windows of one chromosome, decoded into a folder where they can be."""
        sources = [
            source.decoded(windows, folder / f"signal.{channel}")
            if isinstance(source, DecodableSource)
            else source
            for channel, source in enumerate(self.sources)
        ]
        return SignalSet(sources, self.names)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
