"""Imports conversations: previews the import, saves in batches (each completely or not at all), and undoes it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import structs

from desktop.domain import comparison_json
from desktop.domain.comparison import Comparison
from desktop.domain.conversation_types import ConversationSummary, ModelRef, bounded_time, now
from desktop.errors import (
    ComparisonUnknown,
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreReadOnly,
    TransferError,
)
from desktop.store.retention import KEEP_ALL, RetentionRule
from desktop.store.store import Store
from desktop.system.log import logger
from desktop.system.plain_files import open_plain, read_plain
from desktop.text.phrases import Phrase, phrase
from desktop.transfer.archives.loose_json import Unreadable, table, text
from desktop.transfer.archives.zip_archive import LIMITS, Limits
from desktop.transfer.format_detection import detect
from desktop.transfer.import_drafts import Draft, model_ref, with_count
from desktop.transfer.import_report import Begins, FileReport, ItemState, Report, ReportItem
from desktop.transfer.import_shelf import Shelf
from desktop.transfer.imported_files import with_files, with_files_again
from desktop.transfer.imported_votes import import_votes
from desktop.transfer.source import Source, together, too_large

MOST_TAGS, MOST_MODELS = 2_000, 1_000
"""Maximum number of distinct tags, and of distinct models, in one import."""

_OTHER = model_ref("other", "other")
"""Model assigned to conversations after an import has reached the maximum number of models."""


@dataclass
class Variety:
    """Distinct tags and models found so far in one import."""

    _tags: set[str] = field(default_factory=set[str])
    _models: set[ModelRef] = field(default_factory=set[ModelRef])

    def bounded(self, draft: Draft) -> Draft:
        """Remove excess tags and models from a draft, and report them as losses."""
        tags = tuple(tag for tag in draft.tags if _has_room(self._tags, tag.casefold(), MOST_TAGS))
        conversation, losses = draft.conversation, draft.losses
        if len(tags) < len(draft.tags):
            losses = (*losses, _of_tags(len(draft.tags) - len(tags)))
        if not _has_room(self._models, conversation.model, MOST_MODELS):
            conversation = structs.replace(conversation, model=_OTHER)
            losses = (*losses, _TOO_MANY_MODELS)
        if len(losses) == len(draft.losses):
            return draft
        return structs.replace(draft, conversation=conversation, tags=tags, losses=losses)


_TOO_MANY_MODELS = phrase("Too many models for one import: the conversation is not listed under its model")


@lru_cache
def _of_tags(count: int) -> Phrase:
    """Return the sentence about excess tags. Cached, because a hundred thousand conversations may need it."""
    return with_count(phrase("Too many tags for one import: the rest are left out"), count)


def _has_room(held: set[Any], one: object, most: int) -> bool:
    if one in held:
        return True
    if len(held) >= most:
        return False
    held.add(one)
    return True


_DUE = phrase("Older than the retention period (Settings › Storage): will be deleted permanently at the next start")


@dataclass
class SeenDrafts:
    """State of an import across its files. `rule` and the time `at` determine which conversations are expired."""

    rule: RetentionRule
    at: datetime
    ids: set[str] = field(default_factory=set[str])
    variety: Variety = field(default_factory=Variety)

    def item(self, draft: Draft, kept: Mapping[str, ConversationSummary]) -> ReportItem:
        """Return the report line of a draft. `kept` are the conversations that are already saved."""
        conversation = draft.conversation
        state, reasons = ItemState.NEW, draft.losses
        existing = kept.get(conversation.id)
        if existing is not None and existing.trashed_at is not None:
            state, reasons = ItemState.TRASHED, ()
        elif existing is not None or conversation.id in self.ids:
            state, reasons = ItemState.HERE, ()
            if existing is not None and existing.message_count < len(conversation.messages):
                more = len(conversation.messages) - existing.message_count
                reasons = (
                    with_count(
                        phrase("The existing conversation stays unchanged; newer messages were not imported"), more
                    ),
                )
        self.ids.add(conversation.id)
        spoken_at = bounded_time(conversation.updated_at)
        is_due = self.rule.is_due(conversation.model.connection, spoken_at, self.at, pinned=draft.pinned)
        if state is ItemState.NEW and is_due:
            reasons = (*reasons, _DUE)
        return ReportItem(
            title=conversation.title,
            state=state,
            id=conversation.id,
            messages=len(conversation.messages),
            updated_at=spoken_at,
            reasons=reasons,
        )


def open_file(path: Path, limits: Limits = LIMITS) -> tuple[Source, ...]:
    """Open the exports in a file, ZIP or folder. Slow, so call it on a thread. Raises TransferError."""
    from desktop.transfer import import_zips
    from desktop.transfer.formats import llm_database

    try:
        if path.is_dir():
            return tuple(import_zips.open_zip(path, limits))
        if path.exists() and not path.is_file():  # a device may have no end
            raise TransferError(
                phrase("{name} is not a file.", name=path.name),
                hint=phrase("Choose the export file, or a zip archive that contains it."),
            )
        with open_plain(path) as file:
            size = os.fstat(file.fileno()).st_size
            start = file.read(16) if size else b""
        if start == llm_database.MAGIC:
            return (llm_database.open_database(path),)
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return tuple(import_zips.open_zip(path, limits))
        if size > limits.size:
            raise too_large(path.name, limits)
        return (detect(path.name, read_plain(path, limits.size)),)
    except OSError as error:
        raise TransferError(
            phrase("{path} could not be read: {reason}.", path=path, reason=error.strerror or error)
        ) from error


_log = logger("transfer.importing")
_SLICE = 25  # items read before the event loop runs again; fewer if they are large
_SLICE_MESSAGES, _SLICE_CHARACTERS = 4_000, 8 << 20
_LOOKED_UP, _BATCH = 200, 400  # conversations per query; messages per transaction
_ENDS_ALL = (StoreFull, StoreReadOnly, StoreBusy, StoreCorrupt)
"""Errors that would affect all remaining conversations, too."""

MOST_COMPARISONS, MOST_OF_COMPARISONS = 5_000, 64 << 20
"""Maximum number of comparisons in a file, and of characters in all of them, because each start of the program reads
them."""

_UNREAD = phrase("The contents are in an unknown format.")

Progress = Callable[[int, int], None]
"""Called with the number of processed items and the total."""

Opener = Callable[[Path, Limits], Sequence[Source]]
"""Opens the exports in a file. Slow, so it is called on a thread. Raises TransferError."""


def _silent(_done: int, _of: int) -> None:
    return None


class Importer:
    """One import of some files into a store. `look` previews, `run` saves, and `stop` ends either after a batch.

    The owner closes it, because it may have databases open. Everything slow runs on threads.
    """

    def __init__(
        self,
        store: Store,
        paths: Sequence[Path],
        *,
        clock: Callable[[], datetime] = now,
        limits: Limits = LIMITS,
        opener: Opener = open_file,
        begins: Begins = lambda _items: None,
        rule: RetentionRule = KEEP_ALL,
    ) -> None:
        """Prepare an import.

        Args:
            begins: Called on a thread before anything new is saved.
            rule: Retention rule. Conversations that it would delete are saved, and reported.
        """
        self._rule = rule
        self._store = store
        self._begins = begins
        self._paths = tuple(paths)
        self._at = clock()
        self._limits = limits
        self._opener = opener
        self._sources: list[Source | FileReport] | None = None
        self._stopped = False
        self._added: list[ReportItem] = []

    @property
    def added(self) -> tuple[ReportItem, ...]:
        """Everything saved so far by all runs, as input for `undo`."""
        return tuple(self._added)

    def stop(self) -> None:
        """Stop the preview or run after the current batch; saved conversations are not removed."""
        self._stopped = True

    async def look(self, progress: Progress = _silent) -> Report:
        """Return what a run would do, without changing anything. Raises StoreError.

        Unreadable files are listed in the report.
        """
        return await self._go(progress, keep=False)

    async def run(self, progress: Progress = _silent) -> Report:
        """Save everything new, and return the report.

        After an error, everything saved so far is complete and listed in `added`, and another run continues from there.

        Raises:
            StoreError: If the disk is full or the store cannot be written.
        """
        return await self._go(progress, keep=True)

    def close(self) -> None:
        """Close all files. Safe to call more than once."""
        for each in self._sources or ():
            if isinstance(each, Source):
                each.close()
        self._sources = None

    async def _go(self, progress: Progress, *, keep: bool) -> Report:
        self._stopped = False
        sources = await self._opened()
        seen = SeenDrafts(self._rule, self._at)
        total = sum(each.count + each.comparisons + each.votes for each in sources if isinstance(each, Source))
        done = 0
        reports: list[FileReport] = []
        progress(0, total)
        for source in sources:
            if isinstance(source, FileReport):
                reports.append(source)
                continue
            report_items: list[ReportItem] = []
            place = 0
            shelf = Shelf(source.carried, source.beside)
            while place < source.count and not self._stopped:
                items, place = await self._slice(source, place, seen, shelf, keep=keep)
                report_items += items
                progress(done + place, total)
            done += source.count
            if not self._stopped:
                report_items += await self._comparisons(
                    source, lambda place, done=done: progress(done + place, total), keep=keep
                )
                done += source.comparisons
            if not self._stopped:
                report_items += await self._votes(
                    source, lambda place, done=done: progress(done + place, total), keep=keep
                )
                done += source.votes
            source.rest()
            reports.append(
                FileReport(
                    name=source.name,
                    format=source.format.name,
                    items=tuple(report_items),
                    notice=source.notice,
                    archive=source.archive,
                )
            )
        if not self._stopped:
            progress(total, total)
        return Report(files=tuple(self._with_undated(reports)), stopped=self._stopped)

    def _with_undated(self, reports: Sequence[FileReport]) -> list[FileReport]:
        """Add to the first report how many conversations in all files have no date."""
        read = [
            (file, each.updated_at == bounded_time(self._at))
            for file in reports
            for each in file.items
            if each.is_conversation and each.updated_at is not None
        ]
        undated = [file for file, is_undated in read if is_undated]
        if not undated:
            return [*reports]
        message = phrase(
            "Conversations without a date are assigned the import date ({count} of {total}).",
            count=f"{len(undated):,}",
            total=f"{len(read):,}",
        )
        return [
            structs.replace(file, notice=together((file.notice, message))) if file is undated[0] else file
            for file in reports
        ]

    async def _opened(self) -> list[Source | FileReport]:
        if self._sources is None:
            self._sources = []
            for path in self._paths:
                try:
                    self._store.safety.require_other(path)
                    self._sources += await asyncio.to_thread(self._opener, path, self._limits)
                except (StoreError, TransferError) as error:
                    said = phrase("{what} {hint}", what=error.message, hint=error.hint) if error.hint else error.message
                    self._sources.append(FileReport(name=path.name, problem=said))
                except Exception:  # noqa: BLE001 - a file may hold anything, and the others are to be read
                    _log.exception("a file could not be opened to import from")
                    self._sources.append(FileReport(name=path.name, problem=_UNREAD))
        return self._sources

    async def _slice(
        self, source: Source, start: int, seen: SeenDrafts, shelf: Shelf, *, keep: bool
    ) -> tuple[list[ReportItem], int]:
        """Import the next few items. Return their report lines, and the index of the next item."""
        shelf.forget()
        read, after = await asyncio.to_thread(_read, source, start, self._at, shelf)
        read = [_bounded(entry, seen.variety) if isinstance(entry, Draft) else entry for entry in read]
        ids = [entry.conversation.id for entry in read if isinstance(entry, Draft)]
        kept = await self._store.conversations.states(ids)
        items: list[ReportItem] = []
        waiting: list[tuple[Draft, ReportItem]] = []
        count = 0
        for entry in read:
            item = entry if isinstance(entry, ReportItem) else seen.item(entry, kept)
            if isinstance(entry, Draft) and item.state is ItemState.NEW and entry.has_files:
                entry, item = await with_files(self._store.files, shelf, entry, item, keep=keep)  # noqa: PLW2901
            elif isinstance(entry, Draft) and keep and entry.has_files:
                item = await with_files_again(self._store.files, shelf, entry, item)
            if isinstance(entry, ReportItem) or not keep or item.state is not ItemState.NEW:
                items += await self._keep(waiting)
                waiting, count = [], 0
                items.append(item)
                continue
            waiting.append((entry, item))
            count += item.messages
            if count >= _BATCH:
                items += await self._keep(waiting)
                waiting, count = [], 0
        return items + await self._keep(waiting), after

    async def _keep(self, waiting: Sequence[tuple[Draft, ReportItem]]) -> list[ReportItem]:
        """Save some drafts in one transaction, or each in its own transaction if that fails."""
        if not waiting:
            return []
        await asyncio.to_thread(self._begins, [item for _, item in waiting])
        try:
            added = await self._store.conversations.create_all(
                [draft.conversation for draft, _ in waiting],
                pinned=[draft.conversation.id for draft, _ in waiting if draft.pinned],
                archived=[draft.conversation.id for draft, _ in waiting if draft.archived],
                tags={draft.conversation.id: draft.tags for draft, _ in waiting if draft.tags},
            )
        except _ENDS_ALL:
            raise
        except Exception as error:  # noqa: BLE001 - whatever one of them holds, the others are to be kept
            if len(waiting) > 1:
                return [item for each in waiting for item in await self._keep([each])]
            return [_broken(waiting[0][1].title, _reason(error, "a conversation could not be kept"))]
        found = [item if item.id in added else _with_state(item, ItemState.HERE) for _, item in waiting]
        self._added += [item for item in found if item.state is ItemState.NEW]
        return found

    async def _comparisons(self, source: Source, done: Callable[[int], None], *, keep: bool) -> list[ReportItem]:
        """Import an export's comparisons, up to the number that is practical to read at each start."""
        make = source.format.comparison
        items: list[ReportItem] = []
        room = MOST_OF_COMPARISONS
        for place in range(source.comparisons):
            if self._stopped:
                break
            if place == MOST_COMPARISONS or room < 0:
                left = with_count(
                    phrase("Comparisons beyond the limit for one file are left out"), source.comparisons - place
                )
                return [*items, _broken(phrase("Comparisons"), left, is_comparison=True)]
            assert make is not None
            item, size = await self._comparison(lambda place=place: make(source.comparison(place)), keep=keep)
            items.append(item)
            room -= size
            done(place + 1)
        return items

    async def _comparison(self, make: Callable[[], Comparison], *, keep: bool) -> tuple[ReportItem, int]:
        """Import one comparison. Return its report line and its number of characters."""
        try:
            comparison = await asyncio.to_thread(make)
            state = await self._comparison_state(comparison)
            item = ReportItem(title=comparison.title, state=state, id=comparison.id, is_comparison=True)
            if keep and state is ItemState.NEW:
                await asyncio.to_thread(self._begins, [item])
            if keep and state is ItemState.NEW and not await self._store.comparisons.save(comparison):
                return _broken(
                    comparison.title, phrase("None of the conversations in this comparison exist."), is_comparison=True
                ), 0
        except _ENDS_ALL:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            reason = _reason(error, "a comparison could not be read")
            return _broken(phrase("A comparison"), reason, is_comparison=True), 0
        if keep and state is ItemState.NEW:
            self._added.append(item)
        return item, comparison_json.written(comparison)

    async def _votes(self, source: Source, done: Callable[[int], None], *, keep: bool) -> list[ReportItem]:
        """Import an export's votes."""
        found = await import_votes(self._store, source, done, lambda: self._stopped, self._begins, keep=keep)
        if keep:
            self._added += [each for each in found if each.state is ItemState.NEW]
        return found

    async def _comparison_state(self, comparison: Comparison) -> ItemState:
        # A comparison in the trash is restored.
        return ItemState.HERE if await self._store.comparisons.is_listed(comparison.id) else ItemState.NEW


