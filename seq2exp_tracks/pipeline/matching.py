"""Signals that are brought to the scale that a checkpoint was trained on, because the user asks for it.

The distribution of a signal is taken over all genes of the annotation, so that a gene's scores do not depend
on which genes are scored. Contacts are left as they are: `--contacts-norm` decides their scale, and the
outputs tell them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.checkpoints import read_scales
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.genome import ChromSizes, Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.manifest import Json
from seq2exp_tracks.scales import MAPS, Distribution, Match, ScaleMap, measure
from seq2exp_tracks.signals import BigWigSignal, MappedSignal, SignalSet, SignalSource
from seq2exp_tracks.windows import Window


@dataclass(frozen=True, slots=True)
class Matched:
    """A signal and what its scale became.

    Attributes:
        name: Name of the channel.
        method: Name of the way.
        before: Its values as they are in the file.
        after: Its values as the model reads them.
        trained: The values that the model was trained on.
        scale: The map; None where there is nothing to map.
    """

    name: str
    method: str
    before: Distribution
    after: Distribution
    trained: Distribution
    scale: ScaleMap | None

    def note(self) -> str:
        """The effect in one line."""
        if self.scale is None:
            return f"{self.name}: not matched, as it is 0 everywhere, here or in the training"
        return (
            f"{self.name}: matched to the scale of the training by {self.method}; median / 90% / 99% of its "
            f"values above 0 were {self.before}, are {self.after}; trained on {self.trained}"
        )

    def record(self) -> dict[str, Json]:
        """The map and its effect, for the manifest."""
        return {
            "map": None if self.scale is None else self.scale.to_json(),
            "before": self.before.to_json(),
            "after": self.after.to_json(),
        }


def match_scales(
    method: Match, checkpoint: Path, reader: InputReader, genes: Sequence[Gene]
) -> tuple[SignalSet, tuple[Matched, ...]]:
    """The signals of a reader on the scale of the training.

    Args:
        method: `quantile` or `factor`.
        checkpoint: Tells what it was trained on.
        reader: Reads the signals as they are.
        genes: All genes of the annotation, in the order of the genome.

    Raises:
        CheckpointError: If the checkpoint does not tell.
        InputError: If a signal is damaged.
    """
    names, sources = reader.signals.names, list(reader.signals.sources)
    bigwigs = {
        name: source for name, source in zip(names, sources, strict=True) if isinstance(source, BigWigSignal)
    }
    trained = _trained(checkpoint, tuple(bigwigs), method)
    windows = measured_windows(sources, genes, reader.window, reader.sizes)
    found = []
    for name, source in bigwigs.items():
        matched = match(name, method, measure(source.read, windows), trained[name])
        found.append(matched)
        if matched.scale is not None:
            sources[names.index(name)] = MappedSignal(source, matched.scale)
    return SignalSet(sources, names), tuple(found)


def match(name: str, method: str, before: Distribution, trained: Distribution) -> Matched:
    """What a signal of one distribution becomes."""
    scale = MAPS[method](before, trained)
    return Matched(name, method, before, before if scale is None else before.mapped(scale), trained, scale)


def _trained(checkpoint: Path, names: Sequence[str], method: str) -> Mapping[str, Distribution]:
    """What a checkpoint tells of the signals that it was trained on.

    Raises:
        CheckpointError: If it does not tell it of all.
    """
    trained = read_scales(checkpoint) or {}
    if missing := [name for name in names if name not in trained]:
        raise CheckpointError(
            f"--match-scale {method}: {checkpoint} does not tell the distribution of {', '.join(missing)} "
            "that it was trained on, as only checkpoints of `train` do; leave the option out"
        )
    return trained


def measured_windows(
    sources: Iterable[SignalSource], genes: Sequence[Gene], length: int, sizes: ChromSizes
) -> list[Window]:
    """The windows that signals are measured over: of genes where every bigWig has values, if there are any.

    A genome's annotation may go far beyond the chromosomes that a file was cut to.

    Args:
        sources: The signals.
        genes: All genes of the annotation, in the order of the genome.
        length: Bases of a window.
        sizes: Chromosomes of the genome.
    """
    missing = {
        chrom
        for source in sources
        if isinstance(source, BigWigSignal) and isinstance(source.bigwig, BigWig)
        for chrom in source.bigwig.missing
    }
    possible = [gene for gene in genes if -length < gene.tss - length // 2 < sizes[gene.chrom]]
    on_all = [gene for gene in possible if gene.chrom not in missing]
    return [Window.around(gene, length, sizes[gene.chrom]) for gene in on_all or possible]
