import subprocess
import sys

ASLEEP = """
import time
from seq2exp_tracks.io.hictk import hictkpy
before = time.process_time()
time.sleep(1)
print(hictkpy.__version__, time.process_time() - before)
"""


def test_reading_contacts_keeps_no_core_busy() -> None:
    done = subprocess.run([sys.executable, "-c", ASLEEP], capture_output=True, text=True, check=True)
    _, seconds = done.stdout.split()
    assert done.stderr == ""
    assert float(seconds) < 0.05
