"""Files at the beginning of a command line, where file managers pass them."""

from __future__ import annotations

import os
from pathlib import Path

from desktop.system.paths import is_file


def files_first(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the leading files of a command line, and the remaining words."""
    count = next((at for at, word in enumerate(words) if not _looks_like_file(word)), len(words))
    return words[:count], words[count:]


def _looks_like_file(word: str) -> bool:
    """Whether a word names an existing file and is not a command."""
    return looks_like_path(word) and is_file(Path(word))


def looks_like_path(word: str) -> bool:
    """Whether a word can only be a path, because commands contain neither dots nor separators."""
    return not word.startswith("-") and ("." in word or os.sep in word)
