"""Given elements come from a simulated truth or from any BED file."""

from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.exports.truth import GivenElement, read_given
from seq2exp_tracks.genome import ChromSizes, Interval

SIZES = ChromSizes({"chr1": 1_000})
PLACE = Interval("chr1", 100, 200)


def test_classes_and_genes_are_read_from_the_columns_of_those_names(tmp_path: Path) -> None:
    path = tmp_path / "truth.bed"
    path.write_text(
        "#chrom\tstart\tend\tclass\tgene_id\n"
        "chr1\t90\t110\tenhancer\tG1\nchr1\t120\t130\tpeak_decoy\t.\nchr1\t300\t310\tpromoter\tG2\n"
    )
    assert read_given(path, SIZES, PLACE) == [
        GivenElement(Interval("chr1", 90, 110), "distal element", "G1"),
        GivenElement(Interval("chr1", 120, 130), "open decoy", None),
    ]


def test_a_plain_bed_of_another_naming_gives_plain_elements(tmp_path: Path) -> None:
    path = tmp_path / "peaks.bed"
    path.write_text("track name=peaks\n1\t150\t160\tpeak\n2\t150\t160\tpeak\n1\t200\t210\tpeak\n")
    assert read_given(path, SIZES, PLACE) == [GivenElement(Interval("chr1", 150, 160), "given element", None)]


def test_a_row_that_is_no_interval_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "peaks.bed"
    path.write_text("chr1\t150\tend\n")
    with pytest.raises(InputError, match=r"peaks.bed:1: not an interval: chr1 150 end"):
        read_given(path, SIZES, PLACE)
