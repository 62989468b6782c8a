"""A mask that is given: a BED as it is, or the best bases of a bigWig of scores."""

from pathlib import Path

import numpy as np
import pytest
from small_files import write_bigwig

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.training.fixed_masks import (
    RegionMask,
    TopShareMask,
    check_share,
    mask_notes,
    open_fixed_mask,
    unscored_note,
)
from seq2exp_tracks.windows import Window

SIZES = ChromSizes({"chr1": 300, "chr2": 50})


def gene_at(tss: int, chrom: str = "chr1") -> Gene:
    return Gene(f"id{tss}", f"G{tss}", chrom, tss, Strand.PLUS)


def inputs_at(tss: int, length: int, excluded: range = range(0)) -> WindowInputs:
    """What is read around a TSS of chr1; `excluded` counts from the window's start."""
    blacklist = np.isin(np.arange(length), excluded)
    return WindowInputs(
        window=Window.around(gene_at(tss), length, SIZES["chr1"]),
        bases=np.zeros(length, np.uint8),
        signals=np.zeros((length, 3), np.float32),
        excluded=blacklist,
        features=np.zeros(9, np.float32),
        imputed=(),
    )


def top_share(folder: Path, values: np.ndarray, share: float, promoter: int) -> TopShareMask:
    """The mask of scores of chr1, base by base; NaN where there is none."""
    intervals = [
        ("chr1", place, place + 1, float(value)) for place, value in enumerate(values) if value == value
    ]
    path = write_bigwig(folder / "mask.bw", SIZES, intervals)
    return TopShareMask(BigWig(path, SIZES, negatives="clip"), share, promoter)


def places(mask: np.ndarray) -> list[int]:
    return np.flatnonzero(mask).tolist()


def test_regions_are_kept_as_they_are_whatever_promoter_and_blacklist() -> None:
    regions = IntervalSet({"chr1": np.array([[0, 3], [8, 12]])})
    mask = RegionMask(regions).read(inputs_at(5, 20, excluded=range(20)))
    assert places(mask) == [5, 6, 7, 13, 14, 15, 16]  # the window begins 5 bases before the chromosome


def test_the_bases_of_the_highest_scores_and_the_promoter_are_kept(tmp_path: Path) -> None:
    values = np.full(300, 0.1)
    values[[92, 95, 99, 107, 109]] = 0.3, 0.9, 0.4, 0.8, 0.7
    mask = top_share(tmp_path, values, share=0.2, promoter=4).read(inputs_at(100, 20))
    assert places(mask) == [5, 8, 9, 10, 11, 17, 19]


def test_each_window_keeps_its_own_share(tmp_path: Path) -> None:
    mask = top_share(tmp_path, np.linspace(0.1, 0.9, 300), share=0.2, promoter=2)
    for tss in (60, 200):
        assert places(mask.read(inputs_at(tss, 20))) == [9, 10, 16, 17, 18, 19]


def test_of_equal_scores_the_nearest_to_the_tss_come_first_then_the_left(tmp_path: Path) -> None:
    values = np.full(300, 0.5)
    values[100] = 0.9
    mask = top_share(tmp_path, values, share=0.2, promoter=1).read(inputs_at(100, 20))
    assert places(mask) == [8, 9, 10, 11]


@pytest.mark.parametrize(("share", "kept"), [(0.29, 29), (0.999, 99), (1.0, 100)])
def test_a_share_is_rounded_down_but_not_by_the_error_of_the_product(
    tmp_path: Path, share: float, kept: int
) -> None:
    values = np.linspace(0.1, 0.9, 300)
    mask = top_share(tmp_path, values, share, promoter=2).read(inputs_at(149, 100))
    assert places(mask) == sorted({49, 50, *range(100 - kept, 100)})


def test_what_has_no_score_above_zero_or_is_blacklisted_is_kept_in_the_promoter_only(tmp_path: Path) -> None:
    values = np.full(300, np.nan)
    values[95:105] = -0.5, 0.2, 0, 0.3, np.nan, 0, 0.4, 0.5, 0, np.nan
    mask = top_share(tmp_path, values, share=1.0, promoter=2).read(inputs_at(100, 20, excluded=range(11, 20)))
    assert places(mask) == [6, 8, 9, 10]


def test_padding_counts_in_the_share_and_is_never_kept(tmp_path: Path) -> None:
    mask = top_share(tmp_path, np.linspace(0.1, 0.9, 300), share=0.3, promoter=2).read(inputs_at(4, 20))
    assert places(mask) == [9, 10, 14, 15, 16, 17, 18, 19]


