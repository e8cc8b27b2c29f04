"""Files that are pages for people and may hold conversations, by their names; pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_GEMINI_TURNS = re.compile(r"conversation_[0-9]{1,9}\.txt")
_WEB_PAGES = (".html", ".htm")

MARKDOWN = (".md", ".markdown", ".mdown")
"""What the names of Markdown files end with."""


ENDINGS = (*MARKDOWN, *_WEB_PAGES, ".txt")
"""What the names of all such pages end with."""


def is_markdown(name: str) -> bool:
    """Whether a file is Markdown by its name."""
    return name.lower().endswith(MARKDOWN)


def may_be_page(path: PurePosixPath) -> bool:
    """Whether a file in a zip or a folder may be such a page: of web pages, only those of Google's activities."""
    name = path.name.lower()
    if name.endswith(_WEB_PAGES):
        return name.startswith("myactivity") or any("gemini" in each.lower() for each in path.parts[:-1])
    return is_markdown(name) or _GEMINI_TURNS.fullmatch(name) is not None
