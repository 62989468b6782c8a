"""Tiles over HTTP: how long one request takes while eight clients ask, and whether memory stays flat.

    python benchmarks/serve.py [RUN]

Serves a run by the installed command in a process of its own; eight other processes ask it for tiles of
masks, band, signals, elements and links at random zooms and places, one tile a request, each as fast as it is
answered. Without RUN, a run of the length of chr1 is made first: 1,244 genes whose windows of 200 kb lie side
by side, a value at every base. That takes some minutes.
"""

import argparse
import json
import multiprocessing
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.manifest import Chromosome, Manifest, ModelEntry
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.elements import ElementSettings
from seq2exp_tracks.tracks.merge import MergeRule
from seq2exp_tracks.tracks.writer import RunWriter
from seq2exp_tracks.windows import Window

CLIENTS = 8
CHR1 = 248_956_422
WINDOW = 200_000
# Along the genome, and not of single genes: what every page asks for.
NAMES = ("mask", "upper", "lower", "applied", "signal0", "signal1", "distal", "links", "predicted")


@dataclass(frozen=True, slots=True)
class Server:
    """A served run: where, and in which process."""

    port: int
    process: int

    def memory(self) -> float:
        """Memory that is resident, in MB (Linux)."""
        status = Path(f"/proc/{self.process}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        return int(kilobytes) / 1_024


def write_run(folder: Path, length: int = CHR1) -> None:
    """A run of one chromosome whose mask changes slowly, with a little noise at every base."""
    sizes = ChromSizes({"chr1": length})
    numbers = np.random.default_rng(0)
    with RunFolder(folder) as run:
        settings = ElementSettings()
        with RunWriter(
            run, sizes, merge=MergeRule.MAX, elements=settings, per_gene=False, labels=False
        ) as writer:
            for tss in range(WINDOW // 2, length - WINDOW // 2, WINDOW):
                gene = Gene(f"G{tss}", f"G{tss}", "chr1", tss, Strand.PLUS)
                writer.add(scores_of(Window.around(gene, WINDOW, length), numbers), None)
            files, _ = writer.finish()
        Manifest(
            genome="chr1",
            chromosomes=(Chromosome("chr1", length),),
            model=ModelEntry("soft", WINDOW, {}, "none", "0" * 64),
            merge="max",
            n_genes=length // WINDOW,
            files=files,
            inputs=(),
            settings={},
            versions={},
        ).write(run.path("manifest.json"))


def scores_of(window: Window, numbers: np.random.Generator) -> WindowScores:
    """Made-up scores of a window."""
    length = len(window.inside)
    knots = numbers.beta(1, 6, length // 500 + 2)
    smooth = np.interp(np.arange(length), np.arange(len(knots)) * 500, knots)
    mask = np.clip(smooth + numbers.normal(0, 0.003, length), 0, 1).astype(np.float32)
    spread = np.full(length, 0.1, np.float32)
    none = np.zeros(length, bool)
    return WindowScores(window, mask, spread, mask, none, float(numbers.gamma(1)), (), None)


@contextmanager
def served(run: Path) -> Iterator[Server]:
    """The run, served by the installed command."""
    command = [Path(sys.executable).with_name("seq2exp-tracks"), "view", run, "--genome", "--no-browser"]
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            yield Server(urlsplit(address).port or 0, process.pid)
        finally:
            process.terminate()


def ask(port: int, ids: list[str]) -> list[float]:
    """Asks for tiles one by one; seconds of each request, on one connection, as browsers keep it."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for text in ids:
        begin = time.perf_counter()
        connection.request("GET", f"/api/v1/tiles/?d={text}", headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        took.append(time.perf_counter() - begin)
        assert answer.status == 200, body[:200]
    return took


def tile_ids(port: int, count: int, seed: int) -> list[str]:
    """Random tiles of a run: every zoom is as likely, and each place of it."""
    chosen = random.Random(seed)
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    query = "&".join(f"d=r0-{name}" for name in NAMES)
    connection.request("GET", f"/api/v1/tileset_info/?{query}")
    infos = {uid: info for uid, info in json.load(connection.getresponse()).items() if "error" not in info}
    ids = []
    for _ in range(count):
        uid = chosen.choice(list(infos))
        zoom = chosen.randint(0, infos[uid]["max_zoom"])
        width = infos[uid]["max_width"] >> zoom
        place = chosen.randrange(-(-infos[uid]["max_pos"][0] // width))
        option = ".max" if "max" in infos[uid].get("aggregation_modes", {}) and zoom % 2 else ""
        ids.append(f"{uid}.{zoom}.{place}{option}")
    return ids


def ask_together(port: int, requests: int, seed: int) -> np.ndarray:
    """Seconds (requests,) of tile requests that eight processes send at the same time."""
    each = requests // CLIENTS
    plans = [(port, tile_ids(port, each, seed * CLIENTS + client)) for client in range(CLIENTS)]
    with multiprocessing.get_context("spawn").Pool(CLIENTS) as clients:
        return np.concatenate(clients.starmap(ask, plans))


def measure(run: Path, requests: int) -> None:
    """Measures a run and prints what was found."""
    with served(run) as server:
        ask_together(server.port, 1_000, seed=0)  # files are opened, caches filled
        print(f"memory before                {server.memory():8.0f} MB")
        for part in range(4):
            took = ask_together(server.port, requests // 4, seed=part + 1) * 1_000
            quarters = np.percentile(took, (50, 95, 99))
            print(
                f"{len(took):,} requests of {CLIENTS} clients: p50 {quarters[0]:.1f}, p95 {quarters[1]:.1f}, "
                f"p99 {quarters[2]:.1f}, worst {took.max():.1f} ms; memory {server.memory():.0f} MB"
            )


def main() -> None:
    """Makes a run where none is given, serves it and asks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, nargs="?")
    parser.add_argument("--requests", type=int, default=10_000)
    arguments = parser.parse_args()
    if arguments.run is not None:
        measure(arguments.run, arguments.requests)
        return
    with tempfile.TemporaryDirectory() as folder:
        write_run(Path(folder) / "run")
        measure(Path(folder) / "run", arguments.requests)


if __name__ == "__main__":
    main()
