"""Which labels of links stand in brackets of a text, code left out; pure."""

from __future__ import annotations

import re

from markdown_it.common.utils import normalizeReference

DEFINES = re.compile(r"^[ \t>*+\-.)\d]{0,99}\[(?:[^\[\]\\]|\\.){1,999}\]:", re.MULTILINE | re.DOTALL)
"""The beginning of a line that may define a link or a footnote."""

_LABEL = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.){1,999})\]", re.DOTALL)
_CODE = re.compile(r"(?<![`\\])(`{1,8})(?!`)[^`]{1,1000}(?<!`)\1(?!`)")


def labels_of(text: str) -> frozenset[str]:
    """The labels that a text may refer to, as Markdown compares them; code of several lines is not told from words."""
    if "[" not in text:
        return frozenset()
    return frozenset(map(normalizeReference, _LABEL.findall(_CODE.sub(_without_brackets, text))))


def _without_brackets(code: re.Match[str]) -> str:
    """Code as it was written, which may be a label; with brackets in it, nothing."""
    return "" if "[" in code[0] or "]" in code[0] else code[0]
