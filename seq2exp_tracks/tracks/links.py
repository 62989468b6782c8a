"""Which elements are linked to their gene, and how."""

from seq2exp_tracks.io.element_rows import Link
from seq2exp_tracks.tracks.elements import Element


def link_of(element: Element, number: int, chrom_length: int) -> Link | None:
    """The link of an element to the TSS of the gene in whose window it was called.

    Args:
        element: The element.
        number: Which of the gene's elements it is, from 1.
        chrom_length: Length of the chromosome in bp.

    Returns:
        None where there is nothing to link: the element is the gene's own promoter, or the TSS is no base
        of the chromosome.
    """
    tss = element.gene.tss
    if element.is_promoter or not 0 <= tss < chrom_length:
        return None
    return Link(element.row(number), tss)
