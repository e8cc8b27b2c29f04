"""Problems in a suite with their places, collected so that they are reported together."""

from __future__ import annotations

from typing import NamedTuple

from desktop.errors import SuiteInvalid
from desktop.text.phrases import Phrase, counted, phrase

MOST_TOLD = 20
"""Maximum number of problems listed. Any others are only counted."""

MOST_FOUND = 1_000
"""Number of problems after which validation stops."""

SHOWN = 60
"""Maximum length of quoted text."""


class Place(NamedTuple):
    """Position in a file: line and column, counted from 1. If they are 0 (unknown), `path` locates the value."""

    file: str
    line: int = 0
    column: int = 0
    path: str = ""

    def tell(self, problem: Phrase) -> Phrase:
        """Return a problem prefixed with its place."""
        if self.line and self.column:
            return phrase(
                "{file}, line {line}, column {column}: {problem}",
                file=self.file,
                line=self.line,
                column=self.column,
                problem=problem,
            )
        if self.line:
            return phrase("{file}, line {line}: {problem}", file=self.file, line=self.line, problem=problem)
        if self.path:
            return phrase("{file}, {place}: {problem}", file=self.file, place=self.path, problem=problem)
        return phrase("{file}: {problem}", file=self.file, problem=problem)


class SuiteProblems:
    """Collects problems and raises them together as one error."""

    def __init__(self) -> None:
        self._found: list[tuple[Place, Phrase]] = []
        self._known: set[tuple[Place, str]] = set()

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, place: Place, sentence: Phrase) -> None:
        """Add a problem unless it was already added.

        Raises:
            SuiteInvalid: If there are too many problems.
        """
        if (place, str(sentence)) not in self._known:
            self._known.add((place, str(sentence)))
            self._found.append((place, sentence))
            if len(self._found) >= MOST_FOUND:
                self.require_none()

    @property
    def sentences(self) -> tuple[Phrase, ...]:
        """The first problems in file order; if there are more, a sentence with the total number follows."""
        placed = sorted(self._found, key=lambda each: each[0][:3])
        listed = tuple(place.tell(sentence) for place, sentence in placed[:MOST_TOLD])
        rest = len(placed) - len(listed)
        return (
            (*listed, counted("There is {n} more problem.", "There are {n} more problems.", rest)) if rest else listed
        )

    @property
    def bare(self) -> tuple[Phrase, ...]:
        """All problems, without places."""
        return tuple(sentence for _, sentence in self._found)

    def require_none(self) -> None:
        """Check that there are no problems.

        Raises:
            SuiteInvalid: If there are any.
        """
        if self._found:
            raise SuiteInvalid(_joined(self.sentences), problems=self.sentences)


def shown(text: str) -> str:
    """Shorten text of a file for quoting."""
    line = " ".join(text[: 4 * SHOWN].split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def _joined(sentences: tuple[Phrase, ...]) -> Phrase:
    """Join sentences as lines."""
    joined = sentences[0]
    for sentence in sentences[1:]:
        joined = phrase("{above}\n{below}", above=joined, below=sentence)
    return joined
