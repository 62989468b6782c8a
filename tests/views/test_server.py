"""What the server refuses, and the headers that a browser obeys."""

import pytest
from asking import Client, refused

from higlass_views.page import Page
from higlass_views.server import make_app
from higlass_views.tile_api import TileApi

ADDRESSES = ["/", "/api/page.json", "/api/v1/tiles/?d=r0-mask.0.0", "/files/r0/genes.bed", "/nothing"]


@pytest.fixture(scope="module")
def client(page: Page) -> Client:
    return Client(make_app(page.catalog, page.start))


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8000", "", "0.0.0.0"]
)
def test_a_foreign_host_header_is_refused(client: Client, address: str, host: str) -> None:
    """Otherwise a web site could give its own name this machine's address, and read the answers."""
    answer = client.get(address, headers={"host": host})
    assert (answer.status_code, answer.text) == (400, "Invalid host header")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8123", "localhost", "localhost:1"])
def test_names_of_this_machine_are_answered(client: Client, host: str) -> None:
    assert client.get("/api/page.json", headers={"host": host}).status_code == 200


def test_other_names_are_answered_where_they_were_named(page: Page) -> None:
    client = Client(make_app(page.catalog, page.start, hosts=["hub.example.org"]))
    assert client.get("/api/page.json", headers={"host": "hub.example.org"}).status_code == 200
    assert client.get("/api/page.json", headers={"host": "other.example.org"}).status_code == 400


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_other_site_may_read_an_answer(client: Client, address: str) -> None:
    answer = client.get(address, headers={"origin": "https://evil.example"})
    assert [name for name in answer.headers if name.startswith("access-control")] == []


def test_a_site_that_was_named_may_read_files_and_their_ranges(page: Page) -> None:
    client = Client(make_app(page.catalog, page.start, origins=["https://igv.org"]))
    headers = {"origin": "https://igv.org", "range": "bytes=0-3"}
    answer = client.get("/files/r0/mask.bw", headers=headers)
    assert answer.headers["access-control-allow-origin"] == "https://igv.org"
    assert "Content-Range" in answer.headers["access-control-expose-headers"]
    asked = {"access-control-request-method": "GET", "access-control-request-headers": "range"}
    before = client.request("OPTIONS", "/files/r0/mask.bw", headers={"origin": "https://igv.org"} | asked)
    assert before.status_code == 200
    assert "Range" in before.headers["access-control-allow-headers"]
    other = client.get("/files/r0/mask.bw", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_tells_browsers_to_run_and_ask_only_what_is_ours(client: Client, address: str) -> None:
    headers = client.get(address).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'unsafe-eval'"
    assert policy["connect-src"] == "'self' data: blob:"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_refusal_by_host_has_the_headers_too(client: Client) -> None:
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_bug_is_one_line_without_the_inside_of_the_program(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: TileApi, request: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(TileApi, "suggest", fail)
    client = Client(make_app(page.catalog, page.start))
    message = refused(client.get("/api/v1/suggest/?d=genes&ac=a"), 500)
    assert "secret" not in message
    assert message.startswith("this is a bug of seq2exp-tracks")
    assert client.get("/api/page.json").status_code == 200
