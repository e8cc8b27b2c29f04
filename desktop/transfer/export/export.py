"""Exports of one, several or all conversations, written piece by piece, so that memory use stays low."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from msgspec import Struct, structs

from desktop.domain.comparison import Comparison
from desktop.domain.conversation_types import Conversation, ConversationSummary, Role, now
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import ComparisonUnknown, ConversationUnknown, StoreCorrupt, TransferError
from desktop.formatting.number_format import Say
from desktop.pages import markdown_page
from desktop.pages.page_files import PageFile, named
from desktop.reports.ranking_html import PageWords
from desktop.reports.report_drawings import DrawnParts, ReportDrawings
from desktop.store.store import Store
from desktop.text.phrases import phrase
from desktop.transfer.export import export_writer, paragone_json
from desktop.transfer.export.chat_page import ChatPage, PreparedChat
from desktop.transfer.export.export_writer import SideFolder, ZipDraft
from desktop.transfer.export.exported_files import ExportedFiles, in_base64
from desktop.transfer.export.paragone_json import ExportedFile
from desktop.transfer.import_drafts import Draft
from desktop.voting.blind_round import NOT_REVEALED
from desktop.voting.vote import Vote


def branches_of(conversation: Conversation, say: Say) -> list[Conversation]:
    """Return the current branch, then each other branch from where it diverges.

    A conversation with a single branch is returned unchanged. A regenerated response is preceded by its prompt.
    """
    parents = {message.parent for message in conversation.messages}
    ends = [message.id for message in conversation.messages if message.id not in parents]
    ends.sort(key=lambda end: end != conversation.current)
    if len(ends) < 2:
        return [conversation]
    branches: list[Conversation] = []
    said: set[str] = set()
    for number, end in enumerate(ends, 1):
        path = conversation.path(end)
        start = next((place for place, message in enumerate(path) if message.id not in said), len(path))
        said |= {message.id for message in path}
        if 0 < start < len(path) and path[start].role is not Role.USER:
            start -= 1
        own = path[start:]
        title = say(phrase("{title} (branch {n} of {count})", title=conversation.title, n=number, count=len(ends)))
        branches.append(
            structs.replace(
                conversation,
                title=title,
                system=conversation.system if not start else "",
                messages=tuple(structs.replace(each, parent=None) if not at else each for at, each in enumerate(own)),
                current=end,
            )
        )
    return branches


_SLICE = 10

IN_ZIP = "conversations.json"
"""Name of the JSON file in a ZIP."""

Progress = Callable[[int, int], None]
"""Called with the number of conversations written and the total."""


class ExportFormat(StrEnum):
    """Format of an export. JSON, also within a ZIP, is lossless; the other formats are for reading."""

    JSON = "json"
    ZIP = "zip"
    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"

    @property
    def is_readable(self) -> bool:
        """Whether the format is for reading.

        Such an export has the current branch, or all branches one after the other.
        """
        return self not in (ExportFormat.JSON, ExportFormat.ZIP)

    @property
    def is_paper(self) -> bool:
        """Whether a child process writes the format (PDF and DOCX)."""
        return self in (ExportFormat.PDF, ExportFormat.DOCX)

    @property
    def suffix(self) -> str:
        """File name extension."""
        return "md" if self is ExportFormat.MARKDOWN else self.value


class ExportChoice(Struct, frozen=True):
    """Selection to export: ids and titles of conversations, comparisons, and votes."""

    conversations: tuple[str, ...]
    titles: tuple[str, ...]
    comparisons: tuple[Comparison, ...] = ()
    votes: tuple[Vote, ...] = ()
    keep_html: bool = False
    """Whether HTML and images in responses remain unescaped in Markdown."""
    all_branches: bool = False
    """Whether a format for reading includes other branches than the current one."""
    is_branched: bool = True
    """Whether the conversations may have other branches."""

    @property
    def side_by_side(self) -> Comparison | None:
        """The comparison whose responses a page shows side by side; None if anything else is exported too."""
        if len(self.comparisons) != 1:
            return None
        own = {pane.conversation for pane in self.comparisons[0].panes}
        return self.comparisons[0] if own.issuperset(self.conversations) else None


def _silent(_done: int, _of: int) -> None:
    return None


async def choose(store: Store, ids: Sequence[str]) -> ExportChoice:
    """Select conversations by their ids or prefixes of these. A comparison's id selects its chats and votes.

    Raises:
        ConversationUnknown: If there is no such conversation.
        ConversationAmbiguous: If several ids have the prefix.
        TransferError: If the id is that of an unrevealed blind round.
    """
    selected: dict[str, str] = {}
    comparisons: dict[str, Comparison] = {}
    is_branched = False
    for each in ids:
        try:
            conversation = await store.conversations.get(each)
        except ConversationUnknown as error:
            comparison = await _comparison(store, each, error)
            comparisons[comparison.id] = comparison
            selected |= await _of_panes(store, comparison)
        else:
            selected[conversation.id] = conversation.title
            is_branched = is_branched or len(conversation.path()) < len(conversation.messages)
    votes = (await store.votes.given_in(tuple(comparisons))).votes if comparisons else ()
    is_branched = is_branched or bool(comparisons)
    return ExportChoice(
        tuple(selected), tuple(selected.values()), tuple(comparisons.values()), votes, is_branched=is_branched
    )


async def choose_all(store: Store) -> ExportChoice:
    """Select all conversations, comparisons and votes outside the trash, oldest first."""
    listed = tuple(reversed(await store.conversations.list()))
    comparisons: list[Comparison] = []
    for each in reversed(await store.comparisons.list()):
        with suppress(
            ComparisonUnknown, StoreCorrupt
        ):  # a damaged conversation must not prevent the export of the others
            comparisons.append(await store.comparisons.get(each.id))
    ids, titles = (tuple(getattr(each, name) for each in listed) for name in ("id", "title"))
    return ExportChoice(ids, titles, tuple(comparisons), (await store.votes.list()).votes)


async def write(
    store: Store,
    choice: ExportChoice,
    form: ExportFormat,
    add: Callable[[str], None],
    *,
    files: ExportedFiles | None = None,
    drawings: ReportDrawings | None = None,
    words: PageWords | None = None,
    progress: Progress = _silent,
    at: datetime | None = None,
) -> tuple[str, ...]:
    """Pass an export to `add` in pieces, on threads, and return the titles of unreadable conversations.

    Without `files`, messages contain only the names of their attachments. For a ZIP, use `export`. Raises StoreError,
    and any exception of `add`.
    """
    pages = Pages(form, add, files, keep_html=choice.keep_html, words=words)
    drawings = drawings or ReportDrawings(None)
    add(_head(form, choice, at or now(), pages.page))
    unread = await _conversations(store, choice, pages, progress, drawings)
    await asyncio.to_thread(_finish, form, choice, add, pages.page.tail(drawings.left))
    if files is not None and form is ExportFormat.JSON:
        await _with_bytes(files, add)
    add(paragone_json.END if form is ExportFormat.JSON else "")
    return unread


async def export(
    store: Store,
    choice: ExportChoice,
    form: ExportFormat,
    path: Path,
    *,
    files: ExportedFiles | None = None,
    drawings: ReportDrawings | None = None,
    words: PageWords | None = None,
    progress: Progress = _silent,
    at: datetime | None = None,
) -> tuple[str, ...]:
    """Write an export to a file atomically, and return the titles of unreadable conversations. May be canceled.

    Raises StoreError and TransferError.
    """
    at = at or now()
    if form is ExportFormat.ZIP:
        with export_writer.zipped(path, at) as archive:
            return await _zip(store, choice, archive, files, progress, at)
    if form is ExportFormat.MARKDOWN and files is not None:
        with export_writer.side_folder(path) as folder, export_writer.pieces(path) as add:
            pages = Pages(form, add, files, folder, keep_html=choice.keep_html, words=words)
            return await _conversations(store, choice, pages, progress)
    with export_writer.pieces(path) as add:
        return await write(
            store, choice, form, add, files=files, drawings=drawings, words=words, progress=progress, at=at
        )


async def _conversations(
    store: Store, choice: ExportChoice, pages: Pages, progress: Progress, drawings: ReportDrawings | None = None
) -> tuple[str, ...]:
    """Write all conversations, and return the titles of those that are unreadable or have been deleted meanwhile."""
    total, done = len(choice.conversations), 0
    unread: list[str] = []
    for start in range(0, total, _SLICE):
        batch: list[Conversation] = []
        for number in range(start, min(start + _SLICE, total)):
            try:
                batch.append(await store.conversations.get(choice.conversations[number]))
            except (ConversationUnknown, StoreCorrupt):
                unread.append(choice.titles[number])
        marks = await store.conversations.states([each.id for each in batch])
        if choice.all_branches and pages.form.is_readable:
            batch = [branch for each in batch for branch in branches_of(each, pages.words.say)]
        if pages.form is ExportFormat.HTML and drawings is not None:
            for number, conversation in enumerate(batch, done):
                prepared = await asyncio.to_thread(pages.page.prepared, conversation)
                drawn = await drawings.drawn(prepared.requests)
                await asyncio.to_thread(pages.write_page, prepared, number, drawn)
        else:
            await asyncio.to_thread(pages.write, batch, marks, done)
        done += len(batch)
        progress(min(total, start + _SLICE), total)
    return tuple(unread)


async def _zip(
    store: Store,
    choice: ExportChoice,
    archive: ZipDraft,
    files: ExportedFiles | None,
    progress: Progress,
    at: datetime,
) -> tuple[str, ...]:
    """Write the JSON with the names of the attachments, then the attachments."""
    listed: list[ExportedFile] = []
    with archive.member(IN_ZIP) as add_bytes:

        def add(text: str) -> None:
            """Write text of the JSON."""
            add_bytes(text.encode())

        add(paragone_json.head(at))
        unread = await _conversations(store, choice, Pages(ExportFormat.JSON, add, files), progress)
        await asyncio.to_thread(_finish, ExportFormat.JSON, choice, add, "")
        if files is not None:
            listed = await files.listed(members=True)
            await asyncio.to_thread(_list_files, listed, add)
        add(paragone_json.END)
    for file in listed:
        if files is not None:
            await files.pour(file, partial(_into_member, archive, file.file))
    return unread


def _into_member(archive: ZipDraft, name: str, pieces: Iterator[bytes]) -> None:
    with archive.member(name) as add:
        for piece in pieces:
            add(piece)


def _list_files(listed: Sequence[ExportedFile], add: Callable[[str], None]) -> None:
    add(paragone_json.FILES)
    for place, file in enumerate(listed):
        add(paragone_json.file_piece(file, first=not place))
    add(paragone_json.FILES_END if listed else "]")


async def _with_bytes(files: ExportedFiles, add: Callable[[str], None]) -> None:
    """Write the attachments of all written conversations with their bytes."""
    listed = await files.listed(members=False)
    add(paragone_json.FILES)
    for number, file in enumerate(listed):

        def into(pieces: Iterator[bytes], file: ExportedFile = file, first: bool = not number) -> None:  # noqa: FBT001
            """Write pieces on a thread."""
            for text in paragone_json.file_with_bytes(file, in_base64(pieces), first=first):
                add(text)

        if not await files.pour(file, into):
            add(paragone_json.file_piece(file, first=not number))
    add(paragone_json.FILES_END if listed else "]")


async def _comparison(store: Store, comparison_id: str, unknown: ConversationUnknown) -> Comparison:
    try:
        return await store.comparisons.get(comparison_id)
    except ComparisonUnknown:
        if any(each.id.startswith(comparison_id) for each in await store.rounds.list()):
            raise TransferError(
                NOT_REVEALED,
                hint=phrase("Vote in the round or reveal it before you export it."),
            ) from None
        raise unknown from None


async def _of_panes(store: Store, comparison: Comparison) -> dict[str, str]:
    titles: dict[str, str] = {}
    for pane in comparison.panes:
        try:
            conversation = await store.conversations.get(pane.conversation)
        except ConversationUnknown:
            continue  # no turn yet: the pane contains everything
        titles[conversation.id] = conversation.title
    return titles


def _head(form: ExportFormat, choice: ExportChoice, at: datetime, page: ChatPage) -> str:
    if not form.is_readable:
        return paragone_json.head(at)
    return page.head(choice.titles) if form is ExportFormat.HTML else ""


def _finish(form: ExportFormat, choice: ExportChoice, add: Callable[[str], None], tail: str) -> None:
    """Write the end of the export on a thread; `tail` is the end of a web page."""
    if form is ExportFormat.HTML:
        add(tail)
    elif not form.is_readable:
        add(paragone_json.compared(choice.comparisons, empty=not choice.conversations))
        for piece in paragone_json.voted(choice.votes):
            add(piece)


class Pages:
    """Writes conversations in the format of an export. `add` is called on a thread; `folder` is next to the page."""

    def __init__(
        self,
        form: ExportFormat,
        add: Callable[[str], None],
        files: ExportedFiles | None,
        folder: SideFolder | None = None,
        *,
        keep_html: bool = False,
        words: PageWords | None = None,
    ) -> None:
        self.form = form
        self.words = words or PageWords()
        self.page = ChatPage(self.words)
        self._keep_html = keep_html
        self._add = add
        self._files = files
        self._folder = folder

    def write(self, held: Sequence[Conversation], marks: dict[str, ConversationSummary], start: int) -> None:
        """Write some conversations as JSON or Markdown. `start` is the index of the first one in the export."""
        for place, conversation in enumerate(held, start):
            if self.form is ExportFormat.MARKDOWN:
                page = markdown_page.piece(conversation, first=not place, look=self._beside, keep_html=self._keep_html)
                self._add(page)
                continue
            self._add(paragone_json.piece(_draft(conversation, marks), first=not place))
            if self._files is not None:
                self._files.note(conversation)

    def write_page(self, prepared: PreparedChat, place: int, drawn: DrawnParts) -> None:
        """Write a conversation of a web page; `place` is its index. Lone surrogates become replacement characters."""
        for part in self.page.parts(prepared, place + 1, drawn, self._drawn):
            self._add(part.encode("utf-8", "replace").decode())

    def _drawn(self, part: ImagePart | FilePart) -> PageFile:
        return self._files.drawn(part) if self._files is not None else named(part)

    def _beside(self, part: ImagePart | FilePart) -> PageFile:
        return self._files.beside(part, self._folder) if self._files is not None else named(part)


def _draft(conversation: Conversation, marks: dict[str, ConversationSummary]) -> Draft:
    mark = marks.get(conversation.id)
    return Draft(
        conversation=conversation,
        pinned=mark is not None and mark.pinned,
        archived=mark is not None and mark.archived,
        tags=mark.tags if mark is not None else (),
    )
