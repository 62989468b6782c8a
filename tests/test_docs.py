"""The documents say what is: their links lead somewhere, their options exist."""

import re
from pathlib import Path

import click
import pytest
from seq2exp_tracks_cli.main import main

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "benchmarks" / "RESULTS.md"]
# Options of other programs that the documents name, and the one that every command has.
OTHERS = {
    *("--dry-run", "--only-binary", "--python-version", "--help"),
    *("--repeats", "--requests", "--clodius-python", "--with-inputs", "--chromosomes"),
}


def commands(group: click.Group) -> dict[str, click.Command]:
    """Every command by its full name, such as `genome add`."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {inner}": deeper for inner, deeper in commands(command).items()}
    return found


def options() -> set[str]:
    return {
        option
        for command in commands(main).values()
        for parameter in command.params
        for option in parameter.opts
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_inside_the_repository_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text())
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_options_that_are_named_exist(document: Path) -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", document.read_text()))
    assert named - OTHERS <= options()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_that_are_named_exist(document: Path) -> None:
    named = re.findall(r"\$ seq2exp-tracks ((?:genome |checkpoint )?[a-z]+)", document.read_text())
    assert set(named) <= set(commands(main))


@pytest.mark.parametrize("name", sorted(commands(main)))
def test_every_command_and_option_has_help(name: str) -> None:
    command = commands(main)[name]
    assert command.help
    given = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert [option.name for option in given if not option.help] == []
