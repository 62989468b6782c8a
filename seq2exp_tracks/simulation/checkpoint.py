"""The demo's model: made on the spot, small, and untrained."""

from dataclasses import replace
from pathlib import Path

from seq2exp_tracks.checkpoints import save_checkpoint
from seq2exp_tracks.model import SOFT, Seq2Exp
from seq2exp_tracks.simulation.layout import Layout

# The published Seq2Exp-soft, made small: channels, and layers of each of its two stacks.
CHANNELS = 16
LAYERS = 1
WINDOW = 2 * Layout().reach  # bp: all that acts on a gene of the demo lies in its window
WEIGHTS_SEED = 0

DEMO_CAVEAT = (
    "The genome is simulated and the model is untrained. Its mask follows the signals through the published "
    "prior (0.4 H3K27ac, 0.4 DNase, 0.2 Hi-C) and has learned nothing of sequence: open peaks without effect "
    "stand out too, and the predicted expression is meaningless. The demo shows what the files hold and that "
    "the tracks are in the right place, not what Seq2Exp can discover."
)


def demo_checkpoint(path: Path, window: int = WINDOW) -> None:
    """Writes a small Seq2Exp-soft with random weights, in our own format.

    UNTRAINED: of the two parts of its mask, the sequence part is noise near a constant, and the signal part
    is the published prior (paper section 3.2: weights 0.4, 0.4, 0.2, scale 10, betas 1.5, 0.2, 1.0), which
    needs no training. So the mask follows the signals, and the predicted expression means nothing.

    Args:
        path: File to write.
        window: Bases around a TSS that the model reads.

    Raises:
        OutputError: If the file cannot be written.
    """
    config = replace(SOFT, window=window, d_model=CHANNELS, generator_layers=LAYERS, encoder_layers=LAYERS)
    save_checkpoint(Seq2Exp.initialised(config, WEIGHTS_SEED), path)
