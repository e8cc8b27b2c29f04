"""Conversations as Markdown to read: the branch that is shown, each message under a heading."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.token import Token

from desktop.domain import Conversation, Message, Role, Status
from desktop.markdown.formula_blocks import WRITTEN, is_opening
from desktop.transfer.heading_levels import levels_below
from desktop.transfer.message_labels import told_apart
from desktop.transfer.page_parser import page_parser

_ABOVE = 2
"""The level of the heading that says who speaks."""

_RAW = re.compile(r"\s{0,3}<(script|pre|style|textarea)\b", re.IGNORECASE)
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|\Z)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_ENDINGS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">"))
"""How blocks of HTML begin that go on until their end, whatever comes."""

_ELEMENT = re.compile(
    r"<(/?)(details|summary|div|section|article|aside|main|nav|header|footer|center|blockquote|table|thead|tbody|tr|td|th"
    r"|ul|ol|li|dl|dd|dt|p|b|i|u|s|em|strong|small|sub|sup|kbd|span|font|a|h[1-6]|form|fieldset|figure|template|select)"
    r"\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(?<!/)>",
    re.IGNORECASE,
)
_OPTIONAL = frozenset(("p", "li", "dd", "dt", "tr", "td", "th", "thead", "tbody"))
"""Elements that HTML ends by itself."""

MARKS = {
    Status.STREAMING: "still being answered",
    Status.STOPPED: "stopped",
    Status.FAILED: "failed",
    Status.INTERRUPTED: "interrupted",
}
"""What is said of an answer that is not complete."""


def export(conversations: Sequence[Conversation]) -> str:
    """All conversations in one text, a rule between them."""
    return "".join(piece(each, first=not place) for place, each in enumerate(conversations))


def piece(conversation: Conversation, *, first: bool) -> str:
    """A conversation in its place in the text."""
    title = " ".join(conversation.title.split()) or "Untitled"
    lines = [f"# {title}", "", f"{conversation.model} · {conversation.created_at:%Y-%m-%d %H:%M} UTC", ""]
    path = conversation.path()
    *texts, system = told_apart([*(message.text for message in path), conversation.system or ""])
    if system:
        lines += ["## System", "", self_contained(system), ""]
    for message, text in zip(path, texts, strict=True):
        lines += _message(message, text)
    return ("" if first else "\n---\n\n") + "\n".join(lines)


def _message(message: Message, text: str) -> list[str]:
    who = "You" if message.role is Role.USER else str(message.model or message.role.value)
    mark = f" ({MARKS[message.status]})" if message.status in MARKS else ""
    lines = [f"## {who}{mark}", ""]
    if message.reasoning:
        quoted = "\n".join(f"> {line}".rstrip() for line in message.reasoning.strip("\n").split("\n"))
        lines += ["> *Reasoning*", ">", quoted, ""]
    if text:
        lines += [self_contained(_as_written(text) if message.role is Role.USER else text), ""]
    if message.problem is not None:
        lines += [f"*{message.problem.message}*", ""]
    return lines


def _as_written(text: str) -> str:
    """A prompt of which nothing becomes a heading, as the window shows it; what is code for Markdown stays."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    others: set[int] = set()
    for token in page_parser().parse(text):
        if token.level == 0 and token.map and token.type not in ("paragraph_open", "heading_open", "hr"):
            others.update(range(*token.map))
    before = ""
    for place, line in enumerate(lines):
        if place not in others and (_HEADING.match(line) or (before and _UNDERLINE.fullmatch(line))):
            start = len(line) - len(line.lstrip())
            lines[place] = f"{line[:start]}\\{line[start:]}"
        before = "" if place in others else line.strip()
    return "\n".join(lines)


def self_contained(text: str) -> str:
    """A message's text as a part of a page: its headings below the page's, and all closed that would swallow the rest.

    An answer that was stopped may end within a block of code, a formula, or a comment of HTML. A byte order mark at its
    beginning would hide a heading.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    tokens = page_parser().parse(text)
    lines: list[str | None] = [*text.split("\n")]
    headings = [place for place, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0]
    levels = levels_below([int(tokens[place].tag[1:]) for place in headings], _ABOVE)
    for place, level in zip(headings, levels, strict=True):
        start, end = tokens[place].map or (0, 0)
        lines[start:end] = [f"{'#' * level} {' '.join(tokens[place + 1].content.split())}", *[None] * (end - start - 1)]
    closing = _closing(tokens[-1], text) if tokens else ""
    if not closing and _ends_in_formula(tokens):
        closing = "$$"
    still_open = [f"</{tag}>" for tag in reversed(_open_elements(tokens))]
    endings = [*([closing] if closing else []), *(["", *still_open] if still_open else [])]
    return "\n".join([*(line for line in lines if line is not None), *endings])


def _closing(last: Token, text: str) -> str:
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


def _open_elements(tokens: Sequence[Token]) -> list[str]:
    """Elements of HTML that a text begins and does not end, outermost first: all that follows would be in them."""
    found: list[str] = []
    for token in tokens:
        if token.type not in ("html_block", "inline"):
            continue
        pieces = [token] if token.type == "html_block" else (token.children or [])
        html = "".join(each.content for each in pieces if each.type in ("html_block", "html_inline"))
        for closes, name in _ELEMENT.findall(_without_comments(html)):
            tag = name.lower()
            if not closes and tag not in _OPTIONAL:
                found.append(tag)
            elif tag in found:
                del found[len(found) - 1 - found[::-1].index(tag) :]
    return found


def _ends_in_formula(tokens: Sequence[Token]) -> bool:
    """Whether a text ends within a formula between lines of dollars, which many programs draw."""
    begun: list[str] | None = None
    for token in tokens:
        if token.type != "inline" or WRITTEN in token.meta:
            continue
        for line in map(str.strip, token.content.split("\n")):
            if begun is not None:
                begun = None if "$$" in line else [*begun, line]
            elif is_opening(line) or (line.startswith("$$") and "$$" not in line[2:]):
                begun = [line]
    return begun is not None and begun[0].startswith("$$") and any(sign in line for line in begun for sign in "\\^_=")


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
