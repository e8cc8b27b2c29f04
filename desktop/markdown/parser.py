"""Markdown parser: finds top-level blocks with markdown-it, first their structure and then their inline content."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, MutableMapping, Sequence
from functools import cache, lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, unescapeAll
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as whole_table
from markdown_it.rules_block.table import escapedSplit, getLine
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.emphasis import tokenize
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from msgspec import Struct
from msgspec.structs import replace

from desktop.markdown import formula_blocks, link_rules, path_rules, section_rules, syntax_rules
from desktop.markdown.autolinks import autolinks
from desktop.markdown.blocks import Block, BlockKind, Definitions
from desktop.markdown.item_numbers import keep_numbers
from desktop.markdown.line_ends import keep_line_ends
from desktop.markdown.link_labels import labels_of
from desktop.markdown.path_rules import is_wildcard
from desktop.markdown.scripts import UNSPACED, WIDE_MARKS

_BEFORE_TIMES = re.compile(r"[0-9)\]}]")
_BEHIND_TIMES = re.compile(r"[0-9({]|\.[0-9]")

_RUNS = re.compile(r"\*+")
_WORD = re.compile(r"[^\W\d_]{2}")
_LABEL = re.compile(r"[^\W\d_]{1,3}\d{0,3}")
_RELATION = re.compile("[^\\W\\d_][^*\\n]{0,100}[ ][<>=≤≥]")
"""Emphasized text before a bracket or number: a short name such as `Q1`, or a relation with spaces."""

_NUMBER = re.compile(r"\d{1,4}(?:[-–]\d{1,4})?")
_ISSUE = re.compile(r"\((?:\d{1,4}(?:[-–]\d{1,4})?|[^\W\d_][^()*+=\n]{2,60})\)")
_NO_OPERAND = re.compile(r"(?:\A|[,;:.*]|[^\W\d_]{2})\s*\Z")
"""Text before an emphasized number such as the volume of a journal: `*Journal*, *12*(3)`."""

_FURTHEST = 500
"""Maximum distance in characters over which asterisks are matched with earlier ones."""

_WIDE = re.compile(f"[{UNSPACED}{WIDE_MARKS}]")


def emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Parse emphasis, allowing asterisks to open and close between a CJK letter or mark and punctuation.

    Follows an amendment to CommonMark agreed on by its community: CJK marks do not count as punctuation, and CJK
    letters count as the missing space.
    """
    start, known = state.pos, len(state.delimiters)
    if not tokenize(state, silent):
        return False
    if state.src[start] == "*" and (is_wildcard(state.src, start, state.pos) or _multiplies(state, start)):
        for delimiter in state.delimiters[known:]:
            delimiter.open = delimiter.close = False
        return True
    before = state.src[start - 1] if start else " "
    after = state.src[state.pos] if state.pos < state.posMax else " "
    if state.src[start] == "*" and (_WIDE.match(before) or _WIDE.match(after)):
        opens, closes = _flanks(before, after), _flanks(after, before)
        for delimiter in state.delimiters[known:]:
            delimiter.open = delimiter.open or opens
            delimiter.close = delimiter.close or closes
    return True


def _multiplies(state: StateInline, start: int) -> bool:
    """Whether asterisks denote a product or power, as in `2*3*4`, `(a+b)*(c+d)` or `10**3`.

    Not directly after a link.
    """
    if not start or state.src[start] != "*" or state.pos - start > 2:
        return False
    is_link = not state.pending and bool(state.tokens) and state.tokens[-1].type == "link_close"
    before, behind = _BEFORE_TIMES.match(state.src, start - 1), _BEHIND_TIMES.match(state.src, state.pos)
    if before is None or behind is None or is_link:
        return False
    opened = _opened(state, start)
    if opened is not None and _is_said(state, opened, start):
        return False
    if state.pos - start == 2:
        is_power = before[0].isdigit() and behind[0] != "("
        return opened is None or (is_power and _closes_later(state.src, state.pos))
    return opened is None or behind[0] != "(" or not _WORD.search(state.src, opened, start)


def _is_said(state: StateInline, opened: int, start: int) -> bool:
    """Whether the text that asterisks would close is a name or relation separated by a space, and not a factor."""
    outside = state.src[max(opened - _FURTHEST, 0) : opened - (state.pos - start)]
    if outside[-1:].strip() or _BEFORE_TIMES.match(outside.rstrip()[-1:]):
        return False
    if _NUMBER.fullmatch(state.src, opened, start) and _ISSUE.match(state.src, state.pos):
        return bool(_NO_OPERAND.search(outside[-40:]))
    return bool(_LABEL.fullmatch(state.src, opened, start) or _RELATION.match(state.src, opened, start))


