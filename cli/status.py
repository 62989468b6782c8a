"""`seq2exp-tracks status`: how a run stands."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import PATH

if TYPE_CHECKING:
    from seq2exp_tracks.run_status import Finished, RunStatus, Unfinished

# The exit status of each state, beside 1 for a mistake and 2 for an option that does not exist.
_EXIT = {"finished": 0, "running": 3, "stopped": 4}
_FAILURES_SHOWN = 10


@click.command(short_help="Tell how a run stands: whole, or how far it is.")
@click.argument("run", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def status(run: Path, as_json: bool) -> None:
    """Tell how RUN stands, the OUT of `score`: whole, or how far, how fast, by whom, and what failed.

    It takes no lock, so it may be asked while others write. Exit status 0 if the run is whole, 3 if it is not
    and somebody is at it, 4 if it is not and nobody is; 1 if there is no run.

    \b
    Example:
      seq2exp-tracks status k562
    """
    from seq2exp_tracks.run_status import status_of

    found = status_of(run)
    click.echo(_as_json(found) if as_json else "\n".join(_lines(run, found)))
    click.get_current_context().exit(_EXIT[found.state])


def _as_json(found: "RunStatus") -> str:
    return json.dumps(asdict(found), indent=2, ensure_ascii=False)


def _lines(run: Path, found: "RunStatus") -> list[str]:
    lines = [] if found.finished is None else [_whole(run, found.finished)]
    if found.unfinished is not None:
        beside = "" if found.finished is None else "another run in it is "
        lines += [f"{run}: {beside}unfinished, {found.state}", *_rows(found.unfinished)]
    return lines


def _whole(run: Path, finished: "Finished") -> str:
    return f"{run}: finished {finished.created}, {finished.genes:,} genes, {finished.bytes / 1e6:,.1f} MB"


def _rows(found: "Unfinished") -> list[str]:
    share = found.genes_done / found.genes if found.genes else 1
    rows = [
        f"  done    {found.shards_done:,} of {found.shards:,} shards, "
        f"{found.genes_done:,} of {found.genes:,} genes ({share:.1%})"
    ]
    if found.genes_a_second is not None:
        rows.append(f"  rate    {_rate(found.genes_a_second)}{_left(found)}")
    for holder in found.holders:
        words = {True: "held by", False: "ended: ", None: "held by"}[holder.alive]
        what = "" if holder.lock == "lock" else f"{holder.lock.removesuffix('.lock')}: "
        unseen = ", which cannot be seen from here" if holder.alive is None else ""
        rows.append(
            f"  {words} {what}process {holder.process} on {holder.host}{unseen}, since {holder.since}"
        )
    failed = list(found.failed.items())
    rows += [f"  failed  shard {number:06}: {why}" for number, why in failed[:_FAILURES_SHOWN]]
    if len(failed) > _FAILURES_SHOWN:
        rows.append(f"  failed  {len(failed) - _FAILURES_SHOWN:,} more shards")
    rows.append(f"  disk    {found.bytes / 1e6:,.1f} MB of shards and half-written files")
    return rows


def _rate(genes_a_second: float) -> str:
    if genes_a_second >= 1:
        return f"{genes_a_second:.1f} genes a second"
    return f"{1 / genes_a_second:.1f} s a gene"


def _left(found: "Unfinished") -> str:
    """How long it will take yet."""
    if found.seconds_left is None:
        return ""
    if found.shards_done == found.shards:
        return "; all shards are there and are being merged"
    minutes, seconds = divmod(round(found.seconds_left), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"; about {hours} h {minutes:02} min to go" if hours else f"; about {minutes}:{seconds:02} min to go"
    )
