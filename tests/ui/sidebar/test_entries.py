from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from desktop.domain import ConversationSummary, ModelRef, SearchHit, new_id
from ui.sidebar.entries import Group, Item, Order, by_date, by_model, found, listed, newest_first

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


def one(model: str, title: str, days: float = 0) -> ConversationSummary:
    return ConversationSummary(
        id=new_id(), title=title, model=ModelRef.parse(model), updated_at=NOW - timedelta(days=days)
    )


def name(ref: ModelRef) -> str:
    return ref.name


def lines(listed: list[Group | Item]) -> list[str]:
    return [f"{each.title} {each.count}" if isinstance(each, Group) else each.title for each in listed]


def test_groups_by_model_come_with_the_newest_first() -> None:
    held = newest_first([one("a/x", "old", 3), one("a/y", "middle", 2), one("a/x", "new")])
    assert lines(by_model(held, name)) == ["x 2", "new", "old", "y 1", "middle"]


def test_models_of_one_name_say_their_connection() -> None:
    held = [one("a/x", "first"), one("b/x", "second", 1), one("b/y", "third", 2)]
    assert lines(by_model(held, name))[::2] == ["x (a) 1", "x (b) 1", "y 1"]


def test_groups_by_date() -> None:
    held = [one("a/x", str(days), days) for days in (0, 1, 3, 12, 40, 400)]
    headings = [each.title for each in by_date(held, NOW) if isinstance(each, Group)]
    assert headings == ["Today", "Yesterday", "This week", "November", "October", "October 2025"]


def test_titles_and_snippets_are_one_line_and_never_empty() -> None:
    summary = one("a/x", " two\nlines ")
    hits = [SearchHit(conversation=summary, message_id="m", snippet="a\n\nb")]
    heading, item = found(hits)
    assert heading == Group("Found", 1)
    assert isinstance(item, Item)
    assert (item.title, item.snippet, item.message_id) == ("two lines", "a b", "m")
    assert Item(one("a/x", "")).title == "New chat"
    assert found([]) == []


def test_pinned_conversations_come_first_and_the_archive_last_if_at_all() -> None:
    pinned = msgspec.structs.replace(one("a/x", "kept in sight", 5), pinned=True)
    away = msgspec.structs.replace(one("a/x", "put away"), archived=True)
    held = [one("a/x", "new"), pinned, away]
    assert lines(listed(held, Order.MODEL, name, NOW, archive=False)) == ["Pinned None", "kept in sight", "x 1", "new"]
    with_archive = lines(listed(held, Order.DATE, name, NOW, archive=True))
    assert with_archive == ["Pinned None", "kept in sight", "Today 1", "new", "Archive 1", "put away"]
