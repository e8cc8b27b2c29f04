"""Syntax rules beyond CommonMark: mathematics, task boxes, numbered footnotes, and limits on link titles."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import reference as whole_reference
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import image as whole_image
from markdown_it.rules_inline import link as whole_link
from markdown_it.token import Token

from desktop.markdown.formula_blocks import BARE, ENVIRONMENT
from desktop.markdown.formulas import is_formula, is_remark
from desktop.markdown.scripts import PREFIXING, UNSPACED

TITLE_LINES = 16
"""Maximum number of lines of a link definition, including its title."""

_TASK = re.compile(r"\[([ xX])\][ \t\n]+")
_WORDS = r"\\(?:text[a-z]{0,6}|[mh]box)[ ]?\{(?:[^{}]|\{[^{}]{0,100}\}){0,400}\}"
_PART = rf"(?>{_WORDS}|[^$\\]|\\.)"
r"""Part of a formula. Text in it may contain formulas, as in `\text{if $x > 0$}`."""

_BESIDE = f"(?:[^\\W{UNSPACED}{PREFIXING}]|[٠-٩۰-۹०-९])"
"""Letter or digit that cannot be next to a formula without a space."""

_SOURCE = r"\[(?:\d{1,4}\]|\^[\w-]{1,40}\]|\[)"
"""Reference to a source or footnote, directly after a formula."""

_DOLLAR = re.compile(
    rf"\$(?![\s$])({_PART}{{1,1000}}?)(?<!\s)\$(?:(?=th\b|{_SOURCE})|(?!{_BESIDE}|[{{(\[$#@]))", re.DOTALL
)
_DOUBLE = re.compile(rf"\$\$(?![\s$])({_PART}{{1,4000}}?)(?<!\s)\$\$(?!{_BESIDE}|\$)", re.DOTALL)
_OVER_LINES = re.compile(
    rf"\$\$[ \t]{{0,8}}\n(?![\s$])({_PART}{{1,4000}}?)(?<!\s)[ \t]{{0,8}}\n?[ \t]{{0,8}}\$\$(?!{_BESIDE}|\$)",
    re.DOTALL,
)
_BREAKS = re.compile(r"[ \t]{0,8}\n")
_LINE_BEGINS = re.compile(r"\n[ \t]{0,8}(?:\$\$|\\\])\Z")
_BEFORE = re.compile(f"{_BESIDE}|[$_^]")
_SCRIPT = re.compile(
    r"\$((?:[_^](?:\{[^${}]{1,60}\}|\\[A-Za-z]{2,12}|[A-Za-z0-9+*-])|\\[A-Za-z]{2,12}(?:\{[^${}]{1,60}\})?){1,3})\$(?![$({\[])"
)
r"""Index, power or symbol directly after a word or number: `CO$_2$`, `10$^{-3}$`, `25$^\circ$C`."""

_COMMAND = re.compile(r"\$(\\[A-Za-z]{2,12})\$(?=[\d.A-Za-z])")
r"""Symbol directly before a number or unit: `$\sim$5`, `$\mu$m`."""

_SED = re.compile(r"%?s/")
_PRICED = re.compile(r"[-+−–]?\.?\d[^\\^_{]*")
_PRICE = re.compile(r"[ \t]{0,2}[-+−–]?\.?\d")
_TAG = re.compile(r"[a-z_][a-z0-9_]{2,}")
_TAG_WITHIN = 4_000
_NOTED = re.compile(
    r"\\[#.]|(?<=\w)\\-(?=\w)|@|(?<!\\)%|\A[<>]=|°[ ]?[CF](?!\w)|\w/\w{1,60}[/.]|(?<!\w)[A-Za-z]\w{0,60}\.[a-z]{1,4}\Z"
    r"|(?<![\w\\])[A-Za-z]{2,20}(?:-[A-Za-z]{2,20}){0,3}-\d|(?<![\w\\{])(?:[A-Za-z]\d{1,2}|[A-Za-z]{2,4})[ ]\d{2,4}\Z"
    r"|\A(?=.{0,90}[A-Za-z]{3})[A-Za-z][a-z]{0,30}(?:-[a-z]{2,30}){1,3}\Z"
    r"|\A\d{1,20}[ ](?!sin|cos|tan|log|exp|mod|det)[A-Za-z]{2,}(?!\w)"
)
"""Signs of a remark in parentheses that do not occur in formulas: escaped characters, addresses, hyphenated words."""

_SIGNED = re.compile(r"\\[A-Za-z]{2,}|(?<!\\)[\^_]| = |\A[A-Za-z]\Z")
"""Unambiguous signs of a formula that do not occur in remarks in parentheses."""

_ESCAPED = re.compile(r"\w\\[-.#](?!\w*\\\))")
_UNDERSCORED = re.compile(r"\w\\_\w|[\[(]\\#\d")
r"""Output of programs that escape every special character: `opj\_malloc`, `[\#1381]`."""

_NEAR = 1_000
"""Number of characters around a formula that are searched for escaped prose."""

_BETWEEN_BRACKETS = re.compile(r"\\\(((?:[^\\\n]|\\[^()\n]){1,200})\\\)")
_FORMULAS = re.compile(rf"{_BETWEEN_BRACKETS.pattern}|\$[^$\n]{{1,200}}\$")
_LETTER = re.compile(r"\s?[k-rtw-z]\s?")
"""Single letters in mathematics that denote neither list items nor plurals."""

_DEFINED = re.compile(r"\[(?:[^\[\]\\]|\\.){1,999}\]:[ \t]{0,99}\n?[ \t]{0,99}(\S{1,300})", re.DOTALL)
_ADDRESS = re.compile(
    r"[<#./?\\]|[A-Za-z][A-Za-z0-9+.-]{1,30}:\S|[\w.-]{1,99}\.[A-Za-z]\w{1,9}(?:[/?#:]|\Z)"
    r"|[\w.-]{1,99}/\S{0,200}\.[A-Za-z]\w{1,9}(?:[?#]|\Z)"
)
"""Beginning of the target of a link definition. Anything else is prose, such as `[Anna]: Come!` or `[Unit]: km/h`."""

_BEHIND_LABEL = re.compile(r"\]\([ \t\n]{0,99}(?P<target><?[^\s()]{0,300})")
"""Target of a link whose label ends here, up to the first bracket in the target."""

_CALLOUT = re.compile(r"\[!([A-Za-z]{3,20})\][+-]?(?:[ \t]+|\Z)")
"""Beginning of a quotation that GitHub shows as a note, tip or warning. Other programs add a title."""

_MARK_BEHIND, _QUOTING = re.compile(r"[.,;:?!)\]\"'”’»]"), re.compile(r"[\w>] \Z|[(\"'“‘„«]\Z")
_GOES_ON, _WORD_BEFORE = re.compile(r" [^\W\d_A-Z]"), re.compile(r"[\w>] \Z")
_ITS_KIND = re.compile(r" (?:tag|element)")
_ANY_TAG = re.compile(r"</?[A-Za-z][\w:-]{0,40}(?:\s[^<>\n]{0,200})?/?>")
_AROUND = 500
"""Distance in characters within which other tags and quotation marks suggest that a `<br>` is only mentioned."""

_BREAK = re.compile(r"<br[ \t]{0,8}/?>[ \t]{0,8}\n?[ \t]{0,8}", re.IGNORECASE)
_GLUED = re.compile(r"\\[A-Za-z]{2,}|[A-Za-z0-9)}]\s*[\^_=]\s*[\w\\{(-]")
"""Signs of a formula that directly follows a word."""

_LONGEST = {"(": 1_000, "[": 4_000}
"""Maximum number of characters of a formula between brackets."""

_WRITTEN = re.compile(r"\\[#.-]|@|(?<!\\)%|\A[<>]=|\.[a-z]{1,4}\Z")
"""Signs of a remark, even next to formulas."""

_SEEN = "brackets_seen"
_CLOSINGS_FOUND = "closings_found"


def math_inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    r"""Parse `$…$`, `$$…$$`, `\(…\)`, `\[…\]` and bare environments that contain mathematics, in a paragraph.

    Uses Pandoc's rules and more: no space inside the dollar signs, and no letter, digit or opening bracket after them.
    Only an index, power or symbol may directly follow a word or number.
    """
    at = state.pos
    mark = state.src[at]
    if mark == "\\" and (end := _environment_end(state)):
        if not silent:
            token = state.push("math_inline", "math", 0)
            token.content, token.markup = state.src[at:end], BARE
        state.pos = end
        return True
    double = state.src.startswith("$$", at)
    if mark == "$":
        found = _dollars(state, double=double)
        if found is None:
            return False
        content, end = found[1], found.end()
    elif mark == "\\" and state.src[at + 1 : at + 2] in _LONGEST:
        double = True
        end = _closing(state, at)
        content = state.src[at + 2 : end - 2]
        if not end or not content:
            return False
    else:
        return False
    if mark == "\\" and (_is_escaped(state, content) or (state.src[at + 1] == "(" and _is_noted(state, at, end))):
        return False
    if not is_formula(content.strip(), strictly=_strictly(state, at, end)):
        return False
    if mark == "\\" and is_remark(content.strip()) and not _is_among_formulas(state, at, end):
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = content.strip()
        token.markup = state.src[at : at + 2] if double else "$"
    state.pos = end
    return True


def _is_noted(state: StateInline, at: int, end: int) -> bool:
    """Whether the text between parentheses is a remark, and not another of several formulas."""
    content = state.src[at + 2 : end - 2]
    if not _NOTED.search(content) or _SIGNED.search(content):
        return False
    return bool(_WRITTEN.search(content)) or not _is_among_formulas(state, at, end)


def _dollars(state: StateInline, *, double: bool) -> re.Match[str] | None:
    """Match text between dollar signs at the parser's position, if they may delimit a formula."""
    at, rule = state.pos, _DOUBLE if double else _DOLLAR
    if at and _BEFORE.match(state.src, at - 1):
        if double or state.src[at - 1] in "$_^":
            return None
        rule = _SCRIPT
    elif double and _BREAKS.match(state.src, at + 2, state.posMax):
        rule = _OVER_LINES
    elif _COMMAND.match(state.src, at, state.posMax):
        rule = _COMMAND
    found = rule.match(state.src, at, state.posMax)
    if found is not None and state.src.startswith("[", found.end()) and not _SIGNED.search(found[1]):
        return None if "=" not in found[1] else found
    return None if found is None or (not double and _is_money(state, found[1], found.end())) else found


