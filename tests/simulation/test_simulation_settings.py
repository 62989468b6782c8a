"""Settings do what they say, on the same genome."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyBigWig
import pytest
from seq2exp_tracks_cli.simulate import simulate as command
from simulated_tables import digests, elements_of, rows_of

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.simulation.genome import SimulatedGenome, simulate
from seq2exp_tracks.simulation.layout import SIZES, Layout
from seq2exp_tracks.simulation.setting import PROMOTER_ONLY, SETTINGS, SIGNALS_SUFFICE, Setting, setting_named

CELL_TYPES = ("A", "B")


@pytest.fixture(scope="module")
def signals_suffice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(tmp_path_factory.mktemp("suffice"), setting=SIGNALS_SUFFICE).fasta.parent


@pytest.fixture(scope="module")
def promoter_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(tmp_path_factory.mktemp("promoter"), setting=PROMOTER_ONLY).fasta.parent


@pytest.mark.parametrize("cell_type", CELL_TYPES)
def test_where_signals_suffice_what_is_open_acts_in_proportion_to_its_openness(
    signals_suffice: Path, cell_type: str
) -> None:
    files = SimulatedGenome.inside(signals_suffice, cell_type)
    signal, activity = [], []
    with pyBigWig.open(str(files.dnase)) as dnase:
        for row in elements_of(files).values():
            assert row["class"] in ("promoter", "enhancer", "motif_decoy")
            assert row["activity"] == row["openness"]
            assert (
                (float(row["effect"]) > 0) == (float(row["openness"]) > 0) == (row["class"] != "motif_decoy")
            )
            middle = (int(row["start"]) + int(row["end"])) // 2
            signal.append(dnase.stats(row["chrom"], middle - 100, middle + 100)[0])
            activity.append(float(row["activity"]))
    assert np.corrcoef(signal, activity)[0, 1] > 0.97
    acting = {row["name"] for row in rows_of(files.truth) if row["gene_id"] != "."}
    assert sum(name.startswith("peak_decoy") for name in acting) > 20


@pytest.mark.parametrize("cell_type", CELL_TYPES)
def test_where_promoters_alone_act_a_gene_has_its_promoters_effect_and_nothing_else(
    promoter_only: Path, cell_type: str
) -> None:
    files = SimulatedGenome.inside(promoter_only, cell_type)
    expected = {row["gene_id"]: Decimal("0.3") for row in rows_of(files.labels)}
    for row in rows_of(files.truth):
        assert row["class"] in ("promoter", "motif_decoy", "peak_decoy")
        assert (float(row["effect"]) > 0) == (row["class"] == "promoter") == (row["gene_id"] != ".")
        if row["gene_id"] != ".":
            expected[row["gene_id"]] += Decimal(row["effect"])
    assert {row["gene_id"]: Decimal(row["expected"]) for row in rows_of(files.labels)} == expected


def test_where_promoters_alone_act_everything_that_is_measured_of_the_genome_is_as_in_default(
    simulated: SimulatedGenome, promoter_only: Path
) -> None:
    default, other = digests(simulated.fasta.parent), digests(promoter_only)
    assert {name for name in default if default[name] != other[name]} == {
        "parameters.json",
        *(f"{name}/{table}" for name in CELL_TYPES for table in ("labels.tsv", "truth.bed")),
    }


def test_all_settings_have_one_sequence_one_set_of_places_and_one_contact_map(
    simulated: SimulatedGenome, signals_suffice: Path
) -> None:
    default, other = digests(simulated.fasta.parent), digests(signals_suffice)
    drawn = {
        f"{cell}/{name}"
        for cell in CELL_TYPES
        for name in (
            "DNase.bam",
            "DNase.bam.bai",
            "DNase.bw",
            "H3K27ac.bw",
            "features.tsv",
            "labels.tsv",
            "truth.bed",
        )
    }
    assert {name for name in default if default[name] != other[name]} == {"parameters.json", *drawn}


def test_gain_baseline_noise_and_shares_are_the_settings(tmp_path: Path) -> None:
    quiet = Setting("quiet", "", enhancers_open=1.0, promoters_open=1.0, baseline=1.0, gain=0.5, noise_sd=0.0)
    files = simulate(tmp_path, layout=Layout(chromosomes={"one": 120_000}, genes=8), setting=quiet)
    assert all(row["expression"] == row["expected"] for row in rows_of(files.labels))
    assert min(float(row["expected"]) for row in rows_of(files.labels)) == 1.0
    for row in rows_of(files.truth):
        planned = row["name"].rpartition("_")[0]
        assert row["class"] == planned
        if row["gene_id"] != ".":
            effect = 0.5 * float(row["activity"]) * float(row["contact"])
            assert float(row["effect"]) == pytest.approx(effect, abs=5e-6)


def test_the_command_offers_every_setting_and_every_size() -> None:
    choices = {option.name: getattr(option.type, "choices", None) for option in command.params}
    assert list(choices["setting"]) == list(SETTINGS)
    assert list(choices["size"]) == list(SIZES)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(
        InputError, match="no setting 'hard'; there are default, signals-suffice, promoter-only"
    ):
        setting_named("hard")
