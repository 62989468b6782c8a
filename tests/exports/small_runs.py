"""Small runs whose masks are known base by base, to be compared with each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.manifest import Chromosome, Manifest, ModelEntry
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.elements import ElementSettings
from seq2exp_tracks.tracks.merge import MergeRule, merge_order
from seq2exp_tracks.tracks.writer import RunWriter
from seq2exp_tracks.windows import Window

SIZES = ChromSizes({"chr2": 3_000, "chr10": 1_100, "chrM": 40})


@dataclass(frozen=True)
class SmallRun:
    """A run and what stands in its mask and its spread; no two of its windows overlap."""

    folder: Path
    mask: dict[str, np.ndarray]
    sd: dict[str, np.ndarray]


def gene(name: str, chrom: str, tss: int) -> Gene:
    return Gene(f"ID{name}", name, chrom, tss, Strand.MINUS if name == "M" else Strand.PLUS)


def write_small_run(
    folder: Path,
    genes: Sequence[tuple[Gene, float]],
    *,
    seed: int,
    length: int = 400,
    sizes: ChromSizes = SIZES,
) -> SmallRun:
    """A run of genes with their predicted expression; the masks are drawn from the seed."""
    draw = np.random.default_rng(seed)
    mask = {chrom: np.full(size, np.nan) for chrom, size in sizes.items()}
    sd = {chrom: np.full(size, np.nan) for chrom, size in sizes.items()}
    scored = []
    for one, expression in genes:
        window = Window.around(one, length, sizes[one.chrom])
        inside = slice(window.inside.start, window.inside.end)
        learned, spread = (draw.random(len(window.inside)).astype(np.float32) for _ in range(2))
        mask[one.chrom][inside], sd[one.chrom][inside] = learned, spread / 2
        none = np.zeros(len(learned), bool)
        scored.append(WindowScores(window, learned, spread / 2, learned, none, expression, (), None))
    with RunFolder(folder) as opened:
        with RunWriter(
            opened, sizes, merge=MergeRule.MAX, elements=ElementSettings(), per_gene=False, labels=False
        ) as writer:
            for scores in sorted(scored, key=lambda scores: merge_order(scores.window, sizes)):
                writer.add(scores)
            files, _ = writer.finish()
        chroms = tuple(Chromosome(name, size) for name, size in sizes.items())
        model = ModelEntry("soft", length, {}, "/somewhere/model.safetensors", str(seed) * 64)
        manifest = Manifest("toy", chroms, model, "max", len(genes), files, (), {}, {"torch": "1"})
        manifest.write(opened.path("manifest.json"))
    return SmallRun(folder, mask, sd)
