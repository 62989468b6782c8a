"""The files of the runs over HTTP: whole, in ranges, once, and no other file."""

import pytest
from asking import Client, refused
from example_run import ExampleRun
from hypothesis import given
from hypothesis import strategies as st

from higlass_views.page import Page
from higlass_views.server import make_app
from seq2exp_tracks.manifest import Manifest


@pytest.fixture(scope="module")
def client(compared: Page) -> Client:
    return Client(make_app(compared.catalog, compared.start))


def test_every_file_of_every_manifest_is_there_byte_for_byte(
    client: Client, example: ExampleRun, other_example: ExampleRun
) -> None:
    for index, one in enumerate((example, other_example)):
        for entry in Manifest.read(one.folder).files:
            answer = client.get(f"/files/r{index}/{entry.path}")
            assert answer.content == (one.folder / entry.path).read_bytes()
            assert answer.headers["etag"] == f'"{entry.sha256}"'
            assert answer.headers["accept-ranges"] == "bytes"
            assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=0-9", slice(0, 10)), ("bytes=100-", slice(100, None)), ("bytes=-5", slice(-5, None))],
)
def test_a_range_is_that_part_of_the_file(
    client: Client, example: ExampleRun, asked: str, part: slice
) -> None:
    content = (example.folder / "mask.bw").read_bytes()
    answer = client.get("/files/r0/mask.bw", headers={"range": asked, "accept-encoding": "gzip"})
    assert answer.status_code == 206
    assert answer.content == content[part]
    start, stop, _ = part.indices(len(content))
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(content)}"


def test_a_range_off_the_file_is_refused(client: Client) -> None:
    answer = client.get("/files/r0/mask.bw", headers={"range": "bytes=99999999-"})
    assert answer.status_code == 416


def test_whoever_has_a_file_is_not_sent_it_again(client: Client, example: ExampleRun) -> None:
    etag = client.get("/files/r0/genes.bed").headers["etag"]
    answer = client.get("/files/r0/genes.bed", headers={"if-none-match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    changed = client.get("/files/r0/genes.bed", headers={"if-none-match": '"another"'})
    assert changed.content == (example.folder / "genes.bed").read_bytes()


def test_a_part_of_another_version_is_sent_whole(client: Client, example: ExampleRun) -> None:
    answer = client.get("/files/r0/genes.bed", headers={"range": "bytes=0-4", "if-range": '"another"'})
    assert answer.status_code == 200
    assert answer.content == (example.folder / "genes.bed").read_bytes()


def test_types_are_told_and_not_guessed(client: Client) -> None:
    answer = client.get("/files/r0/elements.bed")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/files/r0/mask.bw").headers["content-type"] == "application/octet-stream"


OUTSIDE = [
    *("r0/manifest.json", "r2/mask.bw", "r0", "r0/", "r0//mask.bw", "r0/MASK.BW", "r00/mask.bw"),
    *("r0/genes", "r0/none.bw", "r0/./mask.bw%00", "/etc/passwd", "r0/%2e%2e/%2e%2e/etc/passwd"),
    *("..%2f..%2f..%2fetc%2fpasswd", "r0/..%5c..%5cetc", "%2e%2e/genome/genome.fa"),
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_other_file_can_be_had(client: Client, path: str) -> None:
    refused(client.get(f"/files/{path}"), 404)


@given(st.text(max_size=40))
def test_any_other_id_is_no_file(client: Client, path: str) -> None:
    answer = client.get("/files/" + "".join(f"%{byte:02x}" for byte in path.encode("utf-8", "ignore")))
    refused(answer, 404)


def test_a_file_that_goes_away_while_it_is_served_is_no_error_of_the_server(
    client: Client, other_example: ExampleRun
) -> None:
    path = other_example.folder / "genes.bed"
    moved = path.rename(path.with_suffix(".moved"))
    try:
        refused(client.get("/files/r1/genes.bed"), 404)
    finally:
        moved.rename(path)
