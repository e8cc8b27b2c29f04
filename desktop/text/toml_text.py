"""TOML parsing with limits, because the library takes minutes for a key with thousands of parts. Pure functions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from desktop.text.phrases import Phrase, phrase

MOST_CHARACTERS, MOST_PARTS = 8 << 20, 32

_PART = r"""(?:[\w-]++|"(?:[^"\\\n]++|\\.)*+"?|'[^'\n]*+'?)"""
_NEXT = rf"(?:[ \t]*+\.[ \t]*+{_PART})"
_PIECES = (
    r'"""(?:[^"\\]++|\\[\s\S]|"(?!""))*+(?:"""|\Z)',  # texts of several lines
    r"'''(?:[^']++|'(?!''))*+(?:'''|\Z)",
    r"#[^\n]*+",
    rf"(?!{_PART}{_NEXT}{{{MOST_PARTS}}}){_PART}{_NEXT}*+",
    r"""[^\w"'#-]++""",
)
_GREAT_KEY = re.compile(rf"(?:{'|'.join(_PIECES)})*+{_PART}")
"""Matches text up to the beginning of a key with too many parts. Texts without such a key do not match."""


def too_large(path: Path) -> Phrase:
    """Return the error for a change that would make a file too large to be read again."""
    most = f"{MOST_CHARACTERS >> 20} MB"
    return phrase(
        "The change would make {path} larger than {most}, and Paragone could no longer read the file.",
        path=path,
        most=most,
    )


def parse(text: str) -> dict[str, Any]:
    """Return the table in a text. Raises ValueError and RecursionError if the TOML is invalid or too large."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"it is larger than {MOST_CHARACTERS >> 20} MB")
    if _GREAT_KEY.match(text):
        raise ValueError(f"a key has more than {MOST_PARTS} parts")
    return tomllib.loads(text)
