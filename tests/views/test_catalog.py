"""Tilesets by uid: fixed names, the numbers of the files behind them, and nothing for any other uid."""

import base64
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from example_run import ExampleRun
from hypothesis import assume, given
from hypothesis import strategies as st

from higlass_views import catalog as catalog_module
from higlass_views.catalog import Catalog, UnknownTilesetError
from higlass_views.page import Page
from higlass_views.shown_run import open_runs
from seq2exp_tracks.genome import Interval

BASES = 1_024  # of a tile at the deepest zoom
DEEPEST = 10  # 650,000 bp are 635 tiles of 1,024


def values_of(catalog: Catalog, tile: str) -> np.ndarray:
    """Values (1024,) of a tile, as the client sees them."""
    ((_, found),) = catalog.tileset(tile.split(".")[0]).tiles([tile])
    return np.frombuffer(base64.b64decode(found["dense"]), "<f4")


def first_bases(catalog: Catalog, uid: str) -> np.ndarray:
    """Values (1024,) of the first bases of the genome."""
    return values_of(catalog, f"{uid}.{DEEPEST}.0")


def test_uids_name_the_run_and_what_is_shown(page: Page, compared: Page) -> None:
    of_run = ["mask", "upper", "lower", "applied", "signal0", "signal1", "map", "predicted", "measured"]
    of_run += ["promoters", "distal", "links"]
    assert list(page.catalog.uids) == ["chromosomes", "genes", *(f"r0-{name}" for name in of_run)]
    without_contacts = [f"r1-{name}" for name in of_run if name != "map"]
    expected = {"chromosomes", "genes", "difference", *(f"r0-{name}" for name in of_run), *without_contacts}
    assert set(compared.catalog.uids) == expected


def test_no_uid_has_a_dot_at_which_the_client_would_cut_it(compared: Page) -> None:
    gene = compared.catalog.runs[0].gene_ids[0]
    uids = [*compared.catalog.uids, compared.catalog.uid_of_gene(0, gene, "mask")]
    assert [uid for uid in uids if uid is None or "." in uid] == []


def test_a_mask_shows_the_numbers_of_its_file(page: Page) -> None:
    run = page.catalog.runs[0].run
    entry = run.track("mask")
    assert entry is not None
    expected = run.values(entry, Interval("chrA", 0, BASES))
    np.testing.assert_array_equal(first_bases(page.catalog, "r0-mask"), expected.astype(np.float32))


def test_a_gene_s_mask_is_that_of_its_own_window(page: Page) -> None:
    shown = page.catalog.runs[0]
    gene_id = shown.gene_ids[0]
    uid = page.catalog.uid_of_gene(0, gene_id, "mask")
    assert uid == "r0-g0-mask"
    entry = shown.run.track("mask", gene_id)
    assert entry is not None
    expected = shown.run.values(entry, Interval("chrA", 0, BASES))
    np.testing.assert_array_equal(first_bases(page.catalog, uid), expected.astype(np.float32))


def test_the_band_is_the_mask_more_or_less_its_standard_deviation(page: Page) -> None:
    mask = first_bases(page.catalog, "r0-mask")
    for uid, sign in (("r0-upper", 1), ("r0-lower", -1)):
        # The example's standard deviation is 0.1 everywhere.
        np.testing.assert_allclose(
            first_bases(page.catalog, uid), np.clip(mask + sign * 0.1, 0, 1), atol=1e-6
        )


def test_a_gene_whose_tss_is_off_its_chromosome_is_no_point_on_a_neighbour(example: ExampleRun) -> None:
    (shown,) = open_runs([example.folder])
    rows = shown.gene_table.slice(0, 3).to_pylist()
    for row, (chrom, tss) in zip(rows, (("chrB", -1), ("chrA", 400_000), ("chrA", 7)), strict=True):
        row |= {"chrom": chrom, "tss": tss}
    vars(shown)["gene_table"] = pa.Table.from_pylist(rows)
    catalog = Catalog([shown])
    points = [first_bases(catalog, "r0-predicted"), values_of(catalog, f"r0-predicted.{DEEPEST}.390")]
    assert [np.flatnonzero(np.isfinite(point)).tolist() for point in points] == [[7], []]


