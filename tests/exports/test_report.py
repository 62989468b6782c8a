"""The report of a run: one page that asks nobody, with the numbers of the files."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chromium import Visit, visited
from example_run import ExampleRun
from playwright.sync_api import Browser
from run_variants import change_manifest, copy_of_run

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.exports import report
from seq2exp_tracks.exports.distribution import QUANTILES
from seq2exp_tracks.exports.report import LARGEST, export_html
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.run_reader import Run

ROWS = """(table) => [...document.querySelectorAll(table + ' tbody tr')].map(
  (row) => [...row.cells].map((cell) => cell.textContent.trim()))"""


@pytest.fixture(scope="module")
def run(example: ExampleRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_run(example, tmp_path_factory.mktemp("report"), name="a <b>& run")


@pytest.fixture(scope="module")
def page(run: Path) -> Path:
    out = run.parent / "report.html"
    export_html(run, out)
    return out


@pytest.fixture(scope="module")
def visit(page: Path, browser: Browser) -> Iterator[Visit]:
    with visited(browser) as visit:
        visit.page.goto(page.as_uri())
        yield visit


def number(text: str) -> float:
    return float(text.replace(",", "").replace("\N{MINUS SIGN}", "-"))


def table(visit: Visit, name: str) -> list[list[str]]:
    rows: list[list[str]] = visit.page.evaluate(ROWS, name)
    return rows


def test_it_asks_for_nothing_but_itself_and_complains_of_nothing(visit: Visit, page: Path) -> None:
    assert [address for address in visit.requests if not address.startswith("data:")] == [page.as_uri()]
    assert visit.complaints == []
    broken = "() => [...document.images].filter((image) => !image.naturalWidth).length"
    assert visit.page.evaluate(broken) == 0
    assert visit.page.evaluate("() => document.images.length") == 6 + 1 + 6


def test_it_is_under_10_mb_and_names_no_address_but_the_papers(page: Path) -> None:
    assert page.stat().st_size < LARGEST == 10_000_000
    text = re.sub(r'"data:[^"]*"', '""', page.read_text())
    assert set(re.findall(r"https?://[^\s\"'<]*", text)) == {"https://arxiv.org/abs/2502.13991"}


def test_the_name_of_the_run_is_text_and_no_markup(visit: Visit) -> None:
    assert visit.page.inner_text("h1") == "a <b>& run"
    assert visit.page.title() == "a <b>& run: Seq2Exp run"


def test_the_cells_are_named_by_title_heading_and_provenance(example: ExampleRun, tmp_path: Path) -> None:
    run = copy_of_run(example, tmp_path, name="first")
    change_manifest(run, cells="K562, my lab")
    export_html(run, tmp_path / "report.html", genes=["A10"])
    text = (tmp_path / "report.html").read_text()
    assert "<title>K562, my lab (first): Seq2Exp run</title>" in text
    assert "<h1>K562, my lab (first)</h1>" in text
    assert "genes of the genome simulated in K562, my lab:" in " ".join(text.split())
    assert '<tr><th scope="row">Cells</th><td>K562, my lab</td></tr>' in text


def test_the_numbers_of_the_distributions_are_numpys(visit: Visit, run: Path) -> None:
    opened = Run.open(run)
    elements = opened.element_table()
    values = {
        "Element length": elements["end"].to_numpy() - elements["start"].to_numpy(),
        "Distance to the TSS": elements["distance"].to_numpy() / 1_000,
        "Predicted expression": np.array([scored.expression for scored in opened.genes.values()]),
    }
    for title, name in {
        "Learned mask": "mask",
        "Learned mask, sd": "mask.sd",
        "Applied mask": "mask.applied",
    }.items():
        entry = opened.track(name)
        assert entry is not None
        whole = [
            opened.values(entry, Interval(chrom, 0, size)) for chrom, size in opened.manifest.sizes.items()
        ]
        joined = np.concatenate(whole)
        values[title] = joined[np.isfinite(joined)]
    shown = {row[0]: row[2:] for row in table(visit, "#numbers")}
    assert set(shown) == set(values)
    for title, row in shown.items():
        expected = [len(values[title]), values[title].mean(), *np.quantile(values[title], QUANTILES)]
        decimals = len(row[1].partition(".")[2])
        # Half a unit of the last decimal, and a float32's distance from the decimal that it stands for.
        assert [number(cell) for cell in row] == pytest.approx(expected, abs=0.5 * 10**-decimals + 1e-6)


def test_predicted_and_measured_are_compared_by_the_coefficients_of_scipy(
    example: ExampleRun, tmp_path: Path, browser: Browser
) -> None:
    stats = pytest.importorskip("scipy.stats")
    run = copy_of_run(example, tmp_path)
    predicted = varied_predictions(run)
    export_html(run, tmp_path / "report.html", genes=["A10"])
    measured = [scored.measured for scored in Run.open(run).genes.values()]
    with visited(browser) as visit:
        visit.page.goto((tmp_path / "report.html").as_uri())
        shown = dict(table(visit, "#coefficients"))
        assert visit.page.evaluate("() => document.images.length") == 6 + 1 + 1
    assert {title: number(text) for title, text in shown.items()} == pytest.approx(
        {
            "Pearson, labels as they are": stats.pearsonr(predicted, measured)[0],
            "Pearson, log10(1 + label)": stats.pearsonr(predicted, np.log10(1 + np.array(measured)))[0],
            "Spearman (ranks)": stats.spearmanr(predicted, measured)[0],
        },
        abs=6e-4,
    )


def varied_predictions(run: Path) -> list[float]:
    """Gives the genes of a run predictions that differ, and the manifest their table's new checksum."""
    path = run / "genes.parquet"
    rows = pq.read_table(path)
    predicted = [float(place * 7 % 11) / 4 for place in range(rows.num_rows)]
    column = rows.schema.get_field_index("expression")
    pq.write_table(rows.set_column(column, "expression", pa.array(predicted)), path)
    files = tuple(
        replace(entry, bytes=path.stat().st_size, sha256=sha256_of(path))
        if entry.path == path.name
        else entry
        for entry in Manifest.read(run).files
    )
    change_manifest(run, files=files)
    return predicted


