"""Whether windows of a run may share passes of the generator: the plan, and the comparison that allows it."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.manifest import Json
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.pipeline.opening import Opened
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scoring.calibration import DISTANCES, Difference, choose_samples, compare
from seq2exp_tracks.scoring.executors.units import work_in_order
from seq2exp_tracks.scoring.regions import Region, plan_regions
from seq2exp_tracks.scoring.shared_generator import check_shareable
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.windows import Window


@dataclass(frozen=True, slots=True, eq=False)
class Sharing:
    """How the windows of a run share passes of the generator.

    Attributes:
        regions: Windows that share a pass.
        genes: Ids of the genes that were scored both ways; none where no window shares a pass.
        difference: How far they are from exact windows.
        tolerance: How far they may be.
    """

    regions: list[Region]
    genes: tuple[str, ...]
    difference: Difference
    tolerance: float

    def table(self) -> str:
        """The plan and the comparison, for people."""
        windows = sum(len(region.windows) for region in self.regions)
        bases = sum(len(window) for region in self.regions for window in region.windows)
        rows = [
            f"  from {row['from']:<15,}{row['mean']:>20.2g}{row['largest']:>12.2g}"
            for row in self._by_distance()
        ]
        if rows:
            rows.insert(0, f"  {'bp from the edge':<20}{'learned mask, mean':>20}{'largest':>12}")
        return "\n".join(
            [
                f"{windows:,} window(s) in {len(self.regions):,} pass(es) of the generator, "
                f"{bases / sum(map(len, self.regions)):.1f} times fewer bases",
                *rows,
                f"  {self.note()} (tolerance {self.tolerance:g})",
            ]
        )

    def groups(self) -> list[tuple[Gene, ...]]:
        """Genes that are computed together."""
        return [region.genes for region in self.regions]

    def regions_of(self, shards: Sequence[Shard]) -> list[Region]:
        """The regions of shards, none of which cuts one."""
        first = {region.genes[0]: region for region in self.regions}
        return [first[gene] for shard in shards for gene in shard.genes if gene in first]

    def note(self) -> str:
        """The comparison in one line."""
        if not self.genes:
            return "no windows overlap enough to share a pass of the generator: all are exact"
        found = self.difference
        return (
            f"windows share passes of the generator: {len(self.genes)} genes differ from exact ones by up to "
            f"{found.learned.max():.2g} in learned mask, {found.applied:.2g} in applied mask, "
            f"{found.expression:.2g} in expression"
        )

    def record(self) -> dict[str, Json]:
        """The plan and the comparison, for the manifest."""
        return {
            "passes": len(self.regions),
            "genes": list(self.genes),
            "tolerance": self.tolerance,
            "learned": float(self.difference.learned.max()),
            "applied": self.difference.applied,
            "expression": self.difference.expression,
            "learned_by_distance": list(self._by_distance()),
        }

    def _by_distance(self) -> list[dict[str, Json]]:
        """Differences of the learned mask by distance from the nearer edge, as far as there are bases."""
        found = self.difference
        columns = zip(DISTANCES, found.bases, found.mean, found.learned, strict=True)
        return [
            {"from": begin, "mean": float(mean), "largest": float(largest)}
            for begin, bases, mean, largest in columns
            if bases
        ]


def share_generator(
    request: ScoreRequest,
    opened: Opened,
    load_model: Callable[[], Seq2Exp],
    hardware: Hardware,
    progress: Progress,
) -> Sharing:
    """Plans the regions of a run and compares some of its genes with exact windows.

    Args:
        request: What the user asks for.
        opened: The run's inputs.
        load_model: Makes the model.
        hardware: What computes; of several GPUs the first.
        progress: Who is told what was found.

    Raises:
        CheckpointError: If the model's generator cannot be shared, or a gene differs by more than the
            tolerance.
    """
    try:
        check_shareable(opened.config)
    except CheckpointError as error:
        raise CheckpointError(f"{request.checkpoint}: {error}") from error
    reader = opened.reader
    regions = plan_regions(
        Window.around(gene, reader.window, reader.sizes[gene.chrom]) for gene in opened.genes
    )
    samples = choose_samples(regions, request.calibration_genes)
    progress.stage("Comparing shared passes with exact windows", len(samples))
    difference = Difference.none()
    scored = work_in_order(
        compare, samples, load_model, reader, hardware.devices[0], hardware.workers, request.patience
    )
    with closing(scored) as compared:
        for one in compared:
            difference = difference.joined(one)
            progress.advance()
    genes = tuple(sample.window.gene.id for sample in samples)
    sharing = Sharing(regions, genes, difference, request.tolerance)
    progress.note(sharing.table())
    if not difference.within(request.tolerance):
        raise CheckpointError(
            f"{request.checkpoint}: {sharing.note()}, above --tolerance {request.tolerance:g}; leave out "
            "--shared-generator"
        )
    return sharing
