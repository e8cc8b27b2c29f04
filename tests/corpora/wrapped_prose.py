"""Prose that editors wrapped, in the READMEs of installed packages: no paragraph of it may show in zigzag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import distributions
from itertools import pairwise

from markdown_it import MarkdownIt

from desktop.markdown.line_ends import meant_ends
from tests.corpora.outcome import Outcome

_FEWEST = 200
_SHORTEST = 25
_PAUSE = re.compile(r"[.!?:;,…–—-][\"'”’)\]*_`]*$")


def outcomes() -> list[Outcome]:
    """A line that ends within a sentence, with a small letter behind it, is joined with the next one."""
    outcome = Outcome("Paragraphs of READMEs whose lines were wrapped within sentences: joined")
    for paragraph in _paragraphs():
        lines = paragraph.split("\n")
        within = [_is_within(line.strip(), after.strip()) for line, after in pairwise(lines)]
        if any(within):
            is_zigzag = any(meant and inside for meant, inside in zip(meant_ends(lines), within, strict=True))
            outcome.take(repr(paragraph)[:70], right=not is_zigzag)
    assert outcome.tried >= _FEWEST
    return [outcome]


def _is_within(line: str, after: str) -> bool:
    return len(line) >= _SHORTEST and not _PAUSE.search(line) and after[:1].islower()


def _paragraphs() -> Iterator[str]:
    """Each paragraph of several lines once."""
    parser = MarkdownIt("commonmark")
    seen: set[str] = set()
    for distribution in distributions():
        about = distribution.metadata.json
        if "markdown" not in str(about.get("description_content_type")):
            continue
        for token in parser.parse(str(about.get("description", ""))):
            if token.type == "inline" and "\n" in token.content and token.content not in seen:
                seen.add(token.content)
                yield token.content
