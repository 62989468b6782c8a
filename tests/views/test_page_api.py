"""The JSON that the page is filled with."""

import json
import shutil
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest
from asking import Client, refused
from example_run import ExampleRun
from run_variants import change_manifest, copy_of_run

from higlass_views import page_api
from higlass_views.page import Page, open_page
from higlass_views.server import make_app
from seq2exp_tracks.io.checksum import sha256_of


@pytest.fixture(scope="module")
def client(page: Page) -> Client:
    return Client(make_app(page.catalog, page.start))


@pytest.fixture(scope="module")
def compared_client(compared: Page) -> Client:
    return Client(make_app(compared.catalog, compared.start))


def view(client: Client, **asked: str) -> httpx.Response:
    return client.get("/api/view.json", params=asked)


def test_the_page_is_headed_by_the_cells_of_its_run(example: ExampleRun, tmp_path: Path) -> None:
    run = copy_of_run(example, tmp_path, name="first")
    change_manifest(run, cells="K562, my lab")
    opened = open_page([run])
    client = Client(make_app(opened.catalog, opened.start))
    (told,) = client.get("/api/page.json").json()["runs"]
    assert (told["name"], told["heading"]) == ("first", "K562, my lab (first)")


def test_the_page_is_told_of_its_run(client: Client, page: Page) -> None:
    found = client.get("/api/page.json").json()
    manifest = page.catalog.runs[0].run.manifest
    files = found.pop("files")
    assert found == {
        "runs": [
            {
                "name": "run",
                "heading": "run",
                "genome": "simulated",
                "setting": "soft",
                "window": 20_000,
                "merge": "max",
                "n_genes": 36,
                "created": "",
                "notes": [],
            }
        ],
        "chromosomes": [{"name": "chrA", "length": 400_000}, {"name": "chrB", "length": 250_000}],
        "views": [
            {"id": "gene", "title": "Gene"},
            {"id": "region", "title": "Region"},
            {"id": "genome", "title": "Whole genome"},
        ],
        "start": {"view": "gene", "gene": "SIMG00010", "region": None},
        "missing": [],
    }
    assert files == [
        {"title": entry.path, "url": f"files/r0/{entry.path}", "bytes": entry.bytes}
        for entry in manifest.files
        if entry.gene_id is None
    ]


def test_a_page_of_two_runs_has_a_view_more_and_tells_their_files_apart(compared_client: Client) -> None:
    found = compared_client.get("/api/page.json").json()
    assert [run["name"] for run in found["runs"]] == ["run", "other"]
    assert found["views"][-1] == {"id": "compare", "title": "Compare runs"}
    assert {file["title"]: file["url"] for file in found["files"]}["other: mask.bw"] == "files/r1/mask.bw"


