from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from desktop.domain.comparison import ComparisonSummary
from desktop.domain.conversation_types import ConversationSummary, ModelRef, new_id
from desktop.store.conversation_list import OTHERS, ConversationGroup, Listing
from desktop.store.search.search_hit import SearchHit
from ui.sidebar.entries import Entry, EntryGroup, More, Order, SidebarItem, found, held_in_place, listed, periods
from ui.sidebar.entries_model import more_text

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


def one(model: str, title: str, days: float = 0) -> ConversationSummary:
    return ConversationSummary(
        id=new_id(), title=title, model=ModelRef.parse(model), updated_at=NOW - timedelta(days=days)
    )


def name(ref: ModelRef) -> str:
    return ref.name


def group(key: str, *held: ConversationSummary, count: int = 0, since: datetime | None = None) -> ConversationGroup:
    model = ModelRef.parse(key) if "/" in key else None
    return ConversationGroup(key=key, count=count or len(held), conversations=held, model=model, since=since)


def listing(
    *groups: ConversationGroup, pinned: ConversationGroup | None = None, archive: ConversationGroup | None = None
) -> Listing:
    empty = group("")
    return Listing(pinned=pinned or empty, groups=groups, archive=archive or empty, trash=empty)


def lines(entries: list[Entry]) -> list[str]:
    return [more_text(each) if isinstance(each, More) else head(each) for each in entries]


def head(entry: EntryGroup | SidebarItem) -> str:
    return f"{entry.title} {entry.count}" if isinstance(entry, EntryGroup) else entry.title


def test_models_of_one_name_say_their_connection() -> None:
    held = listing(group("a/x", one("a/x", "1")), group("b/x", one("b/x", "2")), group("b/y", one("b/y", "3")))
    assert lines(listed(held, name, NOW))[::2] == ["x (a) 1", "x (b) 1", "y 1"]


def test_a_group_that_is_not_whole_says_how_many_are_left() -> None:
    held = listing(group("a/x", one("a/x", "1"), one("a/x", "2"), count=1_234))
    assert lines(listed(held, name, NOW)) == ["x 1234", "1", "2", "Show 1,232 more"]


def test_models_that_are_too_many_stand_below_one_heading() -> None:
    held = listing(group("a/x", one("a/x", "1")), group(OTHERS, one("b/x", "2"), count=40))
    assert lines(listed(held, name, NOW)) == ["x 1", "1", "Other models 40", "2", "Show 39 more"]


def test_groups_by_date() -> None:
    starts = periods(NOW)(NOW - timedelta(days=400))
    held = [group(str(start), one("a/x", "t"), since=start) for start in starts]
    shown = listed(listing(*held), name, NOW, order=Order.RECENT)
    headings = [each.title for each in shown if isinstance(each, EntryGroup)]
    assert headings[:5] == ["Today", "Yesterday", "Previous 7 days", "Previous 30 days", "October"]
    assert (headings[-2:], len(headings)) == (["January", "2025"], 4 + 10 + 1)


def test_periods_go_back_to_the_oldest_without_a_gap() -> None:
    starts = periods(datetime(2026, 3, 3, tzinfo=UTC))(datetime(2024, 12, 31, tzinfo=UTC))
    days = ["2026-03-03", "2026-03-02", "2026-02-24", "2026-02-01", "2026-01-01", "2025-01-01", "2024-01-01"]
    assert [f"{each:%Y-%m-%d}" for each in starts] == days


def test_snippets_begin_near_what_was_found_and_titles_are_never_empty() -> None:
    summary = one("a/x", " two\nlines ")
    text = "so much was said before the needle was found"
    hits = [SearchHit(conversation=summary, message_id="m", snippet=text, marks=((28, 34),))]
    heading, item = found(hits, 100)
    assert heading == EntryGroup("Results", 1)
    assert isinstance(item, SidebarItem)
    assert (item.title, item.snippet, item.message_id) == ("two lines", "…said before the needle was found", "m")
    assert [item.snippet[start:end] for start, end in item.marks] == ["needle"]
    assert SidebarItem(one("a/x", "")).title == "New chat"
    assert found([], 100) == []
    assert found(hits, 1)[0] == EntryGroup("Results", 1, beyond=True)


def test_pinned_conversations_come_first_then_comparisons_and_the_archive_last() -> None:
    pinned = group("pinned", msgspec.structs.replace(one("a/x", "kept in sight", 5), pinned=True))
    held = listing(group("a/x", one("a/x", "new")), pinned=pinned, archive=group("archive", one("a/x", "put away")))
    compared = ComparisonSummary(id="c", title="side by side", updated_at=NOW, models=(ModelRef.parse("a/x"),))
    assert lines(listed(held, name, NOW, comparisons=[compared])) == [
        *("Pinned None", "kept in sight", "Comparisons 1", "side by side"),
        *("x 1", "new", "Archive 1", "put away"),
    ]


def test_by_date_a_comparison_stands_among_chats_and_unfolds_to_those_that_were_sent_to() -> None:
    chat, sent = one("a/x", "new"), one("b/y", "in it", 1)
    held = group(str(NOW), chat, one("a/x", "older", 0.2), since=NOW.replace(hour=0))
    shown = msgspec.structs.replace(listing(held), also=(sent,))
    models = (ModelRef.parse("b/y"), ModelRef.parse("a/x"))
    compared = ComparisonSummary(
        id="c", title="both", updated_at=NOW - timedelta(days=0.1), models=models, conversations=(sent.id, "never sent")
    )
    folded = listed(shown, name, NOW, order=Order.RECENT, comparisons=[compared])
    assert lines(folded) == ["Today None", "new", "both", "older"]
    unfolded = listed(shown, name, NOW, order=Order.RECENT, comparisons=[compared], unfolded={"c"})
    assert [each.within for each in unfolded if isinstance(each, SidebarItem)] == ["", "", "c", ""]
    twice = msgspec.structs.replace(compared, conversations=(sent.id, "never sent", sent.id))
    rows = listed(shown, name, NOW, order=Order.RECENT, comparisons=[twice], unfolded={"c"})
    assert [each.number for each in rows if isinstance(each, SidebarItem)] == [0, 0, 1, 3, 0]
    thrown = msgspec.structs.replace(shown, thrown=frozenset({sent.id}))
    (_, _, row, _) = listed(thrown, name, NOW, order=Order.RECENT, comparisons=[compared])
    assert isinstance(row, SidebarItem)
    assert row.models == (models[1],)


def test_rows_that_are_held_in_place_take_in_new_ones_and_leave_no_heading_alone() -> None:
    first, second, new = (SidebarItem(one("a/x", title)) for title in ("first", "second", "new"))
    today, before = EntryGroup("Today", None), EntryGroup("Yesterday", None)
    assert lines(held_in_place([today, first, second], [today, new, second, first])) == [
        *("Today None", "new", "first", "second"),
    ]
    assert lines(held_in_place([before, first, second], [today, first, before, second])) == [
        *("Yesterday None", "first", "second"),
    ]
    assert lines(held_in_place([before, first, today, second], [today, second])) == ["Today None", "second"]
    assert held_in_place([], []) == []
