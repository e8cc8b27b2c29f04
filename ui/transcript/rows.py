"""One row a message: what it shows and says, and the slabs that it is made of once it comes into view."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop.domain import Message, Problem, Role, Status
from ui.transcript.body import BodySlab
from ui.transcript.look import Look
from ui.transcript.scribe import Scribe
from ui.transcript.slabs import FootSlab, HeadSlab, LongSlab, PlainSlab, Slab, guess
from ui.transcript.unrolling import MOST_BLOCKS, MOST_CHARACTERS, Piece, Unrolling, shares

if TYPE_CHECKING:
    from desktop.markdown.blocks import Block, Definitions
    from desktop.markdown.splitter import Splitter

PIECE = 5000
"""Characters of plain text in one slab, about."""

_LONGEST_PLAIN = 20_000
"""Characters of a message that is read without Markdown's signs; a longer one would take too long to parse at once."""

_LIKELY_CHROME = 60
"""Pixels of a row that are not its text, about."""

_BROKEN = Problem(
    code="interrupted",
    message="The answer broke off before its end.",
    hint="Continue the answer, or ask again.",
)


@dataclass(eq=False)
class Row:
    """A message as it is shown. `live` rows are still being answered."""

    message: Message
    who: str
    scribe: Scribe
    live: bool = False
    branch: tuple[int, int] = (1, 1)
    thought_s: float | None = None
    unfolded: bool = False
    notices: list[str] = field(default_factory=list[str])
    waiting: str = ""
    footer_height: int = 0
    text: str = field(init=False)
    reasoning: str = field(init=False)
    _slabs: list[Slab] | None = field(default=None, init=False)
    _splitter: Splitter | None = field(default=None, init=False)
    _unrolling: Unrolling | None = field(default=None, init=False)
    _known: Definitions | None = field(default=None, init=False)
    _said: tuple[str, str] = field(default=("", ""), init=False)

    def __post_init__(self) -> None:
        self.text = self.message.text
        self.reasoning = self.message.reasoning

    @property
    def id(self) -> str:
        """The message's id."""
        return self.message.id

    @property
    def look(self) -> Look:
        """How it is shown."""
        return self.scribe.look

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
        """What a screen reader says: the text without Markdown's signs, and what went wrong."""
        wrong = f"{self.problem.message} {self.problem.hint}".strip() if self.problem is not None else ""
        return "\n".join(filter(None, (self._plain(), wrong)))

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

    @property
    def slabs(self) -> Sequence[Slab]:
        """Its parts from top to bottom: head, thoughts if they are unfolded, text, foot."""
        if self._slabs is None:
            self._slabs = self._make()
        return self._slabs

    @property
    def is_made(self) -> bool:
        """Whether it has slabs already."""
        return self._slabs is not None

    @property
    def body(self) -> Sequence[Slab]:
        """The slabs that hold its text."""
        return [slab for slab in self.slabs if self._is_body(slab)]

    def likely_height(self, width: int) -> int:
        """Of its slabs, else a guess."""
        if self._slabs is not None:
            return sum(slab.likely_height(width) for slab in self._slabs)
        return _LIKELY_CHROME + guess(self.text, width) + self.footer_height

    def is_first(self, slab: Slab) -> bool:
        """Whether a slab is the first of the text."""
        return next((each for each in self._slabs or () if self._is_body(each)), slab) is slab

    @property
    def rest(self) -> int:
        """Characters of its text that have not been cut into slabs."""
        return self._unrolling.rest if self._unrolling is not None else 0

    def parse(self, source: str) -> Sequence[Block]:
        """The blocks of a piece of its text."""
        return self.scribe.blocks(source, self._definitions())

    def unroll(self, seconds: float) -> None:
        """Cut more of a long text into slabs, for about so long."""
        until = time.perf_counter() + seconds
        while self._unrolling is not None and self._slabs is not None and time.perf_counter() < until:
            self._append(self._unrolling.step())
            if not self._unrolling.rest:
                self._unrolling = None
                self._slabs = [slab for slab in self._slabs if not isinstance(slab, LongSlab)]

    def grow(self, text: str, reasoning: str) -> None:
        """More came of it."""
        if text:
            self._grow_text(text)
        if reasoning:
            self._grow_thoughts(reasoning)

    def become(self, message: Message) -> None:
        """Show the message as it ended; what is laid out stays where its text is the same."""
        was_live = self.live
        self.message, self.live, self.waiting = message, False, ""
        if message.reasoning != self.reasoning or message.text != self.text or (was_live and self._end_growth()):
            self.text, self.reasoning = message.text, message.reasoning
            self._slabs = self._known = self._unrolling = None
            return
        self.changed()

    def toggle(self) -> None:
        """Fold or unfold its thoughts; slabs of the text stay as they are."""
        self.unfolded = not self.unfolded
        if self._slabs is None:
            return
        rest = [slab for slab in self._slabs if not (isinstance(slab, PlainSlab) and slab.is_thought)]
        rest[1:1] = self._thoughts() if self.unfolded else []
        self._slabs = rest

    def changed(self) -> None:
        """What stands around its text is another one."""
        for slab in self._slabs or ():
            if isinstance(slab, HeadSlab | FootSlab):
                slab.changed()

    def wrapped(self) -> None:
        """Code in it is broken into lines otherwise: slabs of the text are laid out again."""
        for slab in self.body:
            slab.changed()

    def code_at(self, start: int) -> str:
        """The whole code of the block that begins at a place of the text."""
        found: list[str] = []
        for slab in self.slabs:
            if not isinstance(slab, BodySlab) or slab.start is None:
                continue
            at = slab.start
            for block in slab.blocks if found or slab.start <= start else ():
                if at == start or (found and block.continued):
                    found.append(block.content)
                elif found:
                    return "".join(found)
                at += len(block.source)
        return "".join(found)

    def restyle(self) -> None:
        """The look changed: all is laid out again."""
        for slab in self._slabs or ():
            slab.restyle()

    def drop(self) -> None:
        """Forget what is laid out: it is far from view."""
        for slab in self._slabs or ():
            slab.drop()

    def _plain(self) -> str:
        if self.is_prompt or self.live or len(self.text) > _LONGEST_PLAIN:
            return self.text
        if self._said[0] != self.text:
            self._said = (self.text, self.scribe.plain(self.text, self._definitions()))
        return self._said[1]

    def _is_body(self, slab: Slab) -> bool:
        return isinstance(slab, BodySlab) or (isinstance(slab, PlainSlab) and not slab.is_thought)

    def _make(self) -> list[Slab]:
        slabs: list[Slab] = [HeadSlab(self)]
        if self.unfolded and self.reasoning:
            slabs += self._thoughts()
        if self.is_prompt:
            slabs += [PlainSlab(self, piece, start=start) for start, piece in pieces(self.text)]
        elif self.live:
            slabs.append(self._growing())
        else:
            self._unrolling = Unrolling(self.text.replace("\r\n", "\n").replace("\r", "\n"), self._definitions)
            self._slabs = [*slabs, LongSlab(self), FootSlab(self)]
            self._append(self._unrolling.first())
            if not self._unrolling.rest:
                self._unrolling = None
                del self._slabs[-2]
            return self._slabs
        return [*slabs, FootSlab(self)]

    def _append(self, pieces: Sequence[Piece]) -> None:
        """More slabs, above what is still to be cut."""
        slabs = self._slabs
        assert slabs is not None
        for piece in pieces:
            made = BodySlab(self, piece.source, piece.start, piece.blocks)
            before = slabs[-3]
            if piece.blocks and isinstance(before, BodySlab):
                made.follow(before, piece.blocks[0])
            slabs.insert(len(slabs) - 2, made)

    def _definitions(self) -> Definitions:
        if self._known is None:
            self._known = self.scribe.definitions(self.text)
        return self._known

    def _thoughts(self) -> list[Slab]:
        return [PlainSlab(self, piece, thought=True) for _, piece in pieces(self.reasoning)]

    def _growing(self) -> BodySlab:
        self._splitter = self.scribe.splitter()
        return BodySlab.growing(self)

    def _grow_text(self, text: str) -> None:
        if self._slabs is None or self._splitter is None:
            self.text += text
            return
        if not self.text and self.reasoning:
            self._slabs[0].changed()  # it thought, and now it speaks
        self.text += text
        update = self._splitter.feed(text)
        self._take(update.closed, update.open)

    def _take(self, closed: Sequence[Block], tail: Sequence[Block]) -> None:
        """Put blocks at its end, in slabs of their own where there are many."""
        last = self._last_body()
        parts = shares(closed, *last.filled) or [[]]
        for part in parts[:-1]:
            last.take(part, ())
            last = self._below(last)
        blocks, size = last.filled
        size += sum(len(block.source) for block in parts[-1])
        if blocks + len(parts[-1]) >= MOST_BLOCKS or size >= MOST_CHARACTERS:
            last.take(parts[-1], ())
            last = self._below(last)
            last.take((), tail)
        else:
            last.take(parts[-1], tail)

    def _last_body(self) -> BodySlab:
        assert self._slabs is not None
        last = self._slabs[-2]
        assert isinstance(last, BodySlab)
        return last

    def _below(self, last: BodySlab) -> BodySlab:
        """A new slab for what follows."""
        assert self._slabs is not None
        made = BodySlab.growing(self, (last.start or 0) + len(last.source))
        made.above = last
        self._slabs.insert(len(self._slabs) - 1, made)
        return made

    def _grow_thoughts(self, reasoning: str) -> None:
        first = not self.reasoning
        self.reasoning += reasoning
        if self._slabs is None:
            return
        if first:
            self._slabs[0].changed()
        if not self.unfolded:
            return
        last = next((slab for slab in reversed(self._slabs) if isinstance(slab, PlainSlab)), None)
        if last is None or (len(last.text) > PIECE and "\n" in reasoning):
            at = 1 + sum(isinstance(slab, PlainSlab) for slab in self._slabs)
            self._slabs.insert(at, PlainSlab(self, reasoning, thought=True))
        else:
            last.append(reasoning)

    def _end_growth(self) -> bool:
        """The answer is whole: close what was open; whether all has to be made anew."""
        splitter, self._splitter = self._splitter, None
        if splitter is None or self._slabs is None:
            return False
        update = splitter.finish()
        self._take(update.closed, update.open)
        for slab in self._slabs:
            if isinstance(slab, BodySlab):
                slab.close()
        return update.redo

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


def pieces(text: str) -> list[tuple[int, str]]:
    """Plain text in pieces of about PIECE characters and where they begin, cut at ends of lines where there are any."""
    found: list[tuple[int, str]] = []
    at = 0
    while len(text) - at > PIECE:
        end = text.rfind("\n", at, at + PIECE)
        found.append((at, text[at : end if end > at else at + PIECE]))
        at = end + 1 if end > at else at + PIECE
    return [*found, (at, text[at:])] if text[at:] or not found else found
