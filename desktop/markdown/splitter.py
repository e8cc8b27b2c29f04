"""Splits growing Markdown into closed blocks and an open tail, regardless of how the text is divided into pieces."""

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
"""Lengths of an open block at which a cut is attempted. At the last one, the block becomes plain text.

Parsing the largest window takes less than 100 ms, the smallest less than 10 ms.
"""

LINE = 16
"""Number of characters of a window that each line counts as at least, because a line costs as much as several
characters."""

PIECE = 10_000
"""Maximum number of characters of plain text in one block."""

_PATIENCE = 16
"""A tail beyond the first window must grow by one part in this number before it is parsed again."""

_BLANK = re.compile(r"^[ \t]*\n", re.MULTILINE)


class Splitter:
    """Consumes a message's text as it arrives, and returns its blocks. Each closed block is returned once.

    A call takes time proportional to the lengths of the open block and the new text. In the user interface, feed a few
    thousand characters at a time.

    Args:
        known: Definitions of the whole message, if known.
    """

    def __init__(self, known: Definitions | None = None) -> None:
        self._known = known or Definitions()
        self._all_known = known is not None
        self._tail = ""
        self._cr = False  # whether the last character was a CR, to which a following LF belongs
        self._fence: Fence | None = None
        self._plain = False
        self._goes: Goes | None = None
        self._window = 0
        self._wait = 0  # length at which the tail is parsed again
        self._shown: tuple[int, tuple[Block, ...]] = (0, ())  # length of the shown tail, and its open blocks
        self._brackets = False  # whether a closed block may be changed by a later definition
        self._redo = False
        self._seen: set[str] = set()  # labels that closed blocks may refer to
        self._used: set[str] = set()  # labels used by links
        self._left: set[str] = set()  # labels whose definition was shown, because nothing referred to them
        self._hidden: set[str] = set()  # labels whose definition was hidden, because something may refer to them
        self.parsed = 0
        """Characters handed to the parser so far."""

    @property
    def known(self) -> Definitions:
        """Definitions of the message so far. Labels that might refer to a link count as used."""
        if self._all_known or not (self._seen or self._used):
            return self._known
        return replace(self._known, used=frozenset(self._seen | self._used))

    def feed(self, text: str, *, show: bool = True) -> Update:
        """Consume text.

        Returns open blocks only with `show`, because parsing them takes time proportional to their length.
        """
        text = self._clean(text)
        closed: list[Block] = []
        opened: tuple[Block, ...] = ()
        for at in range(0, max(len(text), 1), WINDOWS[0]):
            last = show and at + WINDOWS[0] >= len(text)
            self._tail += text[at : at + WINDOWS[0]]
            opened = self._go_on(closed, show=last)
        return Update(tuple(closed), opened)

    def finish(self, text: str = "") -> Update:
        """Consume the last text (at most a few thousand characters) and close all open blocks."""
        self._tail += self._clean(text)
        closed: list[Block] = []
        self._go_on(closed, final=True)
        return Update(tuple(closed), (), self._redo or bool(self._left & self._used or self._hidden - self._used))

    def pause(self) -> Update:
        """Close all open blocks, because something other than text follows. Definitions apply to the text after it."""
        closed: list[Block] = []
        self._go_on(closed, final=True)
        self._tail, self._cr = "", False
        self._window = self._wait = 0
        self._shown = (0, ())
        return Update(tuple(closed), ())

    def _clean(self, text: str) -> str:
        """Return the next piece with LF line endings, even if a CRLF is split between pieces, and without NUL."""
        if text:
            after = text.endswith("\r")
            text = text.removeprefix("\n") if self._cr else text
            self._cr = after
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text.replace("\0", "\ufffd")

    def _go_on(self, closed: list[Block], *, final: bool = False, show: bool = False) -> tuple[Block, ...]:
        """Close everything that is final. Returns the open blocks if they are to be shown."""
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
        """Close blocks that are final. Returns whether there were any."""
        for index in range(len(parse.groups)):
            line = parse.cut(index)
            if line is not None:
                self._close_part(parse, index, line, closed)
                return True
            if index < parse.certain and self._close_fence(parse, index, closed):
                continue
            if parse.opens_fence(index):
                self._fence = Fence.opened(parse, index)
                self._advance(parse.at(parse.groups[index].start + 1))
                return True
            if index >= parse.certain:
                return self._advance(parse.offset(index))
            self._give(self._block(parse, index), closed)
            self._goes = None
        return bool(parse.groups) and self._advance(parse.end(len(parse.groups) - 1))

    def _close_fence(self, parse: Parse, place: int, closed: list[Block]) -> bool:
        """Close a fence that begins and ends in one window without parsing it again. Returns whether there was one."""
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
        """Close the first part of a list or table, and remember how it continues."""
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
        """Handle a block that fills the window: split a paragraph, wait for more text, or make it plain text."""
        if not parse.groups:  # only blank lines, which begin no block
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
        result = block(group, parse.source(place), known, is_open=is_open, continued=going)
        if goes and going and goes.number is not None and result.number is not None:
            result = replace(result, number=max(goes.number, result.number))
        if goes and going and goes.kind is BlockKind.TABLE:
            body = next((at for at, token in enumerate(result.tokens) if token.type == "thead_close"), 0)
            result = replace(result, tokens=(result.tokens[0], *result.tokens[body + 1 :]))
        return result

    def _give(self, closed_block: Block, closed: list[Block]) -> None:
        """Return a block as closed. Its definitions apply to later blocks."""
        new = defined(closed_block.tokens)
        if new and not self._all_known:
            known = self._known.joined(new)
            self._redo = self._redo or (self._brackets and known != self._known)
            self._known = known
            for place, token in enumerate(closed_block.tokens):
                if token.type == "definition" and known.leads(token):
                    told = any(map(is_shown, closed_block.tokens[place + 1 : place + 2]))
                    (self._left if told else self._hidden).add(token.meta["id"])
        if not self._all_known:
            self._used |= linked(closed_block.tokens)
            for token in closed_block.tokens:
                if token.type == "inline" and not is_shown(token):
                    self._seen |= labels_of(token.content)
        self._brackets = self._brackets or (closed_block.kind is not BlockKind.CODE and "[" in closed_block.source)
        closed.append(closed_block)

    def _advance(self, count: int) -> bool:
        """Remove this many characters from the tail. Returns whether there were any."""
        if count:
            self._tail = self._tail[count:]
            self._window = self._wait = 0
            self._goes = None
        return count > 0


def _at_word(piece: str) -> str:
    """Shorten a full piece to its last line break, or else to its last space."""
    end = piece.rfind("\n", len(piece) // 2) + 1 or piece.rfind(" ", len(piece) // 2) + 1
    return piece[:end] if end and len(piece) == PIECE else piece


def _window(tail: str, size: int) -> tuple[str, bool]:
    """Return the beginning of a tail to parse at once, and whether the window is full."""
    text = tail[:size]
    most = size // LINE
    if text.count("\n") < most:
        return text, len(text) == size
    end = -1
    for _ in range(most):
        end = text.index("\n", end + 1)
    return text[: end + 1], True
