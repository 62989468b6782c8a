"""docs/formats.md is the authority on the files: here it is compared with what the code writes."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from written_runs import all_scores, write_run

from seq2exp_tracks.exports.difference import GENES
from seq2exp_tracks.exports.difference_record import DECIMALS, RECORD
from seq2exp_tracks.exports.gene_differences import COLUMNS
from seq2exp_tracks.io.bedpe import BEDPE_COLUMNS
from seq2exp_tracks.manifest import VERSION, Chromosome, Manifest, ModelEntry
from seq2exp_tracks.origin import Origin
from seq2exp_tracks.shards import plan_file, receipt
from seq2exp_tracks.shards.identity import Identity
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.shards.plan_file import Plan
from seq2exp_tracks.shards.store import ShardStore
from seq2exp_tracks.tracks.elements import ELEMENT_COLUMNS
from seq2exp_tracks.tracks.genes import FLAGS, bed_columns, parquet_schema
from seq2exp_tracks.tracks.listing import EXPRESSION_TRACKS, RUN_FILES
from seq2exp_tracks.tracks.merge import MergeRule
from seq2exp_tracks.tracks.track import EXPRESSION_DECIMALS, EXPRESSION_UNIT, TRACKS

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()


ORIGIN = Origin("0123456789ab", "cd" * 32, "soft", "max", "ef" * 32, "0.1.0")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("formats") / "run", all_scores(), origin=ORIGIN)[0]


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of shards of a run of one gene, as it is while the run is computed."""
    folder, scores = tmp_path_factory.mktemp("shards"), all_scores()[0]
    identity = Identity({"checkpoint": "ef"}, {"window": 400}, {"torch": "2"}, {"devices": ["cpu"]})
    store = ShardStore(folder, identity, lambda gene: scores.window)
    store.folder.mkdir()
    Plan(identity, shards=(1,), genes="", request={}, command="", created="", keys=("",)).write(store.folder)
    store.write(Shard(0, (scores.window.gene,)), [scores])
    return store.folder


def table(first_column: str, section: str) -> list[list[str]]:
    """The rows of the table whose first column has a name, in a section; code marks are taken off."""
    part = PAGE.split(f"\n{section}", 1)[1]
    lines = iter(part[part.index(f"| {first_column} |") :].splitlines())
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows.append([cell.strip("`") if cell.count("`") == 2 else cell for cell in cells])
    return rows[2:]


def test_tracks() -> None:
    written = [
        [spec.name, f"{spec.name}.bw", spec.unit, str(spec.decimals), spec.description] for spec in TRACKS
    ]
    for strand, name in EXPRESSION_TRACKS.items():
        text = f"Predicted expression at the TSS of genes on the {strand} strand"
        written.append([name, f"{name}.bw", EXPRESSION_UNIT, str(EXPRESSION_DECIMALS), text])
    assert table("track", "## Tracks") == written


def test_merge_rules() -> None:
    assert [row[0] for row in table("rule", "### Where windows overlap")] == [str(rule) for rule in MergeRule]


def test_columns_of_genes_bed() -> None:
    assert [row[0] for row in table("column", "## Genes (BED6+)")] == bed_columns(labels=True)


def test_flags() -> None:
    assert table("flag", "## Genes (BED6+)") == [list(flag) for flag in FLAGS.items()]


def test_columns_of_elements_bed() -> None:
    assert [row[0] for row in table("column", "## Elements")] == list(ELEMENT_COLUMNS)


def test_columns_of_links_bedpe() -> None:
    assert [row[0] for row in table("column", "## Links (BEDPE)")] == list(BEDPE_COLUMNS)


def test_columns_of_genes_parquet() -> None:
    written = [
        [name, str(kind).replace("list<item: string>", "list of string")]
        for name, kind in parquet_schema(labels=True).items()
    ]
    assert [row[:2] for row in table("column", "## Genes (parquet)")] == written


