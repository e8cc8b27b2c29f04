from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import QItemSelectionModel, QRect, Qt
from PySide6.QtGui import QAccessible, QAction, QFont, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu, QMessageBox, QStyle
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Conversation, ConversationSummary, ModelRef, Status
from desktop.services import Services
from tests.cpu_time import within
from tests.desktop.store.made import START, answer, conversation, finished, prompt
from tests.ui.ink import LEFT, RIGHT, inked
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.sidebar.entries import Entry, EntryGroup, More, Order, SidebarItem
from ui.sidebar.entries_model import MIME, more_text
from ui.sidebar.sidebar import Sidebar
from ui.widgets.row_painter import RowPainter, sized

GROK = ModelRef(connection="lab", name="grok-3-mini")


def spoken(text: str, title: str, model: ModelRef = GROK, days: int = 0) -> Conversation:
    asked = prompt(text)
    said = finished(answer(asked), f"About {text}", Status.COMPLETE)
    made = conversation(asked, said, title=title, model=model)
    return msgspec.structs.replace(made, updated_at=START - timedelta(days=days))


@pytest.fixture
async def sidebar(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Sidebar]:
    made = Sidebar(services, tasks, themes, clock=lambda: START)
    made.group_by(Order.MODEL)
    qtbot.addWidget(made)
    made.resize(255, 800)
    made.show()
    yield made
    await tasks.settle(5)


def collect(into: list[tuple[str, str]]) -> Callable[[str, str], None]:
    def take(one: str, other: str) -> None:
        into.append((one, other))

    return take


def gathered(into: list[tuple[tuple[str, ...], str]]) -> Callable[[tuple[str, ...], str], None]:
    def take(ids: tuple[str, ...], title: str) -> None:
        into.append((ids, title))

    return take


async def fill(sidebar: Sidebar, services: Services, *conversations: Conversation) -> None:
    kept = (await services.store()).conversations
    for each in conversations:
        await kept.create(each)
    sidebar.library.load()
    await until(lambda: sidebar.library.loaded)


def titles(sidebar: Sidebar) -> list[str]:
    entries = sidebar.list.entries
    listed = [entries.entry(entries.index(row)) for row in range(entries.rowCount())]
    return [line(each) for each in listed if each]


def line(entry: Entry) -> str:
    if isinstance(entry, EntryGroup):
        return f"[{entry.title} {entry.count or ''}".strip() + "]"
    return more_text(entry) if isinstance(entry, More) else entry.title


def choose(sidebar: Sidebar, *rows: int) -> None:
    """Choose several rows."""
    sidebar.list.setCurrentIndex(sidebar.list.entries.index(rows[0]))
    for row in rows[1:]:
        sidebar.list.selectionModel().select(sidebar.list.entries.index(row), QItemSelectionModel.SelectionFlag.Select)


def actions(sidebar: Sidebar, row: int) -> dict[str, QAction]:
    """What the menu of a row offers."""
    menu = QMenu(sidebar)
    entry = sidebar.list.entries.entry(sidebar.list.entries.index(row))
    assert isinstance(entry, SidebarItem)
    sidebar.list.add_actions_for(menu, entry)
    return {action.text(): action for action in menu.actions() if action.text()}


async def test_conversations_are_listed_by_model_with_counts(sidebar: Sidebar, services: Services) -> None:
    embedded = ModelRef(connection="embedded", name="smollm2")
    await fill(
        sidebar, services, spoken("a", "One"), spoken("b", "Two", days=1), spoken("c", "Three", embedded, days=2)
    )
    assert titles(sidebar) == ["[Grok 3 mini 2]", "One", "Two", "[SmolLM2 (embedded) 1]", "Three"]
    sidebar.group_by(Order.RECENT)
    await until(lambda: titles(sidebar) == ["[Today]", "One", "[Yesterday]", "Two", "[Previous 7 days]", "Three"])


async def test_an_empty_list_teaches(sidebar: Sidebar, services: Services) -> None:
    empty = sidebar.findChildren(type(sidebar._empty))
    assert sidebar._empty in empty
    assert sidebar._empty.isVisible()
    assert "stay on this computer" in sidebar._empty.text()
    await fill(sidebar, services, spoken("a", "One"))
    assert not sidebar._empty.isVisible()


