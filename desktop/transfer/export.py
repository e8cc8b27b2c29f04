"""Exports of one, of many or of everything, piece by piece, so that a great store needs no great memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from desktop.comparison import Comparison
from desktop.domain import Conversation, ConversationSummary, now
from desktop.errors import ComparisonUnknown, ConversationUnknown
from desktop.store.store import Store
from desktop.transfer import export_writer, html_page, markdown_page, paragone_json
from desktop.transfer.import_drafts import Draft

_SLICE = 10

Progress = Callable[[int, int], None]
"""How many conversations of how many are written."""


class ExportFormat(StrEnum):
    """What an export is written as. JSON alone is lossless; the others show the branch that is shown."""

    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


class ExportChoice(Struct, frozen=True):
    """What is exported: conversations by their whole ids and with their titles, and comparisons."""

    conversations: tuple[str, ...]
    titles: tuple[str, ...]
    comparisons: tuple[Comparison, ...] = ()


def _silent(_done: int, _of: int) -> None:
    return None


async def choose(store: Store, ids: Sequence[str]) -> ExportChoice:
    """Conversations by their ids or beginnings of them; a comparison's id brings the conversations of its panes.

    Raises ConversationUnknown, ConversationAmbiguous.
    """
    found: dict[str, str] = {}
    comparisons: dict[str, Comparison] = {}
    for each in ids:
        try:
            conversation = await store.conversations.get(each)
        except ConversationUnknown as error:
            comparison = await _comparison(store, each, error)
            comparisons[comparison.id] = comparison
            found |= await _of_panes(store, comparison)
        else:
            found[conversation.id] = conversation.title
    return ExportChoice(tuple(found), tuple(found.values()), tuple(comparisons.values()))


async def choose_all(store: Store) -> ExportChoice:
    """All conversations and comparisons but those in the trash, oldest first."""
    listed = tuple(reversed(await store.conversations.list()))
    comparisons = [await store.comparisons.get(each.id) for each in reversed(await store.comparisons.list())]
    return ExportChoice(tuple(each.id for each in listed), tuple(each.title for each in listed), tuple(comparisons))


async def write(
    store: Store,
    choice: ExportChoice,
    form: ExportFormat,
    add: Callable[[str], None],
    *,
    progress: Progress = _silent,
    at: datetime | None = None,
) -> None:
    """Give an export to `add` piece by piece, on threads. Raises StoreError, and what `add` raises."""
    total = len(choice.conversations)
    add(_head(form, choice, at or now()))
    for start in range(0, total, _SLICE):
        held = [await store.conversations.get(each) for each in choice.conversations[start : start + _SLICE]]
        marks = await store.conversations.states([each.id for each in held])
        await asyncio.to_thread(_write, form, held, marks, start, add)
        progress(start + len(held), total)
    add(_tail(form, choice))


async def export(
    store: Store,
    choice: ExportChoice,
    form: ExportFormat,
    path: Path,
    *,
    progress: Progress = _silent,
    at: datetime | None = None,
) -> None:
    """Write an export to a file, whole or not at all; may be cancelled. Raises StoreError, TransferError."""
    with export_writer.pieces(path) as add:
        await write(store, choice, form, add, progress=progress, at=at)


async def _comparison(store: Store, comparison_id: str, unknown: ConversationUnknown) -> Comparison:
    try:
        return await store.comparisons.get(comparison_id)
    except ComparisonUnknown:
        raise unknown from None


async def _of_panes(store: Store, comparison: Comparison) -> dict[str, str]:
    found: dict[str, str] = {}
    for pane in comparison.panes:
        try:
            conversation = await store.conversations.get(pane.conversation)
        except ConversationUnknown:
            continue  # nothing was said in it yet: the pane holds all there is
        found[conversation.id] = conversation.title
    return found


def _head(form: ExportFormat, choice: ExportChoice, at: datetime) -> str:
    match form:
        case ExportFormat.JSON:
            return paragone_json.head(at)
        case ExportFormat.HTML:
            return html_page.head(choice.titles)
        case ExportFormat.MARKDOWN:
            return ""


def _tail(form: ExportFormat, choice: ExportChoice) -> str:
    match form:
        case ExportFormat.JSON:
            return paragone_json.tail(choice.comparisons, empty=not choice.conversations)
        case ExportFormat.HTML:
            return html_page.tail()
        case ExportFormat.MARKDOWN:
            return ""


def _write(
    form: ExportFormat,
    held: Sequence[Conversation],
    marks: dict[str, ConversationSummary],
    start: int,
    add: Callable[[str], None],
) -> None:
    for place, conversation in enumerate(held, start):
        match form:
            case ExportFormat.JSON:
                mark = marks.get(conversation.id)
                draft = Draft(
                    conversation=conversation,
                    pinned=mark is not None and mark.pinned,
                    archived=mark is not None and mark.archived,
                    tags=mark.tags if mark is not None else (),
                )
                add(paragone_json.piece(draft, first=not place))
            case ExportFormat.HTML:
                add(html_page.piece(conversation, place + 1))
            case ExportFormat.MARKDOWN:
                add(markdown_page.piece(conversation, first=not place))
