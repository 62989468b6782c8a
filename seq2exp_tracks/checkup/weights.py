"""The checkpoint: whether it can be read, and what it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.checkpoints import describe_checkpoint, read_scales
from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.checkup.request import ChosenFiles
from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model.config import SOFT, ModelConfig
from seq2exp_tracks.scales import Distribution
from seq2exp_tracks.signals import CONTACT_SIGNAL, channel_name

SECTION = "checkpoint"


@dataclass(frozen=True, slots=True)
class Weights:
    """A checkpoint that can be read.

    Attributes:
        config: Its model.
        scales: What it was trained on, by name; None where it does not tell.
    """

    config: ModelConfig
    scales: Mapping[str, Distribution] | None


def check_weights(path: Path, window: int | None) -> tuple[Weights | None, list[Finding]]:
    """Loads a checkpoint.

    Args:
        path: The checkpoint.
        window: Bases of the windows that are to be scored; None for its own.
    """
    try:
        info, scales = describe_checkpoint(path), read_scales(path)
    except TracksError as error:
        return None, [Finding.of_error(SECTION, error)]
    config = info.config
    what = (
        f"{path}: {'hard' if config.is_hard else 'soft'}, window {config.window:,} bp, signals "
        f"{', '.join(config.signals) or 'none'}, {info.parameters:,} weights ({info.format})"
    )
    findings = [Finding(SECTION, Level.OK, what)]
    if not config.learns_mask:
        what = f"{path}: its mask is given from outside, so that it has learned none to write as tracks"
        findings.append(Finding(SECTION, Level.BAD, what, "use a checkpoint that learns its mask"))
    findings += _window(path, config, window)
    if scales is None:
        what = f"{path}: does not tell the scales of the signals that it was trained on"
        way_out = "give signals as its authors did; --match-scale cannot be used"
        findings.append(Finding(SECTION, Level.NOTE, what, way_out))
    return Weights(config, scales), findings


def _window(path: Path, config: ModelConfig, asked: int | None) -> list[Finding]:
    window = config.window if asked is None else asked
    try:
        config.check_window(window)
    except TracksError as error:
        return [Finding.of_error(SECTION, error)]
    if window != config.window:
        what = f"{path}: was trained on windows of {config.window:,} bp, not of {window:,}"
        return [Finding(SECTION, Level.WARN, what, "leave --window out, or use a checkpoint of that window")]
    if window != SOFT.window:
        what = f"{path}: its window of {window:,} bp is not the published one of {SOFT.window:,} bp"
        way_out = "fine for a model of your own; elements beyond it are not scored"
        return [Finding(SECTION, Level.NOTE, what, way_out)]
    return []


def check_channels(path: Path, config: ModelConfig, files: ChosenFiles) -> list[Finding]:
    """Compares the signals that a checkpoint reads with those that are given."""
    given = {channel_name(name).casefold() for name in (*files.signals, *files.without)}
    wanted = {channel_name(name).casefold(): name for name in config.signals if name != CONTACT_SIGNAL}
    findings = [
        Finding(
            SECTION, Level.BAD, f"{path}: reads {wanted[name]}, which is not given", _way_to(wanted[name])
        )
        for name in wanted
        if name not in given
    ]
    findings += [
        Finding(SECTION, Level.BAD, f"{path}: does not read {name}", "leave its --signal out")
        for name in files.signals
        if channel_name(name).casefold() not in wanted
    ]
    findings += [
        Finding(
            SECTION,
            Level.WARN,
            f"{path}: reads {name}, which was not measured and is 0 everywhere",
            "take the mask as a picture of the other signals, or train a model without it",
        )
        for name in files.without
        if channel_name(name).casefold() in wanted
    ]
    reads_contacts = CONTACT_SIGNAL in config.signals
    if reads_contacts and files.contacts is None:
        what = f"{path}: reads Hi-C, which is not given"
        way_out = "give --contacts FILE, or score with --no-contacts, which every output tells"
        findings.append(Finding(SECTION, Level.WARN, what, way_out))
    if not reads_contacts and files.contacts is not None:
        findings.append(Finding(SECTION, Level.BAD, f"{path}: does not read Hi-C", "leave --contacts out"))
    return findings


def _way_to(name: str) -> str:
    return f"give --signal {name}=FILE"
