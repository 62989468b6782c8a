"""The commands of README.md and of docs/own_cells.md run, in order, on stand-ins for a reader's own files."""

from pathlib import Path

import pytest
from document_commands import PROGRAM, complaint, shown_commands
from stand_ins import write_stand_ins

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()

# Why a command of README.md is not run here.
NOT_RUN = {
    "make demo": "sets up an environment of its own; .ci/run installs the wheel and runs the demo with it",
    "make test": "runs this test",
    f"{PROGRAM} score --genome hg38 --gene MYH9 --out myh9": (
        "needs a network; tests/command/test_fetch_and_score.py runs it against a server on this machine"
    ),
    f"{PROGRAM} prepare --genome hg38 --bam DNase=dnase.bam … --out mine": (
        "cut short; run as docs/own_cells.md has it"
    ),
    f"{PROGRAM} doctor --genome hg38 --cells mine/cells.toml --checkpoint soft.ckpt": (
        "run as docs/own_cells.md has it, after prepare"
    ),
    ". .venv/bin/activate": "changes a shell; the commands here run in the environment of the tests",
    "python3 -m venv .venv": "makes an environment, as make does for these tests",
    "pip install .": "builds the page; .ci/run builds the wheel and installs it",
    f"{PROGRAM} export hub": "a command's name without its arguments; tests/exports runs all of them",
    f"{PROGRAM} train --genome hg38 --labels cage.bw … --out mine": "cut short; see tests/command",
    f"{PROGRAM} compare --genome hg38 … --seeds 1-5 --out compared": "cut short; see tests/command",
    f"{PROGRAM} score --shard 1/16 …": "cut short; tests/command/test_array_script.py runs it",
    f"{PROGRAM} merge k562": "merges what the parts have computed; run there",
}


def test_each_command_that_is_not_run_stands_in_the_readme() -> None:
    assert set(NOT_RUN) <= set(shown_commands(README))


def test_commands_are_found_in_blocks_indented_lines_and_tables() -> None:
    text = """
`score one` is prose.

```console
$ make demo    # a remark
output
$ seq2exp-tracks score --genome hg38 \\
      --out run
```

    $ seq2exp-tracks genome list

| to | command |
|---|---|
| see | `view run --gene MYH9`, `view` ([docs](x.md)) and `other words` |
"""
    assert shown_commands(text) == [
        "make demo",
        "seq2exp-tracks score --genome hg38 --out run",
        "seq2exp-tracks genome list",
        "seq2exp-tracks view run --gene MYH9",
    ]


@pytest.mark.slow
def test_every_other_command_of_the_readme_runs(tmp_path: Path) -> None:
    write_stand_ins(tmp_path)
    # The README's second run is made as its first.
    done = [command for command in shown_commands(README) if command not in NOT_RUN]
    second = next(command for command in done if command.startswith(f"{PROGRAM} score"))
    first = done.index(second) + 1
    done.insert(first, second.replace("k562", "gm12878"))
    complaints = [complaint(command, tmp_path) for command in done]
    assert [text for text in complaints if text] == []


@pytest.mark.slow
def test_own_cells_go_from_reads_to_a_view(tmp_path: Path) -> None:
    write_stand_ins(tmp_path)
    shown = shown_commands((ROOT / "docs" / "own_cells.md").read_text())
    assert [command.split()[1] for command in shown] == [
        *("genome", "prepare", "doctor", "score", "train", "view", "evaluate"),
    ]
    # The stand-in has two chromosomes, which the default split cannot part; a test has no time to train.
    short = {"train": " --split position --gap 0 --steps 2 --device cpu"}
    shown = [command + short.get(command.split()[1], "") for command in shown]
    # `doctor` sees from its lengths that a genome is not hg38, and so would the test fail under that name.
    complaints = [complaint(command.replace(" hg38 ", " simulated "), tmp_path) for command in shown]
    assert [text for text in complaints if text] == []
