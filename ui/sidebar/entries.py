"""What the sidebar lists, worked out from a listing or from hits: groups by model or by date; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QLocale

from desktop.comparison import ComparisonSummary
from desktop.domain import ConversationSummary, ModelRef
from desktop.phrases import phrase
from desktop.store.search.search_hit import SearchHit
from ui.figures_text import imported_text
from ui.strings import tr, trn

if TYPE_CHECKING:
    from desktop.store.conversation_list import ConversationGroup, Listing

NameOf = Callable[[ModelRef], str]

UNTITLED = phrase("New chat")
UNTITLED_COMPARISON = phrase("New comparison")
ROUND = phrase("Blind round")
_LEAD = 18
"""So many characters of a snippet stand before the word that was found: the column is narrow."""


class Order(Enum):
    """How conversations are put into groups."""

    MODEL = "model"  # one group a model, the one spoken to last first
    DATE = "date"  # today, yesterday, this week, by month


class EntryGroup(Struct, frozen=True):
    """A heading with the number of what stands below it, None where that is seen at a glance."""

    title: str
    count: int | None
    beyond: bool = False
    """Whether there are more than are counted."""


class SidebarItem(Struct, frozen=True):
    """A conversation, a message found in one, a comparison, or the blind round under way."""

    conversation: ConversationSummary
    message_id: str = ""
    snippet: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    comparison: bool = False
    """Whether it is a comparison, told as if it were a conversation."""
    compared: tuple[ModelRef, ...] = ()
    """The models of a comparison."""
    blind: bool = False
    """Whether it is a blind round, of which nothing is told but when it began."""
    at: datetime | None = None
    """When the message was written that was found."""

    @property
    def trashed(self) -> bool:
        """Whether it is in the trash."""
        return self.conversation.trashed_at is not None

    @property
    def models(self) -> tuple[ModelRef, ...]:
        """What answers in it; of a blind round nobody may know."""
        if self.blind:
            return ()
        return self.compared if self.comparison else (self.conversation.model,)

    @property
    def title(self) -> str:
        """The conversation's title on one line."""
        return " ".join(self.conversation.title.split()) or tr(UNTITLED_COMPARISON if self.comparison else UNTITLED)


class More(Struct, frozen=True):
    """Stands for those of a group that are not listed yet; `key` is the group's."""

    key: str
    shown: int
    hidden: int


Entry = EntryGroup | SidebarItem | More


def listed(
    listing: Listing,
    name_of: NameOf,
    now: datetime,
    *,
    comparisons: Sequence[ComparisonSummary] = (),
    trashed: Sequence[ComparisonSummary] = (),
    days: int = 0,
    under_way: SidebarItem | None = None,
) -> list[Entry]:
    """The blind round under way, the pinned ones, comparisons, then the others in groups; archive and trash at the end.

    `trashed` are comparisons in the trash, `days` the term after which it is emptied.
    """
    names = _unlike([each.model for each in listing.groups if each.model is not None], name_of)
    entries: list[Entry] = [EntryGroup(tr("Under way"), None), under_way] if under_way is not None else []
    entries += _grouped(tr("Pinned"), listing.pinned, counted=False)
    if comparisons:
        entries += [EntryGroup(tr("Comparisons"), len(comparisons)), *map(of_comparison, comparisons)]
    for each in listing.groups:
        entries += _grouped(_title(each, names, now), each)
    entries += _grouped(tr("Archive"), listing.archive)
    thrown = [of_comparison(each, trashed=True) for each in trashed] if listing.trash.conversations or trashed else []
    if thrown or listing.trash.conversations:
        held = _grouped("", listing.trash)[1:]
        kept = trn("Trash, kept for {n} day", "Trash, kept for {n} days", days) if days else tr("Trash")
        entries += [EntryGroup(kept, listing.trash.count + len(thrown)), *thrown, *held]
    return entries


def found(hits: Sequence[SearchHit], limit: int, comparisons: Sequence[ComparisonSummary] = ()) -> list[Entry]:
    """What a search found, below one heading; where it found as many as were asked for, there are more.

    Before it comparisons whose titles hold the words.
    """
    compared: list[Entry] = (
        [EntryGroup(tr("Comparisons"), len(comparisons)), *map(of_comparison, comparisons)] if comparisons else []
    )
    if not hits:
        return compared
    from ui.sidebar.plain_snippet import plain  # late: its expressions take a while, and the window paints without

    items = (
        SidebarItem(hit.conversation, hit.message_id, *_led_in(*plain(hit.snippet, hit.marks)), at=hit.at)
        for hit in hits
    )
    return [*compared, EntryGroup(tr("Found"), len(hits), beyond=len(hits) >= limit), *items]


def periods(now: datetime) -> Callable[[datetime], Sequence[datetime]]:
    """The beginnings of today, yesterday, this week and the months before, back to the oldest."""

    def since(oldest: datetime) -> Sequence[datetime]:
        """The beginnings, newest first, down to the month that `oldest` is in."""
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        found = [today, today - timedelta(days=1), today - timedelta(days=6)]
        month = found[-1].replace(day=1)
        if month == found[-1]:
            month = _month_before(month)
        while True:
            found.append(month)
            if month <= oldest:
                return found
            month = _month_before(month)

    return since


def _month_before(month: datetime) -> datetime:
    return (month - timedelta(days=1)).replace(day=1)


def of_round(round_id: str, at: datetime) -> SidebarItem:
    """A blind round that began at a time."""
    nobody = ModelRef(connection="", name="")
    return SidebarItem(ConversationSummary(id=round_id, title=tr(ROUND), model=nobody, updated_at=at), blind=True)


def of_comparison(comparison: ComparisonSummary, *, trashed: bool = False) -> SidebarItem:
    """A comparison, told as if it were a conversation."""
    nobody = ModelRef(connection="", name="")
    told = ConversationSummary(
        id=comparison.id,
        title=comparison.title,
        model=comparison.models[0] if comparison.models else nobody,
        updated_at=comparison.updated_at,
        trashed_at=comparison.updated_at if trashed else None,
    )
    return SidebarItem(told, comparison=True, compared=comparison.models)


def _grouped(title: str, group: ConversationGroup, *, counted: bool = True) -> list[Entry]:
    if not group.conversations:
        return []
    shown = len(group.conversations)
    entries: list[Entry] = [EntryGroup(title, group.count if counted else None), *map(SidebarItem, group.conversations)]
    return [*entries, More(group.key, shown, group.count - shown)] if group.count > shown else entries


def _title(group: ConversationGroup, names: dict[ModelRef, str], now: datetime) -> str:
    if group.model is not None:
        return names[group.model]
    return tr("Other models") if group.since is None else _period(group.since.astimezone(now.tzinfo), now)


def _led_in(snippet: str, marks: Iterable[tuple[int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A snippet on one line, cut so that what was found is not far from its beginning."""
    marks = tuple(marks)
    start = 0
    if marks and marks[0][0] > _LEAD:
        start = snippet.find(" ", marks[0][0] - _LEAD, marks[0][0]) + 1 or marks[0][0] - _LEAD
    if not start:
        return snippet, marks
    return f"…{snippet[start:]}", tuple((begin - start + 1, end - start + 1) for begin, end in marks)


def _unlike(refs: Sequence[ModelRef], name_of: NameOf) -> dict[ModelRef, str]:
    """Names of models, with their connection's, or where they come from, where two would read the same."""
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
    if days < 7:
        return tr("This week")
    month = QLocale().standaloneMonthName(since.month)
    return month if since.year == now.year else tr("{month} {year}", month=month, year=since.year)
