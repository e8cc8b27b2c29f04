"""Conversations as one web page with drawn formulas, highlighted code and an embedded style sheet, but no scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from desktop.domain.conversation_types import Conversation, Message, Role
from desktop.domain.imported_models import model_text
from desktop.formatting.number_format import in_a_line
from desktop.pages.exported_errors import problem_text
from desktop.pages.html_text import plain
from desktop.pages.page_files import PageFile, PageFileLook, named
from desktop.pages.tool_call_texts import tool_call_texts
from desktop.renderer.render_wire import Request
from desktop.reports.ranking_html import PageWords
from desktop.reports.report_drawings import DrawnParts
from desktop.reports.report_phrases import STATES, UNTITLED, undrawn_text
from desktop.reports.report_style import chat_style
from desktop.reports.slotted_text import SlottedText, Slotter
from desktop.text.phrases import Phrase, counted, phrase

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_MOST_LISTED = 1_000
_ABOVE = 2
"""Level of the headings with the author's name."""


class PreparedMessage(NamedTuple):
    """A parsed message, ready for drawing its formulas and code."""

    message: Message
    thoughts: SlottedText
    text: SlottedText
    """Parsed text of a response; empty for a prompt, which is shown as typed."""
    sources: SlottedText


class PreparedChat(NamedTuple):
    """A conversation with its current branch parsed."""

    conversation: Conversation
    messages: tuple[PreparedMessage, ...]

    @property
    def requests(self) -> Iterator[Request]:
        """Formulas and code to draw; those in reasoning come last."""
        for each in self.messages:
            yield from each.text.requests
            yield from each.sources.requests
        for each in self.messages:
            yield from each.thoughts.requests


