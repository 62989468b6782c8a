"""Kernels for GPUs run in Triton's interpreter here, which `tests/conftest.py` asks for."""

import sys
from importlib.util import find_spec
from pathlib import Path

# Goldens and inputs of scans are read as the tests of the model do it.
sys.path.append(str(Path(__file__).parents[1] / "model"))

if find_spec("triton") is None:  # there is none but for Linux
    collect_ignore_glob = ["test_*.py"]
else:
    from interpreter import mend

    mend()
