"""Windows through the model on the device at hand: numpy in, numpy out."""
