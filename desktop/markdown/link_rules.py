"""Link rules beyond CommonMark: openable addresses, numbered sources, links without text, addresses without scheme."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from markdown_it.common.normalize_url import normalizeLink
from markdown_it.common.utils import normalizeReference
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote.index import footnote_def

_NUMBER = re.compile(r"\[(\d{1,4})\](?!\()")
_INDEX = re.compile(r"(?<=\w)\[(\w{1,30})\](?![(\[])")
"""Brackets directly after a word, as in a list index. Rendered without brackets, both would form one word."""

_WITHOUT_SCHEME = re.compile(r"(?i)www\.[a-z0-9][a-z0-9-]{0,62}\.[a-z]")
_SET = re.compile(
    r"\[\^(?:(?=[^\]\s]{0,99}(?:[A-Za-z]-[A-Za-z]|0-[0-9]|\\))"
    r"(?:[A-Za-z]-[A-Za-z]|0-[0-9]|\\[^\s]|[^\w\s\]\\]|_){1,99}|[\"'<>,;:/()={}|&.]{1,9})\]:"
)
"""Character class with an explanation, such as `[^0-9]: no digits`. Labels of footnotes are numbers or names."""

_SCHEMES = ("http", "https")
_MAILBOX = re.compile(r"(?i)mailto:[a-z0-9][a-z0-9.+_-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}")


def is_openable(address: str) -> bool:
    """Whether a link may open this address: a web address whose user name does not resemble a host, or one mailbox.

    Email addresses with fields are excluded, because some programs attach files through them.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme.lower() == "mailto":
        return _MAILBOX.fullmatch(address) is not None
    return parts.scheme.lower() in _SCHEMES and bool(parts.netloc) and "@" not in parts.netloc


def linked(tokens: Iterable[Token]) -> frozenset[str]:
    """Return the labels whose definitions are used by links that can be opened."""
    return frozenset(
        str(child.meta["label"])
        for token in tokens
        for child in _within(token)
        if child.type in ("link_open", "image") and "label" in child.meta
        if is_openable(str(child.attrs.get("href" if child.type == "link_open" else "src", "")))
    )


def _within(token: Token) -> Iterable[Token]:
    for child in token.children or ():
        yield child
        yield from _within(child)


def numbered_source(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Parse a defined `[1]` as a link that includes its brackets, and `[1][2]` as two links.

    Responses cite sources in this form. The same applies to a label directly after a word: `list[i]`.
    """
    if state.src[state.pos] != "[" or state.linkLevel or not (sources := state.env.get("references")):
        return False
    match = _NUMBER.match(state.src, state.pos) or _INDEX.match(state.src, state.pos)
    source = sources.get(normalizeReference(match[1])) if match else None
    if match is None or source is None:
        return False
    if not silent:
        opened = state.push("link_open", "a", 1)
        opened.attrs = {"href": source["href"]}
        opened.meta = {"label": normalizeReference(match[1])}
        state.push("text", "", 0).content = match[0]
        state.push("link_close", "a", -1)
    state.pos = match.end()
    return True


def with_scheme(url: str) -> str:
    """Return the address that a link opens, adding `http://` to a host such as `www.example.com`."""
    return normalizeLink(f"http://{url}" if _WITHOUT_SCHEME.match(url) else url)


def footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Parse the definition of a footnote, unless it is the explanation of a character class."""
    if _SET.match(state.src, state.bMarks[start] + state.tShift[start], state.eMarks[start]):
        return False
    return footnote_def(state, start, end, silent)


def name_empty(tokens: Sequence[Token]) -> None:
    """Insert the address into links without text, which would otherwise be invisible."""
    for token in tokens:
        children = token.children or []
        for place in range(len(children) - 2, -1, -1):
            opened = children[place]
            if opened.type == "link_open" and children[place + 1].type == "link_close":
                text = Token("text", "", 0, content=str(opened.attrs.get("href", "")), level=opened.level + 1)
                children.insert(place + 1, text)
