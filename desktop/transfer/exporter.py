"""Conversations and comparisons written in any format, for the window and the terminal alike: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import NamedTuple

from desktop.domain import Conversation
from desktop.errors import ConversationUnknown, StoreCorrupt, TransferError
from desktop.phrases import phrase
from desktop.store.store import Store
from desktop.transfer import export, export_writer
from desktop.transfer.chat_branches import branches_of
from desktop.transfer.comparison_page.comparison_report import ComparisonReport
from desktop.transfer.comparison_page.report_drawings import Ask, ReportDrawings
from desktop.transfer.comparison_page.report_export import export_report, write_report
from desktop.transfer.comparison_page.report_phrases import UNTITLED, in_a_line
from desktop.transfer.comparison_page.report_reader import read_report
from desktop.transfer.export import ExportChoice, ExportFormat, Progress
from desktop.transfer.exported_files import ExportedFiles
from desktop.transfer.paper_parts import PaperForm, PaperPart
from desktop.transfer.paper_press import pressed
from desktop.transfer.paper_source import chat_parts, comparison_parts
from desktop.voting.ranking_html import PageWords

_CHAT_POINTS, _COMPARISON_POINTS = 10.0, 8.5


def _silent(_done: int, _of: int) -> None:
    return None


class Paper(NamedTuple):
    """What is put on paper. `unread` has the titles of what could not be read, once all parts were taken."""

    form: PaperForm
    parts: AsyncGenerator[PaperPart]
    unread: Sequence[str]


class Exporter:
    """Of one run of the program; `ask` draws formulas and code, `paper_command` starts the child for PDF and DOCX."""

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
        """Write a file; may be cancelled. What could not be read, by title. Raises StoreError, TransferError."""
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
        """Give text to `add`, of a format that is text and one file. What could not be read, by title."""
        drawings = ReportDrawings(self._ask)
        if (report := await self._report(choice, form)) is not None:
            await write_report(report, form, add, self._words, drawings=drawings)
            return self._deleted(report)
        return await export.write(self._store, choice, form, add, files=files, drawings=drawings, words=self._words)

    async def paper(self, choice: ExportChoice, form: ExportFormat, progress: Progress = _silent) -> Paper:
        """What is put on paper. Raises StoreError, TransferError, its parts too."""
        report = await self._report(choice, form)
        titles = choice.titles if report is None else (report.title,)
        made = PaperForm(
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
            return Paper(made, parts, self._deleted(report))
        unread: list[str] = []
        parts = chat_parts(self._chats(choice, unread, progress), self._words, self._ask)
        return Paper(made, parts, unread)

    async def _chats(self, choice: ExportChoice, unread: list[str], progress: Progress) -> AsyncGenerator[Conversation]:
        said = False
        for number, (id_, title) in enumerate(zip(choice.conversations, choice.titles, strict=True), 1):
            conversation: Conversation | None = None
            with suppress(ConversationUnknown, StoreCorrupt):
                conversation = await self._store.conversations.get(id_)
            if conversation is None:
                unread.append(title)
                continue
            said = said or bool(conversation.messages)
            for each in branches_of(conversation, self._words.say) if choice.all_branches else (conversation,):
                yield each
            progress(number, len(choice.conversations))
        if not said:
            raise TransferError(phrase("There is nothing to export yet."), hint=phrase("Ask a question first."))

    async def _report(self, choice: ExportChoice, form: ExportFormat) -> ComparisonReport | None:
        """A comparison to be read side by side; None for anything else."""
        if choice.side_by_side is None or not form.is_readable:
            return None
        return await read_report(self._store, choice.side_by_side, version=self._version)

    def _deleted(self, report: ComparisonReport) -> tuple[str, ...]:
        return tuple(self._words.say(pane.name) for pane in report.panes if pane.is_deleted)
