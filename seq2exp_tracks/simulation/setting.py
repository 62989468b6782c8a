"""Settings: what acts on expression and how strongly. A layout says how large a genome is."""

from dataclasses import dataclass
from enum import StrEnum

from seq2exp_tracks.errors import InputError


class ActivityRule(StrEnum):
    """What the activity of an acting element is."""

    MOTIFS = "motifs"  # the sum of the strengths of its sites
    SIGNAL = "signal"  # its openness: the height that its DNase and H3K27ac follow


@dataclass(frozen=True, slots=True)
class Setting:
    """How elements act on genes, and how much of the genome is open in one cell type.

    Attributes:
        name: Name on the command line.
        purpose: What a comparison of methods in it tests, in one line.
        activity: What the activity of an acting element is.
        insulators_act: Whether open insulators act like enhancers; otherwise they are peaks without effect.
        distal_acts: Whether elements other than a gene's own promoter act at all.
        enhancers_open: Share of the planned enhancers that one cell type opens, each by itself.
        promoters_open: Share of the planned promoters that one cell type opens, each by itself.
        baseline: Expression of a gene on which nothing acts, log10(1 + CAGE).
        gain: Effect of one unit of activity at contact 1, log10(1 + CAGE).
        noise_sd: Standard deviation of what is measured around what is expected, log10(1 + CAGE).
    """

    name: str
    purpose: str
    activity: ActivityRule = ActivityRule.MOTIFS
    insulators_act: bool = False
    distal_acts: bool = True
    enhancers_open: float = 0.7
    promoters_open: float = 0.9
    baseline: float = 0.3
    gain: float = 0.2
    noise_sd: float = 0.1


DEFAULT = Setting(
    "default",
    "Neither signals nor sequence suffice: some peaks do nothing, and some motifs are closed in a cell type.",
)
SIGNALS_SUFFICE = Setting(
    "signals-suffice",
    "Every open element acts in proportion to its signal: a peak caller is right.",
    activity=ActivityRule.SIGNAL,
    insulators_act=True,
)
PROMOTER_ONLY = Setting(
    "promoter-only",
    "Distal elements look as in `default` and do nothing: a method that reports them is wrong.",
    distal_acts=False,
)
SETTINGS = {setting.name: setting for setting in (DEFAULT, SIGNALS_SUFFICE, PROMOTER_ONLY)}


def setting_named(name: str) -> Setting:
    """The setting of a name.

    Raises:
        InputError: If there is none.
    """
    if name not in SETTINGS:
        raise InputError(f"no setting {name!r}; there are {', '.join(SETTINGS)}")
    return SETTINGS[name]
