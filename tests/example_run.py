"""A run of the simulated genome, written by the run's own writer from a mask made by hand."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seq2exp_tracks.features import read_labels
from seq2exp_tracks.genome import ChromSizes, Gene
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.manifest import Chromosome, InputEntry, Manifest, ModelEntry
from seq2exp_tracks.model import SOFT
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.simulation.genome import SimulatedGenome
from seq2exp_tracks.tracks.bins import ONE_BASE, Bins
from seq2exp_tracks.tracks.elements import ElementSettings
from seq2exp_tracks.tracks.merge import MergeRule, merge_order
from seq2exp_tracks.tracks.writer import RunWriter
from seq2exp_tracks.windows import Window

WINDOW = 20_000
SIZES = ChromSizes({"chrA": 400_000, "chrB": 250_000})


@dataclass(frozen=True)
class ExampleRun:
    folder: Path
    genome: SimulatedGenome


def score(gene: Gene, dnase: BigWig, contacts: bool) -> WindowScores:
    """A mask that follows DNase and nothing else; contact that falls with the distance from the TSS."""
    window = Window.around(gene, WINDOW, SIZES[gene.chrom])
    signal = dnase.read(window.inside)
    learned = ((signal + 1) / (signal + 3)).astype(np.float32)
    applied = learned.copy()
    distance = abs(np.arange(window.inside.start, window.inside.end) - gene.tss)
    applied[distance < 1_000] = 1
    excluded = np.zeros(len(learned), bool)
    contact = np.log10(1 + 10 / (1 + distance / 1_000)).astype(np.float32) if contacts else None
    return WindowScores(window, learned, np.full_like(learned, 0.1), applied, excluded, 1.25, (), contact)


def write_run(
    folder: Path,
    genome: SimulatedGenome,
    per_gene: bool = True,
    contacts: bool = True,
    bins: Bins = ONE_BASE,
) -> ExampleRun:
    dnase = BigWig(genome.dnase, SIZES)
    labels = read_labels(genome.labels, "expression")
    scores = [score(gene, dnase, contacts) for gene in read_genes(genome.genes, SIZES)]
    with RunFolder(folder) as run:
        settings = ElementSettings()
        with RunWriter(
            run, SIZES, merge=MergeRule.MAX, elements=settings, per_gene=per_gene, labels=True, bins=bins
        ) as writer:
            for one in sorted(scores, key=lambda one: merge_order(one.window, SIZES)):
                writer.add(one, labels.of(one.window.gene))
            files, _ = writer.finish()
        roles = {"signal:H3K27ac": genome.h3k27ac, "signal:DNase": genome.dnase}
        roles |= {"contacts": genome.contacts} if contacts else {}
        inputs = tuple(
            InputEntry(role, str(path), path.stat().st_size, sha256_of(path)) for role, path in roles.items()
        )
        Manifest(
            genome="simulated",
            chromosomes=tuple(Chromosome(name, length) for name, length in SIZES.items()),
            model=ModelEntry("soft", WINDOW, SOFT.to_json(), "none.safetensors", "0" * 64),
            merge="max",
            n_genes=len(scores),
            files=files,
            inputs=inputs,
            settings={"contacts": "VC", "label_column": "expression"},
            versions={},
        ).write(run.path("manifest.json"))
    return ExampleRun(folder, genome)
