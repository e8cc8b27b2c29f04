"""Tool call in a response as a card: the call, its state and result, and the texts that the card shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from desktop.domain.message_parts import (
    CitationPart,
    FilePart,
    ImagePart,
    OpaquePart,
    Part,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    ToolStatus,
)
from desktop.formatting.number_format import duration_text
from ui.base.strings import tr

LONGEST_SHOWN, MOST_LINES = 20_000, 500
"""Maximum number of characters and of lines of a text in a card until all of it is requested."""

_LONGEST_JSON = 50_000
"""Maximum length of JSON that is indented; longer JSON is shown as it is."""

_LONGEST_NAME = 120
"""Maximum number of characters of the name of a tool or server."""

_LONGEST_LINE = 400
"""Maximum number of characters of the arguments in the card's first line."""

_PIECE, _PIECE_LINES = 4_000, 100
"""Maximum number of characters and of lines that are laid out together."""

_DEEPEST = 16
"""Maximum depth of JSON that is indented further; deeper levels stay there, so that the text cannot grow much."""

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_WEB_SEARCH = "web_search"


class Tone(Enum):
    """Importance of a card's state, shown by its color."""

    MUTED = auto()
    WARN = auto()
    BAD = auto()


class TextKind(Enum):
    """Role of a text in a card."""

    ARGUMENTS = auto()
    RESULT = auto()
    ERROR = auto()
    STRUCTURED = auto()


class Piece(NamedTuple):
    """Part of a text that is laid out as a whole. If `torn`, it ends within a line."""

    text: str
    torn: bool


class CardText(NamedTuple):
    """A text of a card: as received, for copying, and as shown."""

    kind: TextKind
    raw: str
    shown: str
    edited: bool = False
    """Whether the user edited the arguments."""

    @property
    def is_code(self) -> bool:
        """Whether lines run from left to right, whatever letters they begin with."""
        return self.kind in (TextKind.ARGUMENTS, TextKind.STRUCTURED) or self.shown[:1] in ("{", "[")

    @property
    def label(self) -> str:
        """Heading of the text."""
        match self.kind:
            case TextKind.ARGUMENTS:
                return tr("Arguments (edited by you)") if self.edited else tr("Arguments")
            case TextKind.RESULT:
                return tr("Result")
            case TextKind.ERROR:
                return tr("Error")
            case TextKind.STRUCTURED:
                return tr("Structured result")


