"""Runs of the simulated genome as pages show them."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from example_run import ExampleRun

    from higlass_views.page import Page


@pytest.fixture(scope="session")
def other_example(example: "ExampleRun", tmp_path_factory: pytest.TempPathFactory) -> "ExampleRun":
    """A second run of the same genome, without files of single genes and without contacts."""
    from example_run import write_run

    folder = tmp_path_factory.mktemp("views") / "other"
    return write_run(folder, example.genome, per_gene=False, contacts=False)


@pytest.fixture(scope="session")
def page(example: "ExampleRun") -> "Page":
    """A page of the example, with the genome's own annotation."""
    from higlass_views.page import open_page

    return open_page([example.folder], gene="A10", genes=example.genome.genes)


@pytest.fixture(scope="session")
def compared(example: "ExampleRun", other_example: "ExampleRun") -> "Page":
    """A page of two runs."""
    from higlass_views.page import open_page

    return open_page([example.folder, other_example.folder], gene="A10")
