"""What an export shows of a run: its tracks in the order in which they are read, with title, unit and colour.

Every browser gets the same tracks under the same names; only how they are written down differs.
"""

import math
from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.io.bigbed import rgb
from seq2exp_tracks.manifest import FileEntry, InputEntry
from seq2exp_tracks.palette import OTHER_SIGNAL, PREDICTED, TRACKS
from seq2exp_tracks.run_reader import Run

SIGNAL_ROLE = "signal:"
# Signals that are drawn first; the others follow in the order of the manifest.
FIRST_SIGNALS = ("DNase",)

ELEMENTS_TITLE = "Called elements"
ELEMENTS_DESCRIPTION = "Elements called on each gene's learned mask; black over the promoter, else orange-red"
LINKS_TITLE = "Elements to genes"
LINKS_DESCRIPTION = "Distal elements and the TSS of the gene in whose window they were called"
GENES_TITLE = "Genes scored"
GENES_DESCRIPTION = "TSS of each gene that was scored"

# Expression of BED scores: 1000 is a log10(1 + CAGE) of 4, as in the run's own genes.bed.
_SCORE_PER_EXPRESSION = 250


@dataclass(frozen=True, slots=True)
class ShownTrack:
    """A bigWig track of an export.

    Attributes:
        id: Letters, digits and underscores, the first a letter.
        group: `signals`, `mask` or `expression`.
        title: Short name.
        description: One line for people.
        unit: Unit of the values.
        colour: `#RRGGBB`.
        floor: Foot of the axis.
        ceiling: Top of the axis; None to take what is in view.
        highest: Whether a pixel shows the highest of its values instead of their mean: peaks are narrow.
        source: Where the file is.
        entry: What the manifest knows of it.
        file: Its path in the export's folder.
    """

    id: str
    group: str
    title: str
    description: str
    unit: str
    colour: str
    floor: float
    ceiling: float | None
    highest: bool
    source: Path
    entry: FileEntry | InputEntry
    file: str

    @property
    def rgb(self) -> str:
        """The colour as `R,G,B`."""
        return rgb(self.colour)


def shown_tracks(run: Run, *, signals: bool) -> tuple[ShownTrack, ...]:
    """The bigWig tracks of a run from the top: what the model read, what it learned, what it predicts.

    Args:
        run: The run.
        signals: Whether the signals that the model read are shown, too.
    """
    read = [_signal(name, entry) for name, entry in signal_inputs(run)] if signals else []
    predicted = [scored.expression for scored in run.genes.values()]
    # Whole numbers around all predictions; a model may predict a little less than nothing.
    expressed = (min(0, *map(math.floor, predicted), 0), max(1, *map(math.ceil, predicted), 1))
    written = [
        _track(run, "mask", "mask", "Learned mask", TRACKS["mask"], (0, 1)),
        _track(run, "mask.sd", "mask", "Learned mask, sd", TRACKS["mask"], (0, 0.5)),
        _track(run, "mask.applied", "mask", "Applied mask", TRACKS["mask.applied"], (0, 1)),
        _track(run, "expression.plus", "expression", "Expression, + strand", PREDICTED, expressed),
        _track(run, "expression.minus", "expression", "Expression, - strand", PREDICTED, expressed),
    ]
    return (*read, *(track for track in written if track is not None))


def signal_inputs(run: Run) -> list[tuple[str, InputEntry]]:
    """The bigWigs that the model read, by the model's name for them, in the order of drawing."""
    entries = [entry for entry in run.manifest.inputs if entry.role.startswith(SIGNAL_ROLE)]
    named = [(entry.role.removeprefix(SIGNAL_ROLE), entry) for entry in entries]
    return sorted(named, key=lambda pair: pair[0] not in FIRST_SIGNALS)


def genes_as_bed(run: Run) -> str:
    """The genes as plain BED6, one base at the TSS; their score is 250 x predicted expression, 0 to 1000."""
    rows = []
    for scored in run.genes.values():
        gene = scored.gene
        if not 0 <= gene.tss < run.manifest.sizes[gene.chrom]:
            continue
        score = min(max(round(_SCORE_PER_EXPRESSION * scored.expression), 0), 1000)
        name = "_".join(gene.name.split())
        rows.append(f"{gene.chrom}\t{gene.tss}\t{gene.tss + 1}\t{name}\t{score}\t{gene.strand}\n")
    return "".join(rows)


def identifier(text: str) -> str:
    """A name that every browser takes as an id: letters, digits and underscores."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text)
    return kept if kept[:1].isalpha() else f"run_{kept}"


def _signal(name: str, entry: InputEntry) -> ShownTrack:
    return ShownTrack(
        id=f"signal_{identifier(name)}",
        group="signals",
        title=name,
        description=f"{name} as the model read it",
        unit="as in the bigWig",
        colour=TRACKS.get(name, OTHER_SIGNAL),
        floor=0,
        ceiling=None,
        highest=False,
        source=Path(entry.path),
        entry=entry,
        file=f"tracks/signal.{identifier(name)}.bw",
    )


def _track(
    run: Run, name: str, group: str, title: str, colour: str, axis: tuple[float, float]
) -> ShownTrack | None:
    entry = run.track(name)
    if entry is None:
        return None
    return ShownTrack(
        id=identifier(name),
        group=group,
        title=title,
        description=entry.description,
        unit=entry.unit or "",
        colour=colour,
        floor=axis[0],
        ceiling=axis[1],
        highest=name != "mask.sd",
        source=run.folder / entry.path,
        entry=entry,
        file=f"tracks/{name}.bw",
    )
