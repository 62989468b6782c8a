"""Views in a notebook: the same views, tiles from the kernel, nothing from the network."""

import gc
import re
from pathlib import Path
from typing import Any

import pytest
from example_run import ExampleRun
from higlass._tileset_registry import TilesetRegistry

import higlass_views
from higlass_views import jupyter
from seq2exp_tracks.errors import InputError


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle that is there whether the page was built or not; what is in it does not matter here."""
    (tmp_path / "dist").mkdir()
    path = tmp_path / "dist" / "widget.js"
    path.write_text("export default { render() {} };")
    monkeypatch.setattr(jupyter, "dist_folder", lambda: path.parent)
    jupyter._widget_class.cache_clear()
    return path


def tracks(widget: Any) -> list[dict[str, Any]]:
    """Every track of a widget's only view, and the parts of combined ones."""
    (view,) = widget._viewconf["views"]
    found: list[dict[str, Any]] = view["tracks"]["top"]
    return [part for track in found for part in track.get("contents", [track])]


@pytest.mark.usefixtures("bundle")
def test_tiles_come_from_the_kernel_and_are_those_of_the_page(example: ExampleRun) -> None:
    widget = higlass_views.show(example.folder, gene="A10")
    assert {track["server"] for track in tracks(widget)} == {"jupyter"}
    names = [track["uid"] for track in tracks(widget)]
    assert "r0-signal0" in names
    assert "r0-g9-mask" in names
    for track in tracks(widget):
        registered = TilesetRegistry.get(track["tilesetUid"])
        assert registered is widget.page.catalog.tileset(track["uid"])


@pytest.mark.usefixtures("bundle")
def test_tilesets_live_as_long_as_the_widget(example: ExampleRun) -> None:
    """higlass-python's registry holds them weakly: a view whose tilesets nobody keeps is blank."""
    widget = higlass_views.show(example.folder, gene="A10")
    uids = [track["tilesetUid"] for track in tracks(widget)]
    gc.collect()
    assert all(TilesetRegistry.get(uid).info()["max_pos"] for uid in uids)
    assert len(widget.tilesets) == len(uids)


def test_the_widget_is_our_bundle_and_asks_no_cdn(bundle: Path, example: ExampleRun) -> None:
    widget = higlass_views.show(example.folder)
    assert str(widget._esm) == bundle.read_text()
    assert widget._plugin_urls == []
    addresses = re.findall(r"https?://[^\"' ]+", str(widget._viewconf))
    assert addresses == []


@pytest.mark.usefixtures("bundle")
@pytest.mark.parametrize(
    ("asked", "view"),
    [({"gene": "A10"}, "gene"), ({"region": "chrB:1-20,000"}, "region"), ({"genome": True}, "genome")],
)
def test_the_views_are_those_of_the_page(example: ExampleRun, asked: dict[str, Any], view: str) -> None:
    widget = higlass_views.show(str(example.folder), **asked)
    assert widget._viewconf["views"][0]["uid"] == view
    assert "genomePositionSearchBox" not in widget._viewconf["views"][0]


@pytest.mark.usefixtures("bundle")
def test_two_runs_are_compared(example: ExampleRun, other_example: ExampleRun) -> None:
    widget = higlass_views.show(example.folder, other_example.folder)
    assert widget._viewconf["views"][0]["uid"] == "compare"


@pytest.mark.usefixtures("bundle")
def test_the_height_is_that_of_all_tracks_together(example: ExampleRun) -> None:
    widget = higlass_views.show(example.folder, gene="A10", height=330)
    heights = [track["height"] for track in widget._viewconf["views"][0]["tracks"]["top"]]
    assert abs(sum(heights) - 330) <= len(heights) / 2
    assert max(heights) == heights[6]  # the mask
    upper = widget._viewconf["views"][0]["tracks"]["top"][6]["contents"][0]["options"]
    # Beside its line, as high; below the title.
    assert upper["valueScaleMax"] == pytest.approx(1 + 6 / (heights[6] - 15 - 12))
    with pytest.raises(InputError, match=r"^5 pixels are too few for 11 tracks; give some hundred$"):
        higlass_views.show(example.folder, gene="A10", height=5)


@pytest.mark.usefixtures("bundle")
def test_a_title_has_a_strip_unless_it_would_leave_the_data_less_than_itself(example: ExampleRun) -> None:
    for height, strips in ((None, [0] + 10 * [15]), (330, [0, 15, 0, 0, 0, 15, 15, 0, 15, 0, 0])):
        widget = higlass_views.show(example.folder, gene="A10", height=height)
        top = widget._viewconf["views"][0]["tracks"]["top"]
        found = [{part["options"]["titleHeight"] for part in track.get("contents", [track])} for track in top]
        assert found == [{strip} for strip in strips]


@pytest.mark.usefixtures("bundle")
def test_genes_and_hic_may_be_given(example: ExampleRun) -> None:
    genome = example.genome
    widget = higlass_views.show(example.folder, genes=str(genome.genes), hic=genome.contacts)
    assert widget.page.catalog.annotation == genome.genes


def test_a_bundle_that_is_missing_says_how_it_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: ExampleRun
) -> None:
    monkeypatch.setattr(jupyter, "dist_folder", lambda: tmp_path)
    jupyter._widget_class.cache_clear()
    with pytest.raises(InputError) as caught:
        higlass_views.show(example.folder)
    assert str(caught.value) == (
        f"{tmp_path / 'widget.js'}: the widget is not built; run `python -m higlass_views.frontend` first"
    )


def test_the_package_offers_show_and_nothing_that_is_not_there() -> None:
    assert dir(higlass_views) == ["show"]
    with pytest.raises(AttributeError, match="no attribute 'shwo'"):
        _ = higlass_views.shwo
