"""An answer's Markdown as HTML with slots for what is read: words, code, formulas, filled in later; pure.

The words of all slots are one text, in which places are found that are to be marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from html import escape

from msgspec import Struct

from desktop.markdown.parser import parser
from desktop.metrics.pieces import Span
from desktop.pages.html_text import MarkdownHtml, rendered_by
from desktop.renderer.render_wire import CodeRequest, FormulaRequest
from desktop.reports.report_drawings import DrawnParts

_SLOT = "\0"
"""Stands around a slot's number: messages have none, of which each becomes another sign before they are parsed."""

_NEW_WORD = ("\n", "<br", "<td", "<th")
"""What stands between two slots whose words do not touch."""

SIZE = 16
"""Pixels of the font that formulas are drawn for; their pictures are measured by it."""

_LONGEST_CODE = 20_000
"""Characters of code that are coloured."""


class SlotKind(Enum):
    """What stands in a slot."""

    WORDS = auto()
    CODE = auto()
    FORMULA = auto()
    DISPLAY = auto()  # a formula on lines of its own


class TextSlot(Struct, frozen=True):
    """What is read in one place, as it was written. `language` is of code."""

    text: str
    kind: SlotKind
    language: str = ""

    @property
    def request(self) -> CodeRequest | FormulaRequest | None:
        """What the render child makes of it; None where it makes nothing."""
        match self.kind:
            case SlotKind.WORDS:
                return None
            case SlotKind.CODE:
                if not self.language or len(self.text) > _LONGEST_CODE:
                    return None
                return CodeRequest(language=self.language, text=self.text, whole=True)
            case _:
                return FormulaRequest(source=self.text, size=SIZE, display=self.kind is SlotKind.DISPLAY)


class SlottedText(Struct, frozen=True):
    """`frames` stand around the slots: one more than these. `words` is all that is read, slot by slot from `starts`."""

    frames: tuple[str, ...]
    slots: tuple[TextSlot, ...]
    words: str
    starts: tuple[int, ...]

    @property
    def requests(self) -> Iterator[CodeRequest | FormulaRequest]:
        """What is to be drawn of it."""
        return (request for slot in self.slots if (request := slot.request) is not None)

    def filled(self, drawn: DrawnParts, marked: Sequence[Span] = ()) -> str:
        """The HTML, with what was drawn of it; `marked` are places of its words, in order."""
        pen = _Pen(marked)
        made = [self.frames[0]]
        for slot, start, frame in zip(self.slots, self.starts, self.frames[1:], strict=True):
            made += (_slot(slot, start, drawn, pen), frame)
        return "".join(made)


class Slotter(MarkdownHtml):
    """Makes texts with slots, one after the other: numbers in the place of all that is read."""

    def __init__(self) -> None:
        super().__init__(parser())
        self._slots: list[TextSlot] = []

    def slotted(self, text: str, above: int | None) -> SlottedText:
        """The Markdown of a message under a heading of the level `above`; None leaves its headings as written."""
        self._slots = []
        pieces = rendered_by(self, text, above).split(_SLOT) if text else [""]
        frames = pieces[::2]
        slots = [self._slots[int(number)] for number in pieces[1::2]]
        words: list[str] = []
        starts: list[int] = []
        at = 0
        for slot, frame in zip(slots, frames, strict=False):
            between = "\n" if words and any(sign in frame for sign in _NEW_WORD) else ""
            at += len(between)
            starts.append(at)
            words += (between, slot.text)
            at += len(slot.text)
        return SlottedText(tuple(frames), tuple(slots), "".join(words), tuple(starts))

    def words(self, text: str) -> str:
        """A slot for words."""
        return self._slot(TextSlot(text, SlotKind.WORDS))

    def code(self, text: str, language: str) -> str:
        """A slot for a block's code."""
        return self._slot(TextSlot(text, SlotKind.CODE, language))

    def formula(self, source: str, *, display: bool) -> str:
        """A slot for a formula."""
        return self._slot(TextSlot(source, SlotKind.DISPLAY if display else SlotKind.FORMULA))

    def _slot(self, slot: TextSlot) -> str:
        self._slots.append(slot)
        return f"{_SLOT}{len(self._slots) - 1}{_SLOT}"


class _Pen:
    """Writes words from the first to the last, and marks what is to be marked of them."""

    def __init__(self, marked: Sequence[Span]) -> None:
        self._marked = marked
        self._next = 0

    def touches(self, start: int, end: int) -> bool:
        """Whether anything from `start` up to before `end` is marked."""
        self._skip(start)
        return self._next < len(self._marked) and self._marked[self._next].start < end

    def written(self, text: str, start: int) -> str:
        """A text that begins at `start` of all words."""
        end, at = start + len(text), start
        made: list[str] = []
        while self.touches(at, end):
            span = self._marked[self._next]
            first, last = max(span.start, at), min(span.end, end)
            made += (escape(text[at - start : first - start]), _mark(text[first - start : last - start]))
            at = last
            if last == end:
                break
        made.append(escape(text[at - start :]))
        return "".join(made)

    def _skip(self, at: int) -> None:
        while self._next < len(self._marked) and self._marked[self._next].end <= at:
            self._next += 1


def _mark(text: str) -> str:
    """A marked stretch; the space at its end is not."""
    words = text.rstrip()
    return f"<mark>{escape(words)}</mark>{escape(text[len(words) :])}" if words else escape(text)


def _slot(slot: TextSlot, start: int, drawn: DrawnParts, pen: _Pen) -> str:
    match slot.kind:
        case SlotKind.WORDS:
            return pen.written(slot.text, start)
        case SlotKind.CODE:
            return _code(slot, start, drawn, pen)
        case _:
            return _formula(slot, start, drawn, pen)


def _code(slot: TextSlot, start: int, drawn: DrawnParts, pen: _Pen) -> str:
    """Code in its colours where all its words came back, else in one."""
    words = drawn.words(slot.request)
    if "".join(text for text, _ in words) != slot.text:
        return pen.written(slot.text, start)
    made: list[str] = []
    for text, kind in words:
        written = pen.written(text, start)
        made.append(f'<span class="k-{escape(kind)}">{written}</span>' if kind else written)
        start += len(text)
    return "".join(made)


def _formula(slot: TextSlot, start: int, drawn: DrawnParts, pen: _Pen) -> str:
    display = slot.kind is SlotKind.DISPLAY
    picture = drawn.picture(slot.request)
    source = escape(slot.text)
    if picture and display:
        made = f'<div class="formula">{picture}</div>\n'
    elif picture:
        made = picture
    else:
        made = f'<pre class="math">{source}</pre>\n' if display else f'<code class="math">{source}</code>'
    if not pen.touches(start, start + len(slot.text)):
        return made
    return f'<div class="marked">{made}</div>' if display else f"<mark>{made}</mark>"
