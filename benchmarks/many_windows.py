"""Whether a run of many windows needs more than one of few: memory, open files, and what shards add.

    python benchmarks/many_windows.py [--windows 10000] [--against 1000] [--workers 2]

Runs the installed command twice on one made-up genome, with a network of eight channels that reads 2,000
bases and so costs next to nothing; all else is what a run of `score` does: workers, shards and receipts,
merging, writing. A fifth of a second apart, memory and open files of the command and of all processes below
it are looked at. Memory counts what processes share once (PSS of proc(5)), so that it can be added up.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click
from generated_genome import SIGNALS, GeneratedGenome, generate

from seq2exp_tracks.checkpoints.saving import save_checkpoint
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.run_folder import SHARDS
from seq2exp_tracks.model import SOFT
from seq2exp_tracks.model.seq2exp import Seq2Exp

WINDOW = 2_000
SPACING = 2_000
EVERY = 0.2
TINY = replace(
    SOFT,
    window=WINDOW,
    d_model=8,
    generator_layers=1,
    encoder_layers=1,
    promoter=100,
    signals=SIGNALS,
    beta=replace(SOFT.beta, signals=SIGNALS),
)


@dataclass(slots=True)
class Taken:
    """What a run took at most.

    Attributes:
        windows: How many it scored.
        seconds: From begin to end.
        cpu: CPU seconds of all its processes.
        memory: Bytes of all processes at one time.
        command: Bytes of the command's own process.
        worker: Bytes of the largest process below it.
        files: Open files of any one process.
        shards: Bytes of its shards.
        receipts: Files among them.
    """

    windows: int
    seconds: float = 0
    cpu: float = 0
    memory: int = 0
    command: int = 0
    worker: int = 0
    files: int = 0
    shards: int = 0
    receipts: int = 0

    def look(self, command: int, out: Path) -> None:
        """Looks at the run as it is now."""
        sizes = {process: memory_of(process) for process in (command, *below(command))}
        self.memory = max(self.memory, sum(sizes.values()))
        self.command = max(self.command, sizes.pop(command))
        self.worker = max(self.worker, *sizes.values(), 0)
        self.files = max(self.files, *(open_files(process) for process in (command, *sizes)))
        kept = sizes_in(out / SHARDS)
        self.shards, self.receipts = max(self.shards, sum(kept)), max(self.receipts, len(kept))


def below(process: int) -> Iterator[int]:
    """The processes that a process started, and those that they did."""
    try:
        threads = list(Path(f"/proc/{process}/task").iterdir())
        children = [int(child) for one in threads for child in (one / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in children:
        yield child
        yield from below(child)


def memory_of(process: int) -> int:
    """Bytes of a process, a share of what it shares with others; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def open_files(process: int) -> int:
    """Files that a process has open; 0 where it has ended."""
    try:
        return len(list(Path(f"/proc/{process}/fd").iterdir()))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def sizes_in(folder: Path) -> list[int]:
    """Bytes of each file of a folder; files may vanish meanwhile."""
    found = []
    for path in folder.iterdir() if folder.exists() else ():
        try:
            found.append(path.stat().st_size)
        except FileNotFoundError:
            continue
    return found


def write_genes(path: Path, sizes: ChromSizes, count: int) -> None:
    """As many genes as asked for, evenly over the genome, whose windows lie on it."""
    places = [
        (chrom, start)
        for chrom, length in sizes.items()
        for start in range(SPACING, length - SPACING, SPACING)
    ]
    chosen = [places[number * len(places) // count] for number in range(count)]
    with path.open("w") as file:
        for chrom, start in chosen:
            file.write(f"{chrom}\t{start}\t{start + 1}\t{chrom}.{start}\t0\t+\n")


def score(folder: Path, genome: GeneratedGenome, sizes: ChromSizes, windows: int, workers: int) -> Taken:
    """Runs `score` once, in a process of its own, and looks at it."""
    genes, out, taken = folder / f"{windows}.bed", folder / f"run{windows}", Taken(windows)
    write_genes(genes, sizes, windows)
    command = [
        *(
            "score",
            "--genome",
            "made",
            "--genes",
            str(genes),
            "--checkpoint",
            str(folder / "tiny.safetensors"),
        ),
        *(word for name, path in genome.signals.items() for word in ("--signal", f"{name}={path}")),
        *("--workers", str(workers), "--device", "cpu", "--no-per-gene", "--out", str(out)),
    ]
    began, before = time.monotonic(), os.times()
    with called(folder, *command) as process:
        while process.poll() is None:
            taken.look(process.pid, out)
            time.sleep(EVERY)
    if process.returncode:
        raise click.ClickException(f"score ended with {process.returncode}")
    after = os.times()
    taken.seconds = time.monotonic() - began
    taken.cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return taken


def called(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    """The installed command, with a registry of its own."""
    program = str(Path(sys.executable).with_name("seq2exp-tracks"))
    environment = os.environ | {"SEQ2EXP_TRACKS_CONFIG": str(folder / "config")}
    return subprocess.Popen(
        [program, *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@click.command()
@click.option("--windows", default=10_000, show_default=True, help="Windows of the long run.")
@click.option("--against", default=1_000, show_default=True, help="Windows of the short run.")
@click.option("--workers", default=2, show_default=True, help="Processes that score.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where files are made.  [default: TMPDIR]")
def main(windows: int, against: int, workers: int, folder: Path | None) -> None:
    """Score few windows and many, and print what each run took at most."""
    length = (windows + 2) * SPACING // 2 + SPACING
    sizes = ChromSizes({"chr1": length, "chr2": length})
    with tempfile.TemporaryDirectory(dir=folder) as name:
        work = Path(name)
        genome = generate(work / "genome", sizes)
        save_checkpoint(Seq2Exp.initialised(TINY, 0), work / "tiny.safetensors")
        genes = work / "all.bed"
        write_genes(genes, sizes, against)
        add = (
            "genome",
            "add",
            "made",
            "--fasta",
            genome.fasta,
            "--genes",
            genes,
            "--blacklist",
            genome.blacklist,
        )
        with called(work, *map(str, add)) as process:
            process.wait()
        runs = [score(work, genome, sizes, count, workers) for count in (against, windows)]
    report(*runs)


def report(few: Taken, many: Taken) -> None:
    """Prints both runs side by side."""
    print(f"{'windows':44}{few.windows:>12,}{many.windows:>12,}")
    rows = {
        "wall time, s": [f"{run.seconds:.0f}" for run in (few, many)],
        "CPU time of all processes, s": [f"{run.cpu:.0f}" for run in (few, many)],
        "most memory of all processes, MB": [f"{run.memory / 1e6:.0f}" for run in (few, many)],
        "  of the command's own process": [f"{run.command / 1e6:.0f}" for run in (few, many)],
        "  of the largest process below it": [f"{run.worker / 1e6:.0f}" for run in (few, many)],
        "most open files of a process": [f"{run.files}" for run in (few, many)],
        "most files of shards": [f"{run.receipts:,}" for run in (few, many)],
        "most bytes of shards, a window": [f"{run.shards / run.windows:,.0f}" for run in (few, many)],
    }
    for told, values in rows.items():
        print(f"{told:44}" + "".join(f"{value:>12}" for value in values))
    more = many.windows - few.windows
    print(f"each further window: {(many.memory - few.memory) / more:,.0f} bytes of memory, ", end="")
    print(f"{1_000 * (many.cpu - few.cpu) / more:.1f} ms of CPU time")


if __name__ == "__main__":
    main()
