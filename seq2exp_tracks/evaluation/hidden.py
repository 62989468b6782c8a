"""What hiding bases from the model did to its predictions; `evidence` finds it out."""

from dataclasses import dataclass

from seq2exp_tracks.genome import Gene, Interval

CUT = 2_500
"""Length of the window, in bp, to which it is cut: twice 1.25 kb around the TSS."""


@dataclass(frozen=True, slots=True)
class HiddenElement:
    """A called element whose mask was set to 0.

    Attributes:
        element: Where it is.
        gene: The gene in whose window it was called.
        mask: Mean learned score of the element, as the run has it.
        expression: Predicted log10(1 + CAGE) with the mask as it is.
        hidden: The same with the element's mask at 0.
    """

    element: Interval
    gene: Gene
    mask: float
    expression: float
    hidden: float

    @property
    def change(self) -> float:
        """What hiding it does: below 0 where the element speaks for expression."""
        return self.hidden - self.expression


@dataclass(frozen=True, slots=True)
class CutWindow:
    """A gene whose mask was set to 0 outside the middle of its window.

    Attributes:
        gene: The gene.
        expression: Predicted log10(1 + CAGE) of the whole window.
        cut: The same of the middle `CUT` bp.
    """

    gene: Gene
    expression: float
    cut: float

    @property
    def change(self) -> float:
        """What cutting does."""
        return self.cut - self.expression


@dataclass(frozen=True, slots=True)
class Evidence:
    """What hiding did.

    Attributes:
        elements: The elements of the sample, by gene.
        windows: Their genes.
    """

    elements: tuple[HiddenElement, ...]
    windows: tuple[CutWindow, ...]
