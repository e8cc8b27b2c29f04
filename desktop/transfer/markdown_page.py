"""Conversations as Markdown to read: the branch that is shown, each message under a heading."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import quote

from markdown_it.token import Token

from desktop.domain import Conversation, Message, Role, Status
from desktop.imported_models import model_text
from desktop.markdown.formula_blocks import WRITTEN, is_opening
from desktop.transfer.heading_levels import levels_below
from desktop.transfer.inert_markdown import inert
from desktop.transfer.left_open import closing_line, closing_mark, open_elements
from desktop.transfer.message_labels import told_apart
from desktop.transfer.page_files import PageFile, PageFileLook, named
from desktop.transfer.page_parser import page_parser
from desktop.transfer.told_problems import problem_text
from desktop.transfer.written_prompts import as_written

_SIGN = re.compile(r"[\\\[\]`*_<>$~&!#|]")
_ESCAPED = r"\\\g<0>"
_ABOVE = 2
"""The level of the heading that says who speaks."""

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


def piece(conversation: Conversation, *, first: bool, look: PageFileLook = named, keep_html: bool = False) -> str:
    """A conversation in its place in the text; without `keep_html`, HTML and images of answers are escaped."""
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
    """Words of others in a line, of which no sign means anything to Markdown."""
    return _SIGN.sub(_ESCAPED, text)


def _file(file: PageFile) -> str:
    """An attached file: a picture beside the page, a link to another file there, or a name."""
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
    if text:
        lines += [self_contained(as_written(text) if message.role is Role.USER else made_safe(text)), ""]
    if message.sources:
        lines += ["**Sources**", "", made_safe(message.sources), ""]
    lines += [line for each in message.left_out for line in (f"*{_SIGN.sub(_ESCAPED, each.sentence)}*", "")]
    if message.problem is not None:
        lines += [f"*{problem_text(message)}*", ""]
    return lines


def self_contained(text: str, above: int = _ABOVE) -> str:
    """A message's text as a part of a page: its headings below the page's, and all closed that would swallow the rest.

    `above` is the level of the heading that it stands under.

    An answer that was stopped may end within a block of code, a formula, or a comment of HTML. A byte order mark at its
    beginning would hide a heading.
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
