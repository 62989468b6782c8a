"""A headless Chromium for tests of pages, which says nothing to anybody but this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FLAGS = (
    "--no-sandbox",
    # Drawing without a graphics card.
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    # A browser that is being tested looks for nothing on the network.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"),
    "--disable-quic",
)


@dataclass
class Visit:
    """A page, and what it asked for and complained of since it was opened."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def foreign(self) -> list[str]:
        """Addresses that it asked for off this machine."""
        ours = ("http://127.0.0.1:", "data:", "blob:", "about:", "file:")
        return [address for address in self.requests if not address.startswith(ours)]


@contextmanager
def launched() -> Iterator[Browser]:
    """Starts Chromium, or skips the test; where SEQ2EXP_REQUIRE_BROWSER is 1 its absence is a failure."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        message = "needs Chromium (Debian's package chromium), which is not on this machine"
        if os.environ.get("SEQ2EXP_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def visited(browser: Browser, width: int = 1280, height: int = 900) -> Iterator[Visit]:
    """A fresh page, watched."""
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height}, accept_downloads=True
    )
    visit = Visit(context.new_page())
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on(
        "console",
        lambda message: visit.complaints.append(message.text) if message.type == "error" else None,
    )
    try:
        yield visit
    finally:
        context.close()
