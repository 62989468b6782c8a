"""Writing the tracks of a whole genome: time, size and memory, with scores that cost next to nothing.

    python benchmarks/genome.py PROMOTERS.bed CHROM.SIZES --writers 2

Every gene's window of 200 kb (TSS in the middle of the BED row) gets scores that follow from its number and
the position alone, as a model that answers at once. They go through the classes that `score` uses, to files
of a whole run. Then single bases are recomputed from the formula and looked up in the files by pyBigWig and
pybigtools.
"""

import argparse
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import active_children
from pathlib import Path

import numpy as np
import pybigtools
import pyBigWig
from bigwig import soft_mask

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.bins import BinRule, Bins
from seq2exp_tracks.tracks.elements import ElementSettings
from seq2exp_tracks.tracks.merge import MergeRule, merge_order
from seq2exp_tracks.tracks.writer import RunWriter
from seq2exp_tracks.windows import Window

WINDOW = 200_000
POOL = 1 << 24
# Each gene reads the pool of values from another place on, so that windows disagree about a base.
STRIDE = 7_919
# Stand-in for a blacklist: the first bases of every million.
EXCLUDED, EVERY = 2_000, 1_000_000
PROMOTER = 1_000


class FakeModel:
    """Scores of any window, at once: smooth along the sequence, with noise at every base."""

    def __init__(self) -> None:
        generator = np.random.default_rng(0)
        self.learned = soft_mask(POOL) * np.float32(0.999) + generator.random(POOL, np.float32) / 2000
        claims = 20 + 10 * soft_mask(POOL)[::-1]
        self.sd = np.sqrt(self.learned * (1 - self.learned) / claims).astype(np.float32)
        distance = np.abs(np.arange(2 * WINDOW) - WINDOW)
        self._contact = np.log10(1 + 1e4 / (1 + distance)).astype(np.float32)

    def place(self, number: int, position: int) -> int:
        """Where the pool has the value of a base for a gene."""
        return (position + number * STRIDE) % (POOL - WINDOW)

    def score(self, number: int, window: Window) -> WindowScores:
        """Scores of one window."""
        inside, tss = window.inside, window.gene.tss
        at = self.place(number, inside.start)
        learned = self.learned[at : at + len(inside)]
        positions = np.arange(inside.start, inside.end)
        excluded = positions % EVERY < EXCLUDED
        applied = learned.copy()
        applied[max(0, tss - PROMOTER - inside.start) : max(0, tss + PROMOTER - inside.start)] = 1
        applied[excluded] = 0
        contact = self._contact[WINDOW + inside.start - tss :][: len(inside)]
        sd = self.sd[at : at + len(inside)]
        return WindowScores(window, learned, sd, applied, excluded, number % 400 / 100, (), contact)


@dataclass(frozen=True, slots=True)
class Written:
    """What a run took.

    Attributes:
        handed_over: Wall seconds until the last window was handed over.
        whole: Wall seconds until all was whole.
        covered: Bases that have a value.
        writer_memory: Peak memory in bytes of each process that writes, at the last window.
    """

    handed_over: float
    whole: float
    covered: int
    writer_memory: list[int]


def windows_of(bed: Path, sizes: ChromSizes, count: int | None) -> list[Window]:
    """The windows of the genes, in the order in which they are merged."""
    genes = read_genes(bed, sizes, bed_tss="middle").genes
    windows = [Window.around(gene, WINDOW, sizes[gene.chrom]) for gene in genes]
    return sorted(windows, key=lambda window: merge_order(window, sizes))[:count]


def write(out: Path, sizes: ChromSizes, windows: list[Window], arguments: argparse.Namespace) -> Written:
    """Writes all tracks of the windows."""
    model = FakeModel()
    began = time.monotonic()
    with RunFolder(out) as folder:
        with RunWriter(
            folder,
            sizes,
            merge=MergeRule.MAX,
            elements=ElementSettings(),
            per_gene=False,
            labels=False,
            bins=Bins(arguments.resolution, BinRule.MEAN),
            precision=arguments.precision,
            writers=arguments.writers,
        ) as writer:
            for number, window in enumerate(windows):
                writer.add(model.score(number, window))
            handed_over = time.monotonic() - began
            memory = [peak_memory(child.pid) for child in active_children()]
            _, summary = writer.finish()
        folder.path("manifest.json").write_text("{}")
    return Written(handed_over, time.monotonic() - began, summary.covered_bases, memory)


