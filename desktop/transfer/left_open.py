"""What a message leaves open that would swallow the rest of a page: code, comments, tags and elements of HTML; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from markdown_it.token import Token

_RAW = re.compile(r"\s{0,3}<(script|pre|style|textarea)\b", re.IGNORECASE)
_ENDINGS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">"))
"""How blocks of HTML begin that go on until their end, whatever comes."""

_ELEMENT = re.compile(
    r"<(/?)(details|summary|div|section|article|aside|main|nav|header|footer|center|blockquote|table|thead|tbody|tr|td|th"
    r"|ul|ol|li|dl|dd|dt|p|b|i|u|s|em|strong|small|sub|sup|kbd|span|font|a|h[1-6]|form|fieldset|figure|template|select"
    r"|noscript|svg|math|button)"
    r"\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(?<!/)>",
    re.IGNORECASE,
)
_OPTIONAL = frozenset(("p", "li", "dd", "dt", "tr", "td", "th", "thead", "tbody"))
"""Elements that HTML ends by itself."""

_TEXT_ONLY = frozenset(("script", "style", "textarea", "title", "iframe", "noframes", "xmp"))
"""Elements in which nothing but their own end is a tag."""

_TAG = re.compile(r"</?([A-Za-z][^\s/>]*+)(?:[^>=]++|=\s*+\"[^\"]*+\"|=\s*+'[^']*+'|=(?!\s*+[\"']))*+(=\s*+[\"']|>|)")
"""A tag with what it ends with: its mark, or the quotation mark of a value that never ends."""


def closing_line(last: Token, text: str) -> str:
    """The line that closes what a text ends within; empty where nothing is open."""
    if last.type == "fence":
        start, end = last.map or (0, 0)
        final = text.split("\n")[end - 1].strip() if end - 1 > start else ""
        mark = last.markup[0]
        return "" if len(final) >= len(last.markup) and not final.strip(mark) else last.markup
    if last.type != "html_block":
        return ""
    begun = last.content.lstrip()
    raw = _RAW.match(begun)
    if raw is not None:
        end = f"</{raw[1].lower()}>"
        return "" if end in begun.lower() else end
    ending = next((end for begin, end in _ENDINGS if begun.startswith(begin)), "")
    return "" if not ending or ending in begun else ending


def closing_mark(html: str) -> str:
    """What ends the comment, the tag or the element of mere text that HTML ends within; empty where none is open.

    It is a comment or a tag to whoever reads the page as Markdown.
    """
    lower = html.lower()
    at = 0
    while (at := html.find("<", at)) >= 0:
        tag = _TAG.match(html, at)
        if tag is None:
            ending = "-->" if html.startswith("<!--", at) else ">" if html[at + 1 : at + 2] in ("!", "?") else ""
            found = html.find(ending, at + 1 + len(ending))
            if found < 0:
                return "<!-- -->"
            at = found + max(len(ending), 1) if ending else at + 1
            continue
        if tag[2] != ">":
            return f"<!--{tag[2][-1:]}-->" if tag[2] else "<!-- -->"
        at = tag.end()
        name = tag[1].lower()
        if name in _TEXT_ONLY and not tag[0].startswith("</"):
            at = lower.find(f"</{name}", at)
            if at < 0:
                return f"</{name}>"
    return ""


def open_elements(tokens: Sequence[Token]) -> list[str]:
    """Elements of HTML that a text begins and does not end, outermost first: all that follows would be in them."""
    found: list[str] = []
    count = Counter[str]()
    for token in tokens:
        if token.type not in ("html_block", "inline"):
            continue
        pieces = [token] if token.type == "html_block" else (token.children or [])
        html = "".join(each.content for each in pieces if each.type in ("html_block", "html_inline"))
        for closes, name in _ELEMENT.findall(_without_comments(html)):
            tag = name.lower()
            if not closes and tag not in _OPTIONAL:
                found.append(tag)
                count[tag] += 1
            elif count[tag]:
                ended = ""
                while ended != tag:
                    ended = found.pop()
                    count[ended] -= 1
    return found


def _without_comments(html: str) -> str:
    """HTML without what stands in comments; one that is never closed hides all that follows."""
    kept: list[str] = []
    at = 0
    while (begin := html.find("<!--", at)) >= 0:
        kept.append(html[at:begin])
        end = html.find("-->", begin + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join((*kept, html[at:]))
