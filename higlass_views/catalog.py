"""The tilesets of a page by fixed uid, made when they are first asked for and kept.

A uid is the same for the same runs, so that an exported view still finds its tracks tomorrow: `r0-mask` is
the mask of the first run, `r1-g12-mask` that of the window of the second run's gene 12 in the order of its
table. There is no dot in it, because the HiGlass client cuts tile ids at dots.
"""

import re
import threading
from collections.abc import Sequence
from pathlib import Path

from higlass_views.checking import Watcher
from higlass_views.run_tilesets import Make, RunTilesets
from higlass_views.shown_run import ShownRun
from higlass_views.tilesets import ChromSizesTiles, DifferenceTiles, GeneTiles, GenomeAxis, GenomeTileset
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.gene_selection import genome_order

CHROMOSOMES = "chromosomes"
GENES = "genes"
DIFFERENCE = "difference"

# Tilesets of single genes that are kept, some ten a gene: beyond, the oldest are closed.
_MOST_OF_GENES = 400
_OF_GENE = re.compile(r"r([0-9]{1,4})-g([0-9]{1,9})-([a-z0-9]{1,20})")
_DIFFERENCE_OF_GENE = re.compile(rf"{DIFFERENCE}-g([0-9]{{1,9}})-g([0-9]{{1,9}})")


class UnknownTilesetError(LookupError):
    """A uid that no tileset of the page has."""


class Catalog:
    """The tilesets of a page.

    Args:
        runs: The runs of the page, all on the same chromosomes.

    Attributes:
        runs: The runs.
        axis: The axis that all tilesets lie on.
        annotation: Where the genes are read from; None where they are those that were scored.
    """

    def __init__(self, runs: Sequence[ShownRun]) -> None:
        self.runs = tuple(runs)
        manifest = runs[0].run.manifest
        self.axis = GenomeAxis(manifest.sizes, manifest.genome)
        self.annotation = next((shown.inputs.genes for shown in runs if shown.inputs.genes), None)
        self._of_runs = tuple(RunTilesets(shown, self.axis) for shown in runs)
        self._makers = self._of_page()
        for index, tilesets in enumerate(self._of_runs):
            self._makers |= {f"r{index}-{name}": make for name, make in tilesets.of_run().items()}
        self._kept: dict[str, GenomeTileset] = {}
        self._kept_of_genes: dict[str, GenomeTileset] = {}
        self._making = threading.Lock()

    @property
    def uids(self) -> tuple[str, ...]:
        """Uids of the tilesets of the page and of all genes; those of single genes are not listed."""
        return tuple(self._makers)

    @property
    def genes(self) -> GeneTiles:
        """The genes, which can be searched."""
        tileset = self.tileset(GENES)
        assert isinstance(tileset, GeneTiles)
        return tileset

    def open(self, watcher: Watcher) -> None:
        """Opens all tilesets but those of single genes: a damaged file is found now and not on the page.

        Raises:
            InputError: If a file cannot be read, or is of another genome.
        """
        watcher.stage("opening tracks", len(self._makers))
        for uid in self._makers:
            self.tileset(uid)
            watcher.advance()

    def uid_of_gene(self, run: int, gene_id: str, name: str) -> str | None:
        """The uid of a tileset of a gene's own window; None where there is none."""
        if gene_id not in self.runs[run].ranks or name not in self._of_runs[run].of_gene(gene_id):
            return None
        return f"r{run}-g{self.runs[run].ranks[gene_id]}-{name}"

    def uid_of_difference(self, gene_id: str | None) -> str | None:
        """The uid of the difference of the first two runs' masks, of a gene's own window or merged."""
        if gene_id is None:
            return DIFFERENCE if DIFFERENCE in self._makers else None
        if any(self.uid_of_gene(run, gene_id, "mask") is None for run in (0, 1)):
            return None
        first, second = (self.runs[run].ranks[gene_id] for run in (0, 1))
        return f"{DIFFERENCE}-g{first}-g{second}"

    def tileset(self, uid: str) -> GenomeTileset:
        """A tileset; may be asked for by several threads at once.

        Raises:
            UnknownTilesetError: If the page has none of that uid.
            InputError: If its file cannot be read.
        """
        found = self._kept.get(uid) or self._kept_of_genes.get(uid)
        if found is not None:
            return found
        make = self._makers.get(uid)
        kept = self._kept if make else self._kept_of_genes
        make = make or self._maker_of_gene(uid)
        with self._making:
            made = kept.get(uid) or make()
            kept[uid] = made
            if len(self._kept_of_genes) > _MOST_OF_GENES:
                del self._kept_of_genes[next(iter(self._kept_of_genes))]
        return made

    def _of_page(self) -> dict[str, Make]:
        made: dict[str, Make] = {
            CHROMOSOMES: lambda: ChromSizesTiles(self.axis),
            GENES: self._genes,
        }
        if len(self.runs) > 1 and all(shown.run.track("mask") for shown in self.runs[:2]):
            made[DIFFERENCE] = lambda: self._difference((None, None))
        return made

    def _genes(self) -> GeneTiles:
        """All genes of the annotation; where there is no room for all, those that were scored."""
        scored = self._scored_genes()
        foremost = {name for gene in scored for name in (gene.id, gene.name)}
        return GeneTiles(self.annotation or scored, self.axis, "Genes", foremost)

    def _scored_genes(self) -> list[Gene]:
        """The genes of all runs, each once: what is known where no annotation is there."""
        genes = {scored.gene.id: scored.gene for shown in self.runs for scored in shown.run.genes.values()}
        return sorted(genes.values(), key=genome_order(self.axis.sizes))

    def _maker_of_gene(self, uid: str) -> Make:
        try:
            if match := _OF_GENE.fullmatch(uid):
                run, gene = int(match[1]), int(match[2])
                return self._of_runs[run].of_gene(self.runs[run].gene_ids[gene])[match[3]]
            if DIFFERENCE in self._makers and (match := _DIFFERENCE_OF_GENE.fullmatch(uid)):
                pair = zip(self.runs[:2], match.groups(), strict=True)
                ids = tuple(shown.gene_ids[int(gene)] for shown, gene in pair)
                return lambda: self._difference(ids)
        except LookupError:
            pass
        raise UnknownTilesetError(f"no tileset {uid[:80]!r} on this page")

    def _difference(self, gene_ids: Sequence[str | None]) -> DifferenceTiles:
        """Mask of the first run less that of the second."""
        paths: list[Path] = []
        for shown, gene_id in zip(self.runs[:2], gene_ids, strict=True):
            entry = shown.run.track("mask", gene_id)
            if entry is None:
                raise UnknownTilesetError(f"{shown.name} has no mask of {gene_id}")
            paths.append(shown.run.folder / entry.path)
        first, second = paths
        return DifferenceTiles(first, second, self.axis, "Difference of the learned masks")
