"""Options that say what a model reads: shared by the commands that score windows or train on them."""

from collections.abc import Callable

import click
from click.core import ParameterSource

from .options import PATH, Command, named_files
from .remote_options import FILE

GENOME_HELP = "A genome by name (see: genome list, resources list)."

CELLS = click.option(
    "--cells",
    type=PATH,
    help="Inputs of your own cells: the TOML that `prepare` writes. Other options override it.",
)
SIGNAL = click.option(
    "--signal",
    "signals",
    multiple=True,
    callback=named_files,
    metavar="NAME=FILE",
    help="bigWig under the model's name for the signal: H3K27ac=…, DNase=… Repeat for each.",
)
CONTACTS = click.option(
    "--contacts",
    type=FILE,
    help="Hi-C with 5 kb bins: .hic, .cool or .mcool; or a folder of stored vectors (docs/inputs.md).",
)
CONTACTS_NORM = click.option(
    "--contacts-norm",
    type=click.Choice(["VC", "ICE"]),
    default="VC",
    show_default=True,
    help="Normalisation of the contacts; the published model was trained on VC.",
)
CLIP_NEGATIVE = click.option(
    "--clip-negative", is_flag=True, help="Read negative signal as 0 instead of refusing it."
)
GENES = click.option("--genes", type=FILE, help="Genes instead of the genome's own: GTF, GFF3, BED or table.")
BED_TSS = click.option(
    "--bed-tss",
    type=click.Choice(["strand", "middle"]),
    default="strand",
    show_default=True,
    help="TSS of a BED row: its 5' end, or its middle (for promoter windows).",
)
FEATURES = click.option("--features", type=FILE, help="Gene features instead of the genome's own.")

_INPUTS = (
    SIGNAL,
    CONTACTS,
    click.option(
        "--no-contacts",
        is_flag=True,
        help="Do without Hi-C: contact is 0, and every output says so.",
    ),
    CONTACTS_NORM,
    CLIP_NEGATIVE,
    GENES,
    click.option(
        "--gene-type",
        "gene_types",
        multiple=True,
        metavar="TYPE",
        help="Biotype to take; repeat for several. Default for GTF and GFF3: protein_coding, else all.",
    ),
    BED_TSS,
    FEATURES,
    click.option(
        "--chrom", "chroms", multiple=True, metavar="NAME", help="Only genes of this chromosome. Repeatable."
    ),
)


def input_options(
    *, genome_required: bool = True, genome_help: str = GENOME_HELP
) -> Callable[[Command], Command]:
    """Adds `--genome` and the options for all that is read of it and of the cells.

    The command gets `genome` (a name, or None), `signals` (a dict), `contacts`, `no_contacts`,
    `contacts_norm`, `clip_negative`, `genes`, `gene_types`, `bed_tss`, `features` and `chroms`.

    Args:
        genome_required: Whether the command cannot do without `--genome`.
        genome_help: What `--genome` takes.
    """
    genome = click.option("--genome", required=genome_required, metavar="NAME", help=genome_help)

    def add(command: Command) -> Command:
        for option in reversed((genome, *_INPUTS)):
            command = option(command)
        return command

    return add


def left_alone(option: str) -> bool:
    """Whether the user does not name an option of the present command, which then has its default."""
    source = click.get_current_context().get_parameter_source(option)
    return source is ParameterSource.DEFAULT
