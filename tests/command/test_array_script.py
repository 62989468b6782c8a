"""The script of the documents for an array of jobs of SLURM, run by bash."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from few_genes import content
from playground import COMMAND
from stand_ins import write_stand_ins

from seq2exp_tracks.resources.registry import GenomeEntry, Registry

SCALING = Path(__file__).parents[2] / "docs" / "scaling.md"


def array_script() -> str:
    """The script of docs/scaling.md."""
    (found,) = re.findall(r"```bash\n(#!/bin/bash\n.*?)```", SCALING.read_text(), re.DOTALL)
    return str(found)


@pytest.mark.slow
def test_the_array_script_of_the_documents_with_all_its_jobs_at_once(tmp_path: Path) -> None:
    write_stand_ins(tmp_path)
    entry = GenomeEntry(
        "hg38",
        tmp_path / "hg38.fa.gz",
        tmp_path / "gencode.v43.annotation.gtf.gz",
        tmp_path / "hg38-blacklist.v2.bed",
    )
    Registry(tmp_path / "config").add(entry)
    (tmp_path / "k562.sh").write_text(array_script())
    count = 3
    environment = os.environ | {
        "PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}",
        "SEQ2EXP_TRACKS_CONFIG": str(tmp_path / "config"),
        "SEQ2EXP_TRACKS_DATA": str(tmp_path / "store"),
        "SLURM_ARRAY_TASK_COUNT": str(count),
        "SLURM_CPUS_PER_TASK": "1",
    }
    jobs = [
        subprocess.Popen(
            ["bash", "k562.sh"],
            cwd=tmp_path,
            env=environment | {"SLURM_ARRAY_TASK_ID": str(task)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for task in range(1, count + 1)
    ]
    for started in jobs:
        _, told = started.communicate(timeout=600)
        assert started.returncode == 0, told
    merged = subprocess.run(
        [COMMAND, "merge", "k562"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert merged.returncode == 0, merged.stderr

    (command,) = re.findall(r"(?m)^seq2exp-tracks (score .*?[^\\])$", array_script(), re.DOTALL)
    words = re.sub(r"\\\n", " ", re.sub(r' --shard "[^"]*"| --workers "[^"]*"', "", command)).split()
    words[words.index("--out") + 1] = "whole"
    whole = subprocess.run(
        [COMMAND, *words, "--workers", "1"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert whole.returncode == 0, whole.stderr
    assert content(tmp_path / "k562") == content(tmp_path / "whole")
