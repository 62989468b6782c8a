"""`seq2exp-tracks doctor`: what is wrong with an installation or with inputs, before a run finds out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .inputs import BED_TSS, CLIP_NEGATIVE, CONTACTS, FEATURES, GENES, SIGNAL
from .options import PATH
from .progress import progress_bar

if TYPE_CHECKING:
    from seq2exp_tracks.checkup import Finding

_COLOURS = {"ok": "green", "note": "blue", "warn": "yellow", "bad": "red"}


@click.command()
@click.option("--genome", metavar="NAME", help="A genome by name (see: genome list, resources list).")
@click.option("--cells", type=PATH, help="Inputs of a cell type in a TOML file; other options override it.")
@click.option("--checkpoint", type=PATH, help="Trained weights: a published .ckpt or .safetensors.")
@SIGNAL
@CONTACTS
@click.option("--contacts-norm", type=click.Choice(["VC", "ICE"]), help="Normalisation.  [default: VC]")
@GENES
@FEATURES
@BED_TSS
@CLIP_NEGATIVE
@click.option("--window", type=int, metavar="BP", help="Bases around the TSS.  [default: the checkpoint's]")
@click.option(
    "--match-scale",
    type=click.Choice(["none", "quantile", "factor"]),
    default="none",
    show_default=True,
    help="Tell what the option of `score` would do to the signals.",
)
@click.option(
    "--device", default="auto", show_default=True, help="What would compute: auto, cpu, cuda or cuda:1."
)
@click.option("--out", type=PATH, default=Path(), help="Where a run would go: its disk is looked at.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def doctor(as_json: bool, **options: Any) -> None:
    """Look for mistakes in an installation and in the inputs of a run.

    \b
    Example:
      seq2exp-tracks doctor --genome hg38 --checkpoint soft.ckpt \\
          --signal H3K27ac=k562.h3k27ac.bw --signal DNase=k562.dnase.bw --contacts k562.mcool

    Each finding is a line: ok, note, warn (probably a mistake) or bad (a mistake), and behind the
    arrow the way out. Only what is named is looked at. Exit status 1 if anything is bad, else 0.
    Nothing is written, but for the index of a FASTA that has none.
    """
    from seq2exp_tracks.checkup import CheckupRequest, Level, check_up, worst

    with progress_bar() as progress:
        findings = check_up(CheckupRequest(**options), progress)
    click.echo(_as_json(findings) if as_json else _as_lines(findings))
    click.get_current_context().exit(1 if worst(findings) is Level.BAD else 0)


def _as_lines(findings: "list[Finding]") -> str:
    """The findings under the names of their sections, and how many of each level."""
    lines, section = [], None
    for finding in sorted(findings, key=lambda one: _SECTIONS.index(one.section)):
        if finding.section != section:
            section = finding.section
            lines.append(click.style(section, bold=True))
        level, rest = str(finding)[:4], str(finding)[4:]
        lines.append(f"  {click.style(level, fg=_COLOURS[finding.level])}{rest}")
    counts = {level: sum(finding.level == level for finding in findings) for level in _COLOURS}
    return "\n".join([*lines, ", ".join(f"{count} {level}" for level, count in counts.items())])


def _as_json(findings: "list[Finding]") -> str:
    from seq2exp_tracks.checkup import worst

    rows = [
        {"section": one.section, "level": one.level, "what": one.what, "way_out": one.way_out or None}
        for one in findings
    ]
    return json.dumps({"worst": worst(findings), "findings": rows}, indent=2, ensure_ascii=False)


_SECTIONS = ("installation", "checkpoint", "genome", "genes", "signals", "contacts", "needs")
