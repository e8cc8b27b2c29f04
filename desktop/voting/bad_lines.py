"""Lines of a file of votes that are none: each told by its number, as far as anybody reads, and all of them counted."""

from __future__ import annotations

from desktop.text.phrases import Phrase, counted, phrase

TOLD = 10
"""How many are told one by one."""


class BadLines:
    """Takes the lines that are left out, and what else is to be said of a file."""

    def __init__(self) -> None:
        self.total = 0
        self._told: list[Phrase] = []
        self._remarks: list[Phrase] = []

    def add(self, line: int, reason: Phrase) -> None:
        """Leave a line out, counted from 1; `reason` is a clause."""
        self.total += 1
        if len(self._told) < TOLD:
            self._told.append(phrase("Line {line} was left out: {reason}.", line=f"{line:,}", reason=reason))

    def remark(self, sentence: Phrase) -> None:
        """Say something that leaves no line out."""
        self._remarks.append(sentence)

    @property
    def remarks(self) -> tuple[Phrase, ...]:
        """What was said that left no line out."""
        return tuple(self._remarks)

    @property
    def sentences(self) -> tuple[Phrase, ...]:
        """The first lines one by one, and how many there are if these are not all."""
        rest = self.total - len(self._told)
        more = (counted("{n} more line was left out.", "{n} more lines were left out.", rest),) if rest else ()
        return (*self._told, *more)
