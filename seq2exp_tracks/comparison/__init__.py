"""Methods compared over seeds: every one trained, its mask scored and measured, and the paper's tables made.

`request.py` says what is compared, `cases.py` on what (a data set and a seed), `methods.py` what a method is.
`run.py` goes through them by the steps of `steps.py`, each of which is skipped where its result is there.
`outcomes.py` reads what they left; `summary.py` and `tables.py` make of it what `record.py` writes.
"""
