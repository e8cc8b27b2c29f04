"""The user's own words: a text file with one word a line, and words ignored until the program ends."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

from desktop.system.plain_files import read_plain
from desktop.system.private_files import write_private

MOST_BYTES = 4 << 20
"""Maximum size of the file, which is read whole."""


class OwnWords:
    """Words that count as right in every language. Other processes may add words to the same file."""

    def __init__(self, file: Callable[[], Path]) -> None:
        """Create the list. `file` returns the path of the file, which may move while the program runs."""
        self._file = file
        self._words: frozenset[str] = frozenset()
        self._read: tuple[Path, int, int] | None = None
        self._ignored: set[str] = set()

    def __contains__(self, word: str) -> bool:
        """Whether a word, its lower-case form, or the word without a possessive ’s was added or ignored."""
        plain = plain_form(word)
        forms = {plain, plain.lower(), plain.removesuffix("'s"), plain.lower().removesuffix("'s")}
        return not forms.isdisjoint(self._words) or not forms.isdisjoint(self._ignored)

    def refresh(self) -> bool:
        """Read the file if it has changed, and return whether it was read. Raises OSError."""
        path = self._file()
        try:
            found = path.stat()
        except FileNotFoundError:
            self._words, self._read = frozenset(), None
            return False
        state = (path, found.st_mtime_ns, found.st_size)
        if state == self._read:
            return False
        lines = read_plain(path, MOST_BYTES).decode("utf-8-sig", "replace").splitlines()
        self._words, self._read = frozenset(plain_form(line.strip()) for line in lines if line.strip()), state
        return True

    def add(self, word: str) -> None:
        """Append a word to the file. Raises OSError."""
        self.refresh()
        plain = plain_form(word)
        if plain in self._words:
            return
        self._words |= {plain}
        before = read_plain(path, MOST_BYTES) if (path := self._file()).exists() else b""
        between = b"" if not before or before.endswith(b"\n") else os.linesep.encode()
        write_private(path, before + between + f"{plain}\n".encode())
        self.refresh()

    def ignore(self, word: str) -> None:
        """Accept a word until the program ends."""
        self._ignored.add(plain_form(word))


def plain_form(word: str) -> str:
    """Return a word with composed letters and straight apostrophes, as dictionaries contain it."""
    return unicodedata.normalize("NFC", word).replace("’", "'")
