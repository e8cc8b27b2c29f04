"""Command lines as people type them, split into a program and its arguments. No shell is involved."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence


def split_command(text: str, *, windows: bool = os.name == "nt") -> tuple[str, ...]:
    """Return the words of a command line. Quotes keep words together; on Windows, a backslash is an ordinary sign.

    Raises:
        ValueError: If a quote is not closed.
    """
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    if windows:
        lexer.escape = ""
    return tuple(lexer)


def joined_command(words: Sequence[str], *, windows: bool = os.name == "nt") -> str:
    """Return a command line that splits into these words."""
    return " ".join(_quoted(word) if windows else shlex.quote(word) for word in words)


def _quoted(word: str) -> str:
    if word and not any(sign.isspace() or sign in "'\"" for sign in word):
        return word
    return f"'{word}'" if '"' in word else f'"{word}"'
