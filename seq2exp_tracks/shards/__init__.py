"""What survives of a run that ends early: scores of neighbouring genes, in files that prove what they are."""
