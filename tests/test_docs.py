"""The documents say what is: their links lead somewhere, their options exist."""

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
from document_commands import PROGRAM, shown_commands
from seq2exp_tracks_cli.main import main

import seq2exp_tracks

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "benchmarks" / "RESULTS.md"]
# Options of other programs that the documents name, and those that click adds.
OTHERS = {
    *("--dry-run", "--only-binary", "--python-version", "--help", "--version"),
    *("--repeats", "--requests", "--clodius-python", "--with-inputs", "--chromosomes"),
    *("--constraint", "--dest", "--find-links", "--index-url", "--no-index"),
    # SLURM's and Ray's
    *("--nodes", "--ntasks-per-node", "--cpus-per-task", "--gpus-per-node", "--time"),
    *("--min-nodes", "--num-cpus", "--num-gpus"),
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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_that_are_shown_have_these_options_and_all_that_they_need(document: Path) -> None:
    without_tables = re.sub(r"(?m)^\|.*$", "", document.read_text())
    for shown in shown_commands(without_tables):
        program, *words = shlex.split(shown)
        cut_short = "…" in words
        if program == PROGRAM and words[0] != "--version" and not cut_short:
            command: click.Command = main
            while isinstance(command, click.Group):
                command = command.commands[words.pop(0)]
            command.make_context(shown, words)  # refuses what it cannot read


@pytest.mark.parametrize("name", sorted(commands(main)))
def test_every_command_and_option_has_help(name: str) -> None:
    command = commands(main)[name]
    assert command.help
    given = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert [option.name for option in given if not option.help] == []


@pytest.mark.parametrize("name", sorted(commands(main)))
def test_a_list_of_commands_has_whole_sentences(name: str) -> None:
    # A terminal's 80 columns, less the longest name and the space around it.
    told = commands(main)[name].get_short_help_str(80 - 2 - len("checkpoint") - 2 - 2)
    assert not told.endswith("...")


def test_every_page_is_reached_from_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    listed = re.findall(r"<(\w+)>", "".join(re.findall(r"```{toctree}(.*?)```", index, re.DOTALL)))
    pages = [page.stem for page in (ROOT / "docs").glob("*.md") if page.stem != "index"]
    assert sorted(listed) == sorted(pages)


def test_every_public_name_stands_in_the_reference() -> None:
    reference = (ROOT / "docs" / "api.md").read_text()
    described = re.findall(r"^\.\. auto\w+:: seq2exp_tracks\.(\w+)$", reference, re.MULTILINE)
    assert sorted(described) == sorted(seq2exp_tracks.__all__)


@pytest.mark.parametrize("recipe", ["Dockerfile", "apptainer.def", "recipes/conda/meta.yaml"])
def test_recipes_say_that_they_were_never_built(recipe: str) -> None:
    assert (ROOT / recipe).read_text().startswith("# Untested: it was never built")
    assert f"`{recipe}`" in (ROOT / "docs" / "installing.md").read_text()


def test_the_conda_recipe_has_the_version_and_the_requirements_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    recipe = (ROOT / "recipes" / "conda" / "meta.yaml").read_text()
    needed = [re.sub("^torch(?=>)", "pytorch", need.lower()) for need in project["dependencies"]]
    run = recipe.partition("  run:\n")[2].partition("\ntest:")[0]
    listed = [line.removeprefix("    - ").replace(" ", "") for line in run.splitlines() if line]
    assert listed == [f"python{project['requires-python']}", *needed]
    assert f'version: "{project["version"]}"' in recipe
