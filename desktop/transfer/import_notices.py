"""What is said of a whole file that is imported: sentences as one text, which keeps each of them to be translated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from desktop.text.phrases import Phrase, phrase

_TOGETHER = phrase("{what} {hint}", what="", hint="").template


def together(sentences: Iterable[str]) -> str:
    """Those of the sentences that say something, one after the other."""
    said = ""
    for each in filter(None, sentences):
        said = phrase("{what} {hint}", what=said, hint=each) if said else each
    return said


def apart(said: str) -> Iterator[str]:
    """The sentences that were put together."""
    last: list[str] = []
    while isinstance(said, Phrase) and said.template == _TOGETHER:
        last.append(_within(said, "hint"))
        said = _within(said, "what")
    yield from filter(None, (said, *reversed(last)))


def _within(said: Phrase, name: str) -> str:
    """A sentence within another one, as a phrase where it is one."""
    found = said.values[name]
    return found if isinstance(found, str) else str(found)
