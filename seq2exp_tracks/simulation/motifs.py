"""Motifs: the short words that our transcription factors bind, as small matrices of our own.

The consensus strings are simplified forms of well-known families, in the IUPAC code; the matrices follow
from them by one number and claim nothing about the real factors.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

BASES = "ACGT"
COMPLEMENT = str.maketrans("ACGTacgt", "TGCAtgca")

# Bases that each letter of the IUPAC code allows (NC-IUB 1984).
IUPAC = {
    "A": "A",
    "C": "C",
    "G": "G",
    "T": "T",
    "R": "AG",
    "Y": "CT",
    "S": "CG",
    "W": "AT",
    "K": "GT",
    "M": "AC",
    "N": "ACGT",
}

# Probability that a drawn base is one that the consensus allows, on top of chance.
FIDELITY = 0.96


@dataclass(frozen=True, slots=True)
class Motif:
    """What one transcription factor binds.

    Attributes:
        name: Name of the factor's family.
        consensus: The binding site in the IUPAC code, 5' to 3'.
        strength: What one site adds to the activity of an open element, without unit; 0 for a factor that
            opens chromatin and does not activate.
    """

    name: str
    consensus: str
    strength: float

    def __len__(self) -> int:
        return len(self.consensus)

    def matrix(self) -> Float64[np.ndarray, " length bases"]:
        """Probability of A, C, G, T at each position of a site."""
        rows = [[base in IUPAC[code] for base in BASES] for code in self.consensus]
        allowed = np.array(rows, dtype=np.float64)
        matrix: Float64[np.ndarray, " length bases"] = FIDELITY * allowed / allowed.sum(1, keepdims=True) + (
            1 - FIDELITY
        ) / len(BASES)
        return matrix

    def draw(self, rng: np.random.Generator) -> str:
        """One site, 5' to 3' on the motif's own strand."""
        drawn = rng.random((len(self), 1)) >= self.matrix().cumsum(1)[:, :-1]
        return "".join(BASES[index] for index in drawn.sum(1))

    def agreement(self, site: str) -> float:
        """Share of a site's bases that the consensus allows, in [0, 1]."""
        return sum(base in IUPAC[code] for base, code in zip(site, self.consensus, strict=True)) / len(self)


def reverse_complement(sequence: str) -> str:
    """The other strand, read 5' to 3'."""
    return sequence.translate(COMPLEMENT)[::-1]


PROMOTER_MOTIFS = (
    Motif("KLF/SP", "GGGGCGGGG", 1.0),
    Motif("ETS", "ACCGGAAGT", 0.8),
    Motif("NFY", "RRCCAATSR", 0.7),
)
ENHANCER_MOTIFS = (
    Motif("GATA", "WGATAAGR", 1.0),
    Motif("AP-1", "TGASTCAY", 1.2),
    Motif("RUNX", "YTGTGGTTW", 0.7),
)
# Opens chromatin where no gene listens: the motif of peaks without effect.
INSULATOR_MOTIF = Motif("CTCF", "CCASYAGRKGGC", 0.0)

MOTIFS = {motif.name: motif for motif in (*PROMOTER_MOTIFS, *ENHANCER_MOTIFS, INSULATOR_MOTIF)}