@dataclass(eq=False, slots=True)
class ToolCard:
    """A tool call with its offset in the message's text, its result, and whether the card is unfolded."""

    call: ToolCallPart
    at: int
    result: ToolResultPart | None = None
    images: tuple[ImagePart | FilePart, ...] = ()
    waiting: bool = False
    """Whether the call is waiting for the user's approval."""
    unfolded: bool = False
    whole: set[TextKind] = field(default_factory=set[TextKind])
    """Texts that are shown completely."""
    _texts: tuple[ToolCallPart, ToolResultPart | None, tuple[CardText, ...]] | None = None

    @property
    def name(self) -> str:
        """Name of the tool for people."""
        if not self.call.server and self.call.name.startswith(_WEB_SEARCH):
            return tr("Web search")
        return self.call.shown_name[:_LONGEST_NAME]

    @property
    def server(self) -> str:
        """Name of the server, or an empty string."""
        return self.call.server[:_LONGEST_NAME]

    @property
    def argument_line(self) -> str:
        """The arguments on one line, shortened; empty if there are none."""
        line = " ".join(self.call.arguments[:_LONGEST_LINE].split())
        return "" if line in ("", "{}") else line

    @property
    def received(self) -> Sequence[str]:
        """The texts as they were received."""
        result = self.result
        return (self.call.arguments, result.text, result.structured) if result is not None else (self.call.arguments,)

    @property
    def texts(self) -> Sequence[CardText]:
        """The texts that the unfolded card shows, from top to bottom."""
        if self._texts is None or self._texts[0] is not self.call or self._texts[1] is not self.result:
            self._texts = (self.call, self.result, tuple(_texts(self.call, self.result)))
        return self._texts[2]

    def pieces(self, text: CardText) -> Sequence[Piece]:
        """Return the pieces of a text, up to the maximum length unless all of it was requested."""
        return cut(text.shown if text.kind in self.whole else bounded(text.shown))

    def has_more(self, text: CardText) -> bool:
        """Whether only the beginning of a text is shown."""
        return text.kind not in self.whole and len(bounded(text.shown)) < len(text.shown)

    def state(self, *, live: bool) -> tuple[str, Tone]:
        """Return the state or the duration of the call, in words. `live` is whether the response is in progress."""
        result = self.result
        if result is None:
            if not live:
                return tr("not answered"), Tone.WARN
            return (tr("waiting for approval"), Tone.WARN) if self.waiting else (tr("running …"), Tone.MUTED)
        duration = "" if result.duration_ms is None else tr(duration_text(result.duration_ms))
        duration = tr("shared result") if result.recorded else duration
        match result.status:
            case ToolStatus.OK:
                return duration, Tone.MUTED
            case ToolStatus.ERROR:
                return _joined(tr("error"), duration), Tone.BAD
            case ToolStatus.DENIED:
                return tr("denied"), Tone.BAD
            case ToolStatus.CUT:
                return _joined(tr("cut"), duration), Tone.WARN
            case ToolStatus.UNANSWERED:
                return tr("not answered"), Tone.WARN

    def line(self, *, live: bool) -> str:
        """Return the card's first line as plain text."""
        return _joined(self.name, self.server, self.argument_line, self.state(live=live)[0])

    def spoken(self, *, live: bool) -> str:
        """Return the card's first line for screen readers."""
        state, result = self.state(live=live)[0], self.result
        if result is not None and result.status is ToolStatus.OK and not result.recorded:
            state = tr("finished in {time}", time=state) if state else tr("finished")
        return ", ".join(filter(None, (tr("Tool call {tool}", tool=self.name), self.server, state)))


def placed_cards(parts: Sequence[Part]) -> list[ToolCard]:
    """Return the cards of a message, with their offsets in its text.

    The offsets count the blank lines that `desktop.domain.message_parts.words` puts between texts.
    """
    if not any(isinstance(part, (ToolCallPart, ToolResultPart)) for part in parts):
        return []
    cards: list[ToolCard] = []
    receiver: ToolCard | None = None
    length = trailing = 0
    parted = False
    for part in parts:
        match part:
            case TextPart(text=text) if text:
                if parted and length:
                    length += max(2 - trailing - _leading(text), 0)
                length += len(text)
                trailing = len(text) - len(text.rstrip("\n"))
                parted, receiver = False, None
            case ToolCallPart():
                receiver = None
                cards.append(ToolCard(part, length))
            case ToolResultPart():
                receiver = card_of(cards, part.call)
                if receiver is None:
                    receiver = ToolCard(ToolCallPart(id=part.call, name=part.call, arguments=""), length)
                    cards.append(receiver)
                receiver.result = part
            case ImagePart() | FilePart() if receiver is not None:
                receiver.images = (*receiver.images, part)
            case _:
                pass
        parted = parted or not isinstance(part, (TextPart, CitationPart, OpaquePart))
    return cards


def card_of(cards: Sequence[ToolCard], call: str) -> ToolCard | None:
    """Return the last card of a call that has no result yet. Some servers give several calls the same ID."""
    return next((card for card in reversed(cards) if card.call.id == call and card.result is None), None)


def last_card(cards: Sequence[ToolCard], call: str) -> ToolCard | None:
    """Return the last card of a call, or None."""
    return next((card for card in reversed(cards) if card.call.id == call), None)


