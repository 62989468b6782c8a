"""Where genomes are found: the user's registry."""
