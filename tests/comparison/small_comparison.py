"""A comparison so small that the whole set is trained, scored and measured in seconds."""

from collections.abc import Mapping
from pathlib import Path

from seq2exp_tracks.comparison.cases import cases_of
from seq2exp_tracks.comparison.request import CompareRequest, SimulatedData

TRAINING: Mapping[str, object] = {
    "size": "small",
    "window": 6000,
    "promoter": 400,
    "d_model": 4,
    "layers": 1,
    "rate": 0.01,
    "steps": 4,
    "evaluate_every": 2,
    "batch_size": 2,
    "device": "cpu",
}


def small_comparison(out: Path, *methods: str, seeds: tuple[int, ...] = (1,)) -> CompareRequest:
    """A comparison of some methods on simulated genomes of 24 genes."""
    return CompareRequest(
        data=SimulatedData(settings=("default",), genes=24),
        out=out,
        methods=methods,
        seeds=seeds,
        training=TRAINING,
        workers=1,
    )


def give_peaks(request: CompareRequest) -> None:
    """Puts peaks where those are kept that MACS3 called, so that it is not needed."""
    for case in cases_of(request):
        case.peaks_folder.mkdir(parents=True)
        rows = (
            f"{chrom}\t{start}\t{start + 400}\tpeak\t0\t.\t5\t-1\t-1\t200\n"
            for chrom in ("chrA", "chrB", "chrC", "chrD")
            for start in range(1_000, 40_000, 2_000)
        )
        (case.peaks_folder / "macs3_peaks.narrowPeak").write_text("".join(rows))
