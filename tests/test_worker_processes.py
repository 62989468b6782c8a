"""Processes end with the run, whatever ends it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.worker_processes import Processes, told_of_death

# The parent of two processes says who they are, and waits to be killed.
PROGRAM = """
import os, sys, time
from pathlib import Path
from seq2exp_tracks.worker_processes import Processes

if __name__ == "__main__":
    with Processes(2, Path(sys.argv[1]), os.getpid) as processes:
        futures = [processes.submit(os.getpid) for _ in range(8)]
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
        print(children, [future.result() for future in futures], flush=True)
        processes.submit(time.sleep, 60)
        time.sleep(60)
"""


def is_running(process: int) -> bool:
    """Tells whether a process is there; one that ended and waits for its parent is not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for processes in /proc")
def test_processes_and_scratch_folder_go_when_the_run_is_killed(tmp_path: Path) -> None:
    scratch, program = tmp_path / "scratch", tmp_path / "program.py"
    (scratch / "0").mkdir(parents=True)
    (scratch / "0" / "bases").touch()
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), str(scratch)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = [int(child) for child in parent.stdout.readline().partition("[")[0].split()]
        assert len(children) >= 2
        parent.kill()
    deadline = time.monotonic() + 30
    while (scratch.exists() or any(map(is_running, children))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not scratch.exists()
    assert not any(map(is_running, children))


def test_processes_that_are_busy_are_ended_at_once(tmp_path: Path) -> None:
    with Processes(1, tmp_path, os.getpid) as processes:
        process = processes.submit(os.getpid).result()
        busy = processes.submit(time.sleep, 60)
        while not busy.running():
            time.sleep(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 30
    assert not is_running(process)
    assert tmp_path.exists()  # it is for whoever made it to remove


def test_ctrl_c_is_not_heard_by_processes(tmp_path: Path) -> None:
    with Processes(1, tmp_path, os.getpid) as processes:
        process = processes.submit(os.getpid).result()
        os.kill(process, signal.SIGINT)
        assert processes.submit(os.getpid).result() == process


def test_a_process_that_was_killed_is_one_line_also_for_whoever_comes_later(tmp_path: Path) -> None:
    with Processes(1, tmp_path, os.getpid) as processes:
        process = processes.submit(os.getpid).result()
        with pytest.raises(TracksError, match=r"^a worker process died"), told_of_death():
            processes.submit(os.kill, process, signal.SIGKILL).result()
        with pytest.raises(TracksError, match=r"^a worker process died"):
            processes.submit(os.getpid)


def test_a_process_that_was_killed_is_told_from_those_that_the_pool_ended(tmp_path: Path) -> None:
    with Processes(2, tmp_path, os.getpid) as processes:
        killed = processes.submit(os.getpid).result()
        with pytest.raises(TracksError), told_of_death():
            processes.submit(os.kill, killed, signal.SIGKILL).result()
        assert processes.died() == {killed}


def test_a_process_that_is_stopped_is_ended_too(tmp_path: Path) -> None:
    with Processes(1, tmp_path, os.getpid) as processes:
        process = processes.submit(os.getpid).result()
        os.kill(process, signal.SIGSTOP)
    assert not is_running(process)
