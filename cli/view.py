"""`seq2exp-tracks view`: a run in the browser."""

import sys
import threading
import webbrowser
from contextlib import nullcontext
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

import click

from .options import PATH
from .progress import progress_bar

if TYPE_CHECKING:
    from higlass_views.page import Page


@click.command(short_help="Look at runs in the browser.")
@click.argument("runs", type=PATH, nargs=-1, required=True, metavar="RUN [RUN …]")
@click.option("--gene", help="Symbol or id of a gene of the run: open at its window.")
@click.option("--region", help="Open at a place instead: chr22:36,000,000-36,500,000 (1-based, inclusive).")
@click.option("--genome", is_flag=True, help="Open with the whole genome.")
@click.option(
    "--genes", type=PATH, metavar="GTF", help="Annotation to show instead of the run's: GTF, GFF3 or BED."
)
@click.option(
    "--hic", type=PATH, metavar="FILE", help="Hi-C map to show instead of the run's: .hic, .mcool or .cool."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=0, help="Port to listen on; by default any free one.")
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="Name by which a proxy asks for the page, once for each.",
)
@click.option(
    "--allow-origin",
    multiple=True,
    metavar="URL",
    help="Web site that may read the run's files, such as https://igv.org; once for each.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option(
    "--write-viewconf",
    type=PATH,
    metavar="FILE",
    help="Write HiGlass' config of the view, and serve nothing.",
)
def view(
    runs: tuple[Path, ...],
    gene: str | None,
    region: str | None,
    genome: bool,
    genes: Path | None,
    hic: Path | None,
    host: str,
    port: int,
    allow_host: tuple[str, ...],
    allow_origin: tuple[str, ...],
    no_browser: bool,
    write_viewconf: Path | None,
) -> None:
    """Look at runs in the browser: signals, learned mask, elements, links and expression.

    Several runs on one genome are compared. The address is printed; stop with Ctrl-C.

    \b
    Examples:
      seq2exp-tracks view run --gene MYH9
      seq2exp-tracks view k562 gm12878 --region chr22:36,000,000-36,500,000
    """
    from higlass_views.page import open_page, save_viewconf
    from higlass_views.serving import listen

    # Taken first: that a port is in use is told before gigabytes are checked.
    with nullcontext() if write_viewconf else listen(host, port) as listening:
        with progress_bar() as progress:
            page = open_page(
                runs, gene=gene, region=region, genome=genome, genes=genes, hic=hic, watcher=progress
            )
        for line in page.missing:
            click.echo(f"Not shown: {line}", err=True)
        if listening is not None:
            _serve(page, listening, host, allow_host, allow_origin, browser=not no_browser)
        elif write_viewconf is not None:
            save_viewconf(page, write_viewconf)
            click.echo(f"{write_viewconf} written")


def _serve(
    page: "Page",
    listening: socket,
    host: str,
    allow_host: tuple[str, ...],
    allow_origin: tuple[str, ...],
    *,
    browser: bool,
) -> None:
    """Serves a page until Ctrl-C; says where it is as soon as it is there."""
    from higlass_views.frontend.bundle import page_is_built
    from higlass_views.server import make_app
    from higlass_views.serving import address, is_local, names_of, serve

    if not is_local(host):
        click.echo(
            f"Warning: everybody who can reach {host} can read these runs: there is no password", err=True
        )
    if not page_is_built():
        click.echo("Note: the page is not built; run `python -m higlass_views.frontend`", err=True)
    place = address(listening)

    def ready() -> None:
        click.echo(f"{place} (Ctrl-C stops it)")
        sys.stdout.flush()
        if browser:
            # Some browsers, such as those of a terminal, come back when they are closed.
            threading.Thread(target=webbrowser.open, args=(place,), daemon=True).start()

    app = make_app(page.catalog, page.start, hosts=(*names_of(host), *allow_host), origins=allow_origin)
    serve(app, listening, ready)
