"""markdown-it's parser of a paragraph's text, which stops only at signs that a rule of ours may begin at."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.token import Token

_ALWAYS = "\n\\`~*_[]<&$@"
_SCHEME = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


class InlineParser(ParserInline):
    """Has the rules of another one.

    At each stop all rules are asked, and markdown-it stops at signs of rules that other programs add, at every `w`
    for the sake of a `www.`, at every colon for that of an address: most of the time of plain prose. What a
    paragraph does not have anywhere is not stopped at.
    """

    def __init__(self, like: ParserInline) -> None:
        super().__init__()
        self.ruler, self.ruler2 = like.ruler, like.ruler2

    def parse(self, src: str, md: MarkdownIt, env: MutableMapping[str, Any], tokens: list[Token]) -> list[Token]:
        """As markdown-it's; a picture's words are parsed within its paragraph."""
        before = self.terminator_re
        self.terminator_re = _stops("www." in src, _SCHEME.search(src) is not None, "![" in src)
        try:
            return super().parse(src, md, env, tokens)
        finally:
            self.terminator_re = before


@cache
def _stops(www: bool, scheme: bool, picture: bool) -> re.Pattern[str]:  # noqa: FBT001 - three facts of a paragraph
    """A set of signs alone is sought fastest."""
    signs = _ALWAYS + "w" * www + ":" * scheme + "!" * picture
    return re.compile(f"[{re.escape(signs)}]")
