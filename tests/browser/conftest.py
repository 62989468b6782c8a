"""Pages that are served once for many tests, and visits that must end without a complaint."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from chromium import Visit
    from example_run import ExampleRun
    from playwright.sync_api import Browser

Open = Callable[..., "Visit"]


@pytest.fixture(scope="session")
def example_page(example: "ExampleRun") -> Iterator[str]:
    """Address of the example run's page."""
    from shown_page import serving

    with serving(example.folder) as address:
        yield address


@pytest.fixture(scope="session")
def compared_page(example: "ExampleRun", tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a page of two runs: the example, and one whose mask follows another signal."""
    from dataclasses import replace

    from example_run import write_run
    from shown_page import serving

    genome = replace(example.genome, dnase=example.genome.h3k27ac)
    other = write_run(tmp_path_factory.mktemp("other") / "other", genome)
    with serving(example.folder, other.folder) as address:
        yield address


@pytest.fixture
def visit(browser: "Browser") -> "Iterator[Open]":
    """Opens an address; at the end no page may have complained, or asked for anything off this machine."""
    from chromium import visited

    visits = []
    with ExitStack() as stack:

        def open_address(address: str, width: int = 1280, height: int = 900) -> "Visit":
            visits.append(stack.enter_context(visited(browser, width, height)))
            visits[-1].page.goto(address)
            return visits[-1]

        yield open_address
        for one in visits:
            assert one.foreign() == []
            assert one.complaints == []
