"""One run in many ways: `python benchmarks/same_bytes.py -- --genome NAME …`; their files must be the same.

What follows `--` is given to `seq2exp-tracks score`. It is run with one, two and four workers, killed in its
midst and gone on with, in three parts that are merged, and on a Ray cluster of this machine's own. The
manifest, which tells the time and the command, is not compared.
"""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from fault_runs import COMMAND, begun, content, end, receipts, until

Way = Callable[[tuple[str, ...], Path], None]


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--without-ray", is_flag=True, help="Leave out Ray, where it is not installed.")
@click.argument("arguments", nargs=-1, required=True)
def main(without_ray: bool, arguments: tuple[str, ...]) -> None:
    """Prints a table, and ends with status 1 if a file differs from that of one worker."""
    found: list[dict[str, str]] = []
    print("| way | seconds | files | SHA-256 of all | same |\n|---|---:|---:|---|---|")
    for name, way in _ways(without_ray):
        folder = Path(tempfile.mkdtemp(prefix="same-bytes-"))
        began = time.monotonic()
        way(arguments, folder / "run")
        seconds = time.monotonic() - began
        found.append(content(folder / "run"))
        shutil.rmtree(folder)
        digest = hashlib.sha256(repr(sorted(found[-1].items())).encode()).hexdigest()
        same = "yes" if found[-1] == found[0] else "**no**"
        print(f"| {name} | {seconds:.0f} | {len(found[-1])} | {digest[:16]} | {same} |", flush=True)
    raise SystemExit(0 if all(one == found[0] for one in found) else 1)


def _ways(without_ray: bool) -> Iterator[tuple[str, Way]]:
    for workers in ("1", "2", "4"):
        yield f"{workers} worker(s)", _plain("--workers", workers)
    yield "2 workers, killed in its midst, gone on with", _killed
    yield "3 parts, merged", _in_parts
    if not without_ray:
        yield "Ray, 2 workers", _plain("--executor", "ray", "--workers", "2")


def _plain(*options: str) -> Way:
    def way(arguments: tuple[str, ...], out: Path) -> None:
        _score(*arguments, *options, "--out", str(out))

    return way


def _killed(arguments: tuple[str, ...], out: Path) -> None:
    command = (*arguments, "--workers", "2", "--out", str(out))
    process = begun([COMMAND, "score", *command])
    if until(lambda: len(receipts(out)) >= 10, process):
        process.kill()
    end(process)
    _score(*command)


def _in_parts(arguments: tuple[str, ...], out: Path) -> None:
    for part in (3, 1, 2):
        _score(*arguments, "--workers", "2", "--shard", f"{part}/3", "--out", str(out))
    ended = end(begun([COMMAND, "merge", str(out)]))
    assert ended.code == 0, ended.stderr


def _score(*arguments: str) -> None:
    ended = end(begun([COMMAND, "score", *arguments]))
    assert ended.code == 0, ended.stderr


if __name__ == "__main__":
    main()
