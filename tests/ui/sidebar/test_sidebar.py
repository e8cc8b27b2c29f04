from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from desktop.domain import Conversation, ConversationSummary, ModelRef, Status, new_id
from desktop.services import Services
from tests.desktop.store.made import START, answer, conversation, finished, prompt
from tests.ui.waiting import until
from ui.sidebar.entries import Group, Item, Order
from ui.sidebar.sidebar import Sidebar
from ui.tasks import Tasks
from ui.theme import Themes

GROK = ModelRef(connection="lab", name="grok-3-mini")


def spoken(text: str, title: str, model: ModelRef = GROK, days: int = 0) -> Conversation:
    asked = prompt(text)
    said = finished(answer(asked), f"About {text}", Status.COMPLETE)
    made = conversation(asked, said, title=title, model=model)
    return msgspec.structs.replace(made, updated_at=START - timedelta(days=days))


@pytest.fixture
async def sidebar(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Sidebar]:
    made = Sidebar(services, tasks, themes, clock=lambda: START)
    qtbot.addWidget(made)
    made.resize(255, 800)
    made.show()
    yield made
    await tasks.settle(5)


def collect(into: list[tuple[str, str]]) -> Callable[[str, str], None]:
    def take(one: str, other: str) -> None:
        into.append((one, other))

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
    return [
        f"[{each.title} {each.count or ''}".strip() + "]" if isinstance(each, Group) else each.title
        for each in listed
        if each
    ]


async def test_conversations_are_listed_by_model_with_counts(sidebar: Sidebar, services: Services) -> None:
    embedded = ModelRef(connection="embedded", name="smollm2")
    await fill(
        sidebar, services, spoken("a", "One"), spoken("b", "Two", days=1), spoken("c", "Three", embedded, days=2)
    )
    assert titles(sidebar) == ["[Grok 3 mini 2]", "One", "Two", "[SmolLM2 (embedded) 1]", "Three"]
    sidebar.group_by(Order.DATE)
    assert titles(sidebar)[0].startswith("[Today")


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
    sidebar.opened.connect(collect(opened))
    rect = sidebar.list.visualRect(sidebar.list.entries.index(2))
    QTest.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, rect.center())
    QTest.keyClick(sidebar.list, Qt.Key.Key_Up)
    QTest.keyClick(sidebar.list, Qt.Key.Key_Return)
    assert opened == [(two.id, ""), (one.id, "")]


async def test_search_goes_over_everything_as_one_types(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("the Sky is blue", "One"), spoken("green grass", "Two", days=1))
    opened: list[tuple[str, str]] = []
    sidebar.opened.connect(collect(opened))
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search_field, "sky")
    await until(lambda: titles(sidebar)[:1] == ["[Found 2]"])
    entry = sidebar.list.entries.entry(sidebar.list.entries.index(1))
    assert isinstance(entry, Item)
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
    trashed: list[tuple[str, str]] = []
    sidebar.library.trashed.connect(collect(trashed))
    sidebar.list.setCurrentIndex(sidebar.list.entries.index(1))
    QTest.keyClick(sidebar.list, Qt.Key.Key_Delete)
    await until(lambda: trashed)
    assert trashed == [(one.id, "One")]
    assert titles(sidebar) == ["[Grok 3 mini 1]", "Two"]
    sidebar.library.restore(one.id)
    await until(lambda: "One" in titles(sidebar))


async def test_a_conversation_that_was_kept_appears_without_reading_all(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("a", "One", days=9))
    await (await services.store()).conversations.create(spoken("b", "Two"))
    sidebar.library.refresh()
    await until(lambda: titles(sidebar) == ["[Grok 3 mini 2]", "Two", "One"])


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


async def test_ten_thousand_conversations_stay_quick(sidebar: Sidebar) -> None:
    models = [ModelRef(connection="lab", name=f"model-{number}") for number in range(5)]
    many = [
        ConversationSummary(
            id=new_id(),
            title=f"Title {number}",
            model=models[number % 5],
            updated_at=START - timedelta(minutes=number),
            message_count=2,
        )
        for number in range(10_000)
    ]
    started = time.perf_counter()
    sidebar.library._take(many)
    sidebar.grab()
    assert sidebar.list.entries.rowCount() == 10_005
    assert time.perf_counter() - started < 1.0


async def test_a_conversation_is_pinned_and_archived_from_its_menu(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("a", "One"), spoken("b", "Two", days=1))
    two = sidebar.library.conversations[1].id
    sidebar.list.pin_asked.emit(two, True)
    await until(lambda: titles(sidebar) == ["[Pinned]", "Two", "[Grok 3 mini 1]", "One"])
    sidebar.list.archive_asked.emit(two, True)
    await until(lambda: titles(sidebar) == ["[Grok 3 mini 1]", "One"])
    sidebar.show_archive(shown=True)
    assert titles(sidebar)[-2:] == ["[Archive 1]", "Two"]


async def test_read_from_the_right_marks_stand_at_the_right(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("a", "One"))
    row = sidebar.list.visualRect(sidebar.list.entries.index(1))
    colour = sidebar.list._delegate._themes.current.mark(GROK)

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
    sidebar._toggle_trash()
    await until(lambda: titles(sidebar) == ["[Trash 2]", "One", "Two"])
    sidebar.list.restore_asked.emit(one)
    await until(lambda: titles(sidebar) == ["[Grok 3 mini 1]", "One", "[Trash 1]", "Two"])
    sidebar.list.purge_asked.emit(two, "Two")
    (question,) = sidebar.findChildren(QMessageBox)
    assert "for good" in question.text()
    assert len(sidebar.library.thrown_away) == 1
    next(each for each in question.buttons() if each.text() == "Delete").click()
    await until(lambda: titles(sidebar) == ["[Grok 3 mini 1]", "One"])
