"""On which chromosomes the reads of a signal lie, where that changes what its numbers mean."""

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.preparation.coverage import SignalCount

MUCH_MITOCHONDRION = 0.05
"""Share of what counts. ATAC-seq often has much more: the mitochondrion has no chromatin."""

WHOLE_GENOME = 0.5
"""Share of the genome's bases on whose chromosomes a whole experiment has reads, at least."""


def notes_on_places(name: str, count: SignalCount, sizes: ChromSizes) -> list[str]:
    """What the user should know of where the reads of a signal lie, one line each.

    Args:
        name: The signal.
        count: What was counted of it; something was.
        sizes: Chromosomes of the genome.
    """
    notes = []
    on = {chrom.chrom: chrom.intervals for chrom in count.chroms if chrom.intervals}
    mitochondrion = sizes.resolve("chrM")
    share = on.get(mitochondrion, 0) / count.intervals if mitochondrion else 0.0
    if share > MUCH_MITOCHONDRION:
        notes.append(
            f"{name}: {share:.0%} of what counts is on {mitochondrion}, which lowers reads per million and "
            f"folds everywhere else; leave it out with a BED of {mitochondrion} as --exclude"
        )
    bases = sum(sizes[chrom] for chrom in on) / sum(sizes.values())
    if bases < WHOLE_GENOME:
        notes.append(
            f"{name}: what counts is on {len(on):,} of {len(sizes):,} chromosomes, {bases:.0%} of the bases; "
            "reads per million, folds and promoter activity are not those of a whole experiment"
        )
    return notes
