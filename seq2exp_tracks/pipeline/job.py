"""A request with everything opened, checked and planned: what is left is to compute."""

import platform
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from seq2exp_tracks.checkpoints import load_checkpoint
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.contact_vectors import ContactVectors
from seq2exp_tracks.manifest import InputEntry, Json
from seq2exp_tracks.pipeline.checksums import cached_sha256
from seq2exp_tracks.pipeline.code import code_version
from seq2exp_tracks.pipeline.hardware import Hardware, Loader
from seq2exp_tracks.pipeline.opening import Opened, open_inputs
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.pipeline.sharing import Sharing, share_generator
from seq2exp_tracks.pipeline.unchanged import Unchanged
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring import kind_of, score_genes, score_regions
from seq2exp_tracks.scoring.devices import TRITON
from seq2exp_tracks.shards.plan import Shard, plan_shards

# The packages that a number in the outputs can depend on.
_PACKAGES = (
    "seq2exp-tracks",
    "torch",
    "numpy",
    "llvmlite",
    "deflate",
    "hictkpy",
    "pyBigWig",
    "pysam",
    "pyarrow",
)


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What is to be computed, and with what.

    Attributes:
        request: What the user asks for.
        hardware: What computes.
        opened: The inputs, open and checked.
        inputs: The files that are read, with the checksum of each.
        unchanged: Notices if one of them is replaced.
        sharing: How windows share passes of the generator; None for exact windows.
        shards: All shards of the run.
        load_model: Makes the model.
    """

    request: ScoreRequest
    hardware: Hardware
    opened: Opened
    inputs: tuple[InputEntry, ...]
    unchanged: Unchanged
    sharing: Sharing | None
    shards: tuple[Shard, ...]
    load_model: Loader

    @classmethod
    def prepared(cls, request: ScoreRequest, hardware: Hardware, progress: Progress) -> "Job":
        """Opens, checks and plans.

        Raises:
            TracksError: If an input cannot be used.
        """
        named = request.inputs
        unchanged = Unchanged.of(named.values())
        opened = open_inputs(request, progress)
        for note in (*hardware.notes(opened.config), *opened.notes):
            progress.note(note)
        files = _files_read(named, opened)
        inputs, unchanged = _checksums(files, progress), unchanged.only(files.values())
        load_model = hardware.loader(partial(load_checkpoint, request.checkpoint))
        sharing = None
        if request.shared_generator:
            sharing = share_generator(request, opened, load_model, hardware, progress)
        shards = plan_shards(opened.genes, None if sharing is None else sharing.groups())
        return cls(request, hardware, opened, inputs, unchanged, sharing, tuple(shards), load_model)

    def versions(self) -> dict[str, str]:
        """Versions of the packages that everybody has, and of our code."""
        found = {package: version(package) for package in _PACKAGES}
        return found | {"python": platform.python_version(), "code": code_version()}

    def path(self) -> dict[str, Json]:
        """What computes, as far as numbers depend on it; how many devices there are is none of it.

        Triton is told here and not among the versions: a machine without a GPU need not have it to go on
        with what was computed on one.
        """
        path = self.hardware.record(self.opened.config)
        kinds: list[Json] = [*sorted({kind_of(device) for device in self.hardware.devices})]
        triton: dict[str, Json] = {"triton": version("triton")} if path["kernels"] == TRITON else {}
        return path | {"machine": platform.machine(), "devices": kinds} | triton

    def score(self, shards: Sequence[Shard], progress: Progress) -> Generator[WindowScores, None, None]:
        """Scores of the genes of shards, in their order."""
        if self.sharing is not None:
            return score_regions(
                self.load_model,
                self.opened.reader,
                self.sharing.regions_of(shards),
                self.hardware.devices[0],
                self.hardware.workers,
                self.request.patience,
            )
        return score_genes(
            self.load_model,
            self.opened.reader,
            [gene for shard in shards for gene in shard.genes],
            self.hardware.devices,
            self.hardware.workers,
            in_flight=self.hardware.in_flight,
            tell=progress.note,
            patience=self.request.patience,
        )


def _files_read(named: Mapping[str, Path], opened: Opened) -> dict[str, Path]:
    """Every file that the run reads, by its role.

    Args:
        named: What the request named before anything was opened.
        opened: What was opened since.

    Raises:
        InputError: If a file of vectors that is read came into its folder meanwhile.
    """
    if not isinstance(opened.contacts, ContactVectors):
        return dict(named)
    # They are large: of chromosomes without a gene that is scored nothing is read.
    chroms, vectors = {gene.chrom for gene in opened.genes}, opened.contacts.files
    for chrom in sorted(chroms & vectors.keys()):
        if vectors[chrom] not in named.values():
            raise InputError(
                f"{vectors[chrom]}: came while the inputs were being opened; give the same command again"
            )
    unread = {vectors[chrom] for chrom in vectors if chrom not in chroms}
    return {role: path for role, path in named.items() if path not in unread}


def _checksums(files: Mapping[str, Path], progress: Progress) -> tuple[InputEntry, ...]:
    """Files with the checksum of each."""
    progress.stage("Checksums of the inputs", len(files))
    entries = []
    for role, path in files.items():
        digest = cached_sha256(path)  # first: says it in one line if the file is gone
        entries.append(InputEntry(role, str(path.resolve()), path.stat().st_size, digest))
        progress.advance()
    return tuple(entries)
