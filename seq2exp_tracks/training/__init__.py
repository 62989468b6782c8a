"""Training Seq2Exp as it was published: losses, optimiser and schedule, data, splits, the loop."""
