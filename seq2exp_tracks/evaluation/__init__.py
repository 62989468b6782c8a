"""How good predictions are: of expression, and of the elements that regulate it."""
