"""From the checkpoint of a training to a run: its genes are scored on the data that it was trained on."""