def _is_money(state: StateInline, content: str, end: int) -> bool:
    """Whether single dollar signs belong to amounts (`$5 = R$ 26`), a unit (`[$]`), sed, CMake or PostgreSQL."""
    if _PRICED.fullmatch(content) and not content.isalnum() and _PRICE.match(state.src, end):
        return True
    start = end - len(content) - 2
    if content.startswith("<") and state.src.startswith("<", end):
        return True
    if content[0] in "])" and state.src[max(start - 1, 0) : start] in {"[", "("}:
        return True
    if _SED.match(content) and state.src.startswith("/", end):
        return True
    near = state.src[max(start - _TAG_WITHIN, 0) : end + _TAG_WITHIN]
    return bool(_TAG.fullmatch(content)) and near.count(f"${content}$") == 2


def _strictly(state: StateInline, at: int, end: int) -> bool:
    """Whether text between delimiters must show signs of mathematics, because they may belong to words or prices."""
    if _BREAKS.match(state.src, at + 2, end) and state.src[at + 1] in "$[":
        return not _LINE_BEGINS.search(state.src, max(at, end - _NEAR), end)
    return state.src[at] == "\\" and (state.src[at + 1] == "[" or _escapes(state, at, end))


def _escapes(state: StateInline, start: int, end: int) -> bool:
    """Whether special characters in the surrounding prose are escaped, so that the brackets probably are, too."""
    near = (max(start - _NEAR, 0), start), (end, end + _NEAR)
    if any(_ESCAPED.search(state.src[begin:until]) for begin, until in near):
        return True
    if end - start == len(r"\(x\)"):
        return False
    prose = _seen(state).prose
    if not any(_UNDERSCORED.search(prose[begin:until]) for begin, until in near):
        return False
    return not _is_among_formulas(state, start, end)


