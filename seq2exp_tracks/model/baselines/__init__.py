"""The models that Seq2Exp is compared with, as its authors ran them (paper, table 1).

Each reads what Seq2Exp reads and gives what it gives, so one training loop serves all:

    CaduceusBaseline   the bidirectional stack without a mask, with or without signals
    MambaBaseline      the sequence in one direction
    EPInformer         promoter and elements, each read alone, joined by attention
    Enformer           convolutions and a transformer over 128 bp bins (needs the package enformer-pytorch)

The MACS3 mask is `Seq2Exp` itself with a `FixedMask`. HyenaDNA is left out: no maintained package of PyPI
offers it (`stripedhyena`, last released in February 2024, is another model, of Hyena and attention).
"""

from seq2exp_tracks.model.baselines.baseline import Baseline
from seq2exp_tracks.model.baselines.caduceus import CaduceusBaseline
from seq2exp_tracks.model.baselines.choice import BASELINES, initialised, make_baseline
from seq2exp_tracks.model.baselines.configs import (
    BaselineConfig,
    CaduceusConfig,
    EnformerConfig,
    EPInformerConfig,
    OneWayMambaConfig,
)
from seq2exp_tracks.model.baselines.enformer import Enformer
from seq2exp_tracks.model.baselines.epinformer import EPInformer
from seq2exp_tracks.model.baselines.mamba import MambaBaseline

__all__ = [
    "BASELINES",
    "Baseline",
    "BaselineConfig",
    "CaduceusBaseline",
    "CaduceusConfig",
    "EPInformer",
    "EPInformerConfig",
    "Enformer",
    "EnformerConfig",
    "MambaBaseline",
    "OneWayMambaConfig",
    "initialised",
    "make_baseline",
]
