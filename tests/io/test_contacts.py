import pickle

import cooler
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_files import write_cool, write_hic

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io import contacts as contacts_module
from seq2exp_tracks.io.contacts import Contacts

# The last bin of each chromosome is shorter than the others.
SIZES = {"chr1": 52_000, "chr2": 20_001}
BINS = {"chr1": 11, "chr2": 5}


def matrices(seed=0, mean=3.0):
    """Symmetric counts of both chromosomes."""
    rng = np.random.default_rng(seed)
    upper = {chrom: np.triu(rng.poisson(mean, (bins, bins))) for chrom, bins in BINS.items()}
    return {chrom: counts + np.triu(counts, 1).T for chrom, counts in upper.items()}


def vanilla_coverage_of(counts):
    """The definition: the dense matrix over the product of its row sums, on its old total."""
    scale = np.outer(counts.sum(1), counts.sum(1))
    divided = np.divide(counts, scale, out=np.zeros(counts.shape), where=scale > 0)
    return divided * (counts.sum() / divided.sum()) if divided.any() else divided


def raw(folder, counts):
    """Contacts that are the counts themselves."""
    return Contacts(write_cool(folder / "a.cool", SIZES, counts), ChromSizes(SIZES), normalization="NONE")


def all_of(chrom):
    return Interval(chrom, 0, SIZES[chrom])


def whole_matrix(contacts, chrom):
    """Row after row, asked for by a base of each bin."""
    rows = [
        contacts.contact_with(chrom, 5_000 * place + 1, all_of(chrom)) for place in range(BINS[chrom] - 1)
    ]
    return np.array([*rows, contacts.contact_with(chrom, SIZES[chrom] - 1, all_of(chrom))])


@settings(max_examples=30, deadline=None)
@given(upper=arrays(np.int64, (11, 11), elements=st.integers(0, 9)), band=st.integers(1, 12))
def test_vc_of_a_file_without_it_is_that_of_the_dense_matrix(tmp_path_factory, upper, band):
    counts = np.triu(upper) + np.triu(upper, 1).T
    counts[0, 0] = 1  # cooler takes no empty matrix
    path = write_cool(
        tmp_path_factory.mktemp("cool") / "a.cool", SIZES, {"chr1": counts, "chr2": np.eye(5, dtype=int)}
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contacts_module, "_BAND", band)
        found = whole_matrix(Contacts(path, ChromSizes(SIZES)), "chr1")
    np.testing.assert_allclose(found, vanilla_coverage_of(counts), rtol=1e-12, atol=0)


@pytest.mark.parametrize("write", [write_cool, write_hic])
def test_every_format_gives_the_same_computed_vc_on_every_chromosome(tmp_path, write):
    counts = matrices()
    suffix = write.__name__.removeprefix("write_")
    contacts = Contacts(write(tmp_path / f"a.{suffix}", SIZES, counts), ChromSizes(SIZES))
    assert contacts.computed
    assert contacts.warning is None
    for chrom, expected in counts.items():
        np.testing.assert_allclose(whole_matrix(contacts, chrom), vanilla_coverage_of(expected), rtol=1e-6)


def test_vc_keeps_the_total_of_the_chromosome(tmp_path):
    counts = matrices()
    contacts = Contacts(write_cool(tmp_path / "a.cool", SIZES, counts), ChromSizes(SIZES))
    assert whole_matrix(contacts, "chr2").sum() == pytest.approx(counts["chr2"].sum())


def test_vc_stored_in_a_hic_file_is_taken_from_it(tmp_path):
    counts, rng = matrices(), np.random.default_rng(1)
    divisors = {chrom: rng.uniform(0.5, 2, bins) for chrom, bins in BINS.items()}
    contacts = Contacts(write_hic(tmp_path / "a.hic", SIZES, counts, vc=divisors), ChromSizes(SIZES))
    assert not contacts.computed
    for chrom, each in divisors.items():
        np.testing.assert_allclose(
            whole_matrix(contacts, chrom), counts[chrom] / np.outer(each, each), rtol=1e-5
        )


