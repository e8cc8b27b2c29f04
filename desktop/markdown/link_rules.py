"""What is added to CommonMark's links: sources by number, and an address where a link has no words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_NUMBER = re.compile(r"\[(\d{1,4})\](?!\()")


def numbered_source(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """`[1]` where 1 is defined is a link that keeps its brackets, and `[1][2]` are two: so answers name sources."""
    found = _NUMBER.match(state.src, state.pos) if state.src[state.pos] == "[" else None
    source = state.env.get("references", {}).get(found[1]) if found and not state.linkLevel else None
    if found is None or source is None:
        return False
    if not silent:
        opened = state.push("link_open", "a", 1)
        opened.attrs = {"href": source["href"]}
        state.push("text", "", 0).content = found[0]
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


def name_empty(tokens: Sequence[Token]) -> None:
    """Let links without words, of which nothing would be seen, show their addresses."""
    for token in tokens:
        children = token.children or []
        for place in range(len(children) - 2, -1, -1):
            opened = children[place]
            if opened.type == "link_open" and children[place + 1].type == "link_close":
                text = Token("text", "", 0, content=str(opened.attrs.get("href", "")), level=opened.level + 1)
                children.insert(place + 1, text)