def _is_among_formulas(state: StateInline, start: int, end: int) -> bool:
    """Whether there are unambiguous formulas between brackets nearby."""
    sure = _seen(state).formulas
    before, behind = bisect_left(sure, max(start - _NEAR, 0)), bisect_left(sure, end)
    return before < bisect_left(sure, start) or (behind < len(sure) and sure[behind] < end + _NEAR)


class _Seen(NamedTuple):
    """Facts about a text, computed once however many brackets it has."""

    text: str
    prose: str
    formulas: Sequence[int]
    """Offsets of unambiguous formulas between brackets."""


def _seen(state: StateInline) -> _Seen:
    known: _Seen | None = state.env.get(_SEEN)
    if known is None or known.text is not state.src:
        known = _Seen(
            state.src,
            _FORMULAS.sub(lambda found: " " * len(found[0]), state.src),
            [
                found.start()
                for found in _BETWEEN_BRACKETS.finditer(state.src)
                if _LETTER.fullmatch(found[1])
                or (not _NOTED.search(found[1]) and is_formula(found[1].strip(), strictly=True))
            ],
        )
        state.env[_SEEN] = known
    return known


def _environment_end(state: StateInline) -> int:
    """Return the end of the math environment at the parser's position, or 0 if there is none."""
    found = ENVIRONMENT.match(state.src, state.pos, state.posMax)
    if found is None:
        return 0
    closing = rf"\end{{{found[1]}}}"
    end = state.src.find(closing, found.end(), min(found.end() + _LONGEST["["], state.posMax))
    return end + len(closing) if end >= 0 and is_formula(state.src[state.pos : end + len(closing)]) else 0