def test_what_is_missing_is_told_with_the_run_s_name_where_there_are_several(
    example: ExampleRun, tmp_path: Path
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        shutil.copytree(example.folder, folder)
        content = json.loads((folder / "manifest.json").read_text())
        for entry in content["inputs"]:
            entry["path"] = "/nowhere"
        (folder / "manifest.json").write_text(json.dumps(content))
    lines = [
        "DNase: /nowhere is not there; put the bigWig of the run back there",
        "H3K27ac: /nowhere is not there; put the bigWig of the run back there",
        "Hi-C: /nowhere is not there; show it with --hic FILE",
    ]
    for shown, expected in (
        (folders[:1], lines),
        (folders, [f"{name}: {line}" for name in ("one", "two") for line in lines]),
    ):
        opened = open_page(shown)
        found = Client(make_app(opened.catalog, opened.start)).get("/api/page.json").json()
        assert found["missing"] == expected
        assert list(opened.missing) == expected


def test_the_table_of_genes_is_that_of_the_run(client: Client, example: ExampleRun) -> None:
    found = client.get("/api/genes.json").json()
    assert [(column["id"], column["unit"], column["type"]) for column in found["columns"]] == [
        ("gene_id", "", "text"),
        ("gene_name", "", "text"),
        ("chrom", "", "text"),
        ("tss", "1-based", "number"),
        ("strand", "", "text"),
        ("expression", "log10(1 + CAGE)", "number"),
        ("measured", "expression", "number"),
        ("n_elements", "", "number"),
        ("flags", "", "list"),
    ]
    rows = pq.read_table(example.folder / "genes.parquet").to_pylist()
    assert found["rows"] == [
        [
            *(row["gene_id"], row["gene_name"], row["chrom"], row["tss"] + 1, row["strand"]),
            *(row["expression"], row["measured"], row["n_elements"], row["flags"]),
        ]
        for row in rows
    ]


def test_two_runs_have_a_column_each_and_a_gene_that_one_lacks_is_null_there(
    example: ExampleRun, other_example: ExampleRun, tmp_path: Path
) -> None:
    less = shutil.copytree(other_example.folder, tmp_path / "less")
    table = pq.read_table(less / "genes.parquet")
    pq.write_table(table.slice(1).drop_columns("measured"), less / "genes.parquet")
    content = json.loads((less / "manifest.json").read_text())
    for entry in content["files"]:
        if entry["path"] == "genes.parquet":
            entry["bytes"] = (less / "genes.parquet").stat().st_size
            entry["sha256"] = sha256_of(less / "genes.parquet")
    (less / "manifest.json").write_text(json.dumps(content))
    opened = open_page([example.folder, less])
    found = Client(make_app(opened.catalog, opened.start)).get("/api/genes.json").json()
    assert [(column["id"], column["title"]) for column in found["columns"]][5:] == [
        ("expression-0", "Predicted, run"),
        ("measured-0", "Measured, run"),
        ("n_elements-0", "Elements, run"),
        ("flags-0", "Flags, run"),
        ("expression-1", "Predicted, less"),
        ("n_elements-1", "Elements, less"),
        ("flags-1", "Flags, less"),
    ]
    assert len(found["rows"]) == len(table)
    assert found["rows"][0][-3:] == [None, None, None]
    assert found["rows"][1][-3:-1] == [1.25, table["n_elements"][1].as_py()]
    turned = open_page([less, example.folder])
    found = Client(make_app(turned.catalog, turned.start)).get("/api/genes.json").json()
    assert {row[0] for row in found["rows"]} == set(table["gene_id"].to_pylist())


def test_a_view_comes_with_its_config_its_place_and_its_legend(client: Client) -> None:
    found = view(client, view="gene", gene="A10").json()
    assert set(found) == {"viewconf", "title", "subtitle", "region", "legend"}
    assert found["title"] == "A10"
    assert found["region"] == "chrA:159,940-179,939"
    assert found["viewconf"]["views"][0]["uid"] == "gene"
    assert found["legend"][1:3] == [
        {"title": "DNase", "color": "#0072B2", "unit": "signal of the bigWig"},
        {"title": "H3K27ac", "color": "#009E73", "unit": "signal of the bigWig"},
    ]


def test_views_open_where_they_are_asked_to(client: Client, compared_client: Client) -> None:
    assert view(client, view="region", region="chrB:1,001-2,000").json()["region"] == "chrB:1,001-2,000"
    assert view(client, view="genome").json()["region"] == "chrA:1-chrB:250,000"
    assert view(client, view="genome", region="nonsense").status_code == 200
    compared = view(compared_client, view="compare", gene="A10").json()
    assert compared["region"] == "chrA:159,940-179,939"
    assert view(compared_client, view="compare").json()["region"] == "chrA:1-chrB:250,000"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "no view 'None'; there are gene, region, genome, compare"),
        ({"view": "x" * 99}, f"no view {'x' * 40!r}; there are gene, region, genome, compare"),
        ({"view": "gene"}, "a gene view needs a gene, by symbol or id"),
        ({"view": "gene", "gene": "A10x"}, "unknown gene 'A10x'; did you mean A10"),
        ({"view": "region"}, "a region view needs a region, such as chr22:36,000,000-36,500,000"),
        ({"view": "region", "region": "chrB:1-250,001"}, "not on chrB, whose bases are 1 to 250,000"),
        ({"view": "region", "region": "chrZ:1-2"}, "'chrZ' is no chromosome of the genome"),
        ({"view": "compare"}, "a comparison needs two runs"),
    ],
)
def test_a_view_that_cannot_be_made_is_refused_in_one_line(
    client: Client, asked: dict[str, str], message: str
) -> None:
    assert message in refused(view(client, **asked))


def test_a_gene_that_is_not_there_is_told_without_a_folder_of_the_machine(
    client: Client, compared_client: Client
) -> None:
    for asked in (client, compared_client):
        assert refused(view(asked, view="gene", gene="nobody")) == (
            "run: unknown gene 'nobody'; genes are named by symbol or id, as in run/genes.bed"
        )


def test_the_page_and_its_bundle_are_served(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: Page
) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><p>the page</p>")
    (tmp_path / "page.js").write_text("1")
    monkeypatch.setattr(page_api, "dist_folder", lambda: tmp_path)
    monkeypatch.setattr(page_api, "page_is_built", lambda: True)
    client = Client(make_app(page.catalog, page.start))
    answer = client.get("/")
    assert answer.text == "<!doctype html><p>the page</p>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert client.get("/static/page.js").headers["content-type"].startswith("text/javascript")
    refused(client.get("/static/none.js"), 404)


def test_a_page_that_is_not_built_says_how_and_the_rest_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: Page
) -> None:
    monkeypatch.setattr(page_api, "dist_folder", lambda: tmp_path / "none")
    monkeypatch.setattr(page_api, "page_is_built", lambda: False)
    client = Client(make_app(page.catalog, page.start))
    answer = client.get("/")
    assert answer.status_code == 503
    assert "python -m higlass_views.frontend" in answer.text
    refused(client.get("/static/page.js"), 404)
    assert client.get("/api/page.json").status_code == 200
    assert client.get("/api/v1/tiles/?d=r0-mask.0.0").status_code == 200
