"""Coverage of the truth is counted in bases, of scored bases only."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.simulation.elements import ElementClass
from seq2exp_tracks.simulation.genome import SimulatedGenome
from seq2exp_tracks.simulation.recovery import Recovery, read_truth, recovered

TRUTH = {
    Interval("a", 10, 20): ElementClass.PROMOTER,
    Interval("a", 40, 60): ElementClass.ENHANCER,
    Interval("a", 95, 105): ElementClass.ENHANCER,
    Interval("a", 70, 80): ElementClass.PEAK_DECOY,
    Interval("b", 0, 10): ElementClass.MOTIF_DECOY,
}
WINDOW = [Interval("a", 0, 100)]


def test_covered_bases_are_counted_by_class_and_chance_is_the_share_of_scored_bases_called() -> None:
    called = [Interval("a", 10, 20), Interval("a", 15, 25), Interval("a", 50, 55), Interval("a", 99, 110)]
    assert recovered(TRUTH, called, WINDOW) == Recovery(
        by_chance=21 / 100,
        covered={ElementClass.PROMOTER: 1.0, ElementClass.ENHANCER: 6 / 25, ElementClass.PEAK_DECOY: 0.0},
        active=3,
        found=1,
    )


def test_the_line_for_people_names_found_elements_shares_and_chance() -> None:
    called = [Interval("a", 10, 20), Interval("a", 40, 50)]
    assert str(recovered(TRUTH, called, WINDOW)) == (
        "called elements cover 2 of 3 planted active elements by half or more; "
        "bases covered: promoters 100%, enhancers 40%, open decoys 0%, by chance 20%"
    )


intervals = st.builds(
    lambda chrom, start, length: Interval(chrom, start, start + length),
    st.sampled_from("ab"),
    st.integers(0, 80),
    st.integers(1, 30),
)


@given(
    st.dictionaries(intervals, st.sampled_from(ElementClass)),
    st.lists(intervals),
    st.lists(intervals, min_size=1),
)
def test_shares_agree_with_sets_of_bases(
    truth: dict[Interval, ElementClass], called: list[Interval], scored: list[Interval]
) -> None:
    def bases(places: list[Interval]) -> set[tuple[str, int]]:
        return {(place.chrom, base) for place in places for base in range(place.start, place.end)}

    in_window, in_call = bases(scored), bases(called)
    result = recovered(truth, called, scored)
    assert result.by_chance == pytest.approx(len(in_window & in_call) / len(in_window))
    for kind in ElementClass:
        planted = [[*bases([place]) & in_window] for place, its in truth.items() if its is kind]
        total = sum(map(len, planted))
        assert (kind in result.covered) == (total > 0)
        if total:
            hits = sum(base in in_call for element in planted for base in element)
            assert result.covered[kind] == pytest.approx(hits / total)


def test_the_truth_of_a_simulated_genome_is_read_back(simulated: SimulatedGenome) -> None:
    truth = read_truth(simulated.truth)
    names = {line.split("\t")[3] for line in simulated.truth.read_text().splitlines()[1:]}
    assert len(truth) == len(names)
    assert set(truth.values()) == set(ElementClass)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            "#chrom\tstart\tend\nchr1\t0\t10\n",
            "truth.bed: no column class; its columns are chrom, start, end",
        ),
        (
            "#chrom\tstart\tend\tclass\nchr1\t0\t10\tsilencer\n",
            "truth.bed:2: no planted element: .*'silencer'",
        ),
        (
            "#chrom\tstart\tend\tclass\nchr1\t9\t5\tenhancer\n",
            "truth.bed:2: not an interval: chr1:9-5",
        ),
    ],
)
def test_a_file_that_is_no_truth_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "truth.bed"
    path.write_text(content)
    with pytest.raises(InputError, match=problem):
        read_truth(path)
