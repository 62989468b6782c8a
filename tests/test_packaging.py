import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).parents[1]


def folders_with_code(package: str) -> set[str]:
    return {".".join(init.parent.relative_to(ROOT).parts) for init in (ROOT / package).rglob("__init__.py")}


def test_every_package_folder_is_named_in_pyproject() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    found = folders_with_code("seq2exp_tracks") | folders_with_code("higlass_views")
    assert listed == found | {"seq2exp_tracks_cli"}


def test_every_file_that_is_no_module_is_named_in_pyproject() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    shipped = {
        path
        for package, patterns in listed.items()
        for pattern in patterns
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    # The sources of the page are for those who build it, and in the source distribution only.
    kept_back = ROOT / "higlass_views" / "frontend"
    caches = {".mypy_cache", "__pycache__"}
    others = {
        path
        for package in ("seq2exp_tracks", "higlass_views", "cli")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".py" and not caches.intersection(path.parts)
    }
    others = {path for path in others if kept_back not in path.parents}
    assert others
    assert others <= shipped
    assert "dist/*" in listed["higlass_views.frontend"]


def test_nothing_named_cli_is_installed() -> None:
    (command,) = entry_points(group="console_scripts", name="seq2exp-tracks")
    assert command.value == "seq2exp_tracks_cli.main:main"
    assert command.dist is not None
    top_level = (command.dist.read_text("top_level.txt") or "").split()
    assert sorted(top_level) == ["higlass_views", "seq2exp_tracks", "seq2exp_tracks_cli"]


def modules_after(code: str) -> set[str]:
    """Names of the modules that are loaded after running code in a fresh interpreter."""
    shown = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(shown.stdout.split())


def test_importing_the_package_imports_no_torch() -> None:
    assert "torch" not in modules_after("import seq2exp_tracks")


def test_help_imports_no_torch() -> None:
    code = (
        "import seq2exp_tracks_cli.main as m, contextlib, io\n"
        "with contextlib.redirect_stdout(io.StringIO()) as out:\n"
        "    m.main(['--help'], standalone_mode=False)\n"
        "assert 'score' in out.getvalue()"
    )
    loaded = modules_after(code)
    assert "click" in loaded
    assert "torch" not in loaded
    assert "llvmlite" not in loaded
