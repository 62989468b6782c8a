"""`seq2exp-tracks doctor`: what is wrong with an installation or with inputs, before a run finds out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .inputs import BED_TSS, CLIP_NEGATIVE, CONTACTS, FEATURES, GENES, GENOME_HELP, SIGNAL
from .named_genome import genome_named
from .options import PATH
from .progress import ProgressBar, progress_bar
from .resource_options import Fetching, folder_option

if TYPE_CHECKING:
    from seq2exp_tracks.checkup import Finding
    from seq2exp_tracks.resources.registry import GenomeEntry

_COLOURS = {"ok": "green", "note": "blue", "warn": "yellow", "bad": "red"}


@click.command(short_help="Look for mistakes in an installation and in inputs.")
@click.option("--genome", metavar="NAME", help=GENOME_HELP)
@folder_option
@click.option("--cells", type=PATH, help="Inputs of a cell type in a TOML file; other options override it.")
@click.option(
    "--checkpoint",
    type=PATH,
    help="Trained weights: .ckpt or .safetensors; or soft or hard of a preset genome, once they are fetched.",
)
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
def doctor(as_json: bool, data_folder: Path | None, **options: Any) -> None:
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

    options["checkpoint"], trained_on = _checkpoint_here(
        options["checkpoint"], options["genome"] or _genome_of(options["cells"]), data_folder
    )
    request = CheckupRequest(**options, trained_on=trained_on)
    given = {role: getattr(request, role) for role in ("genes", "features")}
    with progress_bar() as progress:
        findings = check_up(request, progress, lambda name: _genome_here(name, data_folder, progress, given))
    click.echo(_as_json(findings) if as_json else _as_lines(findings))
    click.get_current_context().exit(1 if worst(findings) is Level.BAD else 0)


def _genome_here(
    name: str, data_folder: Path | None, progress: ProgressBar, given: Mapping[str, Path | None]
) -> "GenomeEntry":
    """The genome of a name. Nothing is fetched.

    Raises:
        InputError: If there is none, or not all of it is here; in one line.
    """
    from seq2exp_tracks.errors import InputError, TracksError
    from seq2exp_tracks.resources.presets import Presets
    from seq2exp_tracks.resources.registry import Registry

    fetching = Fetching(data_folder, mirror=None, offline=True, yes=False)
    try:
        return genome_named(name, fetching, progress, given)
    except TracksError as error:
        if name in Registry().genomes() or name not in Presets.load().genomes:
            raise
        # It has a line for each file that lacks, with its place.
        raise InputError(
            f"genome {name}: not all files of its preset are here; "
            f"bring them with: seq2exp-tracks fetch {name}"
        ) from error


def _genome_of(cells: Path | None) -> str | None:
    """The genome that a file of cells names, if it can be read."""
    from seq2exp_tracks.errors import TracksError
    from seq2exp_tracks.resources.cells import Cells

    try:
        return None if cells is None else Cells.read(cells).genome
    except TracksError:  # told where the cells are looked at
        return None


def _checkpoint_here(
    given: Path | None, genome: str | None, data_folder: Path | None
) -> tuple[Path | None, dict[str, str]]:
    """The file of a checkpoint of a genome's preset, if it was fetched; else what was given.

    Returns:
        The file; and of the preset's, which file each signal was that it was trained on.
    """
    from seq2exp_tracks.errors import TracksError
    from seq2exp_tracks.resources.named import is_own
    from seq2exp_tracks.resources.sources import Remote

    if given is None or genome is None:
        return given, {}
    fetching = Fetching(data_folder, mirror=None, offline=True, yes=False)
    try:
        with progress_bar() as progress, fetching.catalog(progress) as catalog:
            preset = catalog.presets.genomes.get(genome)
            if preset is None or preset.cells is None or is_own(given, catalog):
                return given, {}
            (path,) = catalog.bring([catalog.checkpoint(str(given), preset.cells)]).values()
            sources = catalog.cells(preset.cells).signals.items()
            return path, {name: source.place.name for name, source in sources if isinstance(source, Remote)}
    except TracksError:  # told where the file is looked at
        return given, {}


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
