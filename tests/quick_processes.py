"""Processes that work for a run, forked from one that has done what each of them would do first.

A run spawns them, and each begins with seconds of imports and of compiling kernels. Here they are given the
same work in the same way (pickled) and know nothing else of this process, nor what its environment has become
since the first of them. What spawning itself is for (Ctrl-C, a parent that is killed) is proved by
test_worker_processes.py and by tests that run the installed command.
"""

import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import forkserver, util
from multiprocessing.context import ForkServerProcess
from typing import Any

import pytest

from seq2exp_tracks import worker_processes


@contextmanager
def quick_processes() -> Iterator[None]:
    """Meanwhile processes that are started to score or to decode are there at once."""
    if sys.platform != "linux":  # libraries of macOS do not go on in a process that is forked
        yield
        return
    util.get_temp_dir()  # of its socket: made later, it would lie where a test looks for what is left
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_processes, "SpawnProcess", _quick)
        yield


def _quick(*args: Any, **kwargs: Any) -> ForkServerProcess:
    _start_server()
    return ForkServerProcess(*args, **kwargs)


@cache
def _start_server() -> None:
    """Starts the process that all others are forked from; it ends with this one."""
    multiprocessing.set_forkserver_preload(["compiled_before"])
    with pytest.MonkeyPatch.context() as patch:
        # Python 3.11 does not tell it where modules are.
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        forkserver.ensure_running()
