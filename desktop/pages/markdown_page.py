"""Conversations as readable Markdown: the visible branch, each message under a heading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import quote

from markdown_it.token import Token

from desktop.domain.conversation_types import Conversation, Message, Role, Status
from desktop.domain.imported_models import model_text
from desktop.markdown.formula_blocks import WRITTEN, is_opening
from desktop.pages.exported_errors import problem_text
from desktop.pages.heading_levels import levels_below
from desktop.pages.inert_markdown import inert
from desktop.pages.message_labels import told_apart
from desktop.pages.page_files import PageFile, PageFileLook, named
from desktop.pages.page_parser import page_parser
from desktop.pages.tool_call_texts import code_block, tool_call_texts
from desktop.pages.written_prompts import as_written

_RAW = re.compile(r"\s{0,3}<(script|pre|style|textarea)\b", re.IGNORECASE)
_ENDINGS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">"))
"""Start and end marks of HTML blocks that continue until their end mark."""

_ELEMENT = re.compile(
    r"<(/?)(details|summary|div|section|article|aside|main|nav|header|footer|center|blockquote|table|thead|tbody|tr|td|th"
    r"|ul|ol|li|dl|dd|dt|p|b|i|u|s|em|strong|small|sub|sup|kbd|span|font|a|h[1-6]|form|fieldset|figure|template|select"
    r"|noscript|svg|math|button)"
    r"\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(?<!/)>",
    re.IGNORECASE,
)
_OPTIONAL = frozenset(("p", "li", "dd", "dt", "tr", "td", "th", "thead", "tbody"))
"""Elements that HTML closes automatically."""

_TEXT_ONLY = frozenset(("script", "style", "textarea", "title", "iframe", "noframes", "xmp"))
"""Elements whose content is text up to their own end tag."""

_TAG = re.compile(r"</?([A-Za-z][^\s/>]*+)(?:[^>=]++|=\s*+\"[^\"]*+\"|=\s*+'[^']*+'|=(?!\s*+[\"']))*+(=\s*+[\"']|>|)")
"""A tag and its end: the closing bracket, or the quotation mark of an unterminated value."""


def closing_line(last: Token, text: str) -> str:
    """Return the line that closes the block in which a text ends, or an empty string if none is needed."""
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
    """Return the end of the comment, tag or text-only element in which HTML ends, or an empty string.

    Without it, Markdown viewers would treat the text that follows as part of the comment or tag.
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
    """Return the HTML elements that a text opens but does not close, outermost first.

    They would otherwise contain all text that follows.
    """
    elements: list[str] = []
    count = Counter[str]()
    for token in tokens:
        if token.type not in ("html_block", "inline"):
            continue
        pieces = [token] if token.type == "html_block" else (token.children or [])
        html = "".join(each.content for each in pieces if each.type in ("html_block", "html_inline"))
        for closes, name in _ELEMENT.findall(_without_comments(html)):
            tag = name.lower()
            if not closes and tag not in _OPTIONAL:
                elements.append(tag)
                count[tag] += 1
            elif count[tag]:
                ended = ""
                while ended != tag:
                    ended = elements.pop()
                    count[ended] -= 1
    return elements


def _without_comments(html: str) -> str:
    """Return HTML without comments. An unclosed comment hides everything after it."""
    pieces: list[str] = []
    at = 0
    while (begin := html.find("<!--", at)) >= 0:
        pieces.append(html[at:begin])
        end = html.find("-->", begin + 4)
        if end < 0:
            return "".join(pieces)
        at = end + 3
    return "".join((*pieces, html[at:]))


_SIGN = re.compile(r"[\\\[\]`*_<>$~&!#|]")
_ESCAPED = r"\\\g<0>"
_ABOVE = 2
"""Level of the heading that names the author of a message."""

MARKS = {
    Status.STREAMING: "still being answered",
    Status.STOPPED: "stopped",
    Status.FAILED: "failed",
    Status.INTERRUPTED: "interrupted",
}
"""Remarks on incomplete responses."""


def export(conversations: Sequence[Conversation]) -> str:
    """Return all conversations as one page, separated by rules."""
    return "".join(piece(each, first=not place) for place, each in enumerate(conversations))