def test_vc_stored_in_a_cool_file_is_taken_from_it_and_undefined_bins_are_0(tmp_path):
    counts = matrices()
    divisors = np.arange(1.0, 17.0)
    divisors[3] = np.nan
    path = write_cool(tmp_path / "a.cool", SIZES, counts, weights={"VC": divisors})
    contacts = Contacts(path, ChromSizes(SIZES))
    assert not contacts.computed
    expected = counts["chr1"] / np.outer(divisors[:11], divisors[:11])
    np.testing.assert_allclose(whole_matrix(contacts, "chr1"), np.nan_to_num(expected), rtol=1e-12)


def test_ice_is_coolers_own_balancing_and_warns_of_another_scale(tmp_path):
    path = write_cool(tmp_path / "a.cool", SIZES, matrices(mean=30))
    cooler.balance_cooler(cooler.Cooler(str(path)), store=True, cis_only=True, min_nnz=0, mad_max=0)
    contacts = Contacts(path, ChromSizes(SIZES), normalization="ICE")
    expected = cooler.Cooler(str(path)).matrix(balance=True).fetch("chr1")
    np.testing.assert_allclose(whole_matrix(contacts, "chr1"), expected, rtol=1e-6)
    assert contacts.normalization == "ICE"
    assert contacts.warning == (
        f"{path}: contacts are normalised by ICE, but the model was trained on VC, which is on another "
        "scale: scores are not comparable"
    )


def test_raw_counts_are_to_be_had_and_warned_about(tmp_path):
    counts = matrices()
    contacts = Contacts(
        write_cool(tmp_path / "a.cool", SIZES, counts), ChromSizes(SIZES), normalization="NONE"
    )
    np.testing.assert_array_equal(whole_matrix(contacts, "chr1"), counts["chr1"])
    assert "normalised by NONE" in contacts.warning


def test_an_interval_on_either_side_of_the_base_gives_its_own_bins(tmp_path):
    counts = matrices()
    contacts = Contacts(
        write_cool(tmp_path / "a.cool", SIZES, counts), ChromSizes(SIZES), normalization="NONE"
    )
    for interval, bins in (
        (Interval("chr1", 4_999, 10_001), slice(0, 3)),
        (Interval("chr1", 40_000, 45_000), slice(8, 9)),
        (Interval("chr1", 51_999, 52_000), slice(10, 11)),
    ):
        assert contacts.contact_with("chr1", 27_000, interval).tolist() == counts["chr1"][5, bins].tolist()


def test_a_bins_own_contact_is_the_diagonal_and_0_off_the_chromosome(tmp_path):
    counts = matrices()
    contacts = Contacts(
        write_cool(tmp_path / "a.cool", SIZES, counts), ChromSizes(SIZES), normalization="NONE"
    )
    assert contacts.own_contact("chr2", 19_999) == counts["chr2"][3, 3]
    assert contacts.own_contact("chr2", 20_000) == counts["chr2"][4, 4]
    assert contacts.own_contact("chr2", -1) == 0
    assert contacts.own_contact("chr2", 20_001) == 0
    assert contacts.contact_with("chr2", 20_001, all_of("chr2")).tolist() == [0] * 5