def _closes_later(source: str, start: int) -> bool:
    """Whether bold text continues after a power, because an odd number of other bold markers remains."""
    marks = [
        found
        for found in _RUNS.finditer(source, start, start + _FURTHEST)
        if len(found[0]) == 2
        and not (source[found.start() - 1].isdigit() and source[found.end() : found.end() + 1].isdigit())
    ]
    return len(marks) % 2 == 1


def _opened(state: StateInline, start: int) -> int | None:
    """Return the offset of the text that asterisks may close, after equally many unclosed asterisks, or None."""
    length = state.pos - start
    end = max(start - _FURTHEST, 0)
    depth = 0
    for match in _RUNS.finditer(state.src, end, start):
        if len(match[0]) != length or state.src[match.start() - 1 : match.start()] == "\\":
            continue
        before, behind = state.src[match.start() - 1 : match.start()] or " ", state.src[match.end()]
        if depth and not before.isspace():
            depth = 0
        elif not behind.isspace() and not (_BEFORE_TIMES.match(before) and _BEHIND_TIMES.match(behind)):
            depth, end = 1, match.end()
    return end if depth else None


def _flanks(outside: str, inside: str) -> bool:
    """Whether the text inside may be emphasized."""
    if inside.isspace():
        return False
    return not _is_mark(inside) or outside.isspace() or _is_mark(outside) or bool(_WIDE.match(outside))


def _is_mark(sign: str) -> bool:
    return (isMdAsciiPunct(ord(sign)) or isPunctChar(sign)) and not _WIDE.match(sign)


_SPANS = re.compile(
    r"(?<!`)(`{1,4})(?!`)[^`]{1,400}(?<!`)\1(?!`)|\$(?![\s$])(?:[^$\\]|\\.){1,400}(?<!\s)\$(?![\w$])"
    r"|\\\((?:(?!\\\)).){1,400}\\\)"
)
"""Code and one-line formulas, in which a vertical bar is usually literal."""

_KEPT = "\0"
"""Placeholder for a bar that must not split a row. Does not occur in text."""

_CONDITION = "\0\0"
"""Placeholder for the bar of a condition while norms are searched for."""

_BAR = re.compile(r"(?<!\\)\|")
_UNDER = re.compile(r"[ \t]*[|:-][|: \t-]*")
_SURE = re.compile(
    r"\\\|(?!_)(?:(?!\\\|).){1,200}\\\|(?=\s{0,2}_)|\\\|(?=\s{0,2}\\(?:vec|nabla|(?:mathbf|boldsymbol|bm)\s?\{?\\?[a-z]))"
    r"(?:(?!\\\|).){1,200}\\\|"
)
"""Unambiguous norms: those with an index, and those of vectors."""

_WITHIN = re.compile(r"\([^()]{0,200}\)|\[[^\[\]]{0,200}\]")
"""Text between parentheses or brackets that contains no nested ones."""


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Parse a GFM table. Excess cells, which GFM ignores, are appended to the last cell as source text."""
    first = len(state.tokens)
    if not _made(state, start, end, silent):
        return False
    tokens = state.tokens
    columns = sum(tokens[index].type == "th_open" for index in range(first, len(tokens)))
    rows = [index for index in range(first, len(tokens)) if tokens[index].type == "tr_open"]
    lines = [getLine(state, (tokens[index].map or (start, start))[0]).strip() for index in rows]
    plain = any(span[0][0] != "`" and _BAR.search(span[0]) for line in lines for span in _SPANS.finditer(line))
    for index, line in zip(rows, lines, strict=True):
        norms = _with_norms(line, pairs=plain) if r"\|" in line else line
        if norms != line:
            for number, cell in enumerate(_fitted(norms, _cells(norms), columns)):
                tokens[index + 2 + 3 * number].content = cell.strip().replace(_KEPT, r"\|")
            continue
        if tokens[index - 1].type == "thead_open" or line.count("|") < columns:
            continue
        cells = _cells(line)
        if any(cell.strip() for cell in cells[columns:]):
            for number, cell in enumerate(_fitted(line, cells, columns)):
                tokens[index + 2 + 3 * number].content = cell.strip()
    return True


def _made(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Parse a GFM table. Bars within code and formulas split its head only if the delimiter row has as many columns."""
    head = _kept_head(state, start, end)
    if head is None:
        return whole_table(state, start, end, silent)
    first, source = len(state.tokens), state.src
    begin, finish = state.bMarks[start] + state.tShift[start], state.eMarks[start]
    state.src = source[:begin] + head + source[finish:]
    try:
        made = whole_table(state, start, end, silent)
    finally:
        state.src = source
    for token in state.tokens[first:]:
        token.content = token.content.replace(_KEPT, "|")
    return made