def test_it_is_the_plain_definition_on_scores_of_few_values(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    values = generator.integers(0, 6, 300) / 5
    share, promoter, length = 0.23, 7, 61
    mask = top_share(tmp_path, values, share, promoter)
    for tss in (3, 77, 150, 298):
        inputs = inputs_at(tss, length, excluded=range(5, 15))
        window = inputs.window
        scores = window.pad(np.float32(values[window.inside.start : window.inside.end]), 0)
        best = sorted(range(length), key=lambda place: (-scores[place], abs(place - length // 2), place))
        able = [place for place in best if scores[place] > 0 and not inputs.excluded[place]]
        middle = range((length - promoter) // 2, (length - promoter) // 2 + promoter)
        assert places(mask.read(inputs)) == sorted({*able[: int(share * length)], *middle})


def test_a_mask_is_opened_by_what_its_file_is(tmp_path: Path) -> None:
    bed = tmp_path / "peaks.bed"
    bed.write_text("chr1\t5\t9\n")
    bigwig = write_bigwig(tmp_path / "mask.bw", SIZES, [("chr1", 10, 12, 0.5)])
    regions = open_fixed_mask(bed, None, SIZES, window=20, promoter=4)
    scores = open_fixed_mask(bigwig, 0.1, SIZES, window=20, promoter=4)
    assert places(regions.read(inputs_at(10, 20))) == [5, 6, 7, 8]
    assert places(scores.read(inputs_at(20, 20))) == [0, 1, 8, 9, 10, 11]
    with pytest.raises(InputError, match=r"^--fixed-share 0\.04: not one base of a window of 20; give"):
        open_fixed_mask(bigwig, 0.04, SIZES, window=20, promoter=4)


@pytest.mark.parametrize(
    ("path", "share", "line"),
    [
        ("peaks.bed", 0.1, "peaks.bed: a BED is kept as it is; leave out --fixed-share, or give a bigWig"),
        ("mask.bw", None, "mask.bw: holds scores; say with --fixed-share 0.1 how many of the bases are kept"),
        ("mask.BigWig", 0.0, "--fixed-share 0: a share of bases lies above 0 and up to 1"),
        ("mask.bw", 1.5, "--fixed-share 1.5: a share of bases lies above 0 and up to 1"),
        ("mask.bw", float("nan"), "--fixed-share nan: a share of bases lies above 0 and up to 1"),
        (None, 0.1, "--fixed-share belongs to --fixed-mask FILE.bw; give both or none"),
    ],
)
def test_a_share_belongs_to_scores(path: str | None, share: float | None, line: str) -> None:
    with pytest.raises(InputError) as refused:
        check_share(None if path is None else Path(path), share)
    assert str(refused.value).startswith(line)


@pytest.mark.parametrize(
    ("path", "share"), [("peaks.bed", None), ("mask.bw", 0.1), ("mask.bw", 1.0), (None, None)]
)
def test_what_fits_is_taken(path: str | None, share: float | None) -> None:
    check_share(None if path is None else Path(path), share)


def test_a_bed_without_intervals_is_refused_and_rows_off_the_genome_are_told(tmp_path: Path) -> None:
    bed = tmp_path / "peaks.bed"
    bed.write_text("# nothing\n")
    with pytest.raises(InputError) as refused:
        open_fixed_mask(bed, None, SIZES, window=20, promoter=4)
    assert str(refused.value) == f"{bed}: holds no interval, so that not one base would be read"
    bed.write_text("chr1\t5\t9\nchr7\t5\t9\n")
    mask = open_fixed_mask(bed, None, SIZES, window=20, promoter=4)
    assert mask_notes(mask, bed, [gene_at(10)], SIZES) == [
        f"{bed}: 1 rows on chromosomes that the FASTA lacks were left out"
    ]
    assert mask_notes(None, None, [gene_at(10)], SIZES) == []


def test_genes_without_scores_are_counted_and_a_mask_of_none_is_refused(tmp_path: Path) -> None:
    values = np.full(300, np.nan)
    values[90:110] = 0.5
    mask = top_share(tmp_path, values, share=0.2, promoter=4)
    scored, unscored, elsewhere, beyond = gene_at(95), gene_at(200), gene_at(10, "chr2"), gene_at(305)
    assert unscored_note(mask, [scored], SIZES) is None
    assert unscored_note(mask, [scored, unscored, elsewhere, beyond], SIZES) == (
        f"{tmp_path / 'mask.bw'}: no score at the TSS of 3 of 4 genes; "
        "of these little more than the promoter may be read"
    )
    with pytest.raises(InputError, match=r"mask\.bw: no score at the TSS of any gene; score these genes"):
        unscored_note(mask, [unscored, elsewhere], SIZES)
    assert unscored_note(RegionMask(IntervalSet({})), [unscored], SIZES) is None
