"""One row a message: what it shows, laid out for a width, measured once until it changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRect
from PySide6.QtGui import QFont, QFontMetrics

from desktop.domain import Message, Problem, Role, Status
from ui.transcript.documents import TextBlock

COLUMNS = 72
"""Characters that a line of text is wide at most."""

_SAMPLE = "The debounced call waits until no new one has come for a while, then runs."
"""Text as it is: the font's own average character is narrower than what is written."""

PADDING = 12
GAP = 12
LABEL_GAP = 4
FOLD_HEIGHT = 22
SHOWN_PROMPT = 20_000
"""Characters of a prompt that are shown; copying gives all of them."""

_BROKEN = Problem(
    code="interrupted",
    message="The answer broke off before its end.",
    hint="Continue the answer, or ask again.",
)


@dataclass(frozen=True)
class Fonts:
    """The fonts of the transcript, made from the system's."""

    body: QFont
    label: QFont
    small: QFont
    title: QFont

    @classmethod
    def of(cls, base: QFont) -> Fonts:
        """Body of 14 px, labels of 12, small text of 13."""
        return cls(
            body=_sized(base, 14),
            label=_sized(base, 12, QFont.Weight.DemiBold),
            small=_sized(base, 13),
            title=_sized(base, 14, QFont.Weight.DemiBold),
        )

    @property
    def column(self) -> int:
        """Pixels of the widest column of text."""
        return round(QFontMetrics(self.body).horizontalAdvance(_SAMPLE) * COLUMNS / len(_SAMPLE))


