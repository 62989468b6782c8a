"""Two nodes of a Ray cluster on this machine, a core each, of which one can be killed; run as a program.

It prints the address of the cluster. Told `kill FOLDER`, it waits until some shards of the run in FOLDER are
done and the second node is at work, kills that node, and prints how many were done. It ends with its input.
"""

import subprocess
import sys
import time
from pathlib import Path

from ray.cluster_utils import Cluster

NODE = {"num_cpus": 1, "object_store_memory": 80 * 1024**2}
DONE_BEFORE = 3


def at_work(raylet: int) -> bool:
    """Whether a worker of a node computes a shard."""
    shown = subprocess.run(
        ["ps", "-o", "args=", "--ppid", str(raylet)], capture_output=True, text=True, check=False
    )
    return "ray::ShardWorker.work" in shown.stdout


def receipts(run: Path) -> int:
    return len(list((run / ".shards").glob("0*.json")))


def main() -> None:
    cluster = Cluster(initialize_head=True, head_node_args=NODE | {"include_dashboard": False})
    node = cluster.add_node(**NODE)
    raylet = node.all_processes["raylet"][0].process.pid
    print(cluster.address, flush=True)
    for line in sys.stdin:
        run = Path(line.removeprefix("kill ").strip())
        while receipts(run) < DONE_BEFORE or not at_work(raylet):
            time.sleep(0.02)
        done = receipts(run)
        cluster.remove_node(node, allow_graceful=False)
        print(done, flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
