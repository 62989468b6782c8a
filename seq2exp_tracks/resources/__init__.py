"""Genomes, cell types and checkpoints by name: where they lie, and how they come here."""
