"""One parse of some Markdown: its top-level blocks as markdown-it finds them, first their shape, then their text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from msgspec import Struct
from msgspec.structs import replace

from desktop.markdown import formula_blocks, link_rules, path_rules, syntax_rules, table_rows
from desktop.markdown.autolinks import autolinks
from desktop.markdown.blocks import Block, BlockKind, Definitions
from desktop.markdown.emphasis_rule import emphasis
from desktop.markdown.inline_parser import InlineParser
from desktop.markdown.item_numbers import keep_numbers
from desktop.markdown.line_ends import keep_line_ends
from desktop.markdown.link_labels import labels_of

NESTING = 24
"""How deep quotes and lists may lie in each other; what is deeper is shown as it was written."""

BYTE_ORDER_MARK = "\ufeff"
"""What files and messages of some programs begin with; it is no text."""

MOST_BRACKETS = 500
"""Opening brackets of one paragraph or cell; with more, none of it is parsed."""

_KINDS = {
    "paragraph_open": BlockKind.PARAGRAPH,
    "heading_open": BlockKind.HEADING,
    "bullet_list_open": BlockKind.LIST,
    "ordered_list_open": BlockKind.LIST,
    "blockquote_open": BlockKind.QUOTE,
    "fence": BlockKind.CODE,
    "code_block": BlockKind.CODE,
    "table_open": BlockKind.TABLE,
    "hr": BlockKind.RULE,
    "math_block": BlockKind.MATH,
    "footnote_reference_open": BlockKind.FOOTNOTE,
    "definition": BlockKind.DEFINITION,
}


MOST_MARKS = 2_000
"""Signs of emphasis, code and formulas and ends of lines in one paragraph or cell; with more, none of it is parsed."""

_MARKS = "*_`~<$\\\n"


class TokenGroup(Struct, frozen=True):
    """The tokens of one top-level block, lines `start` up to `end` of what was parsed; its text is not parsed yet."""

    kind: BlockKind
    start: int
    end: int
    tokens: list[Token]


_LONGEST_TITLE = 200
_SHOWN = "definition"
"""What tokens are marked with that show a definition."""


@cache
def parser() -> MarkdownIt:
    """markdown-it with all that answers use and no HTML; made once."""
    made = MarkdownIt(
        "commonmark",
        {"html": False, "maxNesting": NESTING, "inline_definitions": True, "store_labels": True, "linkify": False},
    )
    made.enable(["table", "strikethrough"])
    footnote_plugin(made, inline=False, move_to_end=False)
    made.block.ruler.at("footnote_def", link_rules.footnote, {"alt": ["paragraph", "reference"]})
    made.normalizeLink = link_rules.with_scheme
    autolinks(made)
    ended = ["paragraph", "reference", "blockquote", "list", "footnote_def"]
    made.block.ruler.before("fence", "math_block", formula_blocks.math_block, {"alt": ended})
    made.block.ruler.before("lheading", "formula_paragraph", formula_blocks.formula_paragraph, {"alt": []})
    made.block.ruler.at("reference", syntax_rules.reference)
    made.block.ruler.at("table", table_rows.table, {"alt": ["paragraph", "reference"]})
    made.inline.ruler.before("escape", "math_inline", syntax_rules.math_inline)
    made.inline.ruler.before("autolink", "break_inline", syntax_rules.break_inline)
    made.inline.ruler.at("link", syntax_rules.link)
    made.inline.ruler.at("image", syntax_rules.image)
    made.inline.ruler.before("link", "numbered_source", link_rules.numbered_source)
    made.inline.ruler.at("emphasis", emphasis)
    made.inline.ruler.at("escape", path_rules.escape)
    made.inline.ruler.at("strikethrough", path_rules.strikethrough)
    made.inline = InlineParser(made.inline)
    return made


def groups(text: str) -> list[TokenGroup]:
    r"""The top-level blocks of a text, their shape only. Its line ends are `\n`."""
    tokens: list[Token] = []
    md = parser()
    if text.startswith(BYTE_ORDER_MARK):
        text = " " + text[1:]  # of the same length; else it would hide that a heading begins there
    md.block.parse(text, md, {}, tokens)
    found: list[TokenGroup] = []
    first = 0
    for place, token in enumerate(tokens):
        if token.level == 0 and token.nesting >= 0:
            first = place
        if token.level == 0 and token.nesting <= 0:
            found.append(_group(tokens[first : place + 1]))
    return found


def _group(tokens: list[Token]) -> TokenGroup:
    opening = tokens[0]
    assert opening.map is not None
    deep = any(token.level >= NESTING - 1 for token in tokens)
    return TokenGroup(BlockKind.PLAIN if deep else _KINDS[opening.type], opening.map[0], opening.map[1], tokens)


def defined(tokens: Sequence[Token]) -> Definitions:
    """The links and footnotes that some tokens define."""
    links: dict[str, tuple[str, str]] = {}
    footnotes: dict[str, None] = {}
    for token in tokens:
        if token.type == "definition":
            links.setdefault(token.meta["id"], (token.meta["url"], token.meta["title"]))
        elif token.type == "footnote_reference_open":
            footnotes.setdefault(token.meta["label"])
    return Definitions(links, tuple(footnotes)) if links or footnotes else Definitions()


def fill(tokens: list[Token], known: Definitions) -> tuple[Token, ...]:
    """The tokens with their text parsed, which knows of these definitions and of its own. Changes the tokens.

    Behind a definition that no link was made from stands a paragraph that says what is written.
    """
    known = known.joined(defined(tokens))
    _parse(tokens, known)
    if known.footnotes:
        _number(tokens, known)
    if tokens[0].type in ("bullet_list_open", "ordered_list_open", "blockquote_open", "footnote_reference_open"):
        syntax_rules.mark_tasks(tokens)
        syntax_rules.name_callouts(tokens)
        keep_numbers(tokens)
    return shown(tokens, replace(known, used=known.used | link_rules.linked(tokens)))


def shown(tokens: Sequence[Token], known: Definitions) -> tuple[Token, ...]:
    """The tokens with those definitions shown that no link was made from, and no others."""
    if not any(token.type == "definition" for token in tokens):
        return tuple(tokens)
    made: list[Token] = []
    for token in tokens:
        if is_shown(token):
            continue
        made.append(token)
        if token.type == "definition" and not known.hides(token):
            made += _as_paragraph(token)
    return tuple(made)


def is_shown(token: Token) -> bool:
    """Whether a token shows the definition of a link."""
    return _SHOWN in token.meta


def links_made(found: Sequence[TokenGroup], known: Definitions, wanted: frozenset[str]) -> frozenset[str]:
    """Which of these labels links are made from in blocks that are known to have these definitions."""
    told = [
        token
        for group in found
        for token in group.tokens
        if group.kind is not BlockKind.PLAIN and token.type == "inline" and labels_of(token.content) & wanted
    ]
    _parse(told, known)
    return link_rules.linked(told) & wanted


def _parse(tokens: Sequence[Token], known: Definitions) -> None:
    """Parse the text of tokens."""
    md = parser()
    waiting: list[Token] = []
    for token in tokens:
        token.map = None
        if token.type == "inline" and formula_blocks.WRITTEN in token.meta:
            token.children = _as_written(token.content, "hardbreak")
        elif token.type == "inline" and _is_overloaded(token.content):
            token.children = _as_written(token.content)
        elif token.type == "inline":
            waiting.append(token)
    if waiting:
        state = StateCore("", md, _environment(known), waiting)
        md.core.process(state)
        keep_line_ends(waiting)
        link_rules.name_empty(waiting)


def _is_overloaded(text: str) -> bool:
    """Whether a paragraph has so many marks that to parse and draw them all would keep the window waiting."""
    return text.count("[") > MOST_BRACKETS or sum(map(text.count, _MARKS)) > MOST_MARKS


def _as_written(text: str, line_end: str = "softbreak") -> list[Token]:
    """A paragraph's text without a look at its marks."""
    made: list[Token] = []
    for line in text.split("\n"):
        if made:
            made.append(Token(line_end, "br", 0))
        if line:
            made.append(Token("text", "", 0, content=line))
    return made


