"""Tiles of a page: time of each, beside pyBigWig and clodius in the same run; loading; memory.

    python benchmarks/tiles.py [--quick] [--bigwig FILE] [--clodius-python PATH]

The bigWig has one value at each base of a chromosome as long as chr1 (ten million bases with `--quick`), as a
merged soft mask has. Tiles of 1,024 bins are asked for at every zoom level, at places drawn at random, by
mean and by maximum; times are medians in milliseconds of wall time. clodius needs an environment of its own:

    python -m venv clodius && clodius/bin/pip install "clodius==0.20.4" "pandas<3"
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyBigWig

from higlass_views.tilesets import BigWigTiles, ElementTiles, GeneTiles, GenomeAxis, LinkTiles
from higlass_views.tilesets.tileset import GenomeTileset
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_writer import BigWigWriter
from seq2exp_tracks.run_reader import ELEMENT_COLUMNS

CHR1, SHORT = 248_956_422, 10_000_000
PIECE = 1_000_000
ITEMS = 100_000
REQUESTS = 10_000

CLODIUS = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
from clodius.tiles import bigwig
path, groups = sys.argv[1], json.load(sys.stdin)
def seconds(text):
    before = time.perf_counter()
    bigwig.tiles(path, [text])
    return time.perf_counter() - before
bigwig.tiles(path, [groups[0][0]])
print(json.dumps([[seconds(text) for text in group] for group in groups]))
"""


