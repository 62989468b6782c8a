"""What to do with a run that is there: commands that can be copied as they stand."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seq2exp_tracks.run_reader import Run


def next_steps(folder: Path, names: Sequence[str] = ()) -> str:
    """The commands to go on with.

    Args:
        folder: The run.
        names: Genes that were asked for by name: a view opens at the first of them, else where it would by
            itself, at the highest prediction.
    """
    from seq2exp_tracks.run_reader import Run

    run, beside = Run.open(folder), folder.resolve().name
    gene = _gene(run, names)
    shown = shlex.quote(str(folder))
    lines = [
        "Look at it in the browser, or make a page of it to send:",
        f"  seq2exp-tracks view {shown}" + (f" --gene {shlex.quote(gene)}" if gene else ""),
        f"  seq2exp-tracks export html {shown} --out {shlex.quote(f'{beside}.html')}",
    ]
    if run.input("labels") is not None:
        lines += [
            "Compare prediction and measured expression:",
            f"  seq2exp-tracks evaluate {shown} --out {shlex.quote(f'{beside}.evaluation')}",
        ]
    return "\n".join(lines)


def _gene(run: "Run", names: Sequence[str]) -> str | None:
    """A gene as `view --gene` takes it: by a name that no other gene of the run has."""
    from seq2exp_tracks.errors import InputError

    if not run.genes:
        return None
    best = max(run.genes.values(), key=lambda scored: scored.expression).gene
    for name in (*names[:1], best.name):
        try:
            run.find(name)
        except InputError:  # the name of several, or of none
            continue
        return name
    return best.id
