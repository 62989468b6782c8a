"""What is scored by several processes is the same however these start: they start quickly."""

from collections.abc import Iterator

import pytest
from quick_processes import quick_processes


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    with quick_processes():
        yield
