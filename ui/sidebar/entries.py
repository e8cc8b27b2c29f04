"""What the sidebar lists, worked out from a listing or from hits: groups by date or by model; pure."""

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
"""So many characters of a snippet stand before the word that was found: the column is narrow."""


class Order(Enum):
    """How conversations are put into groups; the values are kept with the window's state."""

    RECENT = "recent"  # today, yesterday, previous 7 and 30 days, then by month and year
    MODEL = "by_model"  # one group a model, the one spoken to last first


class RowState(Enum):
    """What a row says of the answers in its conversation, beside its title."""

    ANSWERING = "answering"
    NEW = "new"  # an answer ended while something else was shown
    FAILED = "failed"  # the same, with an error


class EntryGroup(Struct, frozen=True):
    """A heading with the number of what stands below it, None where that is seen at a glance."""

    title: str
    count: int | None
    beyond: bool = False
    """Whether there are more than are counted."""


class FoundText(Struct, frozen=True):
    """A message that was found: a piece of it, with the places of the words, and when it was written."""

    message_id: str
    snippet: str
    marks: tuple[tuple[int, int], ...]
    at: datetime | None


class SidebarItem(Struct, frozen=True):
    """A conversation, one that something was found in, a comparison, or the blind round under way."""

    conversation: ConversationSummary
    message_id: str = ""
    snippet: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    comparison: bool = False
    """Whether it is a comparison, told as if it were a conversation."""
    compared: tuple[ModelRef, ...] = ()
    """The models of a comparison."""
    chats: tuple[str, ...] = ()
    """The ids of a comparison's chats."""
    unfolded: bool = False
    """Whether the chats of a comparison are listed below it."""
    within: str = ""
    """The id of the comparison that a chat is listed below."""
    number: int = 0
    """Which pane of it shows the chat, from 1, where another one has the same model."""
    blind: bool = False
    """Whether it is a blind round, of which nothing is told but when it began."""
    at: datetime | None = None
    """When the message was written that was found."""
    hits: tuple[FoundText, ...] = ()
    """All that was found in the conversation; the first, or the one that was gone to, is told."""
    in_title: bool = False
    """Whether the title holds all words that are sought."""

    def at_hit(self, message_id: str) -> SidebarItem:
        """The same telling of another message that was found in it; as it is where there is none."""
        hit = next((each for each in self.hits if each.message_id == message_id), None)
        if hit is None:
            return self
        return msgspec.structs.replace(self, message_id=message_id, snippet=hit.snippet, marks=hit.marks, at=hit.at)

    @property
    def trashed(self) -> bool:
        """Whether it is in the trash."""
        return self.conversation.trashed_at is not None

    @property
    def folds(self) -> bool:
        """Whether its chats can be listed below it."""
        return bool(self.comparison and self.chats and not self.trashed)

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
    order: Order = Order.MODEL,
    comparisons: Sequence[ComparisonSummary] = (),
    unfolded: Collection[str] = (),
    trashed: Sequence[ComparisonSummary] = (),
    days: int = 0,
    under_way: SidebarItem | None = None,
) -> list[Entry]:
    """The blind round under way, the pinned ones, the others in groups; archive and trash at the end.

    A comparison is one row: among the others where they are grouped by date, else in a group of its own. The chats of
    those that are `unfolded` are listed below them. `trashed` are comparisons in the trash, `days` the term after which
    it is emptied.
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
        kept = trn("Trash, kept for {n} day", "Trash, kept for {n} days", days) if days else tr("Trash")
        entries += [EntryGroup(kept, listing.trash.count + len(thrown)), *thrown, *held]
    return entries


def _by_model(groups: Sequence[ConversationGroup], name_of: NameOf) -> list[Entry]:
    names = _unlike([each.model for each in groups if each.model is not None], name_of)
    titled = ((names[each.model] if each.model is not None else tr("Other models"), each) for each in groups)
    return [entry for title, each in titled for entry in _grouped(title, each)]


def _by_date(groups: Sequence[ConversationGroup], compared: Sequence[SidebarItem], now: datetime) -> list[Entry]:
    """Chats and comparisons together, the newest first, below the names of their periods."""
    items: dict[datetime, list[SidebarItem]] = {}
    left: dict[datetime, More] = {}
    for each in groups:
        if each.since is not None:
            items[each.since] = [*map(SidebarItem, each.conversations)]
            if hidden := each.count - len(each.conversations):
                left[each.since] = More(each.key, len(each.conversations), hidden)
    starts = periods(now)(min((each.conversation.updated_at for each in compared), default=now))
    for item in compared:
        start = next(each for each in starts if each <= item.conversation.updated_at)
        items.setdefault(start, []).append(item)
    entries: list[Entry] = []
    for since in sorted(items, reverse=True):
        held = sorted(items[since], key=lambda each: each.conversation.updated_at, reverse=True)
        entries += [EntryGroup(_period(since.astimezone(now.tzinfo), now), None), *held]
        if since in left:
            entries.append(left[since])
    return entries


def _unfolded(
    entries: Iterable[Entry], unfolded: Collection[str], chats: Mapping[str, ConversationSummary]
) -> list[Entry]:
    """The entries with the chats of unfolded comparisons below these; what was never sent to is no chat yet."""
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
    """What is listed after a change, as far as it can in the order from before: nothing moves while one reads or aims.

    What is new stands below what it follows; headings below which nothing stands any more are left out.
    """
    fresh = {key_of(each): each for each in after}
    held = [key for each in before if (key := key_of(each)) in fresh]
    known, last = {*held}, ()
    new: dict[tuple[str, ...], list[Entry]] = {}
    for key, each in fresh.items():
        if key in known:
            last = key
        else:
            new.setdefault(last, []).append(each)
    entries = [*new.get((), ()), *(each for key in held for each in (fresh[key], *new.get(key, ())))]
    pairs = zip_longest(entries, entries[1:])
    return [each for each, then in pairs if not isinstance(each, EntryGroup) or isinstance(then, SidebarItem | More)]


def key_of(entry: Entry) -> tuple[str, ...]:
    """What an entry is, whatever it says."""
    if isinstance(entry, SidebarItem):
        return (entry.conversation.id, entry.message_id, entry.within)
    return ("", entry.title if isinstance(entry, EntryGroup) else entry.key)


def found(
    hits: Sequence[SearchHit],
    limit: int,
    comparisons: Sequence[ComparisonSummary] = (),
    in_title: Callable[[str], bool] = lambda _: False,
) -> list[Entry]:
    """What a search found, a row for each conversation; where it found as many as were asked for, there are more.

    Before it comparisons whose titles hold the words. `in_title` says whether a title does.
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
    """The beginnings of today, yesterday, the 7 and 30 days before today, the months of this year and earlier years.

    They go back to the oldest, newest first.
    """

    def since(oldest: datetime) -> Sequence[datetime]:
        """The beginnings down to the month or year that `oldest` is in."""
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        found = [today - timedelta(days=days) for days in (0, 1, 7, 30)]
        while found[-1] > oldest:
            before = found[-1] - timedelta(days=1)
            month = before.replace(day=1)
            found.append(month if month.year == now.year else month.replace(month=1))
        return found

    return since


