"""Texts cut into pieces, and the blocks that come of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markdown_it.token import Token

from desktop.markdown.blocks import Block, BlockKind
from desktop.markdown.parser import is_shown, parser
from desktop.markdown.splitter import Splitter
from desktop.markdown.text_segments import settled


def split(pieces: Iterable[str], *, with_last: bool = False) -> tuple[Block, ...]:
    """The blocks that a message has in the end, fed piece by piece; it may end with its last piece."""
    splitter = Splitter()
    given: list[Block] = []
    fed = list(pieces)
    last = fed[-1] if fed and with_last else ""
    for piece in fed[:-1] if with_last else fed:
        given += splitter.feed(piece).closed
    end = splitter.finish(last)
    if not end.redo:
        return (*given, *end.closed)
    again = Splitter(splitter.known)
    given = [block for piece in fed for block in again.feed(piece).closed]
    return settled((*given, *again.finish().closed), splitter.known)


def cut(text: str, size: int) -> list[str]:
    """The text in pieces of a size."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def kinds(blocks: Sequence[Block]) -> list[BlockKind]:
    return [block.kind for block in blocks]


def joined(blocks: Sequence[Block]) -> str:
    return "".join(block.source for block in blocks)


def html(blocks: Sequence[Block]) -> str:
    """The blocks as markdown-it itself would draw them: nothing of a definition."""
    md = parser()
    tokens: list[Token] = [
        token for block in blocks for token in block.tokens if token.type != "definition" and not is_shown(token)
    ]
    return str(md.renderer.render(tokens, md.options, {}))
