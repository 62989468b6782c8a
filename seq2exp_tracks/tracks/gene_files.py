"""Names for the files of single genes."""

import re
from collections.abc import Container


def gene_file_stem(gene_id: str, taken: Container[str]) -> str:
    """A file name for a gene's own tracks: its id, with what a file name cannot hold replaced.

    Args:
        gene_id: The gene's id.
        taken: Names that other genes have; a number is added to a name that is taken.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", gene_id).lstrip(".")[:100] or "_"
    stem, number = plain, 2
    while stem in taken:
        stem, number = f"{plain}~{number}", number + 1
    return stem
