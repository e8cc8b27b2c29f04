"""The sidebar's entries as a model: what can be done with each, what is dragged, heard and renamed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt

from desktop.domain.comparison import ComparisonSummary, PaneState, new_comparison
from desktop.domain.conversation_types import ConversationSummary, ModelRef
from desktop.services import Services
from tests.desktop.session.fakes import REF
from tests.desktop.store.made import said
from tests.ui.transcript.makers import heard
from ui.sidebar import changes
from ui.sidebar.entries import Entry, EntryGroup, More, SidebarItem, found, periods
from ui.sidebar.entries_model import MIME, EntriesModel

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SUMMARY = ConversationSummary(id="a", title="Sky", model=REF, updated_at=NOW, message_count=2)


def item(id_: str, title: str = "Sky", **fields: object) -> SidebarItem:
    return SidebarItem(msgspec.structs.replace(SUMMARY, id=id_, title=title, **fields))  # pyright: ignore[reportArgumentType]


def model(*entries: Entry) -> EntriesModel:
    made = EntriesModel(lambda ref: ref.name, lambda: NOW)
    made.show_entries(entries)
    return made


GROUP, MORE = EntryGroup("Pinned", 2), More("pinned", 2, 7)
TRASHED = item("t", trashed_at=NOW)
ITEM_CAN = Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled


def test_neighbours_are_those_of_what_is_listed_now() -> None:
    made = model(GROUP, item("a"), item("b"), MORE, item("c"))
    assert [made.neighbour("b", by) for by in (-1, 1, 2)] == ["a", "c", ""]
    made.show_entries([GROUP, item("b"), item("a"), MORE, item("d")])
    assert [made.neighbour("b", by) for by in (-1, 1)] == ["", "a"]
    assert [made.neighbour("c", by) for by in (-1, 1)] == ["d", "b"]
    made.show_entries([])
    assert made.neighbour("b", 1) == ""


def test_items_are_renamed_and_dragged_but_not_from_the_trash_and_headings_are_only_read() -> None:
    made = model(GROUP, item("a"), MORE, TRASHED)
    flags = [made.flags(made.index(row)) for row in range(4)]
    assert flags[0] == Qt.ItemFlag.NoItemFlags
    assert flags[1] & ITEM_CAN == ITEM_CAN
    assert [bool(each & ITEM_CAN) for each in flags[2:]] == [False, False]
    assert all(each & Qt.ItemFlag.ItemIsSelectable for each in flags[1:])
    assert made.flags(QModelIndex()) == Qt.ItemFlag.NoItemFlags


@pytest.mark.parametrize(
    ("typed", "taken", "told"),
    [("Blue", True, ["Blue"]), ("  two \n lines ", True, ["two lines"]), ("Sky", True, []), (" \n", False, [])],
)
def test_a_typed_title_is_one_line_and_none_is_no_title(typed: str, taken: bool, told: list[str]) -> None:
    made = model(item("a"))
    renamed = heard(made.renamed)
    assert made.setData(made.index(0), typed) is taken
    assert renamed == [("a", each) for each in told]


def test_a_heading_and_another_role_take_no_title() -> None:
    made = model(GROUP, item("a"))
    renamed = heard(made.renamed)
    assert not made.setData(made.index(0), "Blue")
    assert not made.setData(made.index(1), "Blue", Qt.ItemDataRole.DisplayRole)
    assert renamed == []


def test_what_is_dragged_are_conversations_once_each_in_the_lists_order() -> None:
    hits = [SidebarItem(SUMMARY, message_id=id_) for id_ in ("m1", "m2")]
    made = model(GROUP, item("b"), *hits, MORE)
    data = made.mimeData([made.index(row) for row in (3, 4, 2, 0, 1)])
    assert bytes(data.data(MIME).data()) == b"b\na"
    assert made.mimeTypes() == [MIME]


def test_the_view_keeps_its_place_where_only_words_changed() -> None:
    made = model(GROUP, item("a"), MORE)
    reset, changed = heard(made.modelReset), heard(made.dataChanged)
    assert made.show_entries([EntryGroup("Pinned", 3), item("a", "Blue"), More("pinned", 2, 8)])
    assert (len(reset), len(changed)) == (0, 1)
    assert not made.show_entries([GROUP, item("b"), MORE])
    assert not made.show_entries([])
    assert made.show_entries([])
    assert len(reset) == 2


def test_a_hit_is_found_by_its_message_and_a_conversation_by_its_first_row() -> None:
    made = model(GROUP, *(SidebarItem(SUMMARY, message_id=id_) for id_ in ("m1", "m2")), item("b"))
    assert [made.row_of("a"), made.row_of("a", "m2"), made.row_of("b"), made.row_of("a", "m9")] == [1, 2, 3, -1]


def test_a_screen_reader_hears_what_stands_in_the_row() -> None:
    made = model(
        GROUP,
        item("a", " ", tags=("work", "home")),
        EntryGroup("Found", 100, beyond=True),
        EntryGroup("Bare", None),
        MORE,
    )
    spoken = [made.data(made.index(row), Qt.ItemDataRole.AccessibleTextRole) for row in range(5)]
    assert spoken[0] == "Pinned, 2"
    assert spoken[1].startswith("New chat, scripted, ")
    assert spoken[1].endswith("work, home")
    assert spoken[2:] == ["Found, 100+", "Bare", "Show 7 more"]
    assert made.data(made.index(0), Qt.ItemDataRole.DecorationRole) is None
    assert made.data(QModelIndex()) is None


def test_a_screen_reader_hears_a_comparison_as_one_of_its_models_and_not_as_its_first_chat() -> None:
    refs = tuple(ModelRef(connection="lab", name=name) for name in ("one", "two", "one"))
    told = ComparisonSummary(id="c", title="Sky", updated_at=NOW, models=refs)
    (_, row) = found([], 10, [told])
    made = model(row)
    assert made.data(made.index(0), Qt.ItemDataRole.AccessibleTextRole).startswith("Sky, Comparison, one, two, ")


def test_chats_of_one_model_in_a_comparison_are_called_by_their_panes() -> None:
    rows = [msgspec.structs.replace(item(id_), within="c", number=number) for id_, number in (("a", 1), ("b", 0))]
    made = model(*rows)
    assert [made.data(made.index(row)) for row in range(2)] == ["scripted · 1", "scripted"]


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(0), timedelta(days=4_000)),
)
def test_periods_go_back_without_a_gap_to_the_oldest(now: datetime, ago: timedelta) -> None:
    starts = periods(now)(now - ago)
    assert [*starts] == sorted({*starts}, reverse=True)
    assert starts[-1] <= now - ago
    assert starts[0].date() == now.date()
    assert all(each.hour == each.minute == each.second == each.microsecond == 0 for each in starts)
    assert all(each.day == 1 for each in starts[4:])
    assert all(each.month == 1 for each in starts[4:] if each.year != now.year)


async def test_conversations_and_comparisons_are_changed_alike_several_at_once(services: Services) -> None:
    store = await services.store()
    kept = said("why?", "Sky")
    comparison = new_comparison((PaneState(conversation=kept.id, model=ModelRef(connection="lab", name="x")),))
    await store.conversations.create(kept)
    await store.comparisons.save(comparison)
    ids = (comparison.id, kept.id)
    assert await changes.parted(store, ids) == ([kept.id], [comparison.id])
    for id_ in ids:
        await changes.rename(store, id_, "Blue")
    assert [each.title for each in (*await store.conversations.list(), *await store.comparisons.list())] == ["Blue"] * 2
    await changes.trash(store, ids)
    assert (await store.conversations.list(), await store.comparisons.list()) == ((), ())
    await changes.restore(store, ids)
    assert len(await store.conversations.list()) == len(await store.comparisons.list()) == 1
    await changes.trash(store, ids)
    assert await changes.empty_trash(store, days=1) == ()
    await changes.restore(store, ids)
    assert await changes.purge(store, [comparison.id]) == (comparison.id,)
    assert await store.comparisons.list(trashed=True) == await store.comparisons.list() == ()
    assert len(await store.conversations.list()) == 1


async def test_the_whole_trash_is_emptied_of_both_kinds(services: Services) -> None:
    store = await services.store()
    kept = said("why?", "Sky")
    comparison = new_comparison((PaneState(conversation="", model=REF), PaneState(conversation="unsent", model=REF)))
    await store.conversations.create(kept)
    await store.comparisons.save(comparison)
    await changes.trash(store, [kept.id, comparison.id])
    assert {*await changes.empty_trash(store)} == {kept.id, comparison.id, "unsent"}
    assert await store.conversations.list(trashed=True) == ()
    assert await store.comparisons.list(trashed=True) == ()
