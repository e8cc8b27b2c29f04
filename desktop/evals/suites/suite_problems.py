"""What is wrong with a suite: each problem with its place in a file, gathered and told at once."""

from __future__ import annotations

from typing import NamedTuple

from desktop.errors import SuiteInvalid
from desktop.text.phrases import Phrase, counted, phrase

MOST_TOLD = 20
"""Problems that are told one by one; the others are counted."""

MOST_FOUND = 1_000
"""Problems after which nobody looks for more."""

SHOWN = 60
"""Characters that are shown of what a file says."""


class Place(NamedTuple):
    """Where something stands: line and column from 1, 0 where nobody knows them; then `path` is the way to it."""

    file: str
    line: int = 0
    column: int = 0
    path: str = ""

    def tell(self, problem: Phrase) -> Phrase:
        """A sentence on what stands here."""
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
    """Takes problems with their places, and raises them together."""

    def __init__(self) -> None:
        self._found: list[tuple[Place, Phrase]] = []
        self._known: set[tuple[Place, str]] = set()

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, place: Place, sentence: Phrase) -> None:
        """Take one, once however often it is found. Raises SuiteInvalid where there are more than anybody mends."""
        if (place, str(sentence)) not in self._known:
            self._known.add((place, str(sentence)))
            self._found.append((place, sentence))
            if len(self._found) >= MOST_FOUND:
                self.require_none()

    @property
    def sentences(self) -> tuple[Phrase, ...]:
        """The first of them in the order of the file, and how many there are if these are not all."""
        placed = sorted(self._found, key=lambda each: each[0][:3])
        told = tuple(place.tell(sentence) for place, sentence in placed[:MOST_TOLD])
        rest = len(placed) - len(told)
        return (*told, counted("There is {n} more problem.", "There are {n} more problems.", rest)) if rest else told

    @property
    def bare(self) -> tuple[Phrase, ...]:
        """All of them without their places."""
        return tuple(sentence for _, sentence in self._found)

    def require_none(self) -> None:
        """Raise SuiteInvalid where there are any."""
        if self._found:
            raise SuiteInvalid(_joined(self.sentences), problems=self.sentences)


def shown(text: str) -> str:
    """The beginning of what a file says, in a line, as a problem quotes it."""
    line = " ".join(text[: 4 * SHOWN].split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def _joined(sentences: tuple[Phrase, ...]) -> Phrase:
    """Sentences as one, a line each."""
    joined = sentences[0]
    for sentence in sentences[1:]:
        joined = phrase("{above}\n{below}", above=joined, below=sentence)
    return joined