def test_a_press_on_a_heading_sorts_by_number_and_another_press_turns_it_round(visit: Visit) -> None:
    headings = "#elements ~ .long table.sortable th button"
    visit.page.locator(headings, has_text="Length").first.click()
    down = [number(row[4]) for row in table(visit, "#elements ~ .long table")]
    assert down == sorted(down, reverse=True)
    visit.page.locator(headings, has_text="Length").first.click()
    assert [number(row[4]) for row in table(visit, "#elements ~ .long table")] == sorted(down)
    assert len(set(down)) > 5


def test_genes_and_elements_are_all_there_where_they_are_few(visit: Visit, run: Path) -> None:
    opened = Run.open(run)
    both = table(visit, "table.sortable")
    distal = opened.link_table().num_rows
    assert len(both) == len(opened.genes) + min(distal, 200)
    assert {row[1] for row in both} >= set(opened.genes)


def test_the_provenance_names_every_input_with_its_checksum_and_no_folder(page: Path, run: Path) -> None:
    manifest = Run.open(run).manifest
    text = page.read_text()
    for entry in manifest.inputs:
        assert entry.sha256 in text
        assert Path(entry.path).name in text
        assert entry.path not in text


def test_notes_and_flags_are_told(example: ExampleRun, tmp_path: Path) -> None:
    run = copy_of_run(example, tmp_path)
    change_manifest(run, notes=("/far/away/genes.gtf: 3 rows were <left> out",))
    export_html(run, tmp_path / "report.html", genes=["A10"])
    text = (tmp_path / "report.html").read_text()
    assert "<li>genes.gtf: 3 rows were &lt;left&gt; out</li>" in text
    assert "<code>padded</code>: " in text


def test_the_same_run_gives_the_same_page(run: Path, page: Path, tmp_path: Path) -> None:
    export_html(run, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == page.read_bytes()


def test_what_cannot_be_reported_is_refused_in_one_line(
    example: ExampleRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copy_of_run(example, tmp_path)
    out = tmp_path / "report.html"
    with pytest.raises(InputError, match="unknown gene 'A5'; did you mean"):
        export_html(run, out, genes=["A5"])
    monkeypatch.setattr(report, "LARGEST", 100_000)
    with pytest.raises(OutputError, match=r"report.html: would have [0-9.]+ MB, .*: name fewer genes"):
        export_html(run, out)
    monkeypatch.undo()
    (run / "mask.bw").write_bytes(b"changed")
    with pytest.raises(InputError, match=r"mask.bw: has changed since the run; score again"):
        export_html(run, out)
    assert not out.exists()
    out.write_text("")
    with pytest.raises(OutputError, match="is there already"):
        export_html(run, out)


def test_a_run_without_labels_or_elements_has_a_report_without_them(
    example: ExampleRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copy_of_run(example, tmp_path)
    header = (run / "elements.bed").read_text().splitlines()[0]
    (run / "elements.bed").write_text(header + "\n")
    monkeypatch.setattr(report, "check_unchanged", lambda *_: None)
    monkeypatch.setattr(report, "agreement", lambda _: None)
    export_html(run, tmp_path / "report.html", genes=["A10"])
    text = (tmp_path / "report.html").read_text()
    assert "Predicted and measured" not in text
    assert "Measured" not in text
    assert ": 0\n  elements called" in text
    assert json.dumps("Distal elements") in text