def _kept_head(state: StateBlock, start: int, end: int) -> str | None:
    """Return a table's head with bars in code and formulas replaced, if it matches the delimiter row only then."""
    if start + 2 > end or not _UNDER.fullmatch(under := getLine(state, start + 1)):
        return None
    head = getLine(state, start)
    kept = _SPANS.sub(lambda span: _BAR.sub(_KEPT, span[0]), head)
    columns = len(_cells(under.strip()))
    return kept if len(_cells(kept.strip())) == columns != len(_cells(head.strip())) else None


def _with_norms(line: str, *, pairs: bool) -> str:
    """Return a row with the bars of norms in formulas as literal text, because GFM would split cells there.

    Args:
        pairs: Whether single bars occur elsewhere in the table, so that each pair of marks is a norm.
    """
    spans = [found[0] for found in _SPANS.finditer(line) if found[0][0] != "`"]
    pairs = pairs or any(_SURE.search(span) and span.count(r"\|") == 2 for span in spans)
    return _SPANS.sub(lambda span: span[0] if span[0][0] == "`" else _kept_norms(span[0], pairs=pairs), line)


def _kept_norms(formula: str, *, pairs: bool) -> str:
    if not pairs:
        return _SURE.sub(_kept, formula)
    whole = _WITHIN.sub(
        lambda found: found[0].replace(r"\|", _CONDITION) if found[0].count(r"\|") == 1 else found[0], formula
    )
    if whole.count(r"\|") % 2:
        return formula
    return whole.replace(r"\|", _KEPT).replace(_CONDITION, r"\|")


def _kept(found: re.Match[str]) -> str:
    return found[0].replace(r"\|", _KEPT)


def _cells(line: str) -> list[str]:
    cells = escapedSplit(line)
    if cells and not cells[0]:
        cells.pop(0)
    if cells and not cells[-1]:
        cells.pop()
    return cells


def _fitted(line: str, cells: list[str], columns: int) -> list[str]:
    """Return as many cells as there are columns. Bars within code and formulas do not split if the cells suffice."""
    whole = _cells(_SPANS.sub(lambda span: _BAR.sub(r"\\|", span[0]), line))
    if len(whole) >= columns:
        cells = whole
    return [*cells[: columns - 1], "|".join(cells[columns - 1 :])]


_ALWAYS = "\n\\`~*_[]<&$@"
_SCHEME = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


class InlineParser(ParserInline):
    """Copy of another inline parser that stops less often.

    At each stop, all rules are tried. markdown-it stops at the characters of all rules added by other programs, at
    every `w` (for `www.`) and at every colon (for schemes), which takes most of the time for plain prose. This parser
    only stops at the characters that a paragraph needs.
    """

    def __init__(self, like: ParserInline) -> None:
        super().__init__()
        self.ruler, self.ruler2 = like.ruler, like.ruler2

    def parse(self, src: str, md: MarkdownIt, env: MutableMapping[str, Any], tokens: list[Token]) -> list[Token]:
        """Parse like markdown-it. The alternative text of an image is parsed within its paragraph."""
        before = self.terminator_re
        self.terminator_re = _stops("www." in src, _SCHEME.search(src) is not None, "![" in src)
        try:
            return super().parse(src, md, env, tokens)
        finally:
            self.terminator_re = before


@cache
def _stops(www: bool, scheme: bool, picture: bool) -> re.Pattern[str]:  # noqa: FBT001 - three facts of a paragraph
    """Return the pattern of characters to stop at. A plain character set is the fastest to search for."""
    signs = _ALWAYS + "w" * www + ":" * scheme + "!" * picture
    return re.compile(f"[{re.escape(signs)}]")


NESTING = 24
"""Maximum nesting depth of quotations and lists. Deeper ones are shown as source text."""

BYTE_ORDER_MARK = "\ufeff"
"""Character at the beginning of files and messages from some programs that is not part of the text."""

MOST_BRACKETS = 500
"""Maximum number of opening brackets in a paragraph or cell. With more, it is not parsed."""

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
    "summary_open": BlockKind.SECTION,
    "section_end": BlockKind.SECTION_END,
    "definition": BlockKind.DEFINITION,
}


