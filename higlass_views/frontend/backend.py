"""The build backend: setuptools, and before it the bundle of the page.

A standard (PEP 517, PEP 660) backend inside the source tree: pyproject.toml puts this folder on the
backend's path. Where the page cannot be built, the installation goes on without it and says so in one line;
with SEQ2EXP_REQUIRE_PAGE=1 it stops instead, with SEQ2EXP_REQUIRE_PAGE=0 nobody tries.
"""

import os
import sys
from collections.abc import Mapping

import bundle  # type: ignore[import-not-found]  # its neighbour, found by the backend's path alone
from setuptools import build_meta

# Hooks that have nothing to do with the page.
build_sdist = build_meta.build_sdist
get_requires_for_build_sdist = build_meta.get_requires_for_build_sdist
prepare_metadata_for_build_wheel = build_meta.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = build_meta.prepare_metadata_for_build_editable

Settings = Mapping[str, str | list[str] | None] | None


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """What setuptools needs, and node where the page must be built and the machine has none."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_node_if_needed()]


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    """As for a wheel."""
    return [*build_meta.get_requires_for_build_editable(config_settings), *_node_if_needed()]


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Builds the page, then the wheel that holds it."""
    _build_page()
    name: str = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    return name


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Builds the page in the checkout, then the wheel that points to it."""
    _build_page()
    name: str = build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
    return name


def _node_if_needed() -> list[str]:
    if os.environ.get(bundle.REQUIRE) == "0" or bundle.page_is_current() or bundle.node_is_there():
        return []
    return [bundle.NODE_PACKAGE]


def _build_page() -> None:
    wanted = os.environ.get(bundle.REQUIRE)
    if wanted == "0":
        return
    try:
        bundle.build_page()
    except bundle.PageBuildError as error:
        if wanted == "1":
            raise SystemExit(f"error: the page is not built: {error}") from error
        print(f"warning: installed without the page of `view`: {error}", file=sys.stderr)
