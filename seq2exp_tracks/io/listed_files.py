"""The files that a record, such as a manifest, lists: the only ones that are moved or removed in its name."""

import json
from pathlib import Path, PurePosixPath


def files_listed(record: Path) -> list[str]:
    """The files that a record lists; see `listed`. None if it is missing or no JSON."""
    try:
        return listed(json.loads(record.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return []


def listed(content: object) -> list[str]:
    """The files that the content of a record lists.

    Args:
        content: JSON, whose `files` are names relative to its folder, or objects with such a `path`.

    Returns:
        The names; none of a file outside the folder, and none at all if the content is something else.
    """
    try:
        entries = content["files"]  # type: ignore[index] # whatever it is
        paths = [PurePosixPath(entry["path"] if isinstance(entry, dict) else entry) for entry in entries]
    except (LookupError, TypeError):
        return []
    return [str(path) for path in paths if not path.is_absolute() and ".." not in path.parts]
