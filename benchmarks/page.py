"""How long a view takes from the page's address to its last track, in headless Chromium.

Each round is a fresh browser context, which has cached nothing. "Drawn" is when every tile in sight has
arrived and been drawn; "first text" is when the table of genes can be read. Needs Chromium and the bundle.

    python benchmarks/page.py RUN --gene MYH9
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

COMMAND = Path(sys.executable).with_name("seq2exp-tracks")
FLAGS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
VIEWPORT = {"width": 1280, "height": 900}


def timed(browser: Browser, address: str) -> tuple[float, float, int]:
    """Seconds to the first text and to the last track, and the number of tracks."""
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function("document.querySelector('#genes td')", timeout=60_000)
    first = time.perf_counter() - start
    page.wait_for_function("document.documentElement.dataset.ready && seq2exp.viewer.settled", timeout=60_000)
    drawn = time.perf_counter() - start
    tracks = page.evaluate("seq2exp.viewer.tracks.length")
    context.close()
    return first, drawn, tracks


def main() -> None:
    """Prints medians and the slowest of all rounds, view by view."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--gene", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("needs Chromium")
    serve = [COMMAND, "view", asked.run, "--no-browser", "--port", "0"]
    with (
        subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server,
        sync_playwright() as playwright,
    ):
        assert server.stdout is not None
        try:
            address = server.stdout.readline().partition(" ")[0]
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            print(f"{'view':8} {'tracks':>6} {'first text':>11} {'drawn: median':>14} {'slowest':>8}")
            for view in ("gene", "region", "genome"):
                link = f"{address}#view={view}" + (f"&gene={asked.gene}" if view == "gene" else "")
                link += "&at=" + place_of(browser, address, asked.gene) if view == "region" else ""
                rounds = [timed(browser, link) for _ in range(asked.rounds)]
                firsts, drawn, tracks = zip(*rounds, strict=True)
                first, middle, slowest = statistics.median(firsts), statistics.median(drawn), max(drawn)
                print(f"{view:8} {tracks[0]:>6} {first:>9.2f} s {middle:>12.2f} s {slowest:>6.2f} s")
            browser.close()
        finally:
            server.terminate()


def place_of(browser: Browser, address: str, gene: str) -> str:
    """The gene's window, as the page writes it."""
    page = browser.new_page()
    answer = page.request.get(f"{address}api/view.json?view=gene&gene={gene}").json()
    page.close()
    return str(answer["region"])


if __name__ == "__main__":
    main()
