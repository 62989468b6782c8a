"""The whole checkup: one section after another, each with what those before it could open."""

from collections.abc import Callable, Mapping, Sequence

from seq2exp_tracks.checkup.contact_file import GivenContacts, check_contacts
from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.checkup.gene_places import check_initiators, check_signal_at_genes
from seq2exp_tracks.checkup.genome_files import Genome, check_genome_files
from seq2exp_tracks.checkup.installation import check_installation
from seq2exp_tracks.checkup.needs import check_disk, check_time
from seq2exp_tracks.checkup.request import CheckupRequest, ChosenFiles
from seq2exp_tracks.checkup.scale_check import check_scales, check_untrained_scales
from seq2exp_tracks.checkup.signal_files import (
    SignalFacts,
    check_breadths,
    describe,
    facts_of,
    open_signals,
)
from seq2exp_tracks.checkup.stored_contacts import check_stored_contacts
from seq2exp_tracks.checkup.weights import Weights, check_channels, check_weights
from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.contact_vectors import is_vectors
from seq2exp_tracks.io.feature_columns import PROMOTER_ACTIVITY
from seq2exp_tracks.model.config import SOFT
from seq2exp_tracks.pipeline.matching import measured_windows
from seq2exp_tracks.preparation.record import RECORD
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.resources.registry import GenomeEntry, Registry
from seq2exp_tracks.scales import Distribution, measure
from seq2exp_tracks.signals import CONTACT_SIGNAL, BigWigSignal, channel_name
from seq2exp_tracks.windows import Window

STEPS = 5  # what the progress counts


def check_up(
    request: CheckupRequest,
    progress: Progress | None = None,
    genome_named: Callable[[str], GenomeEntry] | None = None,
) -> list[Finding]:
    """Looks at everything that a request names; what it does not name is left out.

    Args:
        request: What to look at.
        progress: Who is told how far it is.
        genome_named: Finds the files of a genome by its name, or raises what is wrong; None for the user's
            registered genomes alone.

    Returns:
        What was found, section by section.
    """
    progress = progress or Silent()
    progress.stage("Checking", STEPS)
    try:
        files = ChosenFiles.of(request)
    except InputError as error:
        return [Finding.of_error("signals", error)]
    findings = [*_belongs(request, files), *(Finding("signals", Level.NOTE, it) for it in files.remarks)]
    weights = None
    if request.checkpoint is not None:
        weights, found = check_weights(request.checkpoint, request.window)
        findings += found
        # Without any input a checkpoint is looked at for itself.
        if weights is not None and (files.signals or files.contacts):
            findings += check_channels(request.checkpoint, weights.config, files)
    progress.advance()
    config = None if weights is None else weights.config
    findings = check_installation(request.device, config) + findings
    progress.advance()
    length = request.window or (config or SOFT).window
    entry, found = _entry(request, files, genome_named or Registry().get)
    findings += found
    if entry is None:
        return findings + _not_checked(files)
    trained = {} if weights is None or weights.scales is None else weights.scales
    genome, found = check_genome_files(entry, request.bed_tss, trained.get(PROMOTER_ACTIVITY))
    findings += found
    progress.advance()
    if genome is None:
        return findings + _not_checked(files)
    findings += check_initiators(genome.fasta, genome.genes)
    sizes = genome.fasta.sizes
    signals, found = open_signals(files.signals, sizes, request.clip_negative)
    findings += found
    windows = measured_windows(signals.values(), genome.genes, length, sizes)
    if windows:
        facts, found = _values(signals, windows, weights, files, request)
        measured = {fact.signal.name: fact.signal for fact in facts if not fact.distribution.is_empty}
        findings += found + check_signal_at_genes(measured, [window.gene for window in windows], sizes)
    progress.advance()
    if files.contacts is not None:
        check = check_stored_contacts if is_vectors(files.contacts) else check_contacts
        norm, known = files.contacts_norm, trained.get(CONTACT_SIGNAL)
        findings += check(GivenContacts(files.contacts, norm, sizes, windows, known))
    findings += _needs(request, genome, weights, len(signals), length)
    progress.advance()
    return findings


def _entry(
    request: CheckupRequest, files: ChosenFiles, genome_named: Callable[[str], GenomeEntry]
) -> tuple[GenomeEntry | None, list[Finding]]:
    """The genome that is named."""
    if files.genome is None:
        return None, []
    try:
        entry = genome_named(files.genome)
    except TracksError as error:
        return None, [Finding.of_error("genome", error)]
    return entry.with_files(genes=request.genes, features=files.features), []


def _belongs(request: CheckupRequest, files: ChosenFiles) -> list[Finding]:
    """Whether the cells are of the genome that is named; scoring refuses them otherwise."""
    if files.genome_of_cells in (None, files.genome):
        return []
    what = f"{request.cells}: its cells belong to {files.genome_of_cells}, not to --genome {files.genome}"
    return [Finding("genome", Level.BAD, what, "change either")]


def _not_checked(files: ChosenFiles) -> list[Finding]:
    """What could not be looked at for want of a genome."""
    if not files.signals and files.contacts is None:
        return []
    what = "signals and contacts were not looked at: without a genome it is not known where its genes are"
    way_out = "give --genome NAME" if files.genome is None else "mend what is bad of the genome first"
    return [Finding("signals", Level.WARN, what, way_out)]


def _values(
    signals: Mapping[str, BigWigSignal],
    windows: Sequence[Window],
    weights: Weights | None,
    files: ChosenFiles,
    request: CheckupRequest,
) -> tuple[list[SignalFacts], list[Finding]]:
    """The values of the signals over the windows of genes, and their scale."""
    findings: list[Finding] = []
    facts: dict[str, SignalFacts] = {}
    for name, signal in signals.items():
        try:
            found = facts_of(signal, measure(signal.read, windows), windows, files.counted.get(name))
        except InputError as error:
            findings.append(Finding.of_error("signals", error))
            continue
        facts[channel_name(name)] = found
        findings += describe(found)
        if name in files.counted and found.counted is None:
            findings.append(_not_as_counted(name, files))
    scales = None if weights is None else weights.scales
    if scales is not None:
        findings += check_scales(facts, scales, request.match_scale)
    elif weights is not None:
        findings += check_untrained_scales(facts, request.trained_on)
    # The distributions tell an exchange better, where they are known.
    if not _trained_on_both(scales):
        findings += check_breadths(facts)
    return list(facts.values()), findings


def _not_as_counted(name: str, files: ChosenFiles) -> Finding:
    """A bigWig that another one has taken the place of since its reads were counted."""
    what = (
        f"{files.signals[name]}: not what prepare wrote, whose values are multiples of "
        f"{files.counted[name].factor:.4g} ({RECORD})"
    )
    return Finding("signals", Level.WARN, what, f"prepare again, or give the file by --signal {name}=FILE")


def _trained_on_both(scales: Mapping[str, Distribution] | None) -> bool:
    return scales is not None and {"H3K27ac", "DNase"} <= scales.keys()


def _needs(
    request: CheckupRequest, genome: Genome, weights: Weights | None, bigwigs: int, length: int
) -> list[Finding]:
    """Disk and time of a run over all genes."""
    windows = _all_windows(genome, length, genome.fasta.sizes)
    findings = check_disk(windows, bigwigs, request.out)
    if weights is not None and weights.config.learns_mask and windows:
        findings += check_time(weights.config, length, len(windows), request.device)
    return findings


def _all_windows(genome: Genome, length: int, sizes: ChromSizes) -> list[Window]:
    return measured_windows((), genome.genes, length, sizes)
