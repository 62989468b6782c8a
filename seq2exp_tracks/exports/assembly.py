"""The genome of a run as genome browsers know it: by a name of theirs, or by its FASTA."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pysam
import pysam.samtools

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.exports.destination import ExportFolder
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.run_reader import Run

# Assemblies that UCSC, IGV and WashU have under this name. A few of many: any other is named by --assembly.
KNOWN = frozenset(
    {"hg18", "hg19", "hg38", "hs1", "mm9", "mm10", "mm39", "rn6", "rn7", "danRer10", "danRer11"}
    | {"dm3", "dm6", "ce10", "ce11", "sacCer3", "galGal6", "susScr11", "bosTau9", "canFam3", "xenTro10"}
)
SYNONYMS = {
    "grch37": "hg19",
    "grch38": "hg38",
    "t2t-chm13": "hs1",
    "chm13": "hs1",
    "grcm38": "mm10",
    "grcm39": "mm39",
}


@dataclass(frozen=True, slots=True)
class Sequence:
    """A FASTA in an export's folder.

    Attributes:
        fasta: Its path in the folder.
        fai: Path of its index.
        gzi: Path of the index of its blocks, where it is bgzipped; else None.
    """

    fasta: str
    fai: str
    gzi: str | None


def assembly_name(run: Run, given: str | None) -> str | None:
    """The name by which browsers know the run's genome; None where they do not.

    Args:
        run: The run.
        given: The name that the user gave; taken as it is.
    """
    if given is not None:
        return given
    name = run.manifest.genome
    if name in KNOWN:
        return name
    return SYNONYMS.get(name.lower())


def chromosome_note(run: Run, assembly: str | None) -> tuple[str, ...]:
    """A note where the chromosomes are not named as UCSC names them."""
    first = next(iter(run.manifest.sizes))
    if assembly is None or first.startswith("chr"):
        return ()
    return (
        f"the run's chromosomes are named like {first!r}, those of {assembly} like 'chr1': "
        "a browser that does not know both shows empty tracks",
    )


def place_sequence(folder: ExportFolder, run: Run) -> Sequence:
    """Puts the run's FASTA and its index into the folder.

    Raises:
        InputError: If the manifest names no FASTA, or it is not there or has changed.
    """
    entry = run.input("fasta")
    if entry is None:
        raise InputError(
            f"{run.folder}: its manifest names no FASTA; give the browser's name of the genome by --assembly"
        )
    source = Path(entry.path)
    bgzipped = source.suffix in (".gz", ".bgz")
    name = "reference/genome.fa.gz" if bgzipped else "reference/genome.fa"
    placed = folder.place(source, entry, name, "The genome's sequence")
    suffixes = (".fai", ".gzi") if bgzipped else (".fai",)
    targets = [folder.path(f"{name}{suffix}", "Its index") for suffix in suffixes]
    origins = [Path(f"{source}{suffix}") for suffix in suffixes]
    with writing(folder.out / name):
        if all(origin.is_file() for origin in origins):
            for origin, target in zip(origins, targets, strict=True):
                shutil.copyfile(origin, target)
        else:
            pysam.samtools.faidx(str(placed))
    return Sequence(name, f"{name}.fai", f"{name}.gzi" if bgzipped else None)


def first_place(run: Run, gene: str | None) -> str:
    """Where a browser opens: the window of a gene, by default the first, as `chr22:1-2000`.

    Raises:
        InputError: If the run has no such gene.
    """
    if gene is not None:
        scored = run.find(gene)
    elif run.genes:
        scored = next(iter(run.genes.values()))
    else:
        chrom, length = next(iter(run.manifest.sizes.items()))
        return f"{chrom}:1-{length}"
    half = run.manifest.model.window // 2
    chrom, tss = scored.gene.chrom, scored.gene.tss
    return f"{chrom}:{max(tss - half, 0) + 1}-{min(tss + half, run.manifest.sizes[chrom])}"
