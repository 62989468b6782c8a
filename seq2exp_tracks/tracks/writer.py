"""Scores to files: takes the windows one by one, in the order of the genome, and writes all that a run holds.

The work is done by sections (`section`), in this process or in others (`writer_processes`), and put together
in the end (`assembly`). The manifest is not written here: it also tells what the run was made from, which the
pipeline knows.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.manifest import FileEntry
from seq2exp_tracks.origin import Origin
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.assembly import assemble
from seq2exp_tracks.tracks.bins import ONE_BASE, Bins
from seq2exp_tracks.tracks.elements import ElementSettings
from seq2exp_tracks.tracks.gene_files import gene_file_stem
from seq2exp_tracks.tracks.merge import MergeRule, merge_order
from seq2exp_tracks.tracks.section import ScoredGene, Section, SectionWriter
from seq2exp_tracks.tracks.settings import WriterSettings
from seq2exp_tracks.tracks.summary import RunSummary
from seq2exp_tracks.tracks.writer_processes import WriterProcesses


class Sections(Protocol):
    """Who writes the sections."""

    def add(self, gene: ScoredGene) -> None:
        """Writes one gene, or hands it to the process that does."""

    def finish(self) -> list[Section]:
        """Waits until all is written; returns the sections in the order of the genome."""

    def abort(self) -> None:
        """Ends at once; unfinished files may be left."""


class RunWriter:
    """Writes the files of a run into its folder; a context manager.

    Args:
        folder: The folder, entered.
        sizes: Chromosomes of the genome.
        merge: Rule for bases of several windows.
        elements: Which elements are called.
        per_gene: Whether each gene's own window is written as well, before merging.
        labels: Whether there is measured expression.
        bins: Bases that share a value in the tracks.
        precision: Decimals of the mask's tracks; None for those of the table of tracks.
        origin: What the files say of the run; None for nothing.
        writers: Processes that write beside this one, a chromosome each at a time; 0 writes in this one. The
            files are the same, byte for byte, for any number.
    """

    def __init__(
        self,
        folder: RunFolder,
        sizes: ChromSizes,
        *,
        merge: MergeRule,
        elements: ElementSettings,
        per_gene: bool,
        labels: bool,
        bins: Bins = ONE_BASE,
        precision: int | None = None,
        origin: Origin | None = None,
        writers: int = 0,
    ) -> None:
        self._folder = folder
        self._sizes = sizes
        self._settings = WriterSettings(
            merge=merge,
            elements=elements,
            per_gene=per_gene,
            labels=labels,
            bins=bins,
            precision=precision,
            origin=origin,
        )
        self._writers = writers
        self._ids: set[str] = set()
        self._gene_files: dict[str, str] = {}
        self._last: tuple[int, int, int, str] | None = None

    def __enter__(self) -> "RunWriter":
        if self._settings.per_gene:
            # Made here, so that no other process has to.
            self._folder.path("genes/ID")
        self._sections: Sections = (
            WriterProcesses(self._folder.partial, self._sizes, self._settings, self._writers)
            if self._writers
            else _InThisProcess(SectionWriter(self._folder.partial, 0, self._sizes, self._settings))
        )
        self._finished = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished:
            self._sections.abort()

    def add(self, scores: WindowScores, measured: float | None = None, flags: Sequence[str] = ()) -> None:
        """Writes one gene.

        Args:
            scores: Its scores; genes come in the order of `merge_order`. Nothing of them is kept.
            measured: Its measured expression, as the labels have it.
            flags: Remarks of `genes.FLAGS` that the scores do not tell of themselves.

        Raises:
            ValueError: If the gene is out of order or was there before, or a score is not finite. Other
                processes tell of the score later.
            OutputError: If a file cannot be written.
            TracksError: If a process that writes was killed.
        """
        gene = scores.window.gene
        if gene.id in self._ids:
            raise ValueError(f"gene {gene.id} was written before")
        key = merge_order(scores.window, self._sizes)
        if self._last is not None and key <= self._last:
            raise ValueError(
                f"windows are to be written in the order of the genome: {key} after {self._last}"
            )
        self._last = key
        self._ids.add(gene.id)
        stem = None
        if self._settings.per_gene:
            stem = gene_file_stem(gene.id, self._gene_files)
            self._gene_files[stem] = gene.id
        self._sections.add(ScoredGene(scores, measured, tuple(flags), stem))

    def finish(self) -> tuple[tuple[FileEntry, ...], RunSummary]:
        """Writes what is left; returns all files, in a fixed order, and the summary."""
        sections = self._sections.finish()
        self._finished = True
        return assemble(self._folder, self._sizes, self._settings, sections, self._gene_files)


class _InThisProcess:
    """One section for the whole genome."""

    def __init__(self, section: SectionWriter) -> None:
        self._section = section

    def add(self, gene: ScoredGene) -> None:
        self._section.add(gene)

    def finish(self) -> list[Section]:
        return [self._section.finish()]

    def abort(self) -> None:
        self._section.abort()