def write_mask(path: Path, length: int) -> None:
    """Writes values like a soft mask, three decimals, the same million again and again."""
    random = np.random.default_rng(0)
    knots = random.beta(1, 6, PIECE // 500 + 2)
    smooth = np.interp(np.arange(PIECE), np.arange(len(knots)) * 500, knots)
    values = np.round(np.clip(smooth + random.normal(0, 0.003, PIECE), 0, 1), 3).astype(np.float32)
    with BigWigWriter(path, ChromSizes({"chr1": length}), 3) as file:
        for start in range(0, length, PIECE):
            file.write("chr1", start, values[: min(PIECE, length - start)])


def draw_ids(axis: GenomeAxis, repeats: int) -> list[list[str]]:
    """Ids of tiles, a group for each zoom level and aggregation; all of their bases lie on the chromosome."""
    random = np.random.default_rng(1)
    groups = []
    for zoom in range(axis.max_zoom + 1):
        whole = max(axis.length // axis.tile_width(zoom), 1)
        numbers = random.integers(0, whole, repeats).tolist()
        groups += [[f"u.{zoom}.{number}{mode}" for number in numbers] for mode in ("", ".max")]
    return groups


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def time_pybigwig(path: Path, axis: GenomeAxis, groups: list[list[str]]) -> list[list[float]]:
    """The same bins by `stats`, which reads zoom levels, too."""
    with pyBigWig.open(str(path)) as file:

        def stats(text: str) -> object:
            _, zoom, number, *mode = text.split(".")
            width = axis.tile_width(int(zoom))
            start, end = int(number) * width, min((int(number) + 1) * width, axis.length)
            return file.stats("chr1", start, end, nBins=1_024, type=mode[0] if mode else "mean")

        return [[seconds(lambda: stats(text)) for text in group] for group in groups]  # noqa: B023 # called at once


def time_clodius(python: str | None, path: Path, groups: list[list[str]]) -> list[list[float]] | None:
    """The same tiles by clodius in its own environment; None where there is none."""
    if python is None:
        return None
    asked = json.dumps(groups)
    done = subprocess.run(
        [python, "-c", CLODIUS, str(path)], input=asked, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"clodius did not run: {done.stderr.strip().splitlines()[-1:]}")
        return None
    times: list[list[float]] = json.loads(done.stdout)
    return times


def compare(path: Path, length: int, repeats: int, clodius: str | None) -> None:
    """Prints the median time of a tile at each zoom level, and the ratios."""
    axis = GenomeAxis(ChromSizes({"chr1": length}))
    tiles = BigWigTiles(path, axis, "Mask")
    groups = draw_ids(axis, repeats)
    ours = [[seconds(lambda: tiles.tiles([text])) for text in group] for group in groups]  # noqa: B023
    others = {"pyBigWig": time_pybigwig(path, axis, groups)}
    if (times := time_clodius(clodius, path, groups)) is not None:
        others["clodius"] = times
    else:
        print("clodius: not measured (give its Python by --clodius-python)")
    made = {"ours": ours} | others
    medians = {name: 1e3 * np.median(np.array(times), axis=1) for name, times in made.items()}
    print(f"\n{'bases a bin':<12}{'':<6}" + "".join(f"{name:>12}" for name in medians))
    for row, group in enumerate(groups):
        _, zoom, _, *mode = group[0].split(".")
        size = axis.tile_width(int(zoom)) // 1_024
        times_of_row = "".join(f"{values[row]:>12.2f}" for values in medians.values())
        print(f"{size:<12,}{(mode or ['mean'])[0]:<6}{times_of_row}")
    for name, values in medians.items():
        middle = f"median over the zoom levels {np.median(values):.2f} ms, most {values.max():.2f} ms"
        ratio = np.median(values) / np.median(medians["ours"])
        print(f"{name:<10}{middle}" + (f", {ratio:,.1f} times ours" if name != "ours" else ""))


def element_table() -> pa.Table:
    """Elements at random places of chr1, and a TSS for each."""
    random = np.random.default_rng(0)
    starts = random.integers(0, CHR1 - 200_000, ITEMS)
    scores = random.random(ITEMS)
    columns = dict.fromkeys(ELEMENT_COLUMNS, pa.array(["x"] * ITEMS))
    columns |= {"chrom": pa.array(["chr1"] * ITEMS), "start": pa.array(starts), "end": pa.array(starts + 400)}
    columns |= {
        "mean_score": pa.array(scores),
        "tss": pa.array(starts + random.integers(2_000, 100_000, ITEMS)),
    }
    return pa.table(columns)


def write_gtf(path: Path) -> int:
    """Writes genes with two transcripts of five exons each; returns the number of lines."""
    lines = 0
    with path.open("w") as file:
        for gene in range(ITEMS):
            start = 2_000 * gene + 1
            about = f'gene_id "G{gene}"; gene_name "N{gene}"; gene_type "protein_coding"; level 2;'
            place = f"chr1\tHAVANA\t%s\t%d\t%d\t.\t+\t.\t{about}"
            file.write(place % ("gene", start, start + 4_000) + "\n")
            for number in range(2):
                end = f' transcript_id "T{gene}.{number}"; tag "basic";\n'
                file.write(place % ("transcript", start, start + 4_000) + end)
                spans = [(at, at + 300) for at in range(start, start + 4_000, 800)]
                file.writelines(place % ("exon", *span) + end for span in spans)
            lines += 13
    return lines


def load_and_pan(folder: Path) -> None:
    """Prints how long 100,000 items take to load, and a tile of them."""
    axis = GenomeAxis(ChromSizes({"chr1": CHR1}))
    table = element_table()
    annotation = folder / "genes.gtf"
    lines = write_gtf(annotation)
    kinds: dict[str, Callable[[], GenomeTileset]] = {
        "elements": lambda: ElementTiles(table.drop_columns("tss"), axis, "Elements"),
        "links": lambda: LinkTiles(table, axis, "Links"),
        f"genes of a GTF of {lines:,} lines": lambda: GeneTiles(annotation, axis, "Genes"),
    }
    random = np.random.default_rng(2)
    ids = [
        f"u.{z}.{x}"
        for z in range(axis.max_zoom - 3)
        for x in random.integers(0, CHR1 // axis.tile_width(z) or 1, 20)
    ]
    for name, make in kinds.items():
        before = time.perf_counter()
        tiles = make()
        spent = time.perf_counter() - before
        times = [seconds(lambda: tiles.tiles([text])) for text in ids]  # noqa: B023
        p50, p95 = 1e3 * np.percentile(times, [50, 95])
        print(f"{ITEMS:,} {name}: loaded in {spent:.2f} s; tile p50 {p50:.2f} ms, p95 {p95:.2f} ms")
        if "GTF" in name:
            print(f"  {lines / spent:,.0f} lines a second")


def resident() -> float:
    """Memory of this process in MB, as Linux counts it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def watch_memory(path: Path, length: int) -> None:
    """Prints the memory before and after ten thousand tiles."""
    axis = GenomeAxis(ChromSizes({"chr1": length}))
    tiles = BigWigTiles(path, axis, "Mask")
    elements = ElementTiles(
        element_table().drop_columns("tss"), GenomeAxis(ChromSizes({"chr1": CHR1})), "Elements"
    )
    random = np.random.default_rng(3)

    def ask(requests: int) -> None:
        for _ in range(requests // 2):
            zoom = int(random.integers(0, axis.max_zoom + 1))
            number = int(random.integers(0, max(axis.length // axis.tile_width(zoom), 1)))
            tiles.tiles([f"u.{zoom}.{number}.max"])
            elements.tiles([f"u.{zoom}.{number}"])

    ask(REQUESTS // 10)
    before = resident()
    ask(REQUESTS)
    print(f"memory: {before:.1f} MB before {REQUESTS:,} tiles, {resident():.1f} MB after")


def main() -> None:
    """Measures what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a chromosome of ten million bases")
    parser.add_argument(
        "--bigwig", type=Path, help="keep the bigWig here, and take it from here if it exists"
    )
    parser.add_argument("--repeats", type=int, default=7, help="tiles of each zoom level and aggregation")
    parser.add_argument("--clodius-python", metavar="PATH", help="Python of an environment with clodius")
    options = parser.parse_args()
    length = SHORT if options.quick else CHR1
    with tempfile.TemporaryDirectory() as folder:
        path = options.bigwig or Path(folder) / "mask.bw"
        if not path.exists():
            write_mask(path, length)
        print(f"{path.stat().st_size / 1e6:,.0f} MB, {length:,} values")
        compare(path, length, options.repeats, options.clodius_python)
        load_and_pan(Path(folder))
        watch_memory(path, length)


if __name__ == "__main__":
    main()
