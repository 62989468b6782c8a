"""Files under the names that the documents use for a reader's own, made of a simulated genome."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import cooler
import pysam

from seq2exp_tracks.checkpoints import load_checkpoint, save_checkpoint
from seq2exp_tracks.simulation.checkpoint import WEIGHTS
from seq2exp_tracks.simulation.genome import simulate
from seq2exp_tracks.simulation.layout import Layout

LAYOUT = Layout({"chr21": 100_000, "chr22": 200_000}, genes=16)
CELLS = ("k562", "gm12878")
# A gene with elements on both sides gets the name that the documents use.
GENE, NAMED = "2205", "MYH9"
PAIR_COLUMNS = ("chrom", "chromStart", "chromEnd", "measuredGeneSymbol", "Regulated", "ValidConnection")


def write_stand_ins(folder: Path) -> None:
    """Writes a genome `hg38`; signals, Hi-C, reads and expression of cells; CRISPRi pairs; a checkpoint."""
    made = folder / "made"
    simulate(made, layout=LAYOUT, cell_types=CELLS)
    pysam.tabix_compress(str(made / "genome.fa"), str(folder / "hg38.fa.gz"))
    annotation = made / "annotation.gtf"
    annotation.write_text("".join(_with_exons((made / "genes.gtf").read_text())))
    pysam.tabix_compress(str(annotation), str(folder / "gencode.v43.annotation.gtf.gz"))
    shutil.copy(made / "blacklist.bed", folder / "hg38-blacklist.v2.bed")
    shutil.copy(made / CELLS[0] / "features.tsv", folder / "gene_features.tsv")
    # The kind of a checkpoint is seen from its bytes and not from its name. The authors' tells no scales.
    save_checkpoint(load_checkpoint(WEIGHTS), folder / "soft.ckpt")
    for cells in CELLS:
        for signal in ("H3K27ac", "DNase"):
            shutil.copy(made / cells / f"{signal}.bw", folder / f"{cells}.{signal}.bw")
        cool, mcool = made / cells / "contacts.cool", folder / f"{cells}.mcool"
        cooler.zoomify_cooler([str(cool)], str(mcool), [5000], chunksize=100_000)
    for signal in ("h3k27ac", "dnase"):
        shutil.copy(made / CELLS[0] / "DNase.bam", folder / f"{signal}.bam")
    shutil.copy(folder / f"{CELLS[0]}.mcool", folder / "contacts.mcool")
    labels = (made / CELLS[0] / "labels.tsv").read_text()
    (folder / "expression.tsv").write_text(labels.replace("expression", "CAGE", 1))
    _write_pairs(made / CELLS[0] / "truth.bed", folder / "pairs.tsv")


def _with_exons(gtf: str) -> Iterator[str]:
    """A simulated annotation: one gene renamed, and in each transcript an exon with a translated middle."""
    for line in gtf.replace(f'"{GENE}"', f'"{NAMED}"').splitlines(keepends=True):
        yield line
        chrom, source, kind, start, end, *rest = line.split("\t")
        if kind == "transcript":
            yield "\t".join((chrom, source, "exon", start, end, *rest))
            yield "\t".join((chrom, source, "CDS", str(int(start) + 300), str(int(end) - 300), *rest))


def _write_pairs(truth: Path, pairs: Path) -> None:
    """Every planted element of chr22 with the gene that the documents name, as a screen tests them."""
    with truth.open(newline="") as rows:
        elements = [row for row in csv.DictReader(rows, delimiter="\t") if row["#chrom"] == "chr22"]
    regulated = {row["name"] for row in elements if row["gene_name"] == GENE}
    places = {row["name"]: (row["#chrom"], row["start"], row["end"]) for row in elements}
    with pairs.open("w", newline="") as table:
        writer = csv.writer(table, delimiter="\t", lineterminator="\n")
        writer.writerow(PAIR_COLUMNS)
        writer.writerows(
            (*place, NAMED, str(name in regulated).upper(), "TRUE") for name, place in places.items()
        )
