"""A run that is shown: its folder, checked, and the inputs that are still there. Knows nothing of HiGlass."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from higlass_views.checking import Unwatched, Watcher, check_files
from higlass_views.found_inputs import FoundInputs, find_inputs
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.manifest import FILE_NAME
from seq2exp_tracks.run_reader import Run, ScoredGene
from seq2exp_tracks.windows import Window


@dataclass(frozen=True, eq=False)  # no slots: tables are read when first asked for, and kept
class ShownRun:
    """A run on a page.

    Attributes:
        run: The run.
        name: What people tell it by among the runs of the page.
        inputs: What of its inputs can be shown.
    """

    run: Run
    name: str
    inputs: FoundInputs

    @cached_property
    def gene_ids(self) -> tuple[str, ...]:
        """Ids of its genes in their order."""
        return tuple(self.run.genes)

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Place of each gene in that order."""
        return {gene_id: rank for rank, gene_id in enumerate(self.gene_ids)}

    @cached_property
    def elements(self) -> pa.Table:
        """All elements, with the columns of `run_reader.ELEMENT_COLUMNS`."""
        return self.run.element_table()

    @cached_property
    def links(self) -> pa.Table:
        """All links of distal elements to genes."""
        return self.run.link_table()

    @cached_property
    def gene_table(self) -> pa.Table:
        """`genes.parquet`: one row a gene."""
        for entry in self.run.manifest.files:
            if entry.content == "genes" and entry.kind == "parquet":
                return pq.read_table(self.run.folder / entry.path)
        raise InputError(f"{self.run.folder}: the manifest lists no table of genes; run `score` again")

    @property
    def labelled(self) -> bool:
        """Whether labels were given: what was measured is known."""
        return "measured" in self.gene_table.column_names

    def window(self, gene: Gene) -> Window:
        """The window that the model read of a gene."""
        manifest = self.run.manifest
        return Window.around(gene, manifest.model.window, manifest.sizes[gene.chrom])

    def of_gene(self, table: pa.Table, gene_id: str) -> pa.Table:
        """The rows of a table that belong to a gene."""
        return table.filter(pc.field("gene_id") == gene_id)


def open_runs(
    folders: Sequence[Path],
    *,
    genes: Path | None = None,
    hic: Path | None = None,
    watcher: Watcher | None = None,
) -> tuple[ShownRun, ...]:
    """Opens and checks the runs of a page.

    Args:
        folders: Folders of runs on one genome.
        genes: Annotation of genes to show instead of the runs' own.
        hic: Hi-C map to show instead of the runs' own.
        watcher: Who is told how far the check of the files is.

    Raises:
        InputError: If a folder holds no run, a file of it is gone or changed, or the runs are of different
            genomes.
    """
    if not folders:
        raise InputError("no run to show; name the folder that `score` wrote to")
    runs = [Run.open(folder) for folder in folders]
    _check_same_genome(runs)
    for run in runs:
        check_files(run.folder, run.manifest, watcher or Unwatched())
    names = run_names(folders)
    return tuple(
        ShownRun(run, name, find_inputs(run.manifest, genes=genes, hic=hic))
        for run, name in zip(runs, names, strict=True)
    )


def run_names(folders: Sequence[Path]) -> list[str]:
    """The shortest ends of paths by which folders can be told apart: `k562` or `k562/run`."""
    parts = [folder.resolve().parts for folder in folders]
    for count in range(1, max(map(len, parts)) + 1):
        names = [str(Path(*part[-count:])) for part in parts]
        if len(set(names)) == len(names):
            return names
    raise InputError(f"{folders[0]}: the same run twice; name each run once")


def missing_inputs(runs: Sequence[ShownRun]) -> tuple[str, ...]:
    """One line for each input that is not shown, with the name of the run where there are several."""
    many = len(runs) > 1
    return tuple(f"{shown.name}: {line}" if many else line for shown in runs for line in shown.inputs.missing)


def find_gene(runs: Sequence[ShownRun], name: str) -> ScoredGene:
    """The gene of a symbol or id, in the first run that has it.

    Raises:
        InputError: If none has it; tells names like it in the first run. Runs go by their names on the page,
            which may be shown to people who are not to know the folders of this machine.
    """
    for shown in runs:
        if any(name in (scored.gene.id, scored.gene.name) for scored in shown.run.genes.values()):
            return shown.run.find(name, shown.name)
    return runs[0].run.find(name, runs[0].name)


def _check_same_genome(runs: Sequence[Run]) -> None:
    """HiGlass draws every track on one axis: other chromosomes would be drawn at the wrong place."""
    first = runs[0]
    for run in runs[1:]:
        if list(run.manifest.sizes.items()) != list(first.manifest.sizes.items()):
            raise InputError(
                f"{run.folder / FILE_NAME}: other chromosomes than {first.folder / FILE_NAME} "
                f"({_about(run)} against {_about(first)}); show the runs one at a time"
            )


def _about(run: Run) -> str:
    sizes = run.manifest.sizes
    return f"{run.manifest.genome}, {len(sizes)} chromosomes of {sum(sizes.values()):,} bp"
