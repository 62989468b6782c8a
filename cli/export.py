"""`seq2exp-tracks export`: a run as other programs open it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import PATH

if TYPE_CHECKING:
    from seq2exp_tracks.exports.destination import Exported
    from seq2exp_tracks.exports.request import ExportOptions

Command = Callable[..., None]


@click.group(short_help="Make files for UCSC, IGV, JBrowse, WashU or any browser.")
def export() -> None:
    """Make files of a run that UCSC, IGV, JBrowse, WashU or any browser opens."""


def _common(command: Command) -> Command:
    """What every export asks for."""
    for option in (
        click.option("--overwrite", is_flag=True, help="Replace the export that OUT holds."),
        click.option("--name", help="Name of the run in the browser.  [default: that of its folder]"),
        click.argument("run", type=PATH),
    ):
        command = option(command)
    return command


def _folder(command: Command) -> Command:
    """What every export to a folder asks for."""
    for option in (
        click.option("--out", type=PATH, required=True, help="Folder to make."),
        click.option(
            "--assembly", metavar="NAME", help="The browser's name of the genome.  [default: the run's]"
        ),
        click.option("--signals", is_flag=True, help="Show the signals that the model read, too."),
        click.option(
            "--files",
            type=click.Choice(["copy", "hardlink", "symlink"]),
            default="copy",
            show_default=True,
            help="Copy the run's files, so that the folder is whole, or link them to save space.",
        ),
    ):
        command = option(command)
    return _common(command)


_gene = click.option("--gene", metavar="NAME", help="Gene to open at.  [default: the run's first]")


def _options(
    overwrite: bool, name: str | None, assembly: str | None, signals: bool, files: str
) -> "ExportOptions":
    from seq2exp_tracks.exports.placing import Placement
    from seq2exp_tracks.exports.request import ExportOptions

    return ExportOptions(overwrite, Placement(files), signals, name, assembly)


@export.command()
@_folder
@click.option("--email", help="Whom users of the hub may ask; UCSC wants it.")
def hub(run: Path, out: Path, email: str | None, **choices: Any) -> None:
    """Make a UCSC track hub: a folder for any static web server.

    \b
    Example:
      seq2exp-tracks export hub run --email me@lab.org --out hub
    """
    from seq2exp_tracks.exports.hub import export_hub

    _report(export_hub(run, out, _options(**choices), email=email))


@export.command(short_help="Make an IGV session, for the desktop and for the web.")
@_folder
@_gene
@click.option("--url", help="Address that the folder will have on the web, for sessions opened from there.")
def igv(run: Path, out: Path, gene: str | None, url: str | None, **choices: Any) -> None:
    """Make an IGV session: session.xml for the desktop, session.json for igv.js.

    \b
    Example:
      seq2exp-tracks export igv run --gene MYH9 --signals --out igv
    """
    from seq2exp_tracks.exports.igv import export_igv

    _report(export_igv(run, out, _options(**choices), gene=gene, url=url))


@export.command()
@_folder
@_gene
@click.option("--sequence", is_flag=True, help="Take the FASTA along, too, to see bases.")
def jbrowse(run: Path, out: Path, gene: str | None, sequence: bool, **choices: Any) -> None:
    """Make a JBrowse 2 configuration with its tracks."""
    from seq2exp_tracks.exports.jbrowse import export_jbrowse

    _report(export_jbrowse(run, out, _options(**choices), gene=gene, sequence=sequence))


@export.command()
@_folder
def washu(run: Path, out: Path, **choices: Any) -> None:
    """Make a data hub for the WashU Epigenome Browser."""
    from seq2exp_tracks.exports.washu import export_washu

    _report(export_washu(run, out, _options(**choices)))


@export.command(short_help="Make a report: one page to read, send and keep.")
@_common
@click.option("--out", type=PATH, required=True, help="HTML file to write.")
@click.option(
    "--gene",
    "genes",
    multiple=True,
    metavar="NAME",
    help="Draw this gene, by symbol or id; repeat for several.  [default: the 6 with most elements]",
)
def html(run: Path, out: Path, genes: tuple[str, ...], overwrite: bool, name: str | None) -> None:
    """Make a report: one page with all of itself, to read, send and print.

    \b
    Example:
      seq2exp-tracks export html run --gene MYH9 --gene APOL1 --out report.html
    """
    from seq2exp_tracks.exports.report import export_html

    _report(export_html(run, out, overwrite=overwrite, genes=genes, name=name))


def _report(made: "Exported") -> None:
    """Says what was made, and how to open it."""
    total = sum(file.bytes for file in made.files)
    click.echo(f"{made.out}: {len(made.files)} file{'' if len(made.files) == 1 else 's'}, {_size(total)}")
    width = max(len(file.name) for file in made.files)
    for file in made.files:
        size = _size(file.bytes) if file.bytes else "link"
        click.echo(f"  {file.name:<{width}}  {size:>10}  {file.description}")
    for note in made.notes:
        click.echo(f"note: {note}", err=True)
    click.echo()
    for step in made.next_steps:
        click.echo(step)


def _size(count: int) -> str:
    """A number of bytes as people read it."""
    if count < 1_000:
        return f"{count} bytes"
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"