def _is_escaped(state: StateInline, content: str) -> bool:
    r"""Whether brackets are escaped ones of words or expressions: `f\(x\)`, `a\[i+1\]`, `\[link\]\(address\)`."""
    at = state.pos
    before = state.src[at - 1] if at else ""
    if before.isascii() and before.isalnum():
        return not _GLUED.search(content)
    end = at + len(content) + 4
    near, after = state.src[max(at - 2, 0) : at], state.src[end : end + 2]
    if before == "/" and (after == r"\(" or after.startswith("/")):
        return True  # groups of a regular expression: s/\(a\)\(b\)/
    if state.src[at + 1] != "(" or near not in {r"\)", r"\]"}:
        return False
    return bool(state.pending) or not state.tokens or state.tokens[-1].type != "math_inline"


def _closing(state: StateInline, at: int) -> int:
    r"""Return the end of the formula that begins with `\(` or `\[`, or 0 if there is none.

    The last end is cached, because otherwise each of many beginnings would search all remaining text.
    """
    opening, start = state.src[at + 1], at + 2
    known: dict[str, tuple[str, int, int]] = state.env.setdefault(_CLOSINGS_FOUND, {})
    text, looked_from, found = known.get(opening, ("", 0, 0))
    if text is not state.src or start < looked_from or 0 <= found < start:
        found = state.src.find("\\)" if opening == "(" else "\\]", start)
        known[opening] = (state.src, start, found)
    return found + 2 if 0 <= found <= min(start + _LONGEST[opening], state.posMax - 2) else 0


