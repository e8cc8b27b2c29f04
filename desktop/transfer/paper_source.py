"""Chats and comparisons as the parts that are put on paper, whoever puts them there: a PDF, a DOCX, a printer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from html import escape

from msgspec import structs

from desktop.domain import Conversation, Message, Role
from desktop.markdown.parser import groups
from desktop.message_parts import TextPart
from desktop.phrases import phrase
from desktop.transfer.chat_page import ChatPage, PreparedChat, PreparedMessage
from desktop.transfer.comparison_page.comparison_report import ComparisonReport
from desktop.transfer.comparison_page.paper_text import PaperText
from desktop.transfer.comparison_page.report_drawings import Ask, DrawnParts, ReportDrawings
from desktop.transfer.comparison_page.report_export import ReportProgress
from desktop.transfer.comparison_page.report_html import PreparedTurn
from desktop.transfer.comparison_page.report_phrases import undrawn_text
from desktop.transfer.page_files import named
from desktop.transfer.paper_parts import FormulaNames, PaperBlock, PaperColumns, PaperPart, sound
from desktop.voting.ranking_html import PageWords

_AT_ONCE = 20_000
"""Characters of a message that are laid out together: of all in one, whatever lays them out would take long."""


async def comparison_parts(
    report: ComparisonReport, words: PageWords, ask: Ask | None, progress: ReportProgress
) -> AsyncGenerator[PaperPart]:
    """A comparison: a summary, then turn by turn the answers side by side."""
    names = FormulaNames()
    drawings = ReportDrawings(ask, picture=names.placed)
    text = await asyncio.to_thread(PaperText, report, words)
    for html in await asyncio.to_thread(list, text.head()):
        yield PaperBlock(html=sound(html))
    for number in range(len(report.turns)):
        prepared = await asyncio.to_thread(text.prepared, number)
        drawn = await drawings.drawn(prepared.requests)
        for part in await asyncio.to_thread(list, _turn(text, prepared, drawn)):
            yield structs.replace(part, formulas=names.taken())
        progress(number + 1, len(report.turns))
    if told := text.tail(drawings.left):
        yield PaperBlock(html=sound(told))


def _turn(text: PaperText, prepared: PreparedTurn, drawn: DrawnParts) -> Iterator[PaperPart]:
    yield PaperBlock(html=sound(text.turn_head(prepared.turn)), keep=120, ruled=True)
    for band in text.bands:
        heads = tuple(sound(text.pane_head(prepared.turn, place)) for place in band)
        yield PaperColumns(heads=heads, cells=tuple(sound(text.cell(prepared, place, drawn)) for place in band))
    if told := text.agreed(prepared):
        yield PaperBlock(html=sound(told))


async def chat_parts(
    conversations: AsyncGenerator[Conversation], words: PageWords, ask: Ask | None
) -> AsyncGenerator[PaperPart]:
    """Conversations, each of which begins a page: message by message, without the thoughts of models."""
    names = FormulaNames()
    drawings = ReportDrawings(ask, picture=names.placed)
    page = ChatPage(words)
    is_first = True
    async for conversation in conversations:
        prepared = await asyncio.to_thread(_prepared, page, conversation)
        drawn = await drawings.drawn(request for each in prepared.messages for request in each.text.requests)
        for part in await asyncio.to_thread(list, _chat(page, prepared, drawn, first=is_first)):
            yield structs.replace(part, formulas=names.taken())
        is_first = False
    if drawings.left:
        yield PaperBlock(html=f'<p class="muted">{page.said(undrawn_text(drawings.left))}</p>')


def _prepared(page: ChatPage, conversation: Conversation) -> PreparedChat:
    return page.prepared(conversation, _divided(conversation))


def _chat(page: ChatPage, prepared: PreparedChat, drawn: DrawnParts, *, first: bool) -> Iterator[PaperPart]:
    conversation = prepared.conversation
    head = f'<h1 dir="auto">{page.title(conversation.title)}</h1><p class="muted">{page.about(conversation)}</p>'
    yield PaperBlock(html=sound(head), page=not first)
    if conversation.system:
        title = page.said(phrase("System prompt"))
        yield PaperBlock(html=sound(f"<h2>{title}</h2>{_typed(conversation.system)}"))
    before = ""
    for each in prepared.messages:
        goes_on = each.message.id == before
        before = each.message.id
        who = "" if goes_on else f"<h2>{page.who(each.message)}{page.state(each.message)}</h2>"
        yield PaperBlock(html=sound(f"{who}{_message(page, each, drawn)}"))


def _message(page: ChatPage, prepared: PreparedMessage, drawn: DrawnParts) -> str:
    message = prepared.message
    files = "".join(page.attached(named(part)) for part in message.files)
    if message.role is Role.USER:
        return f"{files}{_typed(message.text)}"
    return f"{files}{''.join(page.body(prepared, drawn))}"


def _typed(text: str) -> str:
    lines = escape(text.replace("\r\n", "\n").replace("\r", "\n")).replace("\n", "<br>")
    return f'<p class="prompt" dir="auto">{lines}</p>' if text else ""


def _divided(conversation: Conversation) -> list[Message]:
    """The branch that is shown, its long answers in several messages of the same id."""
    found: list[Message] = []
    for message in conversation.path():
        pieces = [*_pieces(message.text)] if len(message.text) > _AT_ONCE and message.role is not Role.USER else []
        if len(pieces) < 2:
            found.append(message)
            continue
        for number, piece in enumerate(pieces):
            ends = number == len(pieces) - 1
            parts = tuple(part for part in message.parts if not isinstance(part, TextPart)) if ends else ()
            found.append(structs.replace(message, parts=(*parts, TextPart(text=piece))))
    return found


def _pieces(text: str) -> Iterator[str]:
    """A long text, cut between its blocks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = size = 0
    for group in groups("\n".join(lines)):
        if size > _AT_ONCE:
            yield "\n".join(lines[start : group.start])
            start, size = group.start, 0
        size += sum(map(len, lines[group.start : group.end]))
    yield "\n".join(lines[start:])
