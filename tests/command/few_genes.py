"""Some genes of the playground, scored in parts."""

from pathlib import Path

GENES = ("A10", "A11", "A12")
NAMES = [word for name in GENES for word in ("--gene", name)]
OPTIONS = [*NAMES, "--window", "4000", "--workers", "1"]


def content(run: Path) -> dict[str, bytes]:
    """Every file of a run but its manifest, which tells the time."""
    files = [path for path in run.rglob("*") if path.is_file() and path.name != "manifest.json"]
    return {str(path.relative_to(run)): path.read_bytes() for path in files if ".shards" not in path.parts}
