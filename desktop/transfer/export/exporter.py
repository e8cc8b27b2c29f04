"""Exports conversations and comparisons in any format, atomically, for both the window and the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, suppress
from html import escape
from pathlib import Path
from typing import NamedTuple

from msgspec import structs

from desktop.domain.conversation_types import Conversation, Message, Role
from desktop.domain.message_parts import TextPart
from desktop.errors import ConversationUnknown, StoreCorrupt, TransferError
from desktop.formatting.number_format import in_a_line
from desktop.markdown.parser import groups
from desktop.pages.page_files import named
from desktop.pages.tool_call_texts import tool_call_texts
from desktop.reports.comparison_report import ComparisonReport
from desktop.reports.ranking_html import PageWords
from desktop.reports.report_drawings import Ask, DrawnParts, ReportDrawings
from desktop.reports.report_html import PreparedTurn
from desktop.reports.report_phrases import UNTITLED, undrawn_text
from desktop.reports.report_reader import read_report
from desktop.store.store import Store
from desktop.system.child_process import MemoryWatch, start_child
from desktop.system.log import logger
from desktop.text.phrases import phrase
from desktop.transfer.export import export, export_writer
from desktop.transfer.export.chat_page import ChatPage, PreparedChat, PreparedMessage
from desktop.transfer.export.export import ExportChoice, ExportFormat, Progress, branches_of
from desktop.transfer.export.exported_files import ExportedFiles
from desktop.transfer.export.paper_text import (
    READY,
    FormulaNames,
    PaperBlock,
    PaperColumns,
    PaperEnd,
    PaperForm,
    PaperPart,
    PaperText,
    framed,
    sound,
)
from desktop.transfer.export.report_export import ReportProgress, export_report, write_report

_LONGEST_CALL = 300
"""Maximum characters of a call's arguments on paper."""

_AT_ONCE = 20_000
"""Maximum characters of a message laid out at once, because laying out a longer one takes too long."""


async def comparison_parts(
    report: ComparisonReport, words: PageWords, ask: Ask | None, progress: ReportProgress
) -> AsyncGenerator[PaperPart]:
    """Yield the parts of a comparison: a summary, then each turn with its responses side by side."""
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
    """Yield the parts of conversations message by message, without reasoning. Each conversation starts a new page."""
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
    return f"{files}{''.join(_calls(page, message))}{''.join(page.body(prepared, drawn))}"


def _calls(page: ChatPage, message: Message) -> Iterator[str]:
    """Yield a line for each tool call; the results are in the other formats."""
    for call in tool_call_texts(message.parts):
        about = " · ".join(filter(None, (call.name, call.server, in_a_line(call.arguments)[:_LONGEST_CALL])))
        yield f'<p class="muted" dir="auto">{page.said(phrase("Tool call: {about}", about=about))}</p>'


def _typed(text: str) -> str:
    lines = escape(text.replace("\r\n", "\n").replace("\r", "\n")).replace("\n", "<br>")
    return f'<p class="prompt" dir="auto">{lines}</p>' if text else ""


def _divided(conversation: Conversation) -> list[Message]:
    """Return the current branch, with long responses split into several messages with the same id."""
    messages: list[Message] = []
    for message in conversation.path():
        pieces = [*_pieces(message.text)] if len(message.text) > _AT_ONCE and message.role is not Role.USER else []
        if len(pieces) < 2:
            messages.append(message)
            continue
        for number, piece in enumerate(pieces):
            ends = number == len(pieces) - 1
            parts = tuple(part for part in message.parts if not isinstance(part, TextPart)) if ends else ()
            messages.append(structs.replace(message, parts=(*parts, TextPart(text=piece))))
    return messages


