"""Rows of the sidebar, made from a listing or from search hits and grouped by date or model. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from itertools import zip_longest
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from PySide6.QtCore import QDate, QLocale

from desktop.domain.comparison import ComparisonSummary
from desktop.domain.conversation_types import ConversationSummary, ModelRef
from desktop.store.search.search_hit import SearchHit
from desktop.text.phrases import phrase
from ui.base.figures_text import imported_text
from ui.base.strings import tr, trn

if TYPE_CHECKING:
    from desktop.store.conversation_list import ConversationGroup, Listing

NameOf = Callable[[ModelRef], str]

UNTITLED = phrase("New chat")
UNTITLED_COMPARISON = phrase("New comparison")
ROUND = phrase("Blind round")
_LEAD = 18
"""Maximum number of characters before the first match in a snippet, because the column is narrow."""


class Order(Enum):
    """Grouping of conversations. The values are stored in the window state."""

    RECENT = "recent"  # today, yesterday, previous 7 and 30 days, then by month and year
    MODEL = "by_model"  # one group a model, the one spoken to last first


class RowState(Enum):
    """State of a conversation's responses, shown beside its title."""

    ANSWERING = "answering"
    NEW = "new"  # an answer ended while something else was shown
    FAILED = "failed"  # the same, with an error


class EntryGroup(Struct, frozen=True):
    """Heading of a group. `count` is the number of its rows, or None if it is not shown."""

    title: str
    count: int | None
    beyond: bool = False
    """Whether there are more rows than `count`."""


class FoundText(Struct, frozen=True):
    """A message that matches: its snippet, the positions of the matches in it, and its time."""

    message_id: str
    snippet: str
    marks: tuple[tuple[int, int], ...]
    at: datetime | None


class SidebarItem(Struct, frozen=True):
    """Row for a conversation, a search hit, a comparison or the current blind round."""

    conversation: ConversationSummary
    message_id: str = ""
    snippet: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    comparison: bool = False
    """Whether the item is a comparison."""
    compared: tuple[ModelRef, ...] = ()
    """Models of a comparison."""
    chats: tuple[str, ...] = ()
    """IDs of a comparison's chats."""
    unfolded: bool = False
    """Whether the chats of a comparison are listed below it."""
    within: str = ""
    """ID of the comparison below which a chat is listed."""
    number: int = 0
    """Pane number, from 1, if several panes have the same model; otherwise 0."""
    blind: bool = False
    """Whether the item is a blind round, for which only the start time is shown."""
    at: datetime | None = None
    """Time of the matching message."""
    hits: tuple[FoundText, ...] = ()
    """All matching messages of the conversation. The first or the current one is shown."""
    in_title: bool = False
    """Whether the title contains all search words."""

    def at_hit(self, message_id: str) -> SidebarItem:
        """Return the item showing another of its matches, or the item itself if it has no such match."""
        hit = next((each for each in self.hits if each.message_id == message_id), None)
        if hit is None:
            return self
        return msgspec.structs.replace(self, message_id=message_id, snippet=hit.snippet, marks=hit.marks, at=hit.at)

    @property
    def trashed(self) -> bool:
        """Whether the item is in the trash."""
        return self.conversation.trashed_at is not None

    @property
    def folds(self) -> bool:
        """Whether the item's chats can be listed below it."""
        return bool(self.comparison and self.chats and not self.trashed)

    @property
    def models(self) -> tuple[ModelRef, ...]:
        """Models of the conversation or comparison; none for a blind round."""
        if self.blind:
            return ()
        return self.compared if self.comparison else (self.conversation.model,)

    @property
    def title(self) -> str:
        """The title on one line."""
        return " ".join(self.conversation.title.split()) or tr(UNTITLED_COMPARISON if self.comparison else UNTITLED)


class More(Struct, frozen=True):
    """Row in place of those of a group that are not listed yet; `key` identifies the group."""

    key: str
    shown: int
    hidden: int


Entry = EntryGroup | SidebarItem | More