async def test_a_click_and_enter_open(sidebar: Sidebar, services: Services) -> None:
    one, two = spoken("a", "One"), spoken("b", "Two", days=1)
    await fill(sidebar, services, one, two)
    opened: list[tuple[str, str]] = []
    entered: list[tuple[str, str]] = []
    sidebar.opened.connect(collect(opened))
    sidebar.entered.connect(collect(entered))
    rect = sidebar.list.visualRect(sidebar.list.entries.index(2))
    QTest.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, rect.center())
    QTest.keyClick(sidebar.list, Qt.Key.Key_Up)
    QTest.keyClick(sidebar.list, Qt.Key.Key_Return)
    assert (opened, entered) == ([(two.id, "")], [(one.id, "")])


async def test_search_goes_over_everything_as_one_types(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("the Sky is blue", "One"), spoken("green grass", "Two", days=1))
    opened: list[tuple[str, str]] = []
    sidebar.opened.connect(collect(opened))
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search_field, "sky")
    await until(lambda: titles(sidebar)[:1] == ["[Results 2]"])
    entry = sidebar.list.entries.entry(sidebar.list.entries.index(1))
    assert isinstance(entry, SidebarItem)
    assert "Sky" in entry.snippet
    QTest.keyClick(sidebar.search_field, Qt.Key.Key_Return)
    assert opened == [(entry.conversation.id, entry.message_id)]
    QTest.keyClicks(sidebar.search_field, "xyz")
    await until(lambda: titles(sidebar) == [] and sidebar._empty.isVisible())
    QTest.keyClick(sidebar.search_field, Qt.Key.Key_Escape)
    assert "One" in titles(sidebar)


async def test_down_leads_from_the_search_to_the_first_conversation(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("a", "One"))
    sidebar.focus_search()
    QTest.keyClick(sidebar.search_field, Qt.Key.Key_Down)
    assert sidebar.list.current_item is not None
    assert sidebar.list.current_item.title == "One"
    left: list[bool] = []
    sidebar.list.left_upwards.connect(lambda: left.append(True))
    QTest.keyClick(sidebar.list, Qt.Key.Key_Up)
    assert left


async def test_renaming_in_the_row_is_kept(sidebar: Sidebar, services: Services) -> None:
    one = spoken("a", "One")
    await fill(sidebar, services, one)
    sidebar.list.rename(one.id)
    editor = sidebar.list.findChildren(QLineEdit)[0]
    assert editor.text() == "One"
    editor.setText("<b>Other</b>")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    await until(lambda: titles(sidebar) == ["[Grok 3 mini 1]", "<b>Other</b>"])
    assert (await (await services.store()).conversations.get(one.id)).title == "<b>Other</b>"


async def test_delete_moves_to_the_trash_and_restoring_brings_back(sidebar: Sidebar, services: Services) -> None:
    one, two = spoken("a", "One"), spoken("b", "Two", days=1)
    await fill(sidebar, services, one, two)
    trashed: list[tuple[tuple[str, ...], str]] = []
    sidebar.library.trashed.connect(gathered(trashed))
    sidebar.list.setCurrentIndex(sidebar.list.entries.index(1))
    QTest.keyClick(sidebar.list, Qt.Key.Key_Delete)
    await until(lambda: trashed)
    assert trashed == [((one.id,), "One")]
    assert titles(sidebar) == ["[Grok 3 mini 1]", "Two"]
    sidebar.library.restore(one.id)
    await until(lambda: "One" in titles(sidebar))


async def test_a_conversation_that_was_kept_appears(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("a", "One", days=9))
    await (await services.store()).conversations.create(spoken("b", "Two"))
    sidebar.library.refresh()
    await until(lambda: titles(sidebar) == ["[Grok 3 mini 2]", "Two", "One"])


async def test_rows_do_not_change_places_under_the_mouse(sidebar: Sidebar, services: Services) -> None:
    one, two = spoken("a", "One", days=1), spoken("b", "Two", ModelRef(connection="lab", name="x"), days=2)
    await fill(sidebar, services, one, two)
    before, view = ["[Grok 3 mini 1]", "One", "[x 1]", "Two"], sidebar.list.viewport()
    assert titles(sidebar) == before
    kept = (await services.store()).conversations
    QTest.mouseMove(view, sidebar.list.visualRect(sidebar.list.entries.index(1)).center())
    await until(view.underMouse)
    await kept.rename(two.id, "Later")
    more = prompt("c", two.messages[-1])
    await kept.begin(two, more, answer(more))
    sidebar.library.refresh()
    await until(lambda: titles(sidebar)[3] == "Later")
    assert titles(sidebar) == [*before[:3], "Later"]
    QTest.mouseMove(sidebar.search_field)
    await until(lambda: titles(sidebar) == ["[x 1]", "Later", "[Grok 3 mini 1]", "One"])


