"""Contact of every base of a gene's window with its TSS: the Hi-C signal as the model was given it."""

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from higlass_views.tilesets.axis import GenomeAxis
from higlass_views.tilesets.dense import Aggregation
from higlass_views.tilesets.points import PointTiles
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.contact_maps import READING
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.signals import ContactSignal
from seq2exp_tracks.windows import Window


class ContactProfileTiles(PointTiles):
    """The model's Hi-C channel along one gene's window; no value outside it.

    Args:
        gene: The gene.
        window: Length of the window in bp, padding included, or the window itself.
        contacts: The experiment, which is read here once, or the signal of the bases of `window.inside`.
        axis: The axis of the run.
        name: Title shown to people.

    Raises:
        InputError: If the contacts cannot be read, or no base of the window lies on the chromosome.
    """

    aggregations: ClassVar[tuple[Aggregation, ...]] = (Aggregation.MEAN, Aggregation.MAX)

    def __init__(
        self,
        gene: Gene,
        window: int | Window,
        contacts: Contacts | Float[np.ndarray, " inside"],
        axis: GenomeAxis,
        name: str,
    ) -> None:
        if isinstance(window, int):
            window = Window.around(gene, window, axis.sizes[gene.chrom])
        if isinstance(contacts, Contacts):
            with READING:
                contacts = ContactSignal("HiC", contacts).read(window)
        start, end = axis.absolute(window.inside)
        super().__init__(np.arange(start, end), contacts, axis, name)