def test_a_zoomed_file_is_read_at_the_resolution_asked_for(tmp_path):
    counts = matrices()
    write_cool(tmp_path / "a.cool", SIZES, counts)
    cooler.zoomify_cooler(str(tmp_path / "a.cool"), str(tmp_path / "a.mcool"), [5_000, 10_000], 1000)
    fine = Contacts(tmp_path / "a.mcool", ChromSizes(SIZES), normalization="NONE")
    coarse = Contacts(tmp_path / "a.mcool", ChromSizes(SIZES), normalization="NONE", resolution=10_000)
    assert fine.contact_with("chr1", 0, all_of("chr1")).tolist() == counts["chr1"][0].tolist()
    joined = counts["chr1"][:2].sum(0)
    expected = [*(joined[:10:2] + joined[1:10:2]), joined[10]]
    expected[0] = counts["chr1"][0, 0] + counts["chr1"][0, 1] + counts["chr1"][1, 1]
    assert coarse.contact_with("chr1", 0, all_of("chr1")).tolist() == expected


@pytest.mark.parametrize("kind", ["cool", "mcool", "hic"])
def test_a_file_without_the_resolution_is_refused_and_says_which_it_has(tmp_path, kind):
    counts = matrices()
    path = tmp_path / f"a.{kind}"
    if kind == "hic":
        write_hic(path, SIZES, counts)
    else:
        write_cool(tmp_path / "a.cool", SIZES, counts)
    if kind == "mcool":
        cooler.zoomify_cooler(str(tmp_path / "a.cool"), str(path), [5_000, 10_000], 1000)
    with pytest.raises(InputError, match=r"no contacts in bins of 2,000 bp.*present: 5,000(, 10,000)? bp"):
        Contacts(path, ChromSizes(SIZES), resolution=2_000)


def test_an_unknown_normalisation_is_refused_and_says_which_there_are(tmp_path):
    path = write_cool(tmp_path / "a.cool", SIZES, matrices(), weights={"KR": np.ones(16)})
    with pytest.raises(InputError, match=r"no ICE normalisation in it; to be had: KR, NONE, VC"):
        Contacts(path, ChromSizes(SIZES), normalization="ICE")


def test_a_file_of_another_assembly_is_refused_and_1_is_chr1(tmp_path):
    path = write_cool(tmp_path / "a.cool", SIZES, matrices())
    with pytest.raises(InputError, match=r"a\.cool: chr1 has 52,000 bp, but 1 of the genome has 52,500"):
        Contacts(path, ChromSizes({"1": 52_500}))
    contacts = Contacts(path, ChromSizes({"1": 52_000, "X": 9_000}), normalization="NONE")
    assert contacts.missing == ("X",)
    assert contacts.own_contact("1", 7) == matrices()["chr1"][0, 0]
    assert contacts.contact_with("X", 10, Interval("X", 0, 6_000)).tolist() == [0, 0]


@pytest.mark.parametrize("write", [write_cool, write_hic])
def test_a_truncated_file_is_one_quiet_line_wherever_it_is_cut(tmp_path, capfd, write):
    whole = write(tmp_path / "whole", SIZES, matrices())
    content = whole.read_bytes()
    cut = tmp_path / "cut"
    for length in range(0, len(content) - 1, len(content) // 25):
        cut.write_bytes(content[:length])
        with pytest.raises(InputError) as caught:
            whole_matrix(Contacts(cut, ChromSizes(SIZES)), "chr1")
        assert str(caught.value).startswith(f"{cut}: ")
        assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_what_is_no_file_of_contacts_is_one_line(tmp_path):
    (tmp_path / "a.cool").write_text("chr1\t0\t5000\n")
    with pytest.raises(InputError, match=r"a\.cool: not a \.hic, \.cool or \.mcool file"):
        Contacts(tmp_path / "a.cool", ChromSizes(SIZES))
    with pytest.raises(InputError, match=r"b\.cool: no such file"):
        Contacts(tmp_path / "b.cool", ChromSizes(SIZES))


def test_a_copy_in_another_process_reads_the_same(tmp_path):
    contacts = Contacts(write_cool(tmp_path / "a.cool", SIZES, matrices()), ChromSizes(SIZES))
    copy = pickle.loads(pickle.dumps(contacts))
    np.testing.assert_array_equal(whole_matrix(copy, "chr1"), whole_matrix(contacts, "chr1"))