def piece(conversation: Conversation, *, first: bool, look: PageFileLook = named, keep_html: bool = False) -> str:
    """Return a conversation as part of a page.

    Args:
        keep_html: Whether to keep HTML and images in responses; otherwise, they are escaped.
    """
    title = " ".join(conversation.title.split()) or "Untitled"
    lines = [f"# {title}", "", f"{model_text(conversation.model)} · {conversation.created_at:%Y-%m-%d %H:%M} UTC", ""]
    path = conversation.path()
    *texts, system = told_apart([*(message.text for message in path), conversation.system or ""])
    if system:
        lines += ["## System", "", self_contained(system), ""]
    for message, text in zip(path, texts, strict=True):
        lines += _message(message, text, [_file(look(part)) for part in message.files], keep_html=keep_html)
    return ("" if first else "\n---\n\n") + "\n".join(lines)


def marked_off(text: str) -> str:
    """Escape untrusted text within a line so that no part of it is interpreted as Markdown."""
    return _SIGN.sub(_ESCAPED, text)


def _file(file: PageFile) -> str:
    """Return an attachment as Markdown: an image next to the page, a link to a file, or only its name."""
    name = _SIGN.sub(_ESCAPED, file.name)
    if file.link:
        return f"{'!' if file.drawn else ''}[{name}](<{quote(file.link)}>)"
    return f"*Attached: {name}{' (no longer there)' if file.gone else ''}*"


def _message(message: Message, text: str, files: Sequence[str], *, keep_html: bool) -> list[str]:
    made_safe: Callable[[str], str] = str if keep_html else inert
    who = "You" if message.role is Role.USER else model_text(message.model) if message.model else message.role.value
    mark = f" ({MARKS[message.status]})" if message.status in MARKS else ""
    lines = [f"## {who}{mark}", "", *(line for file in files for line in (file, ""))]
    if message.reasoning:
        quoted = "\n".join(f"> {line}".rstrip() for line in made_safe(message.reasoning.strip("\n")).split("\n"))
        lines += ["> *Reasoning*", ">", quoted, ""]
    for call in tool_call_texts(message.parts):
        about = " · ".join(filter(None, (call.server, *call.notes)))
        lines += [f"*Tool call: {marked_off(call.name)}{f' ({marked_off(about)})' if about else ''}*", ""]
        lines += [line for each in (call.arguments, call.result) if each for line in (code_block(each), "")]
    if text:
        lines += [self_contained(as_written(text) if message.role is Role.USER else made_safe(text)), ""]
    if message.sources:
        lines += ["**Sources**", "", made_safe(message.sources), ""]
    lines += [line for each in message.left_out for line in (f"*{_SIGN.sub(_ESCAPED, each.sentence)}*", "")]
    if message.problem is not None:
        lines += [f"*{problem_text(message)}*", ""]
    return lines


def self_contained(text: str, above: int = _ABOVE) -> str:
    """Return a message's text as part of a page: headings are below the page's, and open markup is closed.

    A stopped response may end within a code block, a formula or an HTML comment. A byte order mark at its beginning
    would hide a heading.

    Args:
        above: Level of the heading above the text.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    tokens = page_parser().parse(text)
    lines: list[str | None] = [*text.split("\n")]
    headings = [place for place, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0]
    levels = levels_below([int(tokens[place].tag[1:]) for place in headings], above)
    for place, level in zip(headings, levels, strict=True):
        start, end = tokens[place].map or (0, 0)
        lines[start:end] = [f"{'#' * level} {' '.join(tokens[place + 1].content.split())}", *[None] * (end - start - 1)]
    closing = closing_line(tokens[-1], text) if tokens else ""
    if not closing and _ends_in_formula(tokens):
        closing = "$$"
    whole = "\n".join([*(line for line in lines if line is not None), *([closing] if closing else [])])
    if not any("html" in each.type for token in tokens for each in (token, *(token.children or ()))):
        return whole
    mark = closing_mark(str(page_parser().render(whole)))
    still_open = [f"</{tag}>" for tag in reversed(open_elements(tokens))]
    endings = [*([mark] if mark else []), *still_open]
    return "\n".join([whole, "", *endings]) if endings else whole


def _ends_in_formula(tokens: Sequence[Token]) -> bool:
    """Whether a text ends within a formula between lines of `$$`, which many viewers would render."""
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