def of_round(round_id: str, at: datetime) -> SidebarItem:
    """A blind round that began at a time."""
    nobody = ModelRef(connection="", name="")
    return SidebarItem(ConversationSummary(id=round_id, title=tr(ROUND), model=nobody, updated_at=at), blind=True)


def of_comparison(comparison: ComparisonSummary, thrown: Collection[str] = (), *, trashed: bool = False) -> SidebarItem:
    """A comparison, told as if it were a conversation; without the panes whose chats are `thrown` into the trash."""
    nobody = ModelRef(connection="", name="")
    panes = [*zip(comparison.models, comparison.conversations, strict=False)]
    models = tuple(model for model, chat in panes if chat not in thrown) if thrown else comparison.models
    told = ConversationSummary(
        id=comparison.id,
        title=comparison.title,
        model=models[0] if models else nobody,
        updated_at=comparison.updated_at,
        trashed_at=comparison.updated_at if trashed else None,
    )
    return SidebarItem(told, comparison=True, compared=models, chats=comparison.conversations)


def _grouped(title: str, group: ConversationGroup, *, counted: bool = True) -> list[Entry]:
    if not group.conversations:
        return []
    shown = len(group.conversations)
    entries: list[Entry] = [EntryGroup(title, group.count if counted else None), *map(SidebarItem, group.conversations)]
    return [*entries, More(group.key, shown, group.count - shown)] if group.count > shown else entries


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
    if days <= 30:
        return tr("Previous 7 days") if days <= 7 else tr("Previous 30 days")
    if since.year == now.year:
        return QLocale().standaloneMonthName(since.month)
    return QLocale().toString(QDate(since.year, since.month, since.day), "yyyy")
