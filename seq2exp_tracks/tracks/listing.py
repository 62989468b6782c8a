"""The files that a run writes, for its manifest."""

from collections.abc import Mapping
from dataclasses import replace

from seq2exp_tracks.genome import Strand
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.manifest import FileEntry
from seq2exp_tracks.tracks.settings import WriterSettings
from seq2exp_tracks.tracks.track import EXPRESSION_DECIMALS, EXPRESSION_UNIT, TRACKS, TrackSpec

EXPRESSION_TRACKS = {Strand.PLUS: "expression.plus", Strand.MINUS: "expression.minus"}

RUN_FILES = (
    *(f"{spec.name}.bw" for spec in TRACKS),
    *(f"{name}.bw" for name in EXPRESSION_TRACKS.values()),
    *("genes.bed", "elements.bed", "links.bedpe", "genes.parquet"),
)
"""The names that every run writes, beside the files of single genes and the manifest."""


def list_files(
    folder: RunFolder, gene_files: Mapping[str, str], settings: WriterSettings
) -> tuple[FileEntry, ...]:
    """All files of a run with size and checksum, in a fixed order.

    Args:
        folder: The run's folder, with the files in it.
        gene_files: Gene id by the name that the files of its own window begin with.
        settings: How scores became files.
    """
    tables = [
        _table("genes.bed", "genes", "Genes at their TSS with predicted expression and window"),
        _table("elements.bed", "elements", "Elements called on each gene's learned score"),
        _table("links.bedpe", "links", "Links of distal elements to the TSS of their gene"),
        _table("genes.parquet", "genes", "One row a gene with everything that is known of it"),
    ]
    blanks = [*_merged_tracks(settings), *_expression(), *tables, *_gene_tracks(gene_files, settings)]
    return tuple(_measured(folder, blank) for blank in blanks)


def _merged_tracks(settings: WriterSettings) -> list[FileEntry]:
    return [
        _track(
            f"{spec.name}.bw",
            "track",
            _described(spec, settings),
            spec.name,
            spec.unit,
            settings.decimals(spec),
        )
        for spec in TRACKS
    ]


def _expression() -> list[FileEntry]:
    return [
        _track(
            f"{name}.bw",
            "expression",
            f"Predicted expression at the TSS of genes on the {strand} strand",
            name,
            EXPRESSION_UNIT,
            EXPRESSION_DECIMALS,
        )
        for strand, name in EXPRESSION_TRACKS.items()
    ]


def _gene_tracks(gene_files: Mapping[str, str], settings: WriterSettings) -> list[FileEntry]:
    return [
        replace(
            _track(
                f"genes/{stem}.{spec.file_suffix}.bw",
                "track",
                f"{_described(spec, settings)}; in the gene's own window, before merging",
                spec.name,
                spec.unit,
                settings.decimals(spec),
            ),
            gene_id=gene_id,
        )
        for stem, gene_id in gene_files.items()
        for spec in TRACKS
        if spec.file_suffix is not None
    ]


def _described(spec: TrackSpec, settings: WriterSettings) -> str:
    """What a track holds, and of how many bases where it is more than one."""
    bins = settings.bins
    return spec.description if bins.size == 1 else f"{spec.description}; {bins.rule} of {bins.size} bp"


def _track(path: str, content: str, description: str, name: str, unit: str, decimals: int) -> FileEntry:
    """The entry of a bigWig file that is not measured yet."""
    return FileEntry(path, "bigwig", content, description, 0, "", name, unit, decimals)


def _table(path: str, content: str, description: str) -> FileEntry:
    """The entry of a table that is not measured yet."""
    return FileEntry(path, path.rpartition(".")[2], content, description, 0, "")


def _measured(folder: RunFolder, blank: FileEntry) -> FileEntry:
    path = folder.path(blank.path)
    return replace(blank, bytes=path.stat().st_size, sha256=sha256_of(path))