def listed(
    listing: Listing,
    name_of: NameOf,
    now: datetime,
    *,
    order: Order = Order.MODEL,
    comparisons: Sequence[ComparisonSummary] = (),
    unfolded: Collection[str] = (),
    trashed: Sequence[ComparisonSummary] = (),
    days: int = 0,
    under_way: SidebarItem | None = None,
) -> list[Entry]:
    """Return all rows: the current blind round, pinned items, groups, the archive and the trash.

    A comparison is one row among the conversations.
    """
    entries: list[Entry] = [EntryGroup(tr("In progress"), None), under_way] if under_way is not None else []
    entries += _grouped(tr("Pinned"), listing.pinned, counted=False)
    compared = [of_comparison(each, listing.thrown) for each in comparisons]
    chats = {each.id: each for each in listing.also if each.trashed_at is None}
    if order is Order.RECENT:
        groups = _by_date(listing.groups, compared, now)
    else:
        groups = _by_model(listing.groups, name_of)
        if compared:
            groups = [EntryGroup(tr("Comparisons"), len(compared)), *compared, *groups]
    entries += _unfolded(groups, unfolded, chats)
    entries += _grouped(tr("Archive"), listing.archive)
    thrown = [of_comparison(each, trashed=True) for each in trashed]
    if thrown or listing.trash.conversations:
        held = _grouped("", listing.trash)[1:]
        kept = trn("Trash (items kept for {n} day)", "Trash (items kept for {n} days)", days) if days else tr("Trash")
        entries += [EntryGroup(kept, listing.trash.count + len(thrown)), *thrown, *held]
    return entries


def _by_model(groups: Sequence[ConversationGroup], name_of: NameOf) -> list[Entry]:
    names = _unlike([each.model for each in groups if each.model is not None], name_of)
    titled = ((names[each.model] if each.model is not None else tr("Other models"), each) for each in groups)
    return [entry for title, each in titled for entry in _grouped(title, each)]


def _by_date(groups: Sequence[ConversationGroup], compared: Sequence[SidebarItem], now: datetime) -> list[Entry]:
    """Group chats and comparisons by period, the newest first."""
    items: dict[datetime, list[SidebarItem]] = {}
    hidden_rows: dict[datetime, More] = {}
    for each in groups:
        if each.since is not None:
            items[each.since] = [*map(SidebarItem, each.conversations)]
            if hidden := each.count - len(each.conversations):
                hidden_rows[each.since] = More(each.key, len(each.conversations), hidden)
    starts = periods(now)(min((each.conversation.updated_at for each in compared), default=now))
    for item in compared:
        start = next(each for each in starts if each <= item.conversation.updated_at)
        items.setdefault(start, []).append(item)
    entries: list[Entry] = []
    for since in sorted(items, reverse=True):
        held = sorted(items[since], key=lambda each: each.conversation.updated_at, reverse=True)
        entries += [EntryGroup(_period(since.astimezone(now.tzinfo), now), None), *held]
        if since in hidden_rows:
            entries.append(hidden_rows[since])
    return entries


def _unfolded(
    entries: Iterable[Entry], unfolded: Collection[str], chats: Mapping[str, ConversationSummary]
) -> list[Entry]:
    """Insert the chats of unfolded comparisons, except those that were never sent anything."""
    shown: list[Entry] = []
    for entry in entries:
        if isinstance(entry, SidebarItem) and entry.comparison and entry.conversation.id in unfolded:
            shown.append(msgspec.structs.replace(entry, unfolded=True))
            held = [(number, chats[id_]) for number, id_ in enumerate(entry.chats, 1) if id_ in chats]
            models = [each.model for _, each in held]
            for number, each in held:
                alike = models.count(each.model) > 1
                shown.append(SidebarItem(each, within=entry.conversation.id, number=number if alike else 0))
        else:
            shown.append(entry)
    return shown


def held_in_place(before: Sequence[Entry], after: Sequence[Entry]) -> list[Entry]:
    """Return the new rows, in the previous order as far as possible, so that nothing moves under the pointer.

    Added rows come after the row that precedes them in the new order. Headings are updated.
    """
    fresh = {key_of(each): each for each in after}
    keys = [key for each in before if (key := key_of(each)) in fresh]
    known, last = {*keys}, ()
    new: dict[tuple[str, ...], list[Entry]] = {}
    for key, each in fresh.items():
        if key in known:
            last = key
        else:
            new.setdefault(last, []).append(each)
    entries = [*new.get((), ()), *(each for key in keys for each in (fresh[key], *new.get(key, ())))]
    pairs = zip_longest(entries, entries[1:])
    return [each for each, then in pairs if not isinstance(each, EntryGroup) or isinstance(then, SidebarItem | More)]


def key_of(entry: Entry) -> tuple[str, ...]:
    """Return a key that identifies a row whatever its content."""
    if isinstance(entry, SidebarItem):
        return (entry.conversation.id, entry.message_id, entry.within)
    return ("", entry.title if isinstance(entry, EntryGroup) else entry.key)


