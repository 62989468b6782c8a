"""A small genome whose regulatory elements we planted ourselves, so that the truth is known.

`simulate` writes one: sequence, signals, reads, contacts, genes, labels and the truth, as the files that
`score` reads. It draws in this order: a plan (`plan.py`: genes, elements and domains), what each cell type
makes of it (`cell_types.py`), then what would be measured of that (`sequence.py`, `signals.py`, `reads.py`,
`contacts.py`, `expression.py`, `features.py`), then files (`writers.py`, `alignments.py`). Each draws from
its own stream of random numbers (`streams.py`), so that a change in one of them leaves the others as they
are. `layout.py` says how large a genome is, `setting.py` what acts in it, `parameters.py` lists everything.
"""
