"""`simulate`: a small genome with known truth, written as the files that a run reads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.simulation.alignments import write_alignments
from seq2exp_tracks.simulation.cell_types import in_cell_type
from seq2exp_tracks.simulation.contacts import draw_contacts
from seq2exp_tracks.simulation.expression import draw_expression, effects
from seq2exp_tracks.simulation.features import draw_features
from seq2exp_tracks.simulation.folder import RECORD, SimulationFolder
from seq2exp_tracks.simulation.layout import DEMO, Layout
from seq2exp_tracks.simulation.parameters import parameters
from seq2exp_tracks.simulation.plan import Plan, draw_plan
from seq2exp_tracks.simulation.reads import draw_fragments
from seq2exp_tracks.simulation.sequence import draw_sequence
from seq2exp_tracks.simulation.setting import DEFAULT, Setting
from seq2exp_tracks.simulation.signals import DNASE, H3K27AC, draw_signal
from seq2exp_tracks.simulation.streams import stream
from seq2exp_tracks.simulation.writers import (
    write_bed,
    write_contacts,
    write_domains,
    write_fasta,
    write_features,
    write_gtf,
    write_labels,
    write_signal,
    write_sites,
    write_truth,
)

CELL_TYPES = ("A", "B")
# What one cell type's progress counts: signals, contacts, reads, tables.
STEPS = 4


@dataclass(frozen=True, slots=True)
class SimulatedGenome:
    """The files of a simulated genome in one of its cell types.

    Attributes:
        fasta: Sequence, with its index beside it; repeats in small letters, runs of N.
        genes: GTF.
        blacklist: BED of regions whose signal is an artefact.
        sites: BED of the planted binding sites.
        domains: BED of the domains of the contact map.
        parameters: JSON of all that the genome was made with.
        h3k27ac: bigWig, fold change over control.
        dnase: bigWig, fold change over control.
        reads: BAM of DNase reads, with its index beside it.
        contacts: `.cool` of raw counts at 5 kb, without weights.
        features: Table of the nine gene features.
        labels: Table of expression, log10(1 + CAGE), in the column `expression`.
        truth: BED of the planted elements: class, gene, effect.
    """

    fasta: Path
    genes: Path
    blacklist: Path
    sites: Path
    domains: Path
    parameters: Path
    h3k27ac: Path
    dnase: Path
    reads: Path
    contacts: Path
    features: Path
    labels: Path
    truth: Path

    @classmethod
    def inside(cls, folder: Path, cell_type: str = CELL_TYPES[0]) -> "SimulatedGenome":
        """The paths of a simulated genome in a folder, whether or not it is there."""
        own = folder / cell_type
        return cls(
            fasta=folder / "genome.fa",
            genes=folder / "genes.gtf",
            blacklist=folder / "blacklist.bed",
            sites=folder / "sites.bed",
            domains=folder / "domains.bed",
            parameters=folder / RECORD,
            h3k27ac=own / "H3K27ac.bw",
            dnase=own / "DNase.bw",
            reads=own / "DNase.bam",
            contacts=own / "contacts.cool",
            features=own / "features.tsv",
            labels=own / "labels.tsv",
            truth=own / "truth.bed",
        )


def simulate(
    out: Path,
    seed: int = 0,
    layout: Layout = DEMO,
    setting: Setting = DEFAULT,
    *,
    cell_types: Sequence[str] = CELL_TYPES,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> SimulatedGenome:
    """Draws a genome and writes its files: those that all cell types share, and a folder for each of these.

    The same seed, layout, setting and number of cell types give the same bytes in every file but the
    `.cool`, whose container also notes when it was written. Another setting leaves the shared files as they
    are, and a further cell type leaves the files of the others.

    Args:
        out: Folder for the files; made if it is not there.
        seed: Seed of all random numbers, from 0.
        layout: Sizes of the genome; those of the demo by default.
        setting: How elements act.
        cell_types: Their names.
        overwrite: Whether `out` may hold files: those of the same names are replaced, others stay.
        progress: Who is told how far it is.

    Returns:
        Where the files of the first cell type are; `SimulatedGenome.inside` tells those of the others.

    Raises:
        InputError: If the seed is negative, or a cell type's name is no name for a folder.
        OutputError: If the folder holds files that may not be replaced, or cannot be written.
    """
    if seed < 0:
        raise InputError(f"seed {seed}: a seed is a whole number from 0")
    _check_names(cell_types)
    progress = progress or Silent()
    with SimulationFolder(out, overwrite=overwrite) as folder, writing(out):
        partial = folder.partial
        progress.stage("simulated genome", 1 + STEPS * len(cell_types))
        plan = draw_plan(layout, stream(seed, "plan"))
        sequence = draw_sequence(plan, stream(seed, "sequence"))
        _write_shared(SimulatedGenome.inside(partial), plan, sequence)
        progress.advance()
        for number, name in enumerate(cell_types):
            files = SimulatedGenome.inside(partial, name)
            files.truth.parent.mkdir()
            own = in_cell_type(plan, setting, stream(seed, "cell_type", number))
            _write_cell_type(files, own, setting, sequence, (seed, number), progress)
        (partial / RECORD).write_text(parameters(seed, layout, setting, cell_types, folder.written()))
    return SimulatedGenome.inside(out, cell_types[0])


def _check_names(cell_types: Sequence[str]) -> None:
    """Refuses names that are no plain names of folders, or not different ones."""
    shared = [getattr(SimulatedGenome.inside(Path()), field.name).name for field in _SHARED]
    taken = {name.lower() for name in (*shared, f"{shared[0]}.fai")}
    for name in cell_types:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
            raise InputError(
                f"cell type {name!r}: a name begins with a letter or digit and has letters, digits and . _ - "
                "only"
            )
        if name.lower() in taken:
            raise InputError(f"cell type {name!r}: a file of the genome has that name; choose another")
    # Some file systems do not tell capitals from small letters.
    if not cell_types or len({name.lower() for name in cell_types}) < len(cell_types):
        raise InputError(f"cell types {', '.join(cell_types) or '(none)'}: give one or more different names")


_SHARED = fields(SimulatedGenome)[:6]


def _write_shared(files: SimulatedGenome, plan: Plan, sequence: dict[str, bytes]) -> None:
    write_fasta(sequence, files.fasta)
    write_gtf(plan, files.genes)
    write_bed(plan.blacklist, "artefact", files.blacklist)
    write_sites(plan, files.sites)
    write_domains(plan.domains, files.domains)


def _write_cell_type(
    files: SimulatedGenome,
    plan: Plan,
    setting: Setting,
    sequence: dict[str, bytes],
    origin: tuple[int, int],
    progress: Progress,
) -> None:
    """Draws what would be measured in one cell type, each part from its stream, and writes it.

    Args:
        files: Where to.
        plan: The plan as this cell type has it.
        setting: How elements act.
        sequence: Letters of each chromosome.
        origin: Seed, and index of the cell type.
        progress: Told of `STEPS` steps.
    """
    seed, number = origin
    h3k27ac = draw_signal(plan, H3K27AC, stream(seed, "h3k27ac", number))
    dnase = draw_signal(plan, DNASE, stream(seed, "dnase", number))
    write_signal(h3k27ac, plan.chromosomes, files.h3k27ac)
    write_signal(dnase, plan.chromosomes, files.dnase)
    progress.advance()
    write_contacts(draw_contacts(plan, stream(seed, "contacts", number)), plan.chromosomes, files.contacts)
    progress.advance()
    reads = stream(seed, "reads", number)
    write_alignments(draw_fragments(plan, reads), sequence, plan.chromosomes, reads, files.reads)
    progress.advance()
    # Lengths and GC of a gene's parts are the same in all cell types: so are their random numbers.
    features = draw_features(plan, h3k27ac, dnase, stream(seed, "features"))
    write_features(plan, features, files.features)
    write_labels(plan, draw_expression(plan, stream(seed, "expression", number), setting), files.labels)
    write_truth(plan, effects(plan, setting), files.truth)
    progress.advance()
