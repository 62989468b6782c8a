"""A simulated genome's tables, read by hand and not by the code under test."""

import csv
import hashlib
from pathlib import Path

import cooler

from seq2exp_tracks.simulation.genome import SimulatedGenome


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a table with a header line."""
    lines = path.read_text().removeprefix("#").splitlines()
    return list(csv.DictReader(lines, delimiter="\t"))


def elements_of(files: SimulatedGenome) -> dict[str, dict[str, str]]:
    """One row of the truth of each element, by name."""
    return {row["name"]: row for row in rows_of(files.truth)}


def tss_of(files: SimulatedGenome) -> dict[str, tuple[str, int, str]]:
    """Chromosome, 0-based TSS and strand of every gene."""
    found = {}
    for line in files.genes.read_text().splitlines():
        chrom, _, kind, start, end, _, strand, _, attributes = line.split("\t")
        if kind == "gene":
            gene = attributes.split('gene_id "')[1].split('"')[0]
            found[gene] = (chrom, int(start) - 1 if strand == "+" else int(end) - 1, strand)
    return found


def domains_of(files: SimulatedGenome) -> list[tuple[str, int, int]]:
    """The domains, in the order of the file."""
    rows = (line.split("\t") for line in files.domains.read_text().splitlines())
    return [(chrom, int(start), int(end)) for chrom, start, end, _ in rows]


def digests(folder: Path) -> dict[str, str]:
    """sha256 of every file; of a .cool its contacts, as the container holds the time of writing."""
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".cool":
            pixels = cooler.Cooler(str(path)).pixels()[:]
            content = pixels.to_csv().encode()
        found[path.relative_to(folder).as_posix()] = hashlib.sha256(content).hexdigest()
    return found
