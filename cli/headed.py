"""Commands of many options, whose `--help` shows them under headings."""

from collections.abc import Mapping
from typing import Any

import click


class HeadedCommand(click.Command):
    """A command that lists its options under headings, in the order in which they were added.

    Attributes:
        headings: Heading by the name of the first parameter below it. What comes before the first of them
            stands under "Options".
    """

    def __init__(self, *arguments: Any, headings: Mapping[str, str], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.headings = headings
        unknown = headings.keys() - {parameter.name for parameter in self.params}
        assert not unknown, f"headings above options that are not there: {', '.join(sorted(unknown))}"

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes a section for each heading."""
        sections: dict[str, list[tuple[str, str]]] = {}
        heading = "Options"
        for parameter in self.get_params(ctx):
            heading = self.headings.get(parameter.name or "", heading)
            if (row := parameter.get_help_record(ctx)) is not None:
                sections.setdefault(heading, []).append(row)
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


# Of the options that `score`, `train` and `compare` share.
INPUT_HEADINGS = {"genome": "Genome, genes and signals", "data_folder": "What is fetched"}
TRAINING_HEADINGS = {
    "labels": "Expression, and who trains on what",
    "size": "Model and its training",
    "device": "Hardware",
}