def peak_memory(pid: int | None) -> int:
    """The most memory in bytes that a process had so far; what it shares with others counts as well."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def plain(model: FakeModel, windows: list[Window], chrom: str, position: int) -> dict[str, float] | None:
    """What the tracks hold at a base, recomputed from the formula; None where no window has it."""
    told = []
    for number, window in enumerate(windows):
        inside = window.inside
        if inside.chrom == chrom and inside.start <= position < inside.end:
            at = model.place(number, inside.start) + position - inside.start
            learned = float(model.learned[at])
            near = -PROMOTER <= position - window.gene.tss < PROMOTER
            applied = 0.0 if position % EVERY < EXCLUDED else 1.0 if near else learned
            told.append((learned, float(model.sd[at]), applied))
    if not told:
        return None
    best = max(told, key=lambda window: window[0])
    return {"mask": best[0], "mask.sd": best[1], "mask.applied": max(applied for _, _, applied in told)}


def check(out: Path, sizes: ChromSizes, windows: list[Window], samples: int) -> int:
    """Compares bases of the files with the formula; returns how many have a value."""
    model, random = FakeModel(), np.random.default_rng(1)
    names = {"mask": 3, "mask.sd": 4, "mask.applied": 3}
    files = {name: pyBigWig.open(str(out / f"{name}.bw")) for name in names}
    others = {name: pybigtools.open(str(out / f"{name}.bw")) for name in names}
    found = 0
    for chrom, position in _places(sizes, windows, samples, random):
        expected = plain(model, windows, chrom, position)
        found += expected is not None
        for name, decimals in names.items():
            value = files[name].values(chrom, position, position + 1)[0]
            other = others[name].values(chrom, position, position + 1, fillna=None)[0]
            np.testing.assert_equal(np.float32(other), np.float32(value))
            wanted = np.nan if expected is None else expected[name]
            np.testing.assert_allclose(
                value, wanted, atol=0.5 * 10**-decimals + 1e-6, err_msg=f"{chrom}:{position}"
            )
    return found


def _places(
    sizes: ChromSizes, windows: list[Window], samples: int, random: np.random.Generator
) -> Iterator[tuple[str, int]]:
    """Bases anywhere on the genome, and at the edges of windows."""
    chroms = random.choice(list(sizes), samples)
    for chrom in map(str, chroms):
        yield chrom, int(random.integers(sizes[chrom]))
    for number in random.integers(len(windows), size=samples // 2):
        inside = windows[number].inside
        for position in (inside.start - 1, inside.start, inside.end - 1, inside.end):
            if 0 <= position < sizes[inside.chrom]:
                yield inside.chrom, position


def main() -> None:
    """Writes a run, prints what it took and checks what it holds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bed", type=Path, help="promoters; the TSS is the middle")
    parser.add_argument("sizes", type=Path, help="name and length of each chromosome")
    parser.add_argument("--writers", type=int, default=0)
    parser.add_argument("--resolution", type=int, default=1)
    parser.add_argument("--precision", type=int)
    parser.add_argument("--windows", type=int, help="only so many windows")
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--folder", type=Path, help="where to write; it needs about 8 GB")
    arguments = parser.parse_args()
    rows = (line.split() for line in arguments.sizes.read_text().splitlines())
    sizes = ChromSizes({name: int(length) for name, length in rows})
    windows = windows_of(arguments.bed, sizes, arguments.windows)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        out = Path(folder) / "run"
        written = write(out, sizes, windows, arguments)
        report(out, written, len(windows))
        if arguments.resolution == 1 and arguments.precision is None:
            found = check(out, sizes, windows, arguments.samples)
            print(f"checked by two readers, bases with a value    {found:>10,}")
        shutil.rmtree(out)


def report(out: Path, written: Written, count: int) -> None:
    """Prints time, size and memory."""
    own, writers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = own.ru_utime + own.ru_stime + writers.ru_utime + writers.ru_stime
    print(f"windows                                       {count:>10,}")
    print(f"bases with a value                            {written.covered:>10,}")
    print(f"wall time until the last window was taken     {written.handed_over:>10.1f} s")
    print(f"wall time until the run was whole             {written.whole:>10.1f} s")
    print(f"windows a second, until it was whole          {count / written.whole:>10.1f}")
    print(f"CPU time of all processes, a window           {1000 * cpu / count:>10.1f} ms")
    print(f"peak memory of the process that scores        {peak_memory(os.getpid()) / 1e9:>10.2f} GB")
    print(f"peak memory of all writers                    {sum(written.writer_memory) / 1e9:>10.2f} GB")
    for path in sorted(out.iterdir()):
        print(f"{path.name:<46}{path.stat().st_size / 1e6:>10,.1f} MB")


if __name__ == "__main__":
    main()
