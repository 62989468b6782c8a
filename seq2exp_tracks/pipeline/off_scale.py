"""What a run is given on another scale than that of the training: a short look before it begins."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from seq2exp_tracks.checkpoints import read_scales
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.feature_columns import PROMOTER_ACTIVITY
from seq2exp_tracks.pipeline.judging import activity_of, judge_activity, judge_exchange, judge_signal
from seq2exp_tracks.pipeline.matching import measured_windows
from seq2exp_tracks.scales import Distribution, measure, spread
from seq2exp_tracks.signals import BigWigSignal

FEW_WINDOWS = 20
"""Windows that are looked at: enough to notice a factor of 5, and read in a second."""

FEW_GENES = 1_000
"""Genes whose promoter activity is looked at."""


def off_scale(checkpoint: Path, reader: InputReader, genes: Sequence[Gene]) -> list[str]:
    """What cannot be on the scale of the training, one line each; nothing if the checkpoint does not tell it.

    Args:
        checkpoint: What was trained.
        reader: Reads the signals and the features.
        genes: All genes of the annotation, in the order of the genome: what is said does not depend on which
            are scored.

    Raises:
        CheckpointError: If the checkpoint is damaged.
    """
    trained = read_scales(checkpoint)
    if trained is None:
        return []
    return [*_signals(reader, genes, trained), *_activity(reader, genes, trained)]


def _signals(
    reader: InputReader, genes: Sequence[Gene], trained: Mapping[str, Distribution]
) -> Iterator[str]:
    named = zip(reader.signals.names, reader.signals.sources, strict=True)
    bigwigs = {name: source for name, source in named if isinstance(source, BigWigSignal) and name in trained}
    windows = spread(measured_windows(bigwigs.values(), genes, reader.window, reader.sizes), FEW_WINDOWS)
    given = {}
    for name, source in bigwigs.items():
        # A file may be damaged where no gene is scored; where one is, scoring refuses it.
        with suppress(InputError):
            given[name] = measure(source.read, windows)
    found = [judge_exchange(given, trained)]
    found += [judge_signal(name, values, trained[name]) for name, values in given.items()]
    for judgement in found:
        if judgement is not None and judgement.grade == "bad":
            yield f"{judgement.what}; {judgement.way_out}"


def _activity(
    reader: InputReader, genes: Sequence[Gene], trained: Mapping[str, Distribution]
) -> Iterator[str]:
    if PROMOTER_ACTIVITY not in trained:
        return
    given = activity_of(reader.features, spread(genes, FEW_GENES))
    judgement = judge_activity(given, trained[PROMOTER_ACTIVITY])
    if judgement is not None and judgement.grade == "bad":
        yield f"{judgement.what}; see what seq2exp-tracks doctor says of --features"
