"""Text of blocks without markup, for screen readers, search and plain-text copies."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import copy

from markdown_it.token import Token
from msgspec.structs import replace

from desktop.markdown.blocks import Block, BlockKind
from desktop.markdown.item_numbers import number_of
from desktop.markdown.text_segments import blocks

_INDENT = "    "
_MARKUP = re.compile(r"[`\[|<]|[*_~$](?!\s)|(?<!\s)[*_~$]|\A[#=]+\Z")
"""Signs at the end of a text that more text may turn into markup."""


def plain_text(block: Block, formula: Callable[[str], str] = str) -> str:
    """Return a block's text, with bullets or numbers before list items and tabs between table cells.

    `formula` converts the sources of formulas.
    """
    if block.kind is BlockKind.PLAIN:
        return block.source.strip("\n")
    if block.kind is BlockKind.CODE:
        return block.content.removesuffix("\n")
    if block.kind is BlockKind.RULE:
        return "———"
    return "\n".join(_lines(block.tokens, block.number, formula)).strip("\n")


def without_open_markup(block: Block) -> Block | None:
    """Return a block that may still grow without its end, from the first sign there that may be markup.

    Returns None if nothing is left to read.
    """
    if block.kind is BlockKind.CODE or not block.open:
        return block
    last = max((at for at, token in enumerate(block.tokens) if token.type == "inline"), default=-1)
    if last < 0:
        return None
    inline = copy(block.tokens[last])
    children: list[Token] = []
    for child in inline.children or ():
        found = _MARKUP.search(child.content) if child.type == "text" else None
        if found is not None:
            cut = copy(child)
            cut.content = child.content[: found.start()]
            children.append(cut)
            break
        children.append(child)
    inline.children = children
    if block.kind is BlockKind.PARAGRAPH and not inline_text(children).strip():
        return None
    return replace(block, tokens=(*block.tokens[:last], inline, *block.tokens[last + 1 :]))


def rendered_text(text: str) -> str:
    """Return a message's text as it is displayed, with a blank line between blocks."""
    parts: list[str] = []
    for block in blocks(text):
        if not block.is_hidden and (said := plain_text(block)):
            parts += ["\n" if block.continued else "\n\n", said] if parts else [said]
    return "".join(parts)


def inline_text(children: Sequence[Token], formula: Callable[[str], str] = str) -> str:
    """Return the text of a paragraph's tokens, with images as their description.

    `formula` converts the sources of formulas.
    """
    parts: list[str] = []
    for child in children:
        match child.type:
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append("\n")
            case "image":
                parts.append(inline_text(child.children or ()) or str(child.attrs.get("src", "")))
            case "footnote_ref":
                parts.append(f"[{child.meta['number']}]")
            case "math_inline":
                parts.append(formula(child.content))
            case _:
                parts.append(child.content)
    return "".join(parts)


def item_mark(token: Token, number: int | None) -> str:
    """Return the text before a list item: its number, check box or bullet."""
    if "done" in token.meta:
        return "☑" if token.meta["done"] else "☐"
    return "•" if number is None else f"{number}."


def _lines(tokens: Sequence[Token], first: int | None, formula: Callable[[str], str]) -> list[str]:
    lines: list[str] = []
    numbers: list[int | None] = []
    mark = ""
    row: list[str] | None = None
    for token in tokens:
        indent = _INDENT * (len(numbers) - 1)
        match token.type:
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_open":
                numbers.append(first if first is not None and not numbers else int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
            case "list_item_open":
                number = numbers[-1] if numbers[-1] is None else number_of(token, numbers[-1])
                mark = item_mark(token, number) + " "
                numbers[-1] = None if number is None else number + 1
            case "footnote_reference_open":
                mark = f"[{token.meta['number']}] "
            case "tr_open":
                row = []
            case "tr_close":
                lines.append("\t".join(row or ()))
                row = None
            case "inline" if row is not None:
                row.append(inline_text(token.children or (), formula))
            case "inline":
                lines.append(indent + mark + inline_text(token.children or (), formula))
                mark = ""
            case "fence" | "code_block" | "math_block":
                content = formula(token.content) if token.type == "math_block" else token.content
                lines += [indent + line for line in content.removesuffix("\n").split("\n")]
            case _:
                pass
    return lines
