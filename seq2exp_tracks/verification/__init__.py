"""Whether a run is what its manifest says, and its tracks are what the model says."""

from seq2exp_tracks.verification.finding import Finding
from seq2exp_tracks.verification.run import Verified, verify_run

__all__ = ["Finding", "Verified", "verify_run"]
