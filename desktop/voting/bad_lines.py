"""Invalid lines in vote files. All are counted, and the first ones are reported individually."""

from __future__ import annotations

from desktop.text.phrases import Phrase, counted, phrase

TOLD = 10
"""Maximum number of lines reported individually."""


class BadLines:
    """Collects skipped lines and other remarks on a file."""

    def __init__(self) -> None:
        self.total = 0
        self._told: list[Phrase] = []
        self._remarks: list[Phrase] = []

    def add(self, line: int, reason: Phrase) -> None:
        """Record a skipped line, numbered from 1. `reason` is a clause."""
        self.total += 1
        if len(self._told) < TOLD:
            self._told.append(phrase("Line {line} was left out: {reason}.", line=f"{line:,}", reason=reason))

    def remark(self, sentence: Phrase) -> None:
        """Record a remark that is not about a skipped line."""
        self._remarks.append(sentence)

    @property
    def remarks(self) -> tuple[Phrase, ...]:
        """Remarks that are not about skipped lines."""
        return tuple(self._remarks)

    @property
    def sentences(self) -> tuple[Phrase, ...]:
        """Sentences about the first skipped lines, followed by one with the number of others."""
        rest = self.total - len(self._told)
        more = (counted("{n} more line was left out.", "{n} more lines were left out.", rest),) if rest else ()
        return (*self._told, *more)