def _sized(base: QFont, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(base)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    return font


@dataclass(frozen=True)
class Geometry:
    """Where the parts of a row lie, from its own top left corner. Parts that are not there are empty."""

    bubble: QRect
    label: QRect
    fold: QRect
    reasoning: QRect
    body: QRect
    notes: QRect
    footer: QRect
    height: int


@dataclass(eq=False)
class Row:
    """A message as it is shown. `live` rows are still being answered."""

    message: Message
    who: str
    live: bool = False
    branch: tuple[int, int] = (1, 1)
    thought_s: float | None = None
    unfolded: bool = False
    notices: list[str] = field(default_factory=list[str])
    waiting: str = ""
    footer_height: int = 0
    text: str = field(init=False)
    reasoning: str = field(init=False)
    _body: TextBlock | None = field(default=None, init=False)
    _thought: TextBlock | None = field(default=None, init=False)
    _note: TextBlock | None = field(default=None, init=False)
    _geometry: Geometry | None = field(default=None, init=False)
    _width: int = field(default=-1, init=False)

    def __post_init__(self) -> None:
        self.text = self.message.text
        self.reasoning = self.message.reasoning

    @property
    def id(self) -> str:
        """The message's id."""
        return self.message.id

    @property
    def is_prompt(self) -> bool:
        """Whether the user said it."""
        return self.message.role is Role.USER

    @property
    def problem(self) -> Problem | None:
        """What went wrong with it, also where the run died without saying so."""
        if self.message.problem is not None or self.live or self.is_prompt:
            return self.message.problem
        return _BROKEN if self.message.status in (Status.INTERRUPTED, Status.FAILED) else None

    @property
    def is_broken(self) -> bool:
        """Whether it is an answer without an end."""
        broken = (Status.STOPPED, Status.FAILED, Status.INTERRUPTED)
        return not self.live and not self.is_prompt and self.message.status in broken

    @property
    def spoken(self) -> str:
        """What a screen reader says: the text, else what went wrong."""
        if self.text or self.problem is None:
            return self.text
        return f"{self.problem.message} {self.problem.hint}".strip()

    @property
    def note(self) -> str:
        """Muted lines below the text."""
        waiting = [self.waiting] if self.waiting else []
        return "\n".join([*self.notices, *waiting, *self._endings()])

    @property
    def fold_text(self) -> str:
        """The line that folds the reasoning."""
        mark = "▾" if self.unfolded else "▸"
        if self.live and not self.text:
            return f"{mark} Thinking"
        measured = self.message.figures.reasoning_ms if self.message.figures else None
        seconds = measured / 1000 if measured is not None else self.thought_s
        return f"{mark} Thought for {seconds:.1f} s" if seconds is not None else f"{mark} Thought"

    def grow(self, text: str, reasoning: str) -> None:
        """More came of it."""
        self.text += text
        self.reasoning += reasoning
        if text and self._body is not None:
            self._body.append(text)
        if reasoning and self._thought is not None:
            self._thought.append(reasoning)
        self.changed()

    def become(self, message: Message) -> None:
        """Show the message as it ended; what is laid out stays where its text is the same."""
        self.message, self.live, self.waiting = message, False, ""
        if message.text != self.text:
            self.text, self._body = message.text, None
        if message.reasoning != self.reasoning:
            self.reasoning, self._thought = message.reasoning, None
        self.changed()

    def changed(self) -> None:
        """Measure anew when it is next asked for."""
        self._geometry = self._note = None

    def body(self, fonts: Fonts) -> TextBlock:
        """The text, laid out."""
        if self._body is None:
            self._body = TextBlock(self._shown(), fonts.body)
        return self._body

    def thought(self, fonts: Fonts) -> TextBlock:
        """The reasoning, laid out."""
        if self._thought is None:
            self._thought = TextBlock(self.reasoning, fonts.small)
        return self._thought

    def note_block(self, fonts: Fonts) -> TextBlock:
        """The muted lines, laid out."""
        if self._note is None:
            self._note = TextBlock(self.note, fonts.small)
        return self._note

    def geometry(self, width: int, fonts: Fonts) -> Geometry:
        """Where its parts lie in a column of a width."""
        if self._geometry is None or self._width != width:
            self._geometry, self._width = self._measure(width, fonts), width
        return self._geometry

    def _measure(self, width: int, fonts: Fonts) -> Geometry:
        inset = PADDING if self.is_prompt else 0
        inner = width - 2 * inset
        y = GAP + (10 if self.is_prompt else 0)
        label = QRect(inset, y, inner, QFontMetrics(fonts.label).height())
        y = label.bottom() + 1 + LABEL_GAP
        fold = thought = body = notes = footer = QRect()
        if self.reasoning:
            fold = QRect(0, y, inner, FOLD_HEIGHT)
            y += FOLD_HEIGHT + LABEL_GAP
            if self.unfolded:
                thought = QRect(PADDING, y, inner - PADDING, self.thought(fonts).height(inner - PADDING))
                y = thought.bottom() + 1 + 8
        if self.text or self.live:
            body = QRect(inset, y, inner, self.body(fonts).height(inner))
            y = body.bottom() + 1
        if self.note:
            notes = QRect(inset, y + 4, inner, self.note_block(fonts).height(inner))
            y = notes.bottom() + 1
        if self.footer_height:
            footer = QRect(0, y + 8, width, self.footer_height)
            y = footer.bottom() + 1
        y += 10 if self.is_prompt else 0
        bubble = QRect(0, GAP, width, y - GAP) if self.is_prompt else QRect()
        return Geometry(bubble, label, fold, thought, body, notes, footer, y + GAP)

    def _shown(self) -> str:
        rest = len(self.text) - SHOWN_PROMPT
        if not self.is_prompt or rest <= 0:
            return self.text
        return f"{self.text[:SHOWN_PROMPT]}\n… {rest:,} more characters; Copy gives all."

    def _endings(self) -> list[str]:
        if self.live or self.is_prompt:
            return []
        if self.problem is not None and not self.footer_height:
            return [f"{self.problem.message} {self.problem.hint}".strip()]
        reason = self.message.figures.finish_reason if self.message.figures else None
        if self.message.status is Status.STOPPED:
            return ["Stopped."]
        if reason == "length":
            return ["The answer reached its longest length."]
        return ["The content filter ended the answer."] if reason == "content_filter" else []