def text_pieces(text: str, cards: Sequence[ToolCard]) -> list[tuple[int, str]]:
    """Return the text before, between and after cards with LF line ends, and where each piece begins."""
    ends = [*(card.at for card in cards), len(text)]
    pieces: list[tuple[int, str]] = []
    begin = start = 0
    for end in ends:
        source = text[begin:end].replace("\r\n", "\n").replace("\r", "\n")
        pieces.append((start, source))
        begin, start = max(begin, end), start + len(source)
    return pieces


def bounded(text: str) -> str:
    """Return the beginning of a text, as long as a card shows it at first."""
    end = min(len(text), LONGEST_SHOWN)
    at = -1
    for _ in range(MOST_LINES):
        at = text.find("\n", at + 1, end)
        if at < 0:
            return text[:end]
    return text[:at]


def cut(text: str) -> list[Piece]:
    """Cut a text into pieces at line ends or spaces; text without either is cut anywhere."""
    pieces: list[Piece] = []
    at = 0
    while len(text) - at > _PIECE or text.count("\n", at, at + _PIECE) > _PIECE_LINES:
        window = text[at : at + _PIECE]
        lines = window.split("\n", _PIECE_LINES + 1)
        end = len("\n".join(lines[:-1])) if len(lines) > 1 else 0
        blank = window.rfind(" ") + 1
        if end > 0:
            pieces.append(Piece(window[:end], torn=False))
            at += end + 1
        else:
            pieces.append(Piece(window[: blank or _PIECE], torn=True))
            at += blank or _PIECE
    return [*pieces, Piece(text[at:], torn=False)]


def indented(text: str) -> str:
    """Return JSON with one value on a line, or any other text as it is.

    Only white space changes, so that repeated keys and the spelling of numbers and strings stay visible.
    """
    if text[:1000].lstrip()[:1] not in ("{", "[") or _parsed(text) is None:
        return text
    tokens = [found[0] for found in _TOKEN.finditer(text)]
    lines: list[str] = []
    depth = 0
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else ""
        if token in ("}", "]"):
            depth -= 1
            lines.append(token if before in ("{", "[") else _break(depth) + token)
            continue
        lines.append(_break(depth) if before in ("{", "[", ",") else " " if before == ":" else "")
        lines.append(token)
        depth += token in ("{", "[")
    return "".join(lines)


def _break(depth: int) -> str:
    return "\n" + "  " * min(depth, _DEEPEST)


def _texts(call: ToolCallPart, result: ToolResultPart | None) -> Iterator[CardText]:
    if call.arguments.strip() not in ("", "{}"):
        yield _text(TextKind.ARGUMENTS, call.arguments, edited=call.edited)
    if result is None:
        return
    if result.text.strip():
        yield _text(TextKind.ERROR if result.status is ToolStatus.ERROR else TextKind.RESULT, result.text)
    if result.structured.strip() and not _repeats(result.structured, result.text):
        yield _text(TextKind.STRUCTURED, result.structured)


def _text(kind: TextKind, raw: str, *, edited: bool = False) -> CardText:
    return CardText(kind, raw, indented(raw.replace("\r\n", "\n").replace("\r", "\n")).strip("\n"), edited)


def _repeats(structured: str, text: str) -> bool:
    """Whether structured JSON only repeats the text, as servers do for programs that read one of them."""
    value, said = _parsed(structured), _parsed(text)
    return value is not None and (value == said or value in ({"result": text}, {"result": said}))


def _parsed(text: str) -> object:
    """Return the value of JSON, or None for null, for text that is not JSON, and for long texts."""
    if len(text) > _LONGEST_JSON:
        return None
    import json  # late: the first paint does without it

    try:
        import json  # late: the first paint needs none

        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _leading(text: str) -> int:
    return len(text) - len(text.lstrip("\n"))


def _joined(*pieces: str) -> str:
    return " · ".join(filter(None, pieces))
