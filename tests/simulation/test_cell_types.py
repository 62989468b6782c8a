"""Cell types share genes, sequence and places; what is open differs, and what is closed does nothing."""

from collections import Counter
from pathlib import Path

import numpy as np
import pyBigWig
import pysam
import pytest
from simulated_tables import digests, elements_of, rows_of

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.simulation.genome import SimulatedGenome, simulate
from seq2exp_tracks.simulation.layout import Layout

LAYOUT = Layout(chromosomes={"one": 120_000, "two": 80_000}, genes=12)


@pytest.fixture
def both(simulated: SimulatedGenome) -> tuple[SimulatedGenome, SimulatedGenome]:
    return simulated, SimulatedGenome.inside(simulated.fasta.parent, "B")


Both = tuple[SimulatedGenome, SimulatedGenome]


def planned(name: str) -> str:
    """The class that an element was planned as, which its name tells in every cell type."""
    return name.rpartition("_")[0]


def test_elements_have_the_same_names_and_places_in_both(both: Both) -> None:
    first, second = (
        {name: (row["chrom"], row["start"], row["end"]) for name, row in elements_of(files).items()}
        for files in both
    )
    assert first == second


def test_enhancers_and_promoters_are_open_in_both_in_one_or_in_none(both: Both) -> None:
    first, second = map(elements_of, both)
    states = Counter(
        (planned(name), row["class"] == planned(name), second[name]["class"] == planned(name))
        for name, row in first.items()
    )
    for kind, least in (("enhancer", 10), ("promoter", 1)):
        assert states[kind, True, True] > states[kind, True, False] >= least
        assert states[kind, False, True] >= least
    assert states["enhancer", False, False] >= 5
    # Closed in every cell type, and open in every cell type.
    assert {key[1:] for key in states if key[0] == "motif_decoy"} == {(True, True)}
    assert {key[1:] for key in states if key[0] == "peak_decoy"} == {(True, True)}


def test_what_is_not_as_planned_is_closed(in_each_cell_type: SimulatedGenome) -> None:
    for name, row in elements_of(in_each_cell_type).items():
        assert row["class"] in (planned(name), "motif_decoy")
        assert (float(row["openness"]) == 0) == (row["class"] == "motif_decoy")


def test_an_element_closed_in_one_cell_type_has_signal_reads_and_effect_in_the_other_only(both: Both) -> None:
    first, second = map(elements_of, both)
    changed = [
        name
        for name in first
        if (first[name]["class"] == "motif_decoy") != (second[name]["class"] == "motif_decoy")
    ]
    assert len(changed) > 30
    for files, elements in zip(both, (first, second), strict=True):
        signal: dict[bool, list[float]] = {True: [], False: []}
        reads: dict[bool, list[int]] = {True: [], False: []}
        with pyBigWig.open(str(files.dnase)) as bigwig, pysam.AlignmentFile(str(files.reads)) as bam:
            for name in changed:
                row = elements[name]
                is_open = row["class"] != "motif_decoy"
                middle = (int(row["start"]) + int(row["end"])) // 2
                place = (row["chrom"], middle - 50, middle + 50)
                signal[is_open].append(bigwig.stats(*place)[0])
                reads[is_open].append(bam.count(*place))
                assert (float(row["effect"]) > 0) == is_open
                assert (row["gene_id"] == ".") == (not is_open)
        assert max(signal[False]) < 1.5 < 2.5 < min(signal[True])
        assert np.mean(reads[False]) < 5
        assert max(reads[False]) < 15 < min(reads[True])


def test_the_features_of_a_transcript_are_the_same_and_its_promoters_activity_is_not(both: Both) -> None:
    first, second = (rows_of(files.features) for files in both)
    activity = [
        (float(a.pop("PromoterActivity")), float(b.pop("PromoterActivity")))
        for a, b in zip(first, second, strict=True)
    ]
    assert first == second
    assert all(a != b for a, b in activity)


def test_noise_is_drawn_for_each_cell_type(both: Both) -> None:
    noise = [
        [float(row["expression"]) - float(row["expected"]) for row in rows_of(files.labels)] for files in both
    ]
    assert abs(np.corrcoef(noise)[0, 1]) < 0.5


def test_a_further_cell_type_and_other_names_leave_the_files_of_the_first(tmp_path: Path) -> None:
    simulate(tmp_path / "one", seed=3, layout=LAYOUT, cell_types=("A",))
    simulate(tmp_path / "three", seed=3, layout=LAYOUT, cell_types=("K562", "B", "C"))
    one, three = digests(tmp_path / "one"), digests(tmp_path / "three")
    own = {name.removeprefix("A/"): digest for name, digest in one.items() if name.startswith("A/")}
    assert len(own) == 8
    assert own == {
        name.removeprefix("K562/"): digest for name, digest in three.items() if name.startswith("K562/")
    }
    assert {name for name in one if "/" not in name and one[name] != three[name]} == {"parameters.json"}
    labels = [three[f"{name}/labels.tsv"] for name in ("K562", "B", "C")]
    assert len(set(labels)) == 3


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (("A", "a"), "cell types A, a: give one or more different names"),
        ((), r"cell types \(none\): give one or more different names"),
        (
            ("A", ""),
            "cell type '': a name begins with a letter or digit and has letters, digits and . _ - only",
        ),
        (
            ("../A",),
            "cell type '../A': a name begins with a letter or digit and has letters, digits and . _ - ",
        ),
        (("genes.gtf",), "cell type 'genes.gtf': a file of the genome has that name; choose another"),
        (("Genome.fa.fai",), "cell type 'Genome.fa.fai': a file of the genome has that name; choose another"),
    ],
)
def test_names_that_are_no_folders_of_their_own_are_refused(
    names: tuple[str, ...], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=problem):
        simulate(tmp_path / "out", cell_types=names)
    assert list(tmp_path.iterdir()) == []