async def undo(store: Store, added: Sequence[ReportItem], progress: Progress = _silent) -> int:
    """Permanently delete what an import added and the user has not continued; return the number of deleted items.

    Continued conversations are not deleted. A comparison is deleted with its last conversation, otherwise moved to the
    trash. Raises StoreError, after which this may be called again.
    """
    removed = await store.votes.delete(
        [item.id for item in added if item.is_vote]
    )  # before they are deleted together with their answers
    for item in added:
        if item.is_comparison:
            with suppress(ComparisonUnknown):
                await store.comparisons.trash(item.id, keep=None)
                removed += 1
    going: list[str] = []
    for start in range(0, len(added), _LOOKED_UP):
        some = added[start : start + _LOOKED_UP]
        there = await store.conversations.states([item.id for item in some])
        for item in some:
            found = there.get(item.id)
            if found is not None and (found.message_count, found.updated_at) == (item.messages, item.updated_at):
                going.append(item.id)
    await store.conversations.purge(going, progress)
    return removed + len(going)


def _read(source: Source, start: int, at: datetime, shelf: Shelf) -> tuple[list[Draft | ReportItem], int]:
    """Read the next items that fit into memory together. Return them, and the index of the next item."""
    entries: list[Draft | ReportItem] = []
    messages = size = 0
    for position in range(start, min(start + _SLICE, source.count)):
        made = _read_one(source, position, at, shelf)
        entries += made
        for each in made:
            if isinstance(each, Draft):
                messages += len(each.conversation.messages)
                size += each.size
        if messages >= _SLICE_MESSAGES or size + shelf.weight >= _SLICE_CHARACTERS:
            return entries, position + 1
    return entries, min(start + _SLICE, source.count)