def block(
    group: TokenGroup, source: str, known: Definitions, *, is_open: bool = False, continued: bool = False
) -> Block:
    """The block of a group, its text parsed."""
    if group.kind is BlockKind.PLAIN:
        return Block(BlockKind.PLAIN, source, open=is_open, continued=continued)
    opening = group.tokens[0]
    language = language_of(opening.info) if opening.type == "fence" else ""
    number = int(opening.attrs.get("start", 1)) if opening.type == "ordered_list_open" else None
    filled = fill(group.tokens, known)
    return Block(group.kind, source, filled, language, open=is_open, continued=continued, number=number)


def _as_paragraph(definition: Token) -> Sequence[Token]:
    """A definition of a link as a paragraph that says what is written: its label is no link, its address is."""
    level, said = definition.level, definition.content.strip()
    children = list(_told_children(said))
    return [
        Token("paragraph_open", "p", 1, block=True, level=level, meta={_SHOWN: True}),
        Token("inline", "", 0, content=said, children=children, block=True, level=level + 1, meta={_SHOWN: True}),
        Token("paragraph_close", "p", -1, block=True, level=level, meta={_SHOWN: True}),
    ]


@lru_cache(maxsize=1_000)
def _told_children(said: str) -> tuple[Token, ...]:
    """The text of a definition that is shown, kept: a message's are asked for at each of its passes."""
    inline = Token("inline", "", 0, content=said, children=[])
    _parse([inline], Definitions())
    return tuple(inline.children or ())