async def test_a_store_that_refuses_is_said(sidebar: Sidebar, services: Services) -> None:
    failed: list[object] = []
    sidebar.library.failed.connect(failed.append)
    sidebar.library.trash("nothing of this id")
    await until(lambda: failed)


async def test_screen_readers_hear_names(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("a", "One"))
    found = QAccessible.queryAccessibleInterface(sidebar.list)
    assert found.text(QAccessible.Text.Name) == "Conversations"
    assert found.role() == QAccessible.Role.List
    names = [found.child(row).text(QAccessible.Text.Name) for row in range(2)]
    assert names == ["Grok 3 mini, 1", "One, Grok 3 mini, now"]


async def test_items_of_a_list_that_is_hidden_are_not_told_as_seen(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("a", "One"))
    sidebar.resize(300, 600)
    sidebar.show()
    await until(lambda: sidebar.list.visualRect(sidebar.list.entries.index(1)).isValid())
    item = QAccessible.queryAccessibleInterface(sidebar.list).child(1)
    assert not item.state().invisible
    sidebar.hide()
    assert item.state().invisible


async def test_of_a_great_store_only_the_newest_are_listed_and_more_on_demand(
    sidebar: Sidebar, services: Services
) -> None:
    made = [spoken("a", f"Title {number}", days=number) for number in range(1_100)]
    await (await services.store()).conversations.create_all(made)
    sidebar.library.load()
    await until(lambda: sidebar.library.loaded)
    assert titles(sidebar)[0] == "[Grok 3 mini 1100]"
    assert (len(titles(sidebar)), titles(sidebar)[-1]) == (602, "Show 500 more")
    for attempt in within(1):
        with attempt:
            sidebar.grab()
    sidebar.list.setCurrentIndex(sidebar.list.entries.index(601))
    QTest.keyClick(sidebar.list, Qt.Key.Key_Return)
    await until(lambda: titles(sidebar)[-1] == "Show 300 more")
    assert sidebar.library.title(made[-1].id) == ""
    sidebar.mark_opened(made[-1].id)
    await until(lambda: sidebar.library.title(made[-1].id) == "Title 1099")


async def test_a_conversation_is_pinned_and_archived_from_its_menu(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("a", "One"), spoken("b", "Two", days=1))
    two = sidebar.library.conversations[1].id
    sidebar.list.pin_asked.emit([two], True)
    await until(lambda: titles(sidebar) == ["[Pinned]", "Two", "[Grok 3 mini 1]", "One"])
    sidebar.list.archive_asked.emit([two], True)
    await until(lambda: titles(sidebar) == ["[Grok 3 mini 1]", "One"])
    sidebar.show_archive(shown=True)
    await until(lambda: titles(sidebar)[-2:] == ["[Archive 1]", "Two"])


