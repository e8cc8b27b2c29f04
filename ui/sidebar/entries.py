"""What the sidebar lists, worked out from conversations and hits: groups by model or by date; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from desktop.domain import ConversationSummary, ModelRef, SearchHit
from desktop.workspace import ComparisonSummary

NameOf = Callable[[ModelRef], str]

UNTITLED = "New chat"


class Order(Enum):
    """How conversations are put into groups."""

    MODEL = "model"  # one group a model, the one spoken to last first
    DATE = "date"  # today, yesterday, this week, by month


@dataclass(frozen=True, slots=True)
class Group:
    """A heading with the number of what stands below it, None where that is seen at a glance."""

    title: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation, or a message found in one."""

    conversation: ConversationSummary
    message_id: str = ""
    snippet: str = ""
    comparison: bool = False
    """Whether it is a comparison, told as if it were a conversation."""
    trashed: bool = False
    """Whether it is in the trash."""

    @property
    def title(self) -> str:
        """The conversation's title on one line."""
        return " ".join(self.conversation.title.split()) or UNTITLED


Entry = Group | Item


def newest_first(conversations: Iterable[ConversationSummary]) -> list[ConversationSummary]:
    """The conversations, those spoken to last first."""
    return sorted(conversations, key=lambda each: (each.updated_at, each.id), reverse=True)


PINNED, COMPARISONS, ARCHIVED, TRASH = "Pinned", "Comparisons", "Archive", "Trash"


def listed(
    conversations: Sequence[ConversationSummary],
    order: Order,
    name_of: NameOf,
    now: datetime,
    *,
    archive: bool,
    comparisons: Sequence[ComparisonSummary] = (),
    trash: Sequence[ConversationSummary] = (),
) -> list[Entry]:
    """The pinned ones, comparisons, then the others in groups; archive and trash at the end where they are shown."""
    kept = [each for each in conversations if not each.archived]
    pinned = [each for each in kept if each.pinned]
    rest = [each for each in kept if not each.pinned]
    groups = by_model(rest, name_of) if order is Order.MODEL else by_date(rest, now)
    archived = [each for each in conversations if each.archived] if archive else []
    return [
        *([Group(PINNED, None), *map(Item, pinned)] if pinned else []),
        *_compared(comparisons),
        *groups,
        *_listed([(ARCHIVED, archived)] if archived else []),
        *([Group(TRASH, len(trash)), *(Item(each, trashed=True) for each in trash)] if trash else []),
    ]


def _compared(comparisons: Sequence[ComparisonSummary]) -> list[Entry]:
    told = [
        ConversationSummary(id=each.id, title=each.title, model=each.models[0], updated_at=each.updated_at)
        for each in comparisons
        if each.models
    ]
    return [Group(COMPARISONS, len(told)), *(Item(each, comparison=True) for each in told)] if told else []


def by_model(conversations: Sequence[ConversationSummary], name_of: NameOf) -> list[Entry]:
    """Groups by model; `conversations` come newest first, and so do groups and what is in them."""
    groups: dict[ModelRef, list[ConversationSummary]] = {}
    for each in conversations:
        groups.setdefault(each.model, []).append(each)
    names = _unlike(list(groups), name_of)
    return _listed((names[ref], held) for ref, held in groups.items())


def by_date(conversations: Sequence[ConversationSummary], now: datetime) -> list[Entry]:
    """Groups by day, week and month in the zone of `now`; `conversations` come newest first."""
    groups: dict[str, list[ConversationSummary]] = {}
    for each in conversations:
        groups.setdefault(_period(each.updated_at.astimezone(now.tzinfo), now), []).append(each)
    return _listed(groups.items())


def found(hits: Sequence[SearchHit]) -> list[Entry]:
    """What a search found, below one heading."""
    if not hits:
        return []
    items = (Item(hit.conversation, hit.message_id, " ".join(hit.snippet.split())) for hit in hits)
    return [Group("Found", len(hits)), *items]


def _listed(groups: Iterable[tuple[str, list[ConversationSummary]]]) -> list[Entry]:
    entries: list[Entry] = []
    for title, held in groups:
        entries.append(Group(title, len(held)))
        entries.extend(map(Item, held))
    return entries


def _unlike(refs: Sequence[ModelRef], name_of: NameOf) -> dict[ModelRef, str]:
    """Names of models, with their connection's where two would read the same."""
    names = {ref: name_of(ref) for ref in refs}
    taken: dict[str, int] = {}
    for name in names.values():
        taken[name] = taken.get(name, 0) + 1
    return {ref: name if taken[name] == 1 else f"{name} ({ref.connection})" for ref, name in names.items()}


def _period(at: datetime, now: datetime) -> str:
    days = (now.date() - at.date()).days
    if days <= 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    if days < 7:
        return "This week"
    return f"{at:%B}" if at.year == now.year else f"{at:%B %Y}"