def _read_one(source: Source, place: int, at: datetime, shelf: Shelf) -> Sequence[Draft | ReportItem]:
    title: str = _numbered(place)
    try:
        held = source.read(place)
        title = _title(held) or title
        make = source.format.with_files
        drafts = make(held, at, shelf) if make is not None else source.format.drafts(held, at)
        return [each for each in drafts if not each.is_empty] + _empty(title, drafts)
    except Exception as error:  # noqa: BLE001 - the one door: whatever one holds, the others are to be read
        return [_broken(title, _reason(error, "a conversation could not be read"))]


def _bounded(draft: Draft, variety: Variety) -> Draft | ReportItem:
    """Apply the limits on tags and models to a draft. Return a report line instead if that fails."""
    try:
        return variety.bounded(draft)
    except Exception as error:  # noqa: BLE001 - as above
        return _broken(draft.conversation.title, _reason(error, "a conversation could not be kept"))


def _empty(title: str, drafts: Sequence[Draft]) -> list[ReportItem]:
    """Return report lines with the losses of drafts without messages, or at least one line if no draft has messages."""
    empty = [each for each in drafts if each.is_empty]
    if len(empty) == len(drafts):
        said = tuple(dict.fromkeys(reason for each in empty for reason in each.losses))
        return [
            ReportItem(title=title, state=ItemState.EMPTY, reasons=(phrase("The conversation has no messages."), *said))
        ]
    return [ReportItem(title=title, state=ItemState.EMPTY, reasons=each.losses) for each in empty if each.losses]


def _reason(error: Exception, event: str) -> str:
    """Return the reason for a failure. Unexpected errors are logged without their message."""
    if isinstance(error, Unreadable):
        return error.reason
    if isinstance(error, StoreError):
        return error.message
    _log.error(event, exc_info=error)
    return _UNREAD


def _numbered(place: int) -> str:
    return phrase("Conversation {number}", number=f"{place + 1:,}")


def _title(held: object) -> str:
    """Return an item's title, from any field that may contain it."""
    entry = table(held)
    named = (entry, table(entry.get("chat")), table(entry.get("entry")), table(entry.get("session")))
    titles = (text(each.get(key)) for each in named for key in ("title", "name", "userTitle", "autoTitle"))
    return " ".join(next(filter(None, titles), "").split())[:200]


def _broken(title: str, reason: str, *, is_comparison: bool = False) -> ReportItem:
    return ReportItem(title=title, state=ItemState.BROKEN, reasons=(reason,), is_comparison=is_comparison)


def _with_state(item: ReportItem, state: ItemState) -> ReportItem:
    return ReportItem(title=item.title, state=state, id=item.id, messages=item.messages, updated_at=item.updated_at)
