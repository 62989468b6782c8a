"""What is done to runs, for `faults.py`: each function does it once and tells what became of the run."""

import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from fault_runs import Bench, Ended, children, content, end, receipts, until

PATIENCE = 3  # seconds that a worker may be at a window, where one is made to hang


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    Attributes:
        kept: Shards that were done when it was disturbed.
        lost: Those of them that were computed again, without need.
        identical: Whether all files are byte by byte those of the undisturbed run.
        told: Whether whatever ended it was told in one line, where it could say something at all.
        seconds: How long it took to end after it was told to; None where nobody told it.
    """

    kept: int
    lost: int
    identical: bool
    told: bool = True
    seconds: float | None = None


def _goes_on(
    bench: Bench, out: Path, told: bool = True, *, needed: int = 0, seconds: float | None = None
) -> Outcome:
    """Gives the same command again and compares; `needed` of the shards had to be computed again."""
    before = receipts(out)
    ended = end(bench.begin(out, "--keep-shards"))
    after = receipts(out)
    again = sum(after.get(name) != written for name, written in before.items())
    return Outcome(len(before), again - needed, _is_whole(bench, out, ended), told, seconds)


def _is_whole(bench: Bench, out: Path, ended: Ended) -> bool:
    """Whether a run ended well with the files of the undisturbed one; says what is otherwise."""
    found = content(out)
    other = sorted(name for name, _ in found.items() ^ bench.content.items())
    if ended.code or other:
        some = ", ".join(other[:3])
        click.echo(f"{out}: status {ended.code}, {ended.line!r}, {len(other)} files differ: {some}", err=True)
    return ended.code == 0 and not other


def _is_told(ended: Ended, words: str = "") -> bool:
    """Whether a run that could not go on says so in one line with some words; else shows what it says."""
    told = ended.is_one_line and words in ended.line
    if not told:
        click.echo(f"status {ended.code}: {ended.stderr}", err=True)
    return told


def _in_its_midst(bench: Bench, out: Path, shards: int, *options: str) -> "subprocess.Popen[str]":
    """A run that has so many shards."""
    process = bench.begin(out, "--keep-shards", *options)
    if not until(lambda: len(receipts(out)) >= shards, process):
        raise AssertionError(f"it ended before: {end(process).stderr}")
    return process


def killed(bench: Bench, out: Path, chance: random.Random) -> Outcome:
    """SIGKILL of the command at a random moment of its life."""
    process = bench.begin(out, "--keep-shards")
    time.sleep(chance.uniform(0, bench.seconds))
    process.kill()
    ended = end(process)
    if (out / "manifest.json").exists():  # it was faster this time, or had only to clean up and to end
        shutil.rmtree(out / ".partial", ignore_errors=True)
        return Outcome(bench.shards, 0, _is_whole(bench, out, Ended(0, ended.stderr)))
    return _goes_on(bench, out)


def worker_killed(bench: Bench, out: Path, chance: random.Random) -> Outcome:
    """SIGKILL of a worker at a random moment; the run replaces it by itself."""
    process = bench.begin(out, "--keep-shards")
    time.sleep(chance.uniform(0, bench.seconds))
    if workers := _workers(process.pid):
        os.kill(chance.choice(workers), signal.SIGKILL)
    before = receipts(out)
    ended = end(process)
    after = receipts(out)
    lost = sum(after.get(name) != written for name, written in before.items())
    return Outcome(len(before), lost, _is_whole(bench, out, ended))


def terminated(bench: Bench, out: Path, chance: random.Random) -> Outcome:
    """SIGTERM, as a queue sends it when time is up."""
    process = _in_its_midst(bench, out, chance.randrange(1, bench.shards))
    began = time.monotonic()
    process.terminate()
    ended = end(process)
    seconds = time.monotonic() - began
    if ended.code == 0:
        return Outcome(bench.shards, 0, _is_whole(bench, out, ended))
    return _goes_on(bench, out, _is_told(ended), seconds=seconds)


def hanging(bench: Bench, out: Path, chance: random.Random) -> Outcome:
    """A worker that stops in its tracks (SIGSTOP)."""
    process = _in_its_midst(bench, out, chance.randrange(1, bench.shards // 2), "--patience", str(PATIENCE))
    if workers := _workers(process.pid):
        os.kill(chance.choice(workers), signal.SIGSTOP)
    before, ended = receipts(out), end(process)
    return Outcome(len(before), 0, _is_whole(bench, out, ended))


def out_of_memory(bench: Bench, out: Path, chance: random.Random) -> Outcome:
    """A worker that gets no more memory (its limit of address space is set to what it has)."""
    process = _in_its_midst(bench, out, chance.randrange(1, bench.shards // 2))
    for worker in _workers(process.pid)[:1]:
        has = int(Path(f"/proc/{worker}/statm").read_text().split()[0]) * resource.getpagesize()
        resource.prlimit(worker, resource.RLIMIT_AS, (has, has))
    ended = end(process)
    if ended.code == 0:
        return Outcome(len(receipts(out)), 0, _is_whole(bench, out, ended))
    return _goes_on(bench, out, _is_told(ended))


def full_disk(bench: Bench, out: Path, chance: random.Random) -> Outcome:
    """A disk that is full somewhere on the way: in the shards, in the tracks, or at their last step."""
    need = sum(path.stat().st_size for path in bench.whole.rglob("*") if path.is_file())
    with _disk(out.parent / f"{out.name}-disk", int(need * chance.uniform(0.05, 1.1))) as disk:
        ended = end(bench.begin(disk / "out", "--keep-shards"))
        subprocess.run(["mount", "-o", "remount,size=1g", disk], check=True)
        if ended.code == 0:
            return Outcome(bench.shards, 0, _is_whole(bench, disk / "out", ended))
        told = _is_told(ended, "No space left on device")
        return _goes_on(bench, disk / "out", told)


def read_only(bench: Bench, out: Path, chance: random.Random) -> Outcome:
    """A folder that cannot be written to."""
    with _disk(out.parent / f"{out.name}-disk", 1 << 30) as disk:
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        ended = end(bench.begin(disk / "out", "--keep-shards"))
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        return _goes_on(bench, disk / "out", _is_told(ended, str(disk)))


def input_replaced(bench: Bench, out: Path, chance: random.Random) -> Outcome:
    """An input that is another file all of a sudden; it is put back before the run goes on."""
    signal_file = bench.genome / "A" / "DNase.bw"
    kept = signal_file.with_suffix(".kept")
    shutil.copy2(signal_file, kept)
    process = _in_its_midst(bench, out, chance.randrange(1, bench.shards // 2))
    other = signal_file.with_suffix(".other")
    shutil.copy(bench.genome / "A" / "H3K27ac.bw", other)
    other.replace(signal_file)
    try:
        ended = end(process)
    finally:
        kept.replace(signal_file)
    if ended.code == 0:  # it had read everything before
        return Outcome(bench.shards, 0, _is_whole(bench, out, ended))
    return _goes_on(bench, out, _is_told(ended, "DNase.bw"))


def clock_jump(bench: Bench, out: Path, chance: random.Random) -> Outcome:
    """A clock that jumps back or forth by a day while the run goes on."""
    import libfaketime

    offset = out.parent / f"{out.name}-offset"
    offset.write_text("+0")
    faked = libfaketime.get_reload_information()[1] | {"FAKETIME_TIMESTAMP_FILE": str(offset)}
    process = bench.begin(out, "--keep-shards", **faked)
    until(lambda: len(receipts(out)) >= bench.shards // 3, process)
    offset.write_text(chance.choice(["+1d", "-1d"]))
    ended = end(process)
    return Outcome(len(receipts(out)), 0, _is_whole(bench, out, ended))


def damaged_shard(bench: Bench, out: Path, chance: random.Random) -> Outcome:
    """A byte of a shard that is another one when the run goes on."""
    process = _in_its_midst(bench, out, 4)
    process.kill()
    end(process)
    shard = out / ".shards" / f"{chance.choice(sorted(receipts(out)))}.parquet"
    text = bytearray(shard.read_bytes())
    text[chance.randrange(len(text))] ^= 1 << chance.randrange(8)
    shard.write_bytes(text)
    return _goes_on(bench, out, needed=1)


def truncated_receipt(bench: Bench, out: Path, chance: random.Random) -> Outcome:
    """A receipt that ends in its midst."""
    process = _in_its_midst(bench, out, 4)
    process.kill()
    end(process)
    receipt = out / ".shards" / f"{chance.choice(sorted(receipts(out)))}.json"
    text = receipt.read_bytes()
    receipt.write_bytes(text[: chance.randrange(len(text) - 1)])
    return _goes_on(bench, out, needed=1)


def second_run(bench: Bench, out: Path, chance: random.Random) -> Outcome:
    """A second run into the same folder; the first one goes on."""
    process = _in_its_midst(bench, out, 1)
    second: Ended = end(bench.begin(out, "--keep-shards"))
    ended = end(process)
    told = _is_told(second, f"process {process.pid}")
    return Outcome(len(receipts(out)), 0, _is_whole(bench, out, ended), told)


def _workers(process: int) -> list[int]:
    """The processes that compute for a run; not those that Python starts to watch over them."""
    return [
        child
        for child in children(process)
        if b"spawn_main" in _command_line(child) and b"resource_tracker" not in _command_line(child)
    ]


def _command_line(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


@contextmanager
def _disk(folder: Path, size: int) -> Iterator[Path]:
    """A small file system in memory, as long as the body runs; needs the right to mount."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()