def language_of(info: str) -> str:
    """The language that a fence's first line names, in lower case, or nothing."""
    words = unescapeAll(info).split(maxsplit=1)
    return words[0].lower() if words else ""


def title_of(info: str) -> str:
    """What stands behind the language on a fence's first line: a file's name mostly."""
    return " ".join(unescapeAll(info).split()[1:])[:_LONGEST_TITLE]


class _References:
    """What labels of links stand for, made when it is asked for: each block of a message asks for few of them.

    What cannot be opened is no link: of `[a]` with `[a]: ./file.md` both stay as they are written.
    """

    def __init__(self, links: Mapping[str, tuple[str, str]]) -> None:
        self._links = links

    def get(self, label: str, default: None = None) -> dict[str, str] | None:
        """The address and the title of a label that is a link's."""
        href, title = self._links.get(label, ("", ""))
        return {"href": href, "title": title} if link_rules.is_openable(href) else default


class _Met(dict[str, int]):
    """Labels of footnotes that one block met, over those of the whole message, which each of its blocks looks up."""

    def __init__(self, known: Mapping[str, int]) -> None:
        super().__init__()
        self._known = known

    def __bool__(self) -> bool:
        return bool(len(self) or self._known)

    def __contains__(self, label: object) -> bool:
        return super().__contains__(label) or label in self._known

    def __missing__(self, label: str) -> int:
        return self._known[label]


def _environment(known: Definitions) -> dict[str, Any]:
    """What markdown-it's inline rules look links and footnotes up in."""
    made: dict[str, Any] = {}
    if known.links:
        made["references"] = _References(known.links)
    if known.footnotes:
        made["footnotes"] = {"refs": _Met(known.unnumbered), "list": {}}
    return made


def _number(tokens: Sequence[Token], known: Definitions) -> None:
    """Give footnotes and what refers to them their numbers, the same in every block of a message."""
    for token in tokens:
        if token.type == "footnote_reference_open":
            token.meta = {**token.meta, "number": known.footnote(token.meta["label"])}
        for child in token.children or ():
            if child.type == "footnote_ref":
                child.meta = {**child.meta, "number": known.footnote(child.meta["label"])}