def test_fields_of_the_manifest(tmp_path: Path) -> None:
    model = ModelEntry("soft", 2000, {}, "model.ckpt", "")
    Manifest("toy", (Chromosome("1", 5),), model, "max", 0, (), (), {}, {}).write(tmp_path / "manifest.json")
    written = json.loads((tmp_path / "manifest.json").read_text())
    assert {row[0] for row in table("field", "## Manifest")} == set(written)
    assert f"format version {VERSION}." in PAGE


def test_files_and_columns_of_a_difference() -> None:
    section = "## The difference of two runs"
    tracks = [[row[0], row[2]] for row in table("file", section) if row[0].endswith(".bw")]
    assert tracks == [[name, str(decimals)] for name, decimals in DECIMALS.items()]
    assert {row[0] for row in table("file", section)} - set(DECIMALS) == {GENES, RECORD}
    assert [row[0] for row in table("gene column", section)] == list(COLUMNS)


@pytest.mark.parametrize("name", [*RUN_FILES, "manifest.json"])
def test_every_file_stands_in_the_picture_of_the_folder(name: str) -> None:
    assert f"      {name} " in PAGE.split("## The folder")[1].split("## Tracks")[0]


def test_what_the_metadata_of_parquet_say_of_the_run(run: Path) -> None:
    written = json.loads(pq.read_schema(run / "genes.parquet").metadata[b"prov"])
    assert {row[0] for row in table("key of `prov`", "## What every file says")} == set(written)


@pytest.mark.parametrize(
    ("name", "section"),
    [("genes.bed", "## Genes (BED6+)"), ("elements.bed", "## Elements"), ("links.bedpe", "## Links (BEDPE)")],
)
def test_a_table_of_a_run_begins_with_two_lines_and_the_columns_of_the_page(
    run: Path, name: str, section: str
) -> None:
    first, columns, *_ = (run / name).read_text().splitlines()
    assert first == f"#seq2exp-tracks run=0123456789ab file={name}"
    assert "`#seq2exp-tracks run=ID file=NAME`" in PAGE
    assert columns.removeprefix("#").split("\t") == [row[0] for row in table("column", section)]


def test_columns_of_a_written_parquet_file(run: Path) -> None:
    assert [row[:2] for row in table("column", "## Genes (parquet)")] == types(run / "genes.parquet")


def types(path: Path) -> list[list[str]]:
    """Names and types of the columns of a parquet file, as the page has them."""
    return [
        [field.name, f"list of {field.type.value_type}" if pa.types.is_list(field.type) else str(field.type)]
        for field in pq.read_schema(path)
    ]


def test_fields_of_the_plan_of_a_run_that_is_not_whole(shards: Path) -> None:
    written = json.loads((shards / plan_file.FILE_NAME).read_text())
    section = "### Plan"
    assert [row[0] for row in table("plan field", section)] == list(written)
    assert (written["format"], written["version"]) == (plan_file.FORMAT, plan_file.VERSION)
    assert f"`{plan_file.FORMAT}`" in PAGE
    assert f"JSON, of version {plan_file.VERSION}." in PAGE.split(section)[1].split("###")[0]


def test_fields_of_the_receipt_of_a_shard(shards: Path) -> None:
    written = json.loads((shards / "000000.json").read_text())
    section = "### Receipt"
    assert [row[0] for row in table("receipt field", section)] == list(written)
    assert f"`{receipt.FORMAT}`" in PAGE
    assert f"JSON, of version {receipt.VERSION}." in PAGE.split(section)[1].split("###")[0]


def test_columns_of_the_scores_of_a_shard(shards: Path) -> None:
    scores = shards / "000000.parquet"
    assert [row[:2] for row in table("score column", "### Scores")] == types(scores)
    key = json.loads((shards / "000000.json").read_text())["key"]
    assert pq.read_schema(scores).metadata[b"prov"].decode() == key


def test_files_of_a_shard_stand_in_the_picture_of_their_folder(shards: Path) -> None:
    picture = PAGE.split("## The shards of a run")[1].split("### Plan")[0]
    for path in shards.iterdir():
        assert f"      {path.name.replace('000000', '000012')} " in picture