def test_elements_of_a_gene_are_its_own_and_have_no_strand_to_be_drawn_as_arrows(page: Page) -> None:
    shown = page.catalog.runs[0]
    gene = shown.run.find("A10").gene
    uid = page.catalog.uid_of_gene(0, gene.id, "distal")
    assert uid is not None
    ((_, items),) = page.catalog.tileset(uid).tiles([f"{uid}.0.0"])
    rows = [row for row in shown.elements.to_pylist() if row["gene_id"] == gene.id]
    expected = {(row["start"], row["end"]) for row in rows if row["class"] == "distal"}
    assert {(int(item["fields"][1]), int(item["fields"][2])) for item in items} == expected
    assert {item["fields"][5] for item in items} == {"."}


def test_contact_with_the_tss_is_there_where_the_model_read_contacts(compared: Page) -> None:
    gene = compared.catalog.runs[0].gene_ids[0]
    assert compared.catalog.uid_of_gene(0, gene, "contact") == "r0-g0-contact"
    assert compared.catalog.uid_of_gene(1, gene, "contact") is None
    profile = first_bases(compared.catalog, "r0-g0-contact")
    assert np.nanmax(profile) > 0


def test_the_difference_of_equal_masks_is_zero_and_of_single_genes_only_where_both_were_written(
    compared: Page,
) -> None:
    gene = compared.catalog.runs[0].gene_ids[0]
    assert compared.catalog.uid_of_difference(None) == "difference"
    assert compared.catalog.uid_of_difference(gene) is None
    values = first_bases(compared.catalog, "difference")
    mask = first_bases(compared.catalog, "r0-mask")
    np.testing.assert_array_equal(values, np.where(np.isnan(mask), np.nan, 0).astype(np.float32))


def test_without_an_annotation_the_scored_genes_are_shown_and_found(compared: Page) -> None:
    assert compared.catalog.annotation is None
    found = compared.catalog.genes.search("A10", 10)
    assert [gene["geneName"] for gene in found] == ["A10"]


LIKE_UIDS = st.from_regex(r"(r[0-9]-(g[0-9]{1,3}-)?)?[a-z]{1,6}[0-9]?", fullmatch=True)


@given(st.text(max_size=100) | LIKE_UIDS)
def test_any_other_uid_is_unknown_and_quoted(page: Page, uid: str) -> None:
    of_genes = {"mask", "upper", "lower", "contact", "promoters", "distal", "links"}
    assume(uid not in page.catalog.uids and uid.split("-")[-1] not in of_genes)
    with pytest.raises(UnknownTilesetError) as caught:
        page.catalog.tileset(uid)
    assert str(caught.value) == f"no tileset {uid[:80]!r} on this page"


@pytest.mark.parametrize(
    "uid",
    [
        "",
        "r0",
        "r0-",
        "r1-mask",
        "r1-g0-mask",
        "r0-g999-mask",
        "r0-g0-applied",
        "difference",
        "difference-g0-g0",
    ],
)
def test_these_uids_are_unknown(page: Page, uid: str) -> None:
    with pytest.raises(UnknownTilesetError):
        page.catalog.tileset(uid)


def test_tilesets_are_made_once_also_when_many_threads_ask(example: ExampleRun) -> None:
    catalog = Catalog(open_runs([example.folder]))
    uids = ["r0-mask", "r0-g1-mask"] * 20
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(catalog.tileset, uids))
    assert len({id(tileset) for tileset in made}) == 2


def test_the_oldest_tilesets_of_single_genes_are_closed_and_made_again(
    example: ExampleRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_module, "_MOST_OF_GENES", 2)
    catalog = Catalog(open_runs([example.folder]))
    first = catalog.tileset("r0-g0-mask")
    assert catalog.tileset("r0-g0-mask") is first
    for uid in ("r0-g1-mask", "r0-g2-mask"):
        catalog.tileset(uid)
    assert catalog.tileset("r0-g0-mask") is not first
    assert catalog.tileset("r0-mask") is catalog.tileset("r0-mask")
