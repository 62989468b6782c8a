"""Options that say what is learned and how genes are split: shared by the commands that train."""

import click

from .options import PATH, Command

_LABELS = (
    click.option(
        "--labels",
        type=PATH,
        multiple=True,
        help="Measured expression: a table, or a CAGE bigWig; of two, plus strand first.",
    ),
    click.option("--label-column", metavar="NAME", help="Column of a table of labels.  [default: label]"),
    click.option("--label-counts", is_flag=True, help="The column holds counts: learn log10(1 + count)."),
    click.option(
        "--split",
        default="chromosomes",
        show_default=True,
        metavar="chromosomes|position|FILE",
        help="What trains, validates and tests: whole chromosomes; stretches of each chromosome with gaps "
        "between; or a table with a column `split` (train, valid, test).",
    ),
    click.option(
        "--valid-chrom",
        "valid_chroms",
        multiple=True,
        metavar="NAME",
        help="Chromosome that validates. Repeatable.  [default: chr3 and chr21, the published fold]",
    ),
    click.option(
        "--test-chrom",
        "test_chroms",
        multiple=True,
        metavar="NAME",
        help="Chromosome that tests. Repeatable.  [default: chr22 and chrX, the published fold]",
    ),
    click.option(
        "--gap",
        type=click.IntRange(min=0),
        metavar="BP",
        help="Bases between the parts of a split by position.  [default: the window]",
    ),
)


def label_options(command: Command) -> Command:
    """Adds the options for labels and split."""
    for option in reversed(_LABELS):
        command = option(command)
    return command
