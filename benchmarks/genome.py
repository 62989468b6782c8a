"""Writing the tracks of a whole genome: time, size and memory, with scores that cost next to nothing.

    python benchmarks/genome.py PROMOTERS.bed CHROM.SIZES --writers 2
    python benchmarks/genome.py PROMOTERS.bed CHROM.SIZES --writers 2 --with-inputs

Every gene's window of 200 kb (TSS in the middle of the BED row) gets scores from a pool of values. The first
form hands them to the classes that write a run, and does nothing else. The second makes up a genome of full
size with two signals, and does all that `score` does, with a stand-in for the network that answers at once.
Then single bases are recomputed from the formula and looked up in the files by pyBigWig and pybigtools.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import numpy as np
import pybigtools
import pyBigWig
from fake_scores import POOL, WINDOW, FakeScores
from generated_genome import generate
from watching import Took, cpu_seconds, peak_memory, size_of

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.tracks.bins import BinRule, Bins
from seq2exp_tracks.tracks.elements import ElementSettings
from seq2exp_tracks.tracks.merge import MergeRule, merge_order
from seq2exp_tracks.tracks.writer import RunWriter
from seq2exp_tracks.windows import Window

# Each gene reads the pool of values from another place on, so that windows disagree about a base.
STRIDE = 7_919


def windows_of(bed: Path, sizes: ChromSizes) -> list[Window]:
    """The windows of the genes, in the order in which they are merged."""
    genes = read_genes(bed, sizes, bed_tss="middle").genes
    windows = [Window.around(gene, WINDOW, sizes[gene.chrom]) for gene in genes]
    return sorted(windows, key=lambda window: merge_order(window, sizes))


def places_by_number(windows: list[Window]) -> list[int]:
    """Where each window begins in the pool."""
    return [(window.start + number * STRIDE) % (POOL - WINDOW) for number, window in enumerate(windows)]


def write(out: Path, sizes: ChromSizes, windows: list[Window], arguments: argparse.Namespace) -> Took:
    """Writes all tracks of the windows."""
    scores = FakeScores()
    began, busy = time.monotonic(), cpu_seconds()
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
            for window, place in zip(windows, places_by_number(windows), strict=True):
                writer.add(scores.of(window, place))
            last = time.monotonic()
            writers = [peak_memory(child.pid) for child in active_children() if child.pid]
            writer.finish()
        folder.path("manifest.json").write_text("{}")
    seconds = {"windows": last - began, "putting the files together": time.monotonic() - last}
    memory = {"this process": [peak_memory(os.getpid())], "writers": writers}
    return Took(seconds, cpu_seconds() - busy, memory)


def score(out: Path, inputs: Path, sizes: ChromSizes, arguments: argparse.Namespace) -> Took:
    """Does all that `score` does with the generated genome."""
    # Processes that are started load this file too, and those that write have no use for torch.
    from whole_run import whole_run

    genome = generate(inputs, sizes)
    busy = cpu_seconds()
    watch = whole_run(
        out,
        arguments.bed,
        genome,
        writers=arguments.writers,
        workers=arguments.workers,
        resolution=arguments.resolution,
        precision=arguments.precision,
    )
    return Took(watch.seconds(), cpu_seconds() - busy, watch.memories(), watch.most_scratch)


def check(out: Path, sizes: ChromSizes, windows: list[Window], places: list[int], samples: int) -> int:
    """Compares bases of the files with the formula; returns how many have a value."""
    scores, random = FakeScores(), np.random.default_rng(1)
    names = {"mask": 3, "mask.sd": 4, "mask.applied": 3}
    files = {name: pyBigWig.open(str(out / f"{name}.bw")) for name in names}
    others = {name: pybigtools.open(str(out / f"{name}.bw")) for name in names}
    found = 0
    for chrom, position in _bases(sizes, windows, samples, random):
        expected = scores.plain(windows, places, chrom, position)
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


def _bases(
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
    arguments = parsed()
    rows = (line.split() for line in arguments.sizes.read_text().splitlines())
    taken = {name: int(length) for name, length in rows}
    sizes = ChromSizes({name: taken[name] for name in arguments.chromosomes or taken})
    windows = windows_of(arguments.bed, sizes)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        out, inputs = Path(folder) / "run", arguments.inputs or Path(folder) / "inputs"
        if arguments.with_inputs:
            took = score(out, inputs, sizes, arguments)
        else:
            took = write(out, sizes, windows, arguments)
        report(out, took, len(windows))
        places = places_by_number(windows)
        if arguments.with_inputs:
            from whole_run import check_expressions, places_of

            places = places_of(generate(inputs, sizes), windows)
            check_expressions(out, windows, places)
            print(f"checked from the inputs, genes                {len(windows):>10,}")
        if arguments.resolution == 1 and arguments.precision is None:
            found = check(out, sizes, windows, places, arguments.samples)
            print(f"checked by two readers, bases with a value    {found:>10,}")


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bed", type=Path, help="promoters; the TSS is the middle")
    parser.add_argument("sizes", type=Path, help="name and length of each chromosome")
    parser.add_argument("--writers", type=int, default=0)
    parser.add_argument("--resolution", type=int, default=1)
    parser.add_argument("--precision", type=int)
    parser.add_argument("--chromosomes", nargs="+", help="a genome of these alone")
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--folder", type=Path, help="where to write; it needs about 13 GB, or 20 with inputs")
    parser.add_argument("--with-inputs", action="store_true", help="do all that `score` does")
    parser.add_argument("--workers", type=int, default=2, help="processes that score, with inputs")
    parser.add_argument("--inputs", type=Path, help="where the genome is generated, unless it is, and kept")
    return parser.parse_args()


def report(out: Path, took: Took, count: int) -> None:
    """Prints time, size and memory."""
    seconds = sum(took.seconds.values())
    print(f"windows                                       {count:>10,}")
    for stage, of_stage in took.seconds.items():
        print(f"wall time of {stage:<33}{of_stage:>10.1f} s")
    print(f"windows a second, from begin to end           {count / seconds:>10.1f}")
    print(f"CPU time of all processes                     {took.cpu:>10.1f} s")
    print(f"the same, a window                            {1000 * took.cpu / count:>10.1f} ms")
    for who, memory in took.memory.items():
        each = ", ".join(f"{size / 1e9:.2f}" for size in memory)
        print(f"peak memory of {who:<31}{each or 'none':>10} GB")
    print(f"scratch folder, at most                       {took.scratch / 1e9:>10.2f} GB")
    for path in sorted(out.iterdir()):
        print(f"{path.name:<46}{path.stat().st_size / 1e6:>10,.1f} MB")
    print(f"all files                                     {size_of(out) / 1e9:>10.2f} GB")


if __name__ == "__main__":
    main()
