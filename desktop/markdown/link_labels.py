"""Link labels between the brackets of a text, excluding code. Pure functions."""

from __future__ import annotations

import re

from markdown_it.common.utils import normalizeReference

DEFINES = re.compile(r"^[ \t>*+\-.)\d]{0,99}\[(?:[^\[\]\\]|\\.){1,999}\]:", re.MULTILINE | re.DOTALL)
"""Beginning of a line that may define a link or a footnote."""

_LABEL = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.){1,999})\]", re.DOTALL)
_CODE = re.compile(r"(?<![`\\])(`{1,8})(?!`)[^`]{1,1000}(?<!`)\1(?!`)")


def labels_of(text: str) -> frozenset[str]:
    """Return the normalized labels that a text may refer to. Labels in multi-line code are included."""
    if "[" not in text:
        return frozenset()
    return frozenset(map(normalizeReference, _LABEL.findall(_CODE.sub(_without_brackets, text))))


def _without_brackets(code: re.Match[str]) -> str:
    """Return inline code unchanged, because it may be part of a label.

    If it contains brackets, return an empty string.
    """
    return "" if "[" in code[0] or "]" in code[0] else code[0]
