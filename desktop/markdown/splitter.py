"""Growing Markdown to closed blocks and one open tail; whatever the pieces it comes in, the blocks are the same."""

from __future__ import annotations

import re

from msgspec.structs import replace

from desktop.markdown import cuts
from desktop.markdown.blocks import Block, BlockKind, Definitions, Update
from desktop.markdown.fences import Fence
from desktop.markdown.item_numbers import number_after
from desktop.markdown.link_labels import labels_of
from desktop.markdown.link_rules import linked
from desktop.markdown.parse import Goes, Parse
from desktop.markdown.parser import block, defined, is_shown

WINDOWS = (4_000, 8_000, 16_000, 24_000)
"""Characters of an open block at which a place to cut it is sought; at the last it becomes plain text.

One parse of the last takes less than 100 ms, of the first less than 10.
"""

LINE = 16
"""A window has at most one line for so many of its characters: each line costs as much as some of them."""

PIECE = 10_000
"""Characters of plain text in one block."""

_PATIENCE = 16
"""A tail beyond the first window is parsed anew when it grew by one such part."""

_BLANK = re.compile(r"^[ \t]*\n", re.MULTILINE)


class Splitter:
    """Takes a message's text as it comes and gives its blocks, each closed one once.

    A call costs as much as the open block and what is fed: where nobody may wait, feed some thousand characters at a
    time. `known` is what the whole message is known to define.
    """

    def __init__(self, known: Definitions | None = None) -> None:
        self._known = known or Definitions()
        self._all_known = known is not None
        self._tail = ""
        self._cr = False  # the last character was CR: an LF that follows belongs to it
        self._fence: Fence | None = None
        self._plain = False
        self._goes: Goes | None = None
        self._window = 0
        self._wait = 0  # characters that the tail must have to be parsed anew
        self._shown: tuple[int, tuple[Block, ...]] = (0, ())  # how much of the tail the open blocks show, and they
        self._brackets = False  # something was given that a later definition may change
        self._redo = False
        self._seen: set[str] = set()  # labels that what was given may refer to
        self._used: set[str] = set()  # labels that links were made from
        self._left: set[str] = set()  # labels whose definition was shown, since nothing had referred to it
        self._hidden: set[str] = set()  # labels whose definition was not, since something may have
        self.parsed = 0
        """Characters handed to the parser so far."""

    @property
    def known(self) -> Definitions:
        """What the message defined so far; what may refer to a link is taken to do so."""
        if self._all_known or not (self._seen or self._used):
            return self._known
        return replace(self._known, used=frozenset(self._seen | self._used))

    def feed(self, text: str, *, show: bool = True) -> Update:
        """More text. The open blocks are told where they are shown: of a long one each time costs as much as it."""
        text = self._clean(text)
        closed: list[Block] = []
        opened: tuple[Block, ...] = ()
        for at in range(0, max(len(text), 1), WINDOWS[0]):
            last = show and at + WINDOWS[0] >= len(text)
            self._tail += text[at : at + WINDOWS[0]]
            opened = self._go_on(closed, show=last)
        return Update(tuple(closed), opened)

    def finish(self, text: str = "") -> Update:
        """There is no more but this, which may be some thousand characters long: all that is open closes."""
        self._tail += self._clean(text)
        closed: list[Block] = []
        self._go_on(closed, final=True)
        return Update(tuple(closed), (), self._redo or bool(self._left & self._used or self._hidden - self._used))

    def _clean(self, text: str) -> str:
        """The next piece with line ends as they are counted, also where one is torn, and without NUL."""
        if text:
            after = text.endswith("\r")
            text = text.removeprefix("\n") if self._cr else text
            self._cr = after
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text.replace("\0", "\ufffd")

    def _go_on(self, closed: list[Block], *, final: bool = False, show: bool = False) -> tuple[Block, ...]:
        """Close all that can be closed; the open blocks where they are shown."""
        opened: tuple[Block, ...] | None = None
        while opened is None:
            if self._fence is not None:
                opened = self._in_fence(self._fence, closed, final=final, show=show)
            elif self._plain:
                opened = self._in_plain(closed, final=final)
            elif not self._tail or (final and not self._tail.strip(" \t\n")):
                opened = ()
            elif not final and len(self._tail) < self._wait:
                size, shown = self._shown
                rest = self._tail[size:]
                opened = (*shown, Block(BlockKind.PLAIN, rest, open=True, continued=True)) if rest else shown
            else:
                opened = self._in_window(closed, final=final, show=show)
        return opened

    def _in_window(self, closed: list[Block], *, final: bool, show: bool) -> tuple[Block, ...] | None:
        size = WINDOWS[self._window]
        text, full = _window(self._tail, size)
        parse = Parse(text, self._goes, final=final and not full)
        self.parsed += len(text)
        if self._close(parse, closed):
            return None
        if full:
            self._cut(parse, closed)
            return None
        if not show:
            return ()
        blocks = tuple(self._block(parse, place, is_open=True) for place in range(len(parse.groups)))
        if self._window:
            self._wait = len(text) + len(text) // _PATIENCE
            self._shown = (len(text), blocks)
        return blocks

    def _close(self, parse: Parse, closed: list[Block]) -> bool:
        """Give what can change no more; whether there was something."""
        for place in range(len(parse.groups)):
            line = parse.cut(place)
            if line is not None:
                self._close_part(parse, place, line, closed)
                return True
            if place < parse.certain and self._close_fence(parse, place, closed):
                continue
            if parse.opens_fence(place):
                self._fence = Fence.opened(parse, place)
                self._advance(parse.at(parse.groups[place].start + 1))
                return True
            if place >= parse.certain:
                return self._advance(parse.offset(place))
            self._give(self._block(parse, place), closed)
            self._goes = None
        return bool(parse.groups) and self._advance(parse.end(len(parse.groups) - 1))

    def _close_fence(self, parse: Parse, place: int, closed: list[Block]) -> bool:
        """Give a fence that begins and ends in one window, without another parse; whether it does."""
        if not parse.opens_fence(place):
            return False
        fence = Fence.opened(parse, place)
        if fence.feed(parse.text[parse.at(parse.groups[place].start + 1) : parse.end(place)]) != "":
            return False
        closed += fence.parts()
        closed.append(fence.block(is_open=False))
        self._goes = None
        return True

    def _close_part(self, parse: Parse, place: int, line: int, closed: list[Block]) -> None:
        """Give the first part of a list or table, and remember how it goes on."""
        group = parse.groups[place]
        start, end = parse.offset(place), parse.at(line)
        goes = self._goes if place == 0 else None
        part = Parse(parse.text[start:end], goes, final=True)
        self.parsed += end - start
        self._goes = goes
        first = self._block(part, 0)
        self._give(first, closed)
        self._advance(end)
        if group.kind is BlockKind.LIST:
            number = None if first.number is None else number_after(first.tokens, first.number)
            self._goes = Goes(BlockKind.LIST, number)
        else:
            head = goes.head if goes else "".join(parse.lines[group.start : group.start + 2])
            self._goes = Goes(BlockKind.TABLE, head=head)

    def _cut(self, parse: Parse, closed: list[Block]) -> None:
        """A window is full of one block: cut a paragraph, wait for more of another, or give it up as plain text."""
        if not parse.groups:  # nothing but blank lines: no block begins with more of them
            self._advance(len(parse.text))
        elif at := cuts.paragraph_cut(parse.text, again=self._window > 0):
            part = Parse(parse.text[:at], final=True)
            self.parsed += at
            self._give(self._block(part, 0), closed)
            self._advance(at)
            self._goes = Goes(BlockKind.PARAGRAPH)
        elif self._window + 1 < len(WINDOWS):
            self._window += 1
        else:
            piece = _at_word(parse.text[:PIECE])
            closed.append(Block(BlockKind.PLAIN, piece))
            self._advance(len(piece))
            self._plain = True

    def _in_fence(self, fence: Fence, closed: list[Block], *, final: bool, show: bool) -> tuple[Block, ...] | None:
        rest = fence.feed(self._tail)
        closed += fence.parts()
        self._tail = rest or ""
        if rest is None and not final:
            return (fence.block(is_open=True),) if show else ()
        self._fence = None
        closed.append(fence.block(is_open=False))
        return None

    def _in_plain(self, closed: list[Block], *, final: bool) -> tuple[Block, ...] | None:
        piece = self._tail[:PIECE]
        if found := _BLANK.search(piece):
            self._plain = False
            piece = piece[: found.end()]
        elif len(piece) < PIECE and not final:
            return (Block(BlockKind.PLAIN, piece, open=True, continued=True),) if piece else ()
        elif len(piece) < PIECE:
            self._plain = False
        else:
            piece = _at_word(piece)
        if piece:
            closed.append(Block(BlockKind.PLAIN, piece, continued=True))
        self._advance(len(piece))
        return None

    def _block(self, parse: Parse, place: int, *, is_open: bool = False) -> Block:
        group = parse.groups[place]
        goes = self._goes if place == 0 else None
        going = goes is not None and goes.kind is group.kind
        known = self.known if any(token.type == "definition" for token in group.tokens) else self._known
        made = block(group, parse.source(place), known, is_open=is_open, continued=going)
        if goes and going and goes.number is not None and made.number is not None:
            made = replace(made, number=max(goes.number, made.number))
        if goes and going and goes.kind is BlockKind.TABLE:
            body = next((at for at, token in enumerate(made.tokens) if token.type == "thead_close"), 0)
            made = replace(made, tokens=(made.tokens[0], *made.tokens[body + 1 :]))
        return made

    def _give(self, made: Block, closed: list[Block]) -> None:
        """Hand a block out; what it defines holds for those that follow."""
        new = defined(made.tokens)
        if new and not self._all_known:
            known = self._known.joined(new)
            self._redo = self._redo or (self._brackets and known != self._known)
            self._known = known
            for place, token in enumerate(made.tokens):
                if token.type == "definition" and known.leads(token):
                    told = any(map(is_shown, made.tokens[place + 1 : place + 2]))
                    (self._left if told else self._hidden).add(token.meta["id"])
        if not self._all_known:
            self._used |= linked(made.tokens)
            for token in made.tokens:
                if token.type == "inline" and not is_shown(token):
                    self._seen |= labels_of(token.content)
        self._brackets = self._brackets or (made.kind is not BlockKind.CODE and "[" in made.source)
        closed.append(made)

    def _advance(self, count: int) -> bool:
        """Leave so much of the tail behind; whether that is anything."""
        if count:
            self._tail = self._tail[count:]
            self._window = self._wait = 0
            self._goes = None
        return count > 0


def _at_word(piece: str) -> str:
    """A full piece up to the end of its last line, else of its last word with the blank behind it."""
    end = piece.rfind("\n", len(piece) // 2) + 1 or piece.rfind(" ", len(piece) // 2) + 1
    return piece[:end] if end and len(piece) == PIECE else piece


def _window(tail: str, size: int) -> tuple[str, bool]:
    """The beginning of a tail that is parsed at once, and whether there is room for no more."""
    text = tail[:size]
    most = size // LINE
    if text.count("\n") < most:
        return text, len(text) == size
    end = -1
    for _ in range(most):
        end = text.index("\n", end + 1)
    return text[: end + 1], True
