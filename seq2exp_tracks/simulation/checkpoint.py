"""The demo's model: small, and trained on another simulated genome (`benchmarks/demo_model.py`)."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from seq2exp_tracks.io.whole_file import whole_file

WEIGHTS = Path(__file__).with_name("weights") / "demo.safetensors"
"""Seq2Exp-soft of the size `small`, with windows of 20 kb."""

RECORD = WEIGHTS.with_suffix(".json")
"""Checksum of the weights, the commands that made them, and their worth on a chromosome never seen.

Where the scales of the signals were added to weights that were trained before, also the commands for that.
"""


def demo_checkpoint(path: Path) -> None:
    """Writes the demo's checkpoint.

    Args:
        path: File to write.

    Raises:
        OutputError: If the file cannot be written.
    """
    with whole_file(path) as partial:
        shutil.copyfile(WEIGHTS, partial)


def demo_caveat() -> str:
    """What the demo can and cannot show, with the measured quality of its model."""
    record = json.loads(RECORD.read_text())
    areas, expression = record["auprc_of_distal_pairs_on_chrC"], record["expression_of_chrC"]
    best = best_untrained(areas)
    return (
        "The genome is simulated, and the model was trained on another such genome: it says nothing of real "
        "ones. On a chromosome of that genome that it never saw, predicted and measured expression have "
        f"Pearson's r {expression['pearson']:.2f}, and the mask tells distal elements that act from others "
        f"with an AUPRC of {areas['soft mask']:.2f} (peaks of MACS3 {areas['MACS3']:.2f}, by chance "
        f"{areas['random order']:.2f}). The mask's prior alone, which weighs the signals and needs no "
        f"training, has {areas['prior']:.2f}; the best of what needs no training, {best}, has "
        f"{areas[best]:.2f}."
    )


def best_untrained(areas: Mapping[str, float]) -> str:
    """The name of what has the largest area without any training."""
    return max((name for name in areas if not name.startswith("soft mask")), key=areas.__getitem__)
