"""Windows through the model on the device at hand: numpy in, numpy out."""

from seq2exp_tracks.scoring.devices import kernels_of, kind_of, resolve_devices
from seq2exp_tracks.scoring.engine import score_window
from seq2exp_tracks.scoring.executors import score_genes
from seq2exp_tracks.scoring.executors.local import default_workers
from seq2exp_tracks.scoring.shared_generator import score_regions

__all__ = [
    "default_workers",
    "kernels_of",
    "kind_of",
    "resolve_devices",
    "score_genes",
    "score_regions",
    "score_window",
]