MOST_MARKS = 2_000
"""Maximum number of line ends and marks of emphasis, code and formulas in a paragraph or cell. With more, it is not
parsed."""

_MARKS = "*_`~<$\\\n"


class TokenGroup(Struct, frozen=True):
    """Tokens of one top-level block from line `start` to before `end`. Its inline content is not parsed yet."""

    kind: BlockKind
    start: int
    end: int
    tokens: list[Token]


_LONGEST_TITLE = 200
_SHOWN = "definition"
"""Metadata key of tokens that show a definition as text."""


class _Parsers(threading.local):
    """The parser of each thread. While it parses, it cannot be used by another one."""

    made: MarkdownIt | None = None


_PARSERS = _Parsers()


def parser() -> MarkdownIt:
    """Return this thread's markdown-it parser, with all syntax that responses use but without HTML."""
    if _PARSERS.made is None:
        _PARSERS.made = _parser()
    return _PARSERS.made


def _parser() -> MarkdownIt:
    md = MarkdownIt(
        "commonmark",
        {"html": False, "maxNesting": NESTING, "inline_definitions": True, "store_labels": True, "linkify": False},
    )
    md.enable(["table", "strikethrough"])
    footnote_plugin(md, inline=False, move_to_end=False)
    md.block.ruler.at("footnote_def", link_rules.footnote, {"alt": ["paragraph", "reference"]})
    md.normalizeLink = link_rules.with_scheme
    autolinks(md)
    ended = ["paragraph", "reference", "blockquote", "list", "footnote_def"]
    md.block.ruler.before("fence", "math_block", formula_blocks.math_block, {"alt": ended})
    md.block.ruler.before("fence", "section", section_rules.section, {"alt": ended})
    md.block.ruler.before("lheading", "formula_paragraph", formula_blocks.formula_paragraph, {"alt": []})
    md.block.ruler.at("reference", syntax_rules.reference)
    md.block.ruler.at("table", table, {"alt": ["paragraph", "reference"]})
    md.inline.ruler.before("escape", "math_inline", syntax_rules.math_inline)
    md.inline.ruler.before("autolink", "break_inline", syntax_rules.break_inline)
    md.inline.ruler.at("link", syntax_rules.link)
    md.inline.ruler.at("image", syntax_rules.image)
    md.inline.ruler.before("link", "numbered_source", link_rules.numbered_source)
    md.inline.ruler.at("emphasis", emphasis)
    md.inline.ruler.at("escape", path_rules.escape)
    md.inline.ruler.at("strikethrough", path_rules.strikethrough)
    md.inline = InlineParser(md.inline)
    return md


def groups(text: str) -> list[TokenGroup]:
    """Return the top-level blocks of a text with LF line ends, without parsing their inline content."""
    tokens: list[Token] = []
    md = parser()
    if text.startswith(BYTE_ORDER_MARK):
        text = " " + text[1:]  # replaced at the same length, because the mark would hide a heading
    md.block.parse(text, md, {}, tokens)
    result: list[TokenGroup] = []
    first = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting >= 0:
            first = index
        if token.level == 0 and token.nesting <= 0:
            result.append(_group(tokens[first : index + 1]))
    return result


def _group(tokens: list[Token]) -> TokenGroup:
    opening = tokens[0]
    assert opening.map is not None
    deep = any(token.level >= NESTING - 1 for token in tokens)
    return TokenGroup(BlockKind.PLAIN if deep else _KINDS[opening.type], opening.map[0], opening.map[1], tokens)


def defined(tokens: Sequence[Token]) -> Definitions:
    """Return the links and footnotes that tokens define."""
    links: dict[str, tuple[str, str]] = {}
    footnotes: dict[str, None] = {}
    for token in tokens:
        if token.type == "definition":
            links.setdefault(token.meta["id"], (token.meta["url"], token.meta["title"]))
        elif token.type == "footnote_reference_open":
            footnotes.setdefault(token.meta["label"])
    return Definitions(links, tuple(footnotes)) if links or footnotes else Definitions()


