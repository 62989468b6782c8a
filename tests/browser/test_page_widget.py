"""The notebook widget's bundle, in a page whose kernel is this test."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from chromium import Visit
from example_run import ExampleRun
from higlass._tileset_registry import TilesetRegistry
from PIL import Image
from playwright.sync_api import Page, Route
from shown_page import need_bundle, of_colour

import higlass_views
from higlass_views.frontend.bundle import dist_folder
from seq2exp_tracks import palette

Open = Callable[..., Visit]

# An anywidget host: a model with the widget's traits, and one of the tileset client that asks the test.
HOST = """
<div id="cell" style="width: 900px"></div>
<script type="module">
    import widget from "./widget.js";
    const heard = () => {
        const ears = new Map();
        return {
            on: (name, ear) => ears.set(name, [...(ears.get(name) ?? []), ear]),
            off: (name, ear) => ears.set(name, ears.get(name).filter((one) => one !== ear)),
            hear: (name, message) => (ears.get(name) ?? []).forEach((ear) => ear(message)),
        };
    };
    const client = { ...heard(), async send({ id, payload }) {
        client.hear("msg:custom", { id, payload: await askPython(payload) });
    } };
    const traits = { ...await askPython({ type: "traits" }), _tileset_client: "IPY_MODEL_tiles" };
    window.model = {
        ...heard(),
        get: (name) => traits[name],
        set: (name, value) => { traits[name] = value; },
        save_changes() {},
        widget_manager: { get_model: async (id) => id === "tiles" ? client : null },
    };
    window.cleanup = await widget.render({ model, el: document.getElementById("cell") });
</script>
"""


@pytest.fixture
def page(example: ExampleRun, visit: Open) -> Page:
    need_bundle()
    widget = higlass_views.show(example.folder, gene="A10")
    traits = {"_viewconf": widget._viewconf, "_options": widget._options, "_plugin_urls": [], "location": []}

    def answer(payload: dict[str, Any]) -> object:
        match payload["type"]:
            case "traits":
                return traits
            case "tileset_info":
                uid = payload["tilesetUid"]
                return {uid: TilesetRegistry.get(uid).info()}
            case "tiles":
                ids = payload["tileIds"]
                return dict(
                    tile for uid in ids for tile in TilesetRegistry.get(uid.split(".")[0]).tiles([uid])
                )

    def serve(route: Route) -> None:
        if route.request.url.endswith("/widget.js"):
            route.fulfill(path=dist_folder() / "widget.js", content_type="text/javascript")
        elif route.request.url.endswith("/"):
            route.fulfill(body=HOST, content_type="text/html")
        else:
            route.fulfill(status=204)

    shown = visit("about:blank").page
    shown.expose_function("askPython", answer)
    shown.route("http://127.0.0.1:9/**", serve)
    shown.goto("http://127.0.0.1:9/")
    shown.wait_for_function("window.cleanup !== undefined", timeout=60_000)
    shown.wait_for_timeout(1500)
    return shown


def test_the_widget_draws_tiles_that_come_by_messages(page: Page) -> None:
    picture = Image.open(BytesIO(page.locator("#cell").screenshot())).convert("RGB")
    colours = np.asarray(picture).astype(int)
    for name in ("DNase", "H3K27ac", "HiC", "mask"):
        assert of_colour(colours, palette.TRACKS[name]).sum() > 100, name


def test_python_moves_the_view_and_hears_where_it_is(page: Page) -> None:
    page.evaluate("""() => {
        const [{ uid }] = model.get("_viewconf").views;
        model.hear("msg:custom", JSON.stringify(["zoomTo", uid, 165000, 170000, 165000, 170000, 1]));
    }""")
    page.wait_for_function("Math.abs((model.get('location') ?? [])[0] - 165000) < 1")
    assert page.evaluate("model.get('location')")[:2] == pytest.approx([165_000, 170_000])


def test_reload_keeps_the_picture_and_the_end_leaves_nothing(page: Page) -> None:
    before = page.locator("#cell").screenshot()
    page.evaluate("model.hear('msg:custom', JSON.stringify(['reload', []]))")
    page.wait_for_timeout(1500)
    colours = [
        np.asarray(Image.open(BytesIO(one)).convert("RGB")).astype(int)
        for one in (before, page.locator("#cell").screenshot())
    ]
    counts = [of_colour(one, palette.TRACKS["mask"]).sum() for one in colours]
    assert counts[0] == pytest.approx(counts[1], rel=0.05)
    page.evaluate("cleanup()")
    assert page.evaluate("document.getElementById('cell').shadowRoot.querySelectorAll('canvas').length") == 0
