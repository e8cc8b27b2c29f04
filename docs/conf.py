# ruff: noqa: INP001 - Sphinx reads this file by its path
"""How Sphinx makes a site of these pages; `python packaging/docs.py` runs it."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

_FOUND = re.search(r'^VERSION = "([^"]+)"', (Path(__file__).parents[1] / "main.py").read_text("utf-8"), re.MULTILINE)

project = "Paragone"
author = "the Paragone contributors"
version = release = _FOUND[1] if _FOUND else ""
extensions = ["myst_parser"]
myst_heading_anchors = 4
exclude_patterns = ["pictures"]
nitpicky = True

html_theme = "furo"
html_title = "Paragone"
html_favicon = html_logo = "../resources/icons/app/paragone.svg"
html_copy_source = False
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#3B5BDB", "color-brand-content": "#3B5BDB"},
    "dark_css_variables": {"color-brand-primary": "#8EA2FF", "color-brand-content": "#8EA2FF"},
}

IN_THE_SITE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changes.md",
    "DECISIONS.md": "decisions.md",
}
"""Pages beside the folder of documents, and those of the site that stand for them."""


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", lead_into_the_site)


def lead_into_the_site(_: Sphinx, name: str, source: list[str]) -> None:
    """Links that lead out of the folder, as a Git host wants them, lead to the site's own pages."""
    up = "../" * name.count("/")
    for outside, page in IN_THE_SITE.items():
        source[0] = source[0].replace(f"]({up}../{outside}", f"]({up}{page}")