class ChatPage:
    """Builds the parts of the page, in the order in which they are written."""

    def __init__(self, words: PageWords) -> None:
        self._words = words
        self._slotter = Slotter()

    def head(self, titles: Sequence[str]) -> str:
        """Return the beginning of the page, with a table of contents for several conversations."""
        several = counted("{n} conversation", "{n} conversations", len(titles))
        title = self.title(titles[0]) if len(titles) == 1 else self.said(several)
        entries = "".join(
            f'<li><a href="#c{place}"><bdi>{self.title(each)}</bdi></a></li>\n' for place, each in enumerate(titles, 1)
        )
        listed = f"<nav><ol>\n{entries}</ol></nav>\n" if 1 < len(titles) <= _MOST_LISTED else ""
        direction = "rtl" if self._words.is_rtl else "ltr"
        return (
            f'<!doctype html>\n<html lang="{escape(self._words.language)}" dir="{direction}">\n<head>\n'
            f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
            '<meta name="referrer" content="no-referrer">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{chat_style()}</style>\n</head>\n<body>\n<main>\n{listed}"
        )

    def prepared(self, conversation: Conversation, messages: Sequence[Message] | None = None) -> PreparedChat:
        """Parse a conversation, or some of its messages. Slow, so call it on a thread."""
        shown = conversation.path() if messages is None else messages
        return PreparedChat(conversation, tuple(map(self._prepared, shown)))

    def parts(
        self, prepared: PreparedChat, number: int, drawn: DrawnParts, look: PageFileLook = named
    ) -> Iterator[str]:
        """Yield the parts of a conversation. `number` is its position in the page, counted from 1."""
        conversation = prepared.conversation
        yield f'<article id="c{number}">\n<h1 dir="auto">{self.title(conversation.title)}</h1>\n'
        yield f'<p class="about">{self.about(conversation)}</p>\n'
        if conversation.system:
            title = self.said(phrase("System prompt"))
            yield f'<section class="system"><h2>{title}</h2>\n{plain(conversation.system)}</section>\n'
        for entry in prepared.messages:
            message = entry.message
            head = f"<h2><bdi>{self.who(message)}</bdi>{self.state(message)}</h2>"
            yield f'<section class="{message.role.value}">{head}\n'
            yield from (self._file(look(part)) for part in message.files)
            if entry.thoughts.slots:
                title = self.said(phrase("Reasoning"))
                yield f"<details><summary>{title}</summary>\n{entry.thoughts.filled(drawn)}</details>\n"
            yield from self.calls(message)
            yield from self.body(entry, drawn)
            yield "</section>\n"
        yield "</article>\n"

    def calls(self, message: Message) -> Iterator[str]:
        """Yield a response's tool calls, each folded."""
        for call in tool_call_texts(message.parts):
            about = " · ".join(filter(None, (call.name, call.server, *map(self._words.say, call.notes))))
            title = self.said(phrase("Tool call: {about}", about=about))
            texts = "".join(f"<pre>{escape(each)}</pre>\n" for each in (call.arguments, call.result) if each)
            yield f'<details class="call"><summary dir="auto">{title}</summary>\n{texts}</details>\n'

    def body(self, prepared: PreparedMessage, drawn: DrawnParts) -> Iterator[str]:
        """Yield a message's text and the notes below it."""
        message = prepared.message
        if message.role is Role.USER:
            yield plain(message.text) if message.text else ""
        else:
            yield prepared.text.filled(drawn)
        if message.sources:
            yield f"<p><b>{self.said(phrase('Sources'))}</b></p>\n{prepared.sources.filled(drawn)}"
        for file in message.left_out:
            yield f'<p class="attached" dir="auto">{self.said(file.sentence)}</p>\n'
        if problem := problem_text(message):
            yield f'<p class="problem" dir="auto">{escape(problem)}</p>\n'

    def tail(self, undrawn: int = 0) -> str:
        """Return the end of the page; `undrawn` is the number of formulas and code blocks not drawn in time."""
        note = f'<p class="note">{self.said(undrawn_text(undrawn))}</p>\n' if undrawn else ""
        return f"{note}</main>\n</body>\n</html>\n"

    def title(self, title: str) -> str:
        """Return a title as one escaped line."""
        return escape(in_a_line(title) or self._words.say(UNTITLED))

    def about(self, conversation: Conversation) -> str:
        """Return the line below a title: the model and the date."""
        return escape(f"{model_text(conversation.model)} · {conversation.created_at:%Y-%m-%d %H:%M} UTC")

    def who(self, message: Message) -> str:
        """Return the author of a message."""
        if message.role is Role.USER:
            return self.said(phrase("You"))
        return escape(in_a_line(model_text(message.model) if message.model else message.role.value))

    def state(self, message: Message) -> str:
        """Return the note for an incomplete response; empty for a complete one."""
        if message.status not in STATES:
            return ""
        return f' <span class="state">({self.said(STATES[message.status])})</span>'

    def said(self, words: Phrase) -> str:
        """Return a phrase in the language of the page."""
        return escape(self._words.say(words))

    def attached(self, file: PageFile) -> str:
        """Return the HTML for an attachment that is shown by its name."""
        gone, there = (
            phrase("Attached: {name} (no longer exists)", name=file.name),
            phrase("Attached: {name}", name=file.name),
        )
        told = gone if file.gone else there
        return f'<p class="attached" dir="auto">{self.said(told)}</p>\n'

    def _file(self, file: PageFile) -> str:
        """Return the HTML for an attachment: the image, otherwise the name."""
        if not file.picture:
            return self.attached(file)
        image = f'<img src="{escape(file.picture)}" alt="{escape(file.name)}">'
        return f'<figure class="attached">{image}<figcaption dir="auto">{escape(file.name)}</figcaption></figure>\n'

    def _prepared(self, message: Message) -> PreparedMessage:
        text = "" if message.role is Role.USER else message.text
        told = (message.reasoning, text, message.sources)
        return PreparedMessage(message, *(self._slotter.slotted(each, _ABOVE) for each in told))
