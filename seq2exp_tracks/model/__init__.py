"""The Seq2Exp model: tensors in, tensors out. Knows neither files nor genes."""

from seq2exp_tracks.model.batch import Seq2ExpOutput
from seq2exp_tracks.model.config import HARD, HARD_STRAIGHT, SIGNALS, SOFT, ModelConfig
from seq2exp_tracks.model.seq2exp import Seq2Exp

__all__ = ["HARD", "HARD_STRAIGHT", "SIGNALS", "SOFT", "ModelConfig", "Seq2Exp", "Seq2ExpOutput"]