def _pieces(text: str) -> Iterator[str]:
    """Split a long text between its blocks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = size = 0
    for group in groups("\n".join(lines)):
        if size > _AT_ONCE:
            yield "\n".join(lines[start : group.start])
            start, size = group.start, 0
        size += sum(map(len, lines[group.start : group.end]))
    yield "\n".join(lines[start:])


_log = logger("paper")

START_S = 30.0
"""Time limit in seconds for starting the child process."""

_PIECE = 1 << 20


async def pressed(command: Sequence[str], form: PaperForm, parts: AsyncGenerator[PaperPart]) -> AsyncGenerator[bytes]:
    """Yield the pieces of the file once it is complete. Raises TransferError, and any exception of `parts`."""
    child = await _started(command)
    assert child.stdin is not None
    assert child.stdout is not None
    memory = MemoryWatch(child)
    try:
        with memory:
            child.stdin.write(framed(form))
            async with contextlib.aclosing(parts):
                async for part in parts:
                    child.stdin.write(framed(part))
                    await child.stdin.drain()
            child.stdin.write(framed(PaperEnd()))
            await child.stdin.drain()
            bytes_left = int.from_bytes(await child.stdout.readexactly(8), "big")
            if not bytes_left:
                name = await child.stdout.readline()
                _log.error("no %s was made: %s", form.suffix, name.decode("ascii", "replace").strip()[:80])
        if not bytes_left:
            raise _failed(form, too_large=False)
        while bytes_left:
            data = await child.stdout.readexactly(min(bytes_left, _PIECE))
            bytes_left -= len(data)
            yield data
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        _log.warning("the child that makes a %s broke off: %s", form.suffix, type(error).__name__)
        raise _failed(form, too_large=memory.ended) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        child.stdin.close()
        await child.wait()


async def _started(command: Sequence[str]) -> asyncio.subprocess.Process:
    try:
        async with asyncio.timeout(START_S):
            child = await start_child(command)
            assert child.stdout is not None
            if await child.stdout.readline() == READY:
                return child
            await child.wait()
    except (OSError, ValueError, TimeoutError) as error:
        _log.error("the child that makes documents could not be started: %s", type(error).__name__)
    raise TransferError(
        phrase("Paragone could not start the process that creates this file."),
        hint=phrase("Export a web page instead, and print it from a browser."),
    )


def _failed(form: PaperForm, *, too_large: bool) -> TransferError:
    kind = form.suffix.upper()
    if too_large:
        return TransferError(
            phrase("Creating the {kind} would take too much memory.", kind=kind),
            hint=phrase("Choose fewer conversations."),
        )
    return TransferError(
        phrase("The {kind} could not be created.", kind=kind), hint=phrase("Export a web page or Markdown instead.")
    )


_CHAT_POINTS, _COMPARISON_POINTS = 10.0, 8.5


def _silent(_done: int, _of: int) -> None:
    return None


class Paper(NamedTuple):
    """Content for PDF or DOCX.

    `unread` is filled with the titles of unreadable conversations while parts are consumed.
    """

    form: PaperForm
    parts: AsyncGenerator[PaperPart]
    unread: Sequence[str]


class Exporter:
    """Exporter of one process. `ask` draws formulas and code; `paper_command` starts the child for PDF and DOCX."""

    def __init__(
        self,
        store: Store,
        *,
        version: str,
        ask: Ask | None = None,
        paper_command: Sequence[str] = (),
        words: PageWords | None = None,
        letter: bool = False,
    ) -> None:
        self._store = store
        self._version = version
        self._ask = ask
        self._command = paper_command
        self._words = words or PageWords()
        self._letter = letter

    async def export(
        self,
        choice: ExportChoice,
        form: ExportFormat,
        path: Path,
        *,
        files: ExportedFiles | None = None,
        progress: Progress = _silent,
    ) -> tuple[str, ...]:
        """Write an export to a file, and return the titles of unreadable conversations.

        Raises StoreError and TransferError.
        """
        if form.is_paper:
            paper = await self.paper(choice, form, progress)
            with export_writer.draft(path) as descriptor, os.fdopen(descriptor, "wb", closefd=False) as file:
                async with aclosing(pressed(self._command, paper.form, paper.parts)) as pieces:
                    async for piece in pieces:
                        file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            return tuple(paper.unread)
        drawings = ReportDrawings(self._ask)
        if (report := await self._report(choice, form)) is not None:
            await export_report(report, form, path, self._words, drawings=drawings, progress=progress)
            return self._deleted(report)
        return await export.export(
            self._store, choice, form, path, files=files, drawings=drawings, words=self._words, progress=progress
        )

    async def write(
        self,
        choice: ExportChoice,
        form: ExportFormat,
        add: Callable[[str], None],
        *,
        files: ExportedFiles | None = None,
    ) -> tuple[str, ...]:
        """Pass the text of a single-file format to `add`, and return the titles of unreadable conversations."""
        drawings = ReportDrawings(self._ask)
        if (report := await self._report(choice, form)) is not None:
            await write_report(report, form, add, self._words, drawings=drawings)
            return self._deleted(report)
        return await export.write(self._store, choice, form, add, files=files, drawings=drawings, words=self._words)

    async def paper(self, choice: ExportChoice, form: ExportFormat, progress: Progress = _silent) -> Paper:
        """Return the content for PDF or DOCX.

        Raises StoreError and TransferError, also while the parts are consumed.
        """
        report = await self._report(choice, form)
        titles = choice.titles if report is None else (report.title,)
        paper_form = PaperForm(
            suffix=form.suffix,
            title=(in_a_line(titles[0]) if len(titles) == 1 else "") or self._words.say(UNTITLED),
            columns=len(report.panes) if report is not None else 1,
            is_rtl=self._words.is_rtl,
            letter=self._letter,
            points=_COMPARISON_POINTS if report is not None else _CHAT_POINTS,
            language=self._words.language,
        )
        if report is not None:
            parts = comparison_parts(report, self._words, self._ask, progress)
            return Paper(paper_form, parts, self._deleted(report))
        unread: list[str] = []
        parts = chat_parts(self._chats(choice, unread, progress), self._words, self._ask)
        return Paper(paper_form, parts, unread)

    async def _chats(self, choice: ExportChoice, unread: list[str], progress: Progress) -> AsyncGenerator[Conversation]:
        has_output = False
        for number, (id_, title) in enumerate(zip(choice.conversations, choice.titles, strict=True), 1):
            conversation: Conversation | None = None
            with suppress(ConversationUnknown, StoreCorrupt):
                conversation = await self._store.conversations.get(id_)
            if conversation is None:
                unread.append(title)
                continue
            has_output = has_output or bool(conversation.messages)
            for each in branches_of(conversation, self._words.say) if choice.all_branches else (conversation,):
                yield each
            progress(number, len(choice.conversations))
        if not has_output:
            raise TransferError(phrase("There is nothing to export yet."), hint=phrase("Send a prompt first."))

    async def _report(self, choice: ExportChoice, form: ExportFormat) -> ComparisonReport | None:
        """Return the report of a comparison to be shown side by side, or None."""
        if choice.side_by_side is None or not form.is_readable:
            return None
        return await read_report(self._store, choice.side_by_side, version=self._version)

    def _deleted(self, report: ComparisonReport) -> tuple[str, ...]:
        return tuple(self._words.say(pane.name) for pane in report.panes if pane.is_deleted)
