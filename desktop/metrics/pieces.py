"""Splits text into words and sentences with their positions. Pure functions."""

from __future__ import annotations

from msgspec import Struct

from desktop.text.late_pattern import late_pattern

_WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # scripts without spaces between words
_WORD = late_pattern(rf"[{_WIDE}]|(?:(?![{_WIDE}])\w)+(?:['’](?:(?![{_WIDE}])\w)+)*|[^\w\s]")
_END = late_pattern(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？])|(?<!\s)\s*\n\s*")


class Span(Struct, frozen=True, gc=False):
    """A range of characters, from `start` to before `end`."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the characters of the span in a text."""
        return text[self.start : self.end]


def words(text: str) -> list[Span]:
    """Return words and single signs. In scripts without spaces, each character counts as a word."""
    return [Span(*match.span()) for match in _WORD.finditer(text)]


def word_texts(text: str) -> list[str]:
    """Return the words of a text as strings."""
    return _WORD.findall(text)


def sentences(text: str) -> list[Span]:
    """Return sentences and lines, without surrounding whitespace."""
    spans: list[Span] = []
    start = 0
    for match in [*_END.finditer(text), None]:
        end = match.start() if match else len(text)
        if text[start:end].strip():
            skipped = len(text[start:end]) - len(text[start:end].lstrip())
            spans.append(Span(start + skipped, start + len(text[start:end].rstrip())))
        start = match.end() if match else end
    return spans
