"""The documentation site: `make docs` makes it of the Markdown here, which GitHub shows as it is.

What only the site has is the reference of the commands (sphinx-click) and of the library (autodoc), both made
from the code.
"""

import re
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    import click
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]

project = "seq2exp-tracks"
author = "The seq2exp-tracks authors"
version = release = installed_version("seq2exp-tracks")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click"]

# Headings have the anchors that GitHub gives them, down to the fourth level.
myst_heading_anchors = 4
# `--genome` keeps its two hyphens, also where it is no code.
smartquotes = False
# Code without a language has no colours: most of it is files and commands.
highlight_language = "text"

# In docstrings and in the help of commands `this` is code.
default_role = "literal"
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False
# Attributes stand below their class as one list, without a second entry for each.
napoleon_use_ivar = True

html_theme = "furo"
html_title = "seq2exp-tracks"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "tango"
pygments_dark_style = "monokai"

# Files outside this folder that pages link to, and the pages of the site that stand for them.
OUTSIDE = {"../README.md": "index.md", "../benchmarks/RESULTS.md": "results.md"}


def place_pages(_app: "Sphinx", page: str, source: list[str]) -> None:
    """Shows benchmarks/RESULTS.md as a page, and leads links that go out of this folder to pages."""
    if page == "results":
        figures = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
        source[0] = figures.replace("](../docs/", "](")
    for file, standing in OUTSIDE.items():
        source[0] = source[0].replace(f"]({file}", f"]({standing}")


def show_examples(_app: "Sphinx", _context: "click.Context", lines: list[str]) -> None:
    """Makes code of the indented lines that a command's help keeps as they are, and text of the others."""
    shown: list[str] = []
    for line in lines:
        kept = re.fullmatch(r"\| (.*)", line)
        if kept is None:
            shown.append(line)
        elif kept[1].startswith("  "):
            shown.append(f"  {kept[1]}")
        else:
            shown += ["", f"{kept[1].removesuffix(':')}::", ""]
    lines[:] = shown


def set_dashes(_app: "Sphinx", page: nodes.document) -> None:
    """Sets the dash that autodoc writes as two hyphens between a parameter and what it is."""
    for text in list(page.findall(nodes.Text)):
        if " -- " in text and not isinstance(text.parent, nodes.literal | nodes.literal_block):
            text.parent.replace(text, nodes.Text(text.replace(" -- ", " \N{EN DASH} ")))


def setup(app: "Sphinx") -> None:
    """Registers the above."""
    app.connect("source-read", place_pages)
    app.connect("sphinx-click-process-description", show_examples)
    app.connect("doctree-read", set_dashes)