def link(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Parse a link if its target is an address. `handlers[event](data)` and `[Cu(NH3)4](OH)2` remain text."""
    return _leads(state, state.pos, "[") and whole_link(state, silent)


def image(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Parse an image if its target is an address. `5![n](k)` remains text."""
    return _leads(state, state.pos + 1, "![") and whole_image(state, silent)


def _leads(state: StateInline, bracket: int, sign: str) -> bool:
    """Whether a link at the parser's position has an address as its target, or no target in parentheses."""
    if not state.src.startswith(sign, state.pos) or state.src.find("](", bracket) < 0:
        return True
    end = state.md.helpers.parseLinkLabel(state, bracket, True)  # noqa: FBT003 - markdown-it's own
    found = _BEHIND_LABEL.match(state.src, end) if end >= 0 else None
    return found is None or bool(_ADDRESS.match(found["target"]))


def reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Parse a CommonMark link definition of limited length, so that an open title delays little text.

    A definition whose target is not an address is text, because dialogues and log lines begin alike. The source text of
    the definition is stored without that of the enclosing block.
    """
    found = _DEFINED.match(state.src, state.bMarks[start] + state.tShift[start])
    if found is not None and not _ADDRESS.match(found[1]):
        return False
    last, before = state.lineMax, len(state.tokens)
    state.lineMax = min(last, start + TITLE_LINES)
    try:
        if not whole_reference(state, start, end, silent):
            return False
    finally:
        state.lineMax = last
    if len(state.tokens) > before:  # the parser of whole pages stores no tokens for definitions
        lines = range(start, state.line)
        written = (state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]] for line in lines)
        state.tokens[-1].content = "\n".join(written)
    return True


def _is_spoken_of(source: str, start: int, written: str) -> bool:
    """Whether a sentence uses `<br>` as a word or ends with it. It is then shown like other tags."""
    before, end = source[max(start - _AROUND, 0) : start], start + len(written.rstrip())
    if _MARK_BEHIND.match(source, end) and _QUOTING.search(before):
        return True
    if not _GOES_ON.match(source, end) or not _WORD_BEFORE.search(before):
        return False
    if _ITS_KIND.match(source, end):
        return True
    return any(not _BREAK.match(tag[0]) for tag in _ANY_TAG.finditer(source, max(start - _AROUND, 0), end + _AROUND))


def break_inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Convert `<br>` to a line break, because Markdown has no other way to break lines in table cells."""
    match = _BREAK.match(state.src, state.pos) if state.src[state.pos] == "<" else None
    if match is None or _is_spoken_of(state.src, state.pos, match[0]):
        return False
    if not silent:
        state.pending = state.pending.rstrip(" \t")
        state.push("hardbreak", "br", 0)
    state.pos = match.end()
    return True


def mark_tasks(tokens: Sequence[Token]) -> None:
    """Store for each list item that begins with `[ ]` or `[x]` whether it is done, and remove the brackets."""
    for item, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if item.type != "list_item_open" or paragraph.type != "paragraph_open" or not inline.children:
            continue
        text = inline.children[0]
        written = inline.content.startswith("[")  # an escaped bracket is not a box
        found = _TASK.match(text.content + " ") if written and text.type == "text" else None
        if found and len(inline.content) > len("[ ]"):
            item.meta = {"done": found[1] != " "}
            text.content = text.content[found.end() :]
            inline.content = inline.content[found.end() :]


def name_callouts(tokens: Sequence[Token]) -> None:
    """Replace `[!NOTE]` at the beginning of a quotation, and any text after it, with a bold title."""
    for quote, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if quote.type != "blockquote_open" or paragraph.type != "paragraph_open" or not inline.children:
            continue
        first = inline.children[0]
        found = _CALLOUT.match(first.content) if first.type == "text" else None
        if found is None:
            continue
        end = next((at for at, each in enumerate(inline.children) if each.type.endswith("break")), len(inline.children))
        kind, titled = found[1].capitalize(), first.content[found.end() :]
        if not titled.casefold().startswith(kind.casefold()):
            titled = f"{kind}: {titled}" if titled or end > 1 else kind
        first.content = titled
        if end < len(inline.children):
            inline.children[end].type = "hardbreak"
        opening = Token("strong_open", "strong", 1, markup="**")
        closing = Token("strong_close", "strong", -1, markup="**")
        inline.children[:end] = [opening, *inline.children[:end], closing]
