"""What `prepare` is asked for, checked before anything is read."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.gene_bed import BedTss
from seq2exp_tracks.preparation.counting import TN5_SHIFT, Count, Counting, Scale, counting_for
from seq2exp_tracks.resources.cells import Norm

EVERY = ""
"""Stands for every signal where settings are given by signal."""

# The two signals whose reads make the activity of promoters, and the published model reads.
H3K27AC, DNASE = "H3K27ac", "DNase"

Setting = TypeVar("Setting")

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareRequest:
    """The user's files, and what to make of them.

    Attributes:
        out: Folder for what is made.
        name: Name of the cells.
        fasta: The genome's sequence.
        genes: Annotation with exons and coding sequences (GTF, GFF3 or BED12), or any with `half_life`.
        half_life: Table of the eight half-life features, or None to derive them.
        genome: Name of the registered genome that the FASTA belongs to, or None.
        bam: BAM or CRAM of each signal.
        atac: The same of ATAC-seq, which stands in for the signal.
        signals: bigWig of signals that need no reads.
        without: Signals that are declared to be 0 everywhere.
        contacts: Hi-C, or None.
        contacts_norm: Its normalisation.
        counts: What to count, by signal or for `EVERY`.
        extends: Bases of a single-end fragment or around a cut, by signal or for `EVERY`.
        scales: Scale, by signal or for `EVERY`.
        min_mapq: Least mapping quality.
        tn5_shift: Shift of ATAC's cuts on the plus and on the minus strand, in bp.
        exclude: BED of regions whose reads do not count, or None.
        gene_types: Biotypes to take, as `read_genes` has it.
        bed_tss: Where the TSS of a BED row is.
        workers: Processes.
        overwrite: Whether older content of `out` may be replaced.
    """

    out: Path
    name: str
    fasta: Path
    genes: Path
    half_life: Path | None = None
    genome: str | None = None
    bam: Mapping[str, Path] = field(default_factory=dict)
    atac: Mapping[str, Path] = field(default_factory=dict)
    signals: Mapping[str, Path] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    contacts: Path | None = None
    contacts_norm: Norm = "VC"
    counts: Mapping[str, Count] = field(default_factory=dict)
    extends: Mapping[str, int] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    min_mapq: int = 30
    tn5_shift: tuple[int, int] = TN5_SHIFT
    exclude: Path | None = None
    gene_types: tuple[str, ...] | None = None
    bed_tss: BedTss = "strand"
    workers: int = 1
    overwrite: bool = False

    def check(self) -> None:
        """Refuses what contradicts itself.

        Raises:
            InputError: Says what, and the way out.
        """
        given = [*self.bam, *self.atac, *self.signals]
        _refuse(not self.name, "the cells need a name: give --name")
        _refuse(not given, "no signal is given: name at least one with --bam, --atac or --signal")
        # Models and some disks do not tell upper from lower case.
        times = Counter(name.casefold() for name in (*given, *self.without))
        for name in dict.fromkeys((*given, *self.without)):
            count = times[name.casefold()]
            _refuse(count > 1, f"the signal {name} is given {count} times; leave one of them")
            named = _FILE_NAME.fullmatch(name)
            _refuse(not named, f"{name!r} cannot name a file; use letters, digits, '.', '-' and '_'")
        for name in (H3K27AC, DNASE):
            _refuse(
                name not in {*given, *self.without},
                f"no {name}, of which promoter activity is made (given: {', '.join(given)}): give "
                f"--bam {name}=FILE or --signal {name}=FILE, or say that it is 0 everywhere with "
                f"--without {name}",
            )
        counted = {EVERY, *self.bam, *self.atac}
        for option, settings in (("count", self.counts), ("extend", self.extends), ("scale", self.scales)):
            for name in settings:
                listed = ", ".join(sorted(counted - {EVERY})) or "none"
                _refuse(name not in counted, f"--{option} {name}=…: no reads of that name (given: {listed})")

    def counting(self, name: str) -> Counting:
        """How the reads of a signal are counted: as usual for it, where nothing else is asked for."""
        usual = counting_for(name, atac=name in self.atac, min_mapq=self.min_mapq)
        count = _asked(self.counts, name, usual.count)
        if count != usual.count:
            # What is usual for one way of counting is not for another.
            usual = replace(usual, count=count, extend=Counting().extend if count != "cut" else 1)
        return replace(
            usual,
            extend=_asked(self.extends, name, usual.extend),
            scale=_asked(self.scales, name, usual.scale),
            shift=self.tn5_shift if name in self.atac else usual.shift,
        )


def _asked(settings: Mapping[str, Setting], name: str, usual: Setting) -> Setting:
    return settings.get(name, settings.get(EVERY, usual))


def _refuse(wrong: bool, message: str) -> None:
    if wrong:
        raise InputError(message)
