"""Every way of scoring stands in the table at the coverage of peaks, each once, masks first."""

from dataclasses import replace

from outcomes_by_hand import soft

from seq2exp_tracks.comparison.element_tables import coverage_tables
from seq2exp_tracks.comparison.outcomes import Coverage, Outcome

OTHERS = ("DNase", "H3K27ac", "abc", "MACS3")


def evaluated(method: str, seed: int) -> Outcome:
    """An outcome with every method at the coverage of the method's own calls and of peaks."""
    mask = f"{method} mask"
    coverage = [
        Coverage(name, "distal", caller, share, 0.5, 0.25)
        for caller, share in ((mask, 0.1), ("MACS3", 0.05))
        for name in (mask, *OTHERS)
    ]
    return replace(soft(seed, 0.5, 0.5, 0.5), method=method, coverage=tuple(coverage))


def test_all_methods_are_measured_at_the_coverage_of_peaks() -> None:
    outcomes = [evaluated(method, seed) for seed in (1, 2) for method in ("soft", "hard")]
    found = {text.split("(")[0].split("as many as ")[1]: text for text in coverage_tables(outcomes)}
    assert list(found) == [
        *("the called elements of the soft mask ", "MACS3 ", "the called elements of the hard mask ")
    ]
    names = {
        whose: [line.split(" | ")[0].strip("| ") for line in text.splitlines()[4:]]
        for whose, text in found.items()
    }
    assert names["MACS3 "] == ["soft mask", "hard mask", *OTHERS]
    assert names["the called elements of the hard mask "] == ["hard mask", *OTHERS]
