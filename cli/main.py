"""The command `seq2exp-tracks` and what it does with a user's mistakes.

The commands' modules import click and nothing heavy; each loads the library when it runs, so that
`--help` answers at once and without torch.
"""

import signal
import threading
from importlib.metadata import version
from typing import Any

import click

from .bench import bench
from .checkpoint import checkpoint
from .compare import compare
from .demo import demo
from .diff import diff
from .doctor import doctor
from .evaluate import evaluate
from .export import export
from .fetch import fetch
from .genome import genome
from .merge import merge
from .plot import plot
from .prepare import prepare
from .resources import resources
from .score import score
from .simulate import simulate
from .status import status
from .train import train
from .verify import verify
from .view import view

# What was interrupted goes on by it; every other command has written nothing by then.
GOES_ON = {
    "train": "add --resume to go on",
    "compare": "the same command goes on where it was",
    "fetch": "the same command goes on where it was",
    "merge": "the same command goes on where it was",
}


class Commands(click.Group):
    """A group that turns mistakes into one line and exit status 1; bugs keep their traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the chosen command."""
        from seq2exp_tracks.errors import TracksError

        # What a queue sends when time is up is cleaned up after like Ctrl-C. Only a main thread may say so.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            return super().invoke(ctx)
        except TracksError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt as error:
            told = GOES_ON.get(ctx.invoked_subcommand or "", "no file was written or changed")
            way_on = str(error) or told
            raise click.ClickException(f"interrupted: {way_on}") from error
        except BrokenPipeError:
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("seq2exp-tracks"), prog_name="seq2exp-tracks")
def main() -> None:
    """Genome-browser tracks of the regulatory masks that Seq2Exp learns.

    \b
    Begin with a genome that is simulated on the spot:
      seq2exp-tracks demo --out demo
    Then tell it once where your genome lies, and score genes:
      seq2exp-tracks genome add hg38 --fasta hg38.fa.gz --genes gencode.gtf.gz
      seq2exp-tracks score --genome hg38 --checkpoint soft.ckpt --signal H3K27ac=k27.bw \\
          --signal DNase=dnase.bw --contacts hic.mcool --gene MYH9 --out run
      seq2exp-tracks view run --gene MYH9
    """


for command in (
    *(score, view, plot, diff, evaluate, export, genome, checkpoint, bench, doctor, demo),
    *(simulate, prepare, train, compare, fetch, resources, status, verify, merge),
):
    main.add_command(command)