async def test_read_from_the_right_marks_stand_at_the_right(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("a", "One"))
    row = sidebar.list.visualRect(sidebar.list.entries.index(1))
    colour = sidebar.list.delegate._themes.current.mark(GROK)

    def marked() -> list[int]:
        image = sidebar.list.viewport().grab(row).toImage()
        return [x for x in range(image.width()) if image.pixelColor(x, row.height() // 2).name().upper() == colour]

    assert 12 <= marked()[0] <= marked()[-1] <= 28
    sidebar.list.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert min(marked()) > row.width() - 30


async def test_the_trash_is_shown_restored_and_emptied_only_after_a_question(
    sidebar: Sidebar, services: Services
) -> None:
    await fill(sidebar, services, spoken("a", "One"), spoken("b", "Two", days=1))
    one, two = (each.id for each in sidebar.library.conversations)
    sidebar.library.trash(one)
    sidebar.library.trash(two)
    await until(lambda: titles(sidebar) == [])
    sidebar.show_trash(shown=True)
    await until(lambda: titles(sidebar) == ["[Trash (items kept for 30 days) 2]", "One", "Two"])
    assert set(actions(sidebar, 1)) == {"Open", "Restore", "Delete permanently…"}
    sidebar.list.restore_asked.emit([one])
    await until(lambda: titles(sidebar) == ["[Grok 3 mini 1]", "One", "[Trash (items kept for 30 days) 1]", "Two"])
    sidebar.list.purge_asked.emit([two], "Two")
    (question,) = sidebar.findChildren(QMessageBox)
    assert "permanently" in question.text()
    assert "Two" in titles(sidebar)
    next(each for each in question.buttons() if each.text() == "Delete").click()
    await until(lambda: titles(sidebar) == ["[Grok 3 mini 1]", "One"])


async def test_what_is_chosen_is_pinned_archived_and_trashed_together_and_comes_back(
    sidebar: Sidebar, services: Services
) -> None:
    await fill(sidebar, services, *(spoken("a", name, days=day) for day, name in enumerate(("One", "Two", "Three"))))
    trashed: list[tuple[tuple[str, ...], str]] = []
    sidebar.library.trashed.connect(gathered(trashed))
    choose(sidebar, 1, 3)
    assert "Rename" not in actions(sidebar, 1)
    actions(sidebar, 1)["Pin"].trigger()
    await until(lambda: titles(sidebar) == ["[Pinned]", "One", "Three", "[Grok 3 mini 1]", "Two"])
    assert [each.title for each in sidebar.list.chosen] == ["One", "Three"]
    actions(sidebar, 1)["Archive"].trigger()
    await until(lambda: titles(sidebar) == ["[Grok 3 mini 1]", "Two"])
    sidebar.show_archive(shown=True)
    await until(lambda: len(titles(sidebar)) == 5)
    choose(sidebar, 1, 3, 4)
    QTest.keyClick(sidebar.list, Qt.Key.Key_Delete)
    await until(lambda: titles(sidebar) == [])
    ((ids, _),) = trashed
    sidebar.library.restore(ids)
    await until(lambda: len(titles(sidebar)) == 5)


async def test_ctrl_and_shift_choose_without_opening(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, *(spoken("a", name, days=day) for day, name in enumerate(("One", "Two", "Three"))))
    opened: list[tuple[str, str]] = []
    sidebar.opened.connect(collect(opened))
    sidebar.list.setCurrentIndex(sidebar.list.entries.index(1))
    sidebar.list.setFocus()
    QTest.keyClick(sidebar.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert [each.title for each in sidebar.list.chosen] == ["One", "Two"]
    QTest.keyClick(sidebar.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(sidebar.list.chosen) == 3
    sidebar.mark_opened(sidebar.list.chosen[0].conversation.id)
    assert len(sidebar.list.chosen) == 3
    assert opened == []


async def test_conversations_are_dragged_by_their_ids(sidebar: Sidebar, services: Services) -> None:
    one, two = spoken("a", "One"), spoken("b", "Two", days=1)
    await fill(sidebar, services, one, two)
    model = sidebar.list.entries
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsDragEnabled
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled
    data = model.mimeData([model.index(2), model.index(1)])
    assert data.formats() == [MIME]
    assert bytes(data.data(MIME).data()).decode() == f"{one.id}\n{two.id}"


async def test_f3_goes_from_hit_to_hit_across_conversations(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("the sky", "One"), spoken("sky again", "Two", days=1))
    opened: list[tuple[str, str]] = []
    sidebar.opened.connect(collect(opened))
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search_field, "sky")
    await until(lambda: titles(sidebar)[:1] == ["[Results 4]"])
    for step in (sidebar.next_hit, sidebar.next_hit, sidebar.next_hit, sidebar.previous_hit):
        step()
        sidebar.mark_opened(opened[-1][0])  # as the window does
    hits = sidebar.finding.hits
    assert hits is not None
    assert [hit.message_id for hit in (hits[0], hits[1], hits[2], hits[1])] == [message for _, message in opened]
    assert sidebar.search_field._hit.text() == "2/4"
    sidebar.previous_hit()
    sidebar.previous_hit()
    assert sidebar.search_field._hit.text() == "4/4"
    assert opened[-1][1] == hits[3].message_id  # round at the end


async def test_a_conversation_is_one_row_with_the_number_of_its_hits_and_tells_of_the_one_gone_to(
    sidebar: Sidebar, services: Services
) -> None:
    await fill(sidebar, services, spoken("the sky", "One"), spoken("sky again", "Two", days=1))
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search_field, "sky")
    await until(lambda: titles(sidebar) == ["[Results 4]", "Two", "One"])
    entries, index = sidebar.list.entries, sidebar.list.entries.index(1)
    assert ", 2 hits, " in str(index.data(Qt.ItemDataRole.AccessibleTextRole))
    item = entries.entry(index)
    assert isinstance(item, SidebarItem)
    before = sidebar.list.viewport().grab(sidebar.list.visualRect(index)).toImage()
    sidebar.next_hit()
    sidebar.next_hit()
    sidebar.list.clearSelection()
    assert sidebar.list.delegate.hit == item.hits[1].message_id != item.message_id
    assert sidebar.list.viewport().grab(sidebar.list.visualRect(index)).toImage() != before


async def test_a_title_that_holds_the_words_says_so(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("green", "Sky alone"), spoken("the sky", "Sky and said", days=1))
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search_field, "sky")
    await until(lambda: titles(sidebar)[0] == "[Results 3]")
    rows = [str(sidebar.list.entries.index(row).data(Qt.ItemDataRole.AccessibleTextRole)) for row in (1, 2)]
    alone, both = sorted(rows)
    assert alone.endswith(", Title match")
    assert ", in title · 2 hits, " in both


async def test_a_hit_names_its_model_at_the_end_of_its_second_line(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("sky", "One"), spoken("sky", "Two", ModelRef(connection="lab", name="x" * 60)))
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search_field, "sky role:user")
    await until(lambda: titles(sidebar)[0].startswith("[Results"))
    QTest.mouseMove(sidebar.search_field)
    drawn = sidebar.list.viewport().grab().toImage()
    for row in (1, 2):
        rect = sidebar.list.visualRect(sidebar.list.entries.index(row))
        ink = inked(drawn, QRect(rect.width() // 2, rect.top() + 25, rect.width() // 2, 20))
        assert ink.right() >= rect.width() - 24
        assert ink.left() >= rect.width() // 2 + 10


async def test_hits_are_shown_from_the_first_on_wherever_the_list_was_scrolled_to(
    sidebar: Sidebar, services: Services
) -> None:
    await fill(sidebar, services, *(spoken(f"sky {number}", f"Title {number}") for number in range(40)))
    sidebar.resize(280, 400)
    sidebar.show()
    bar = sidebar.list.verticalScrollBar()
    await until(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search_field, "sky")
    await until(lambda: titles(sidebar)[0].startswith("[Results"))
    assert bar.maximum() > 100
    assert bar.value() == 0
    bar.setValue(100)
    sidebar._show()
    assert bar.value() == 100  # what changes meanwhile moves nothing


async def test_what_has_been_in_the_trash_for_its_term_goes_for_good(sidebar: Sidebar, services: Services) -> None:
    old, young = spoken("a", "Old"), spoken("b", "Young")
    store = await services.store()
    for each in (old, young):
        await store.conversations.create(each)
        await store.conversations.trash([each.id])
    long_ago = "UPDATE conversations SET created_at = 0, updated_at = 0, trashed_at = 1 WHERE id = ?"
    await store._database.write(lambda sql: sql.run(long_ago, (old.id,)))
    sidebar.library.load()
    await until(lambda: sidebar.library.loaded)
    await sidebar._services.store()
    listed = [each.id for each in await store.conversations.list(trashed=True)]
    while old.id in listed:
        listed = [each.id for each in await store.conversations.list(trashed=True)]
    assert listed == [young.id]


@pytest.mark.parametrize("text", ["needle needle " + "of words " * 20, "קנברה קנברה " * 12])
@pytest.mark.parametrize("direction", [LEFT, RIGHT])
async def test_a_snippet_stays_in_its_line_however_many_of_its_words_are_marked(
    sidebar: Sidebar, text: str, direction: Qt.LayoutDirection
) -> None:
    image = QImage(300, 30, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    row = RowPainter(painter, image.rect(), QFont(), QStyle.StateFlag.State_None, direction)
    summary = ConversationSummary(id="a", title="A", model=GROK, updated_at=START)
    marks = tuple((word.start(), word.end()) for word in re.finditer("needle|קנברה", text))
    area = QRect(30, 0, 250, 30)
    sidebar.list.delegate._snippet(row, area, SidebarItem(summary, "m", text, marks), sized(QFont(), 11))
    painter.end()
    ink, place = inked(image), row.placed(area)
    assert place.left() - 1 <= ink.left() <= ink.right() <= place.right() + 1
    assert ink.width() > 190


@pytest.mark.parametrize("unread", [False, True])
async def test_the_trash_is_not_emptied_by_a_default_while_the_settings_cannot_be_read(
    sidebar: Sidebar, services: Services, tasks: Tasks, *, unread: bool
) -> None:
    old = spoken("a", "Old")
    store = await services.store()
    await store.conversations.create(old)
    await store._database.write(
        lambda sql: sql.run("UPDATE conversations SET created_at = 0, updated_at = 0, trashed_at = 1")
    )
    services.use(replace(services.settings, unread=unread))
    sidebar.library.load()
    await until(lambda: sidebar.library.loaded)
    await tasks.settle(5)
    assert [*await store.conversations.states([old.id])] == [old.id] * unread
