"""How fast windows are scored on this machine, and how fast its arithmetic would let them be."""
