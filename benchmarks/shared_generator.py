"""What sharing passes of the generator saves: CPU seconds of its parts, and windows of real promoters.

Random sequence, published soft sizes with initial weights: what is computed does not depend on either.
"""

import time
from collections.abc import Callable
from pathlib import Path

import click
import torch

from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.model import SOFT, Seq2Exp
from seq2exp_tracks.scoring.regions import LONGEST, Region, plan_regions
from seq2exp_tracks.windows import Window

# Longer than any human chromosome: no window is cut, as the sizes do not matter here.
CHROMOSOME = 300_000_000


def regions_of(promoters: Path) -> list[Region]:
    """Regions of the windows around the middles of a BED's rows."""
    rows = [line.split("\t") for line in promoters.read_text().splitlines()]
    genes = [Gene(row[3], row[3], row[0], (int(row[1]) + int(row[2])) // 2, Strand.PLUS) for row in rows]
    windows = [Window.around(gene, SOFT.window, CHROMOSOME) for gene in genes]
    return plan_regions(sorted(windows, key=lambda window: (window.inside.chrom, window.start)))


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


@torch.inference_mode()
def measure(repeats: int) -> dict[str, float]:
    """The shortest CPU seconds of each part, measured in turn."""
    model = Seq2Exp.initialised(SOFT, seed=0)
    sequence = torch.nn.functional.one_hot(torch.randint(4, (1, LONGEST)), 4).float()
    window, signals = sequence[:, : SOFT.window], torch.rand(1, SOFT.window, 3)
    features, logits = torch.zeros(1, SOFT.gene_features), torch.zeros(1, SOFT.window, 2)
    parts: dict[str, Callable[[], object]] = {
        "window": lambda: model(window, signals, features),
        "window, logits given": lambda: model(window, signals, features, logits=logits),
        "longest region": lambda: model.sequence_logits(sequence, torch.zeros(1, LONGEST, 3)),
    }
    model(window, signals, features)  # compiles
    found = {name: [cpu_seconds(part)] for name, part in parts.items()}
    for _ in range(repeats - 1):
        for name, part in parts.items():
            found[name].append(cpu_seconds(part))
    return {name: min(seconds) for name, seconds in found.items()}


@click.command()
@click.argument("promoters", type=click.Path(path_type=Path))
@click.option("--repeats", default=3, show_default=True, help="Times that each part is measured.")
def main(promoters: Path, repeats: int) -> None:
    """Tell what shared passes save; PROMOTERS is a BED whose rows have the TSS in their middle."""
    torch.set_num_threads(1)
    regions = regions_of(promoters)
    windows = sum(len(region.windows) for region in regions)
    alone = sum(len(region.windows) == 1 for region in regions)
    fewer = windows * SOFT.window / sum(map(len, regions))
    print(f"{windows:,} windows in {len(regions):,} passes, {alone:,} of them alone in theirs")
    print(f"{fewer:.2f} times fewer bases for the generator")

    seconds = measure(repeats)
    for name, value in seconds.items():
        print(f"{name:<22}{value:6.2f} CPU s")
    generator = seconds["longest region"] * SOFT.window / LONGEST
    shared = seconds["window, logits given"] + generator / fewer
    print(f"{'window, shared':<22}{shared:6.2f} CPU s: {seconds['window'] / shared:.2f} times less")


if __name__ == "__main__":
    main()