def found(
    hits: Sequence[SearchHit],
    limit: int,
    comparisons: Sequence[ComparisonSummary] = (),
    in_title: Callable[[str], bool] = lambda _: False,
) -> list[Entry]:
    """Return one row per conversation with matches, and a note if there may be more matches than the limit.

    Matching comparisons come first.
    """
    titled = [msgspec.structs.replace(of_comparison(each), chats=()) for each in comparisons]  # none unfolds here
    compared: list[Entry] = [EntryGroup(tr("Comparisons"), len(titled)), *titled] if titled else []
    if not hits:
        return compared
    from ui.sidebar.plain_snippet import plain  # late: its expressions take a while, and the window paints without

    held: dict[str, list[SearchHit]] = {}
    for hit in hits:
        held.setdefault(hit.conversation.id, []).append(hit)
    items: list[Entry] = []
    for same in held.values():
        told, by_title = same[0].conversation, in_title(same[0].conversation.title)
        texts = [FoundText(hit.message_id, *_led_in(*plain(hit.snippet, hit.marks)), hit.at) for hit in same]
        if by_title and not same[0].marks:  # nothing that was said
            texts[0] = msgspec.structs.replace(texts[0], snippet=tr("Title match"), marks=())
        item = SidebarItem(told, hits=tuple(texts), in_title=by_title)
        items.append(item.at_hit(texts[0].message_id))
    return [*compared, EntryGroup(tr("Results"), len(hits), beyond=len(hits) >= limit), *items]


def periods(now: datetime) -> Callable[[datetime], Sequence[datetime]]:
    """Return a function that lists the starts of periods back to the oldest conversation, newest first.

    The periods are today, yesterday, the last 7 and 30 days, months and years.
    """

    def since(oldest: datetime) -> Sequence[datetime]:
        """Return the starts of all periods back to `oldest`."""
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        found = [today - timedelta(days=days) for days in (0, 1, 7, 30)]
        while found[-1] > oldest:
            before = found[-1] - timedelta(days=1)
            month = before.replace(day=1)
            found.append(month if month.year == now.year else month.replace(month=1))
        return found

    return since


def of_round(round_id: str, at: datetime) -> SidebarItem:
    """Return the row for a blind round."""
    nobody = ModelRef(connection="", name="")
    return SidebarItem(ConversationSummary(id=round_id, title=tr(ROUND), model=nobody, updated_at=at), blind=True)


def of_comparison(comparison: ComparisonSummary, thrown: Collection[str] = (), *, trashed: bool = False) -> SidebarItem:
    """Return the row for a comparison. Panes whose chats were deleted are not included."""
    nobody = ModelRef(connection="", name="")
    panes = [*zip(comparison.models, comparison.conversations, strict=False)]
    models = tuple(model for model, chat in panes if chat not in thrown) if thrown else comparison.models
    summary = ConversationSummary(
        id=comparison.id,
        title=comparison.title,
        model=models[0] if models else nobody,
        updated_at=comparison.updated_at,
        trashed_at=comparison.updated_at if trashed else None,
    )
    return SidebarItem(summary, comparison=True, compared=models, chats=comparison.conversations)


def _grouped(title: str, group: ConversationGroup, *, counted: bool = True) -> list[Entry]:
    if not group.conversations:
        return []
    shown = len(group.conversations)
    entries: list[Entry] = [EntryGroup(title, group.count if counted else None), *map(SidebarItem, group.conversations)]
    return [*entries, More(group.key, shown, group.count - shown)] if group.count > shown else entries


def _led_in(snippet: str, marks: Iterable[tuple[int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return a snippet as one line that is cut to begin close to its first match, and the adjusted match positions."""
    marks = tuple(marks)
    start = 0
    if marks and marks[0][0] > _LEAD:
        start = snippet.find(" ", marks[0][0] - _LEAD, marks[0][0]) + 1 or marks[0][0] - _LEAD
    if not start:
        return snippet, marks
    return f"…{snippet[start:]}", tuple((begin - start + 1, end - start + 1) for begin, end in marks)


def _unlike(refs: Sequence[ModelRef], name_of: NameOf) -> dict[ModelRef, str]:
    """Return the models' names, adding the connection where names are equal."""
    names = {ref: name_of(ref) for ref in refs}
    taken: dict[str, int] = {}
    for name in names.values():
        taken[name] = taken.get(name, 0) + 1
    return {
        ref: name if taken[name] == 1 else f"{name} ({imported_text(ref.connection) or ref.connection})"
        for ref, name in names.items()
    }


def _period(since: datetime, now: datetime) -> str:
    days = (now.date() - since.date()).days
    if days <= 0:
        return tr("Today")
    if days == 1:
        return tr("Yesterday")
    if days <= 30:
        return tr("Previous 7 days") if days <= 7 else tr("Previous 30 days")
    if since.year == now.year:
        return QLocale().standaloneMonthName(since.month)
    return QLocale().toString(QDate(since.year, since.month, since.day), "yyyy")
