"""Imported by the process that quick ones are forked from: compiles the kernels of models of tests."""

from dataclasses import replace

import torch

from seq2exp_tracks.checkpoints import load_checkpoint
from seq2exp_tracks.model import SOFT, Seq2Exp
from seq2exp_tracks.simulation.checkpoint import WEIGHTS

# Threads of a pool would be missing in a process that is forked.
torch.set_num_threads(1)

LENGTH = 2_100  # no kernel depends on it, but it holds the promoters
TINY = replace(SOFT, window=LENGTH, d_model=8, generator_layers=1, encoder_layers=1, promoter=100)

for model in (load_checkpoint(WEIGHTS), Seq2Exp.initialised(TINY, seed=0)):
    model.config = replace(model.config, window=LENGTH)
    with torch.inference_mode():
        model(torch.zeros(1, LENGTH, 4), torch.zeros(1, LENGTH, 3), torch.zeros(1, 9))
