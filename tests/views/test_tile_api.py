"""What the HiGlass client asks for, and what no client would ask."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest
from asking import Client, refused
from hypothesis import given
from hypothesis import strategies as st

from higlass_views.page import Page
from higlass_views.server import make_app
from higlass_views.tile_api import MOST_IDS
from seq2exp_tracks.genome import Interval


@pytest.fixture(scope="module")
def client(page: Page) -> Client:
    return Client(make_app(page.catalog, page.start))


def tiles(client: Client, *ids: str) -> httpx.Response:
    return client.get("/api/v1/tiles/", params={"d": list(ids), "s": "session"})


def values(tile: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(tile["dense"]), "<f4")


def test_tileset_info_tells_what_the_client_needs(client: Client) -> None:
    answer = client.get("/api/v1/tileset_info/", params={"d": ["r0-mask", "chromosomes", "nobody"], "s": "x"})
    assert answer.status_code == 200
    found = answer.json()
    assert set(found) == {"r0-mask", "chromosomes", "nobody"}
    mask = found["r0-mask"]
    assert {key: mask[key] for key in ("max_width", "max_zoom", "tile_size", "min_pos", "max_pos")} == {
        "max_width": 1 << 20,
        "max_zoom": 10,
        "tile_size": 1_024,
        "min_pos": [0],
        "max_pos": [650_000],
    }
    assert list(mask["aggregation_modes"]) == ["mean", "max"]
    assert found["chromosomes"]["chromsizes"] == [["chrA", 400_000], ["chrB", 250_000]]
    assert found["nobody"] == {"error": "no tileset 'nobody' on this page"}


def test_tiles_of_several_tilesets_come_under_their_ids(client: Client, page: Page) -> None:
    ids = ["r0-mask.10.3", "r0-mask.10.4", "r0-signal0.10.3", "genes.0.0", "r0-map.0.0.0", "r0-mask.0.0.max"]
    answer = tiles(client, *ids)
    assert answer.status_code == 200
    found = answer.json()
    assert set(found) == set(ids)
    run = page.catalog.runs[0].run
    entry = run.track("mask")
    assert entry is not None
    expected = run.values(entry, Interval("chrA", 3 * 1_024, 4 * 1_024))
    np.testing.assert_array_equal(values(found["r0-mask.10.3"]), expected.astype(np.float32))
    assert np.nanmax(values(found["r0-mask.0.0.max"])) == found["r0-mask.0.0.max"]["max_value"]
    assert {gene["fields"][3] for gene in found["genes.0.0"]} >= {"A10"}


def test_a_post_gives_the_same_tiles_from_its_body_or_from_its_address(client: Client) -> None:
    expected = tiles(client, "r0-mask.10.3", "r0-signal0.0.0").json()
    body = [
        {"tilesetUid": "r0-mask", "tileIds": ["10.3"], "options": {}},
        {"tilesetUid": "r0-signal0", "tileIds": ["0.0"]},
    ]
    assert client.post("/api/v1/tiles/", json=body).json() == expected
    address = "/api/v1/tiles/?d=r0-mask.10.3&d=r0-signal0.0.0&s=x"
    assert client.post(address, json=[{"anything": 1}]).json() == expected


def test_chromosome_sizes_are_tab_separated(client: Client) -> None:
    answer = client.get("/api/v1/chrom-sizes/", params={"id": "chromosomes"})
    assert answer.text == "chrA\t400000\nchrB\t250000\n"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert client.get("/api/v1/available-chrom-sizes/").json()["results"][0]["uuid"] == "chromosomes"


def test_genes_are_suggested_as_they_are_typed(client: Client, page: Page) -> None:
    gene = page.catalog.runs[0].run.find("A10").gene
    (found,) = client.get("/api/v1/suggest/", params={"d": "genes", "ac": "a10"}).json()
    assert found["geneName"] == "A10"
    assert found["chr"] == "chrA"
    assert found["txStart"] <= gene.tss < found["txEnd"]
    assert client.get("/api/v1/suggest/", params={"d": "genes", "ac": " "}).json() == []
    assert client.get("/api/v1/suggest/", params={"d": "genes", "ac": "no such gene"}).json() == []
    assert len(client.get("/api/v1/suggest/", params={"d": "genes", "ac": "a"}).json()) == 10


def test_tilesets_are_listed_by_the_kind_of_their_data(client: Client, page: Page) -> None:
    every = client.get("/api/v1/tilesets/").json()
    assert every["count"] == len(page.catalog.uids)
    asked = {"dt": ["gene-annotation", "matrix"], "limit": 10_000}
    some = client.get("/api/v1/tilesets/", params=asked).json()["results"]
    assert [(one["uuid"], one["datatype"]) for one in some] == [
        ("genes", "gene-annotation"),
        ("r0-map", "matrix"),
    ]


@pytest.mark.parametrize(
    "tile",
    [
        *("r0-mask", "r0-mask.", "r0-mask.0", "r0-mask.0.", "r0-mask..0", "r0-mask.x.0", "r0-mask.-1.0"),
        *("r0-mask.0.1", "r0-mask.11.0", "r0-mask.0.0.min", "r0-mask.0.0.max.max", "r0-mask.0.0.0.0"),
        *("r0-map.0.0", "r0-map.0.0.1", "genes.0.0.max", "nobody.0.0", ".0.0", "..", "r0-mask.٣.0"),
        *("r0-mask.1e1.0", "r0-mask." + "9" * 4_000 + ".0", "../../etc/passwd", "\x00.0.0", "r0-mask.0.0\n"),
    ],
)
def test_a_bad_tile_id_is_refused_in_one_line(client: Client, tile: str) -> None:
    refused(tiles(client, "r0-mask.0.0", tile))


@given(
    st.text(max_size=40)
    | st.from_regex(r"r0-(mask|map|distal)(\.-?[0-9]{1,3}){0,4}(\.[a-z]{0,4})?", fullmatch=True)
)
def test_any_text_as_a_tile_id_is_a_tile_or_one_line(client: Client, text: str) -> None:
    answer = tiles(client, text)
    if answer.status_code == 200:
        assert list(answer.json()) == [text]
    else:
        refused(answer)


def test_ten_thousand_ids_are_refused(client: Client) -> None:
    ids = ["x"] * 10_000
    wanted = f"10,000 ids in one request; ask for at most {MOST_IDS}"
    assert refused(tiles(client, *ids)) == wanted
    assert refused(client.get("/api/v1/tileset_info/", params={"d": ids})) == wanted
    body = [{"tilesetUid": "r0-mask", "tileIds": ["0.0"] * 10_000}]
    assert refused(client.post("/api/v1/tiles/", json=body)) == wanted


def test_as_many_ids_as_are_allowed_are_answered(client: Client) -> None:
    ids = [f"r0-mask.10.{place}" for place in range(MOST_IDS)]
    assert len(tiles(client, *ids).json()) == MOST_IDS
    refused(tiles(client, *ids, "r0-mask.0.0"))


@pytest.mark.parametrize("address", ["tiles/", "tileset_info/"])
def test_a_request_without_ids_is_refused(client: Client, address: str) -> None:
    assert refused(client.get(f"/api/v1/{address}")) == "no id asked for; name tilesets or tiles by d="


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"{}", b"[]", b"1", b"null", b'"x"', b"[1]", b"[{}]", b'[{"tilesetUid": 1}]', b"\xff"),
        *(b'[{"tilesetUid": "a", "tileIds": 5}]', b"[" * 60_000, b'[{"tilesetUid": {}, "tileIds": [{}]}]'),
    ],
)
def test_a_bad_body_is_refused_in_one_line(client: Client, body: bytes) -> None:
    refused(client.post("/api/v1/tiles/", content=body))


@given(st.binary(max_size=60))
def test_any_bytes_as_a_body_are_refused_in_one_line(client: Client, body: bytes) -> None:
    refused(client.post("/api/v1/tiles/", content=body))


def test_a_body_that_is_too_large_is_refused_also_where_its_length_is_not_told(client: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 10_000

    message = "a body of more than 65,536 bytes"
    assert refused(client.post("/api/v1/tiles/", content=b"x" * 200_000), 413) == message
    assert refused(client.post("/api/v1/tiles/", content=pieces()), 413) == message


@pytest.mark.parametrize("length", ["nine", "-1", "1e9", "65537"])
def test_a_length_that_is_none_or_too_large_is_refused(client: Client, length: str) -> None:
    refused(client.post("/api/v1/tiles/", content=b"[]", headers={"content-length": length}), 413)


def test_sizes_are_asked_of_chromosomes_only(client: Client) -> None:
    refused(client.get("/api/v1/chrom-sizes/", params={"id": "r0-mask"}))
    refused(client.get("/api/v1/chrom-sizes/", params={"id": "nobody"}))


@pytest.mark.parametrize(
    "address", ["/api/v1/register_url/", "/api/v1/", "/nothing", "/api/v2/tiles/", "/files/"]
)
def test_what_is_not_there_is_not_there(client: Client, address: str) -> None:
    refused(client.get(address), 404)


def test_a_method_that_is_not_meant_is_refused(client: Client) -> None:
    refused(client.request("DELETE", "/api/v1/tiles/?d=r0-mask.0.0"), 405)


def test_answers_are_compressed_for_whoever_takes_them(client: Client) -> None:
    answer = tiles(client, "r0-mask.0.0")
    assert answer.headers["content-encoding"] == "gzip"


def test_every_tileset_of_a_page_gives_its_first_tile(client: Client, page: Page) -> None:
    gene = page.catalog.runs[0].gene_ids[0]
    names = ("mask", "upper", "lower", "contact", "promoters", "distal", "links")
    uids = [*page.catalog.uids, *(page.catalog.uid_of_gene(0, gene, name) for name in names)]
    ids = [f"{uid}.0.0.0" if uid == "r0-map" else f"{uid}.0.0" for uid in uids]
    assert set(tiles(client, *ids).json()) == set(ids)
