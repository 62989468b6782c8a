"""The help of commands with many options: each under a heading, and none lost."""

import pytest
from click.testing import CliRunner

from cli.main import main


def sections(command: str) -> dict[str, list[str]]:
    """Options of the help of a command, by heading."""
    found: dict[str, list[str]] = {}
    for line in CliRunner().invoke(main, [command, "--help"]).output.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            found[line[:-1]] = rows = []
        elif line.startswith("  -") and found:
            rows.append(line.split()[0].rstrip(","))
    return found


def test_score_lists_its_options_by_what_they_decide() -> None:
    assert {heading: options[0] for heading, options in sections("score").items()} == {
        "Model and cells": "--checkpoint",
        "Genome, genes and signals": "--genome",
        "What is fetched": "--data-folder",
        "Which genes, and what is read of them": "--gene",
        "Tracks and elements": "--merge",
        "Sharing passes of the generator": "--shared-generator",
        "Hardware": "--device",
        "The run": "--patience",
    }


@pytest.mark.parametrize("command", ["score", "train", "compare"])
def test_every_option_stands_under_one_heading(command: str) -> None:
    shown = [option for options in sections(command).values() for option in options]
    assert shown == [*(parameter.opts[0] for parameter in main.commands[command].params), "-h"]
