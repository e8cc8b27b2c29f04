"""The files that a command line begins with, as a file manager starts the program."""

from __future__ import annotations

import os
from pathlib import Path

from desktop.system.paths import is_file


def files_first(words: list[str]) -> tuple[list[str], list[str]]:
    """The files that a command line begins with, and the rest of it."""
    count = next((at for at, word in enumerate(words) if not _looks_like_file(word)), len(words))
    return words[:count], words[count:]


def _looks_like_file(word: str) -> bool:
    """Whether a word names a file that is there, and is no command."""
    return looks_like_path(word) and is_file(Path(word))


def looks_like_path(word: str) -> bool:
    """Whether a word can only name a file: commands have neither dots nor separators."""
    return not word.startswith("-") and ("." in word or os.sep in word)
