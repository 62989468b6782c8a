"""A small genome whose regulatory elements we planted ourselves, so that the truth is known.

`simulate` writes one: sequence, signals, contacts, genes, labels and the truth, as the files that
`score` reads. It draws in this order: a plan (`plan.py`: genes and elements), then what would be
measured of it (`sequence.py`, `signals.py`, `contacts.py`, `expression.py`, `features.py`), then files
(`writers.py`). Each draws from its own stream of random numbers, so that a change in one of them leaves
the others as they are.
"""
