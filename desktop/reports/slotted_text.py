"""Converts a response's Markdown to HTML with slots for words, code and formulas, filled later. Pure functions.

The words of all slots form one text, in which spans can be highlighted.
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
"""Delimiter around a slot's number. It is removed from messages before parsing, so that they cannot contain it."""

_NEW_WORD = ("\n", "<br", "<td", "<th")
"""Markup that separates the words of two adjacent slots."""

SIZE = 16
"""Font size in pixels at which formulas are drawn. Their drawings are then scaled with the text."""

_LONGEST_CODE = 20_000
"""Maximum number of characters of highlighted code."""


class SlotKind(Enum):
    """Kind of content in a slot."""

    WORDS = auto()
    CODE = auto()
    FORMULA = auto()
    DISPLAY = auto()  # a display formula


class TextSlot(Struct, frozen=True):
    """Source text of a slot. `language` is only used for code."""

    text: str
    kind: SlotKind
    language: str = ""

    @property
    def request(self) -> CodeRequest | FormulaRequest | None:
        """Draw request for the render child, or None for words."""
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
    """HTML `frames` before, between and after the slots, so there is one more frame than slots.

    `words` is the text of all slots, which start at the positions in `starts`.
    """

    frames: tuple[str, ...]
    slots: tuple[TextSlot, ...]
    words: str
    starts: tuple[int, ...]

    @property
    def requests(self) -> Iterator[CodeRequest | FormulaRequest]:
        """Draw requests of all slots."""
        return (request for slot in self.slots if (request := slot.request) is not None)

    def filled(self, drawn: DrawnParts, marked: Sequence[Span] = ()) -> str:
        """Return the HTML with the content of its slots.

        Args:
            marked: Spans of the words to highlight, in order.
        """
        pen = _Pen(marked)
        made = [self.frames[0]]
        for slot, start, frame in zip(self.slots, self.starts, self.frames[1:], strict=True):
            made += (_slot(slot, start, drawn, pen), frame)
        return "".join(made)


class Slotter(MarkdownHtml):
    """Renders texts one after another, with numbered slots in place of their content."""

    def __init__(self) -> None:
        super().__init__(parser())
        self._slots: list[TextSlot] = []

    def slotted(self, text: str, above: int | None) -> SlottedText:
        """Return a Markdown message as text with slots.

        Args:
            above: Level of the heading above the message, or None to leave the message's headings unchanged.
        """
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
        """Add a slot for words."""
        return self._slot(TextSlot(text, SlotKind.WORDS))

    def code(self, text: str, language: str) -> str:
        """Add a slot for a code block."""
        return self._slot(TextSlot(text, SlotKind.CODE, language))

    def formula(self, source: str, *, display: bool) -> str:
        """Add a slot for a formula."""
        return self._slot(TextSlot(source, SlotKind.DISPLAY if display else SlotKind.FORMULA))

    def _slot(self, slot: TextSlot) -> str:
        self._slots.append(slot)
        return f"{_SLOT}{len(self._slots) - 1}{_SLOT}"


class _Pen:
    """Writes words in order and highlights the spans within them."""

    def __init__(self, marked: Sequence[Span]) -> None:
        self._marked = marked
        self._next = 0

    def touches(self, start: int, end: int) -> bool:
        """Whether a span overlaps the words from `start` to before `end`."""
        self._skip(start)
        return self._next < len(self._marked) and self._marked[self._next].start < end

    def written(self, text: str, start: int) -> str:
        """Return a text that starts at `start` as HTML, with its spans highlighted."""
        end, at = start + len(text), start
        pieces: list[str] = []
        while self.touches(at, end):
            span = self._marked[self._next]
            first, last = max(span.start, at), min(span.end, end)
            pieces += (escape(text[at - start : first - start]), _mark(text[first - start : last - start]))
            at = last
            if last == end:
                break
        pieces.append(escape(text[at - start :]))
        return "".join(pieces)

    def _skip(self, at: int) -> None:
        while self._next < len(self._marked) and self._marked[self._next].end <= at:
            self._next += 1


def _mark(text: str) -> str:
    """Return text in a `<mark>` element, excluding trailing spaces."""
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
    """Return highlighted code, or plain code if the highlighted pieces do not add up to the source."""
    words = drawn.words(slot.request)
    if "".join(text for text, _ in words) != slot.text:
        return pen.written(slot.text, start)
    pieces: list[str] = []
    for text, kind in words:
        written = pen.written(text, start)
        pieces.append(f'<span class="k-{escape(kind)}">{written}</span>' if kind else written)
        start += len(text)
    return "".join(pieces)


def _formula(slot: TextSlot, start: int, drawn: DrawnParts, pen: _Pen) -> str:
    display = slot.kind is SlotKind.DISPLAY
    picture = drawn.picture(slot.request)
    source = escape(slot.text)
    if picture and display:
        markup = f'<div class="formula">{picture}</div>\n'
    elif picture:
        markup = picture
    else:
        markup = f'<pre class="math">{source}</pre>\n' if display else f'<code class="math">{source}</code>'
    if not pen.touches(start, start + len(slot.text)):
        return markup
    return f'<div class="marked">{markup}</div>' if display else f"<mark>{markup}</mark>"