def fill(tokens: list[Token], known: Definitions) -> tuple[Token, ...]:
    """Parse the inline content of tokens in place with the known definitions and their own, and return the tokens.

    A definition that no link uses is followed by a paragraph with its source text.
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
    """Return the tokens, in which exactly those definitions are shown that no link uses."""
    if not any(token.type == "definition" for token in tokens):
        return tuple(tokens)
    result: list[Token] = []
    for token in tokens:
        if is_shown(token):
            continue
        result.append(token)
        if token.type == "definition" and not known.hides(token):
            result += _as_paragraph(token)
    return tuple(result)


def is_shown(token: Token) -> bool:
    """Whether a token shows the definition of a link as text."""
    return _SHOWN in token.meta


def links_made(found: Sequence[TokenGroup], known: Definitions, wanted: frozenset[str]) -> frozenset[str]:
    """Return the labels among `wanted` that links in the blocks use, given these definitions."""
    inline_tokens = [
        token
        for group in found
        for token in group.tokens
        if group.kind is not BlockKind.PLAIN and token.type == "inline" and labels_of(token.content) & wanted
    ]
    _parse(inline_tokens, known)
    return link_rules.linked(inline_tokens) & wanted


def _parse(tokens: Sequence[Token], known: Definitions) -> None:
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
    """Whether a paragraph has so many marks that parsing and rendering it would block the window."""
    return text.count("[") > MOST_BRACKETS or sum(map(text.count, _MARKS)) > MOST_MARKS


def _as_written(text: str, line_end: str = "softbreak") -> list[Token]:
    """Return a paragraph's text as tokens without parsing its markup."""
    tokens: list[Token] = []
    for line in text.split("\n"):
        if tokens:
            tokens.append(Token(line_end, "br", 0))
        if line:
            tokens.append(Token("text", "", 0, content=line))
    return tokens


def block(
    group: TokenGroup, source: str, known: Definitions, *, is_open: bool = False, continued: bool = False
) -> Block:
    """Return a group as a block with its inline content parsed."""
    if group.kind is BlockKind.PLAIN:
        return Block(BlockKind.PLAIN, source, open=is_open, continued=continued)
    opening = group.tokens[0]
    language = language_of(opening.info) if opening.type == "fence" else ""
    number = int(opening.attrs.get("start", 1)) if opening.type == "ordered_list_open" else None
    filled = fill(group.tokens, known)
    return Block(group.kind, source, filled, language, open=is_open, continued=continued, number=number)


def _as_paragraph(definition: Token) -> Sequence[Token]:
    """Return the definition of a link as a paragraph of source text, in which only the address is a link."""
    level, said = definition.level, definition.content.strip()
    children = list(_told_children(said))
    return [
        Token("paragraph_open", "p", 1, block=True, level=level, meta={_SHOWN: True}),
        Token("inline", "", 0, content=said, children=children, block=True, level=level + 1, meta={_SHOWN: True}),
        Token("paragraph_close", "p", -1, block=True, level=level, meta={_SHOWN: True}),
    ]


@lru_cache(maxsize=1_000)
def _told_children(said: str) -> tuple[Token, ...]:
    """Return the parsed text of a shown definition, cached because each pass over a message needs it."""
    inline = Token("inline", "", 0, content=said, children=[])
    _parse([inline], Definitions())
    return tuple(inline.children or ())


def language_of(info: str) -> str:
    """Return the language in a fence's info string in lower case, or an empty string."""
    words = unescapeAll(info).split(maxsplit=1)
    return words[0].lower() if words else ""


def title_of(info: str) -> str:
    """Return the text after the language in a fence's info string, which is usually a file name."""
    return " ".join(unescapeAll(info).split()[1:])[:_LONGEST_TITLE]


class _References:
    """Link definitions by label, looked up on demand because each block needs only a few.

    Definitions whose address cannot be opened yield no links: `[a]` and `[a]: ./file.md` both remain source text.
    """

    def __init__(self, links: Mapping[str, tuple[str, str]]) -> None:
        self._links = links

    def get(self, label: str, default: None = None) -> dict[str, str] | None:
        """Return the address and title for a link's label."""
        href, title = self._links.get(label, ("", ""))
        return {"href": href, "title": title} if link_rules.is_openable(href) else default


class _Met(dict[str, int]):
    """Footnote labels found in one block, in addition to those of the whole message."""

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
    """Return the environment in which markdown-it's inline rules look up links and footnotes."""
    made: dict[str, Any] = {}
    if known.links:
        made["references"] = _References(known.links)
    if known.footnotes:
        made["footnotes"] = {"refs": _Met(known.unnumbered), "list": {}}
    return made


def _number(tokens: Sequence[Token], known: Definitions) -> None:
    """Give footnotes and their references the same numbers in every block of a message."""
    for token in tokens:
        if token.type == "footnote_reference_open":
            token.meta = {**token.meta, "number": known.footnote(token.meta["label"])}
        for child in token.children or ():
            if child.type == "footnote_ref":
                child.meta = {**child.meta, "number": known.footnote(child.meta["label"])}
