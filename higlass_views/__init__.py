"""HiGlass views of a run; reads its manifest and nothing else of the library."""
