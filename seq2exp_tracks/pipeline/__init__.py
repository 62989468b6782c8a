"""Genes to a folder of tracks: the only place that knows all three phases."""

from seq2exp_tracks.pipeline.opening import check_genome
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.pipeline.run import make_tracks
from seq2exp_tracks.progress import Progress, Silent

__all__ = ["Progress", "ScoreRequest", "Silent", "check_genome", "make_tracks"]
