from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.credentials.keys import Keys
from desktop.services import Services
from tests.desktop.credentials.fakes import MemoryKeyring
from tests.desktop.store.made import said
from tests.desktop.store.test_rounds import asked
from tests.ui.driver import Driver
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer import drafts as drafts_file
from ui.widgets.notice_bar import NoticeBar
from ui.window.main_window import MainWindow


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[MainWindow]:
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    await made.settle_in()
    await until(lambda: made.sidebar.library.loaded)
    yield made
    made.pane.stop()
    await tasks.settle(0.5)


async def open_one(window: MainWindow, services: Services, title: str = "Sky") -> str:
    kept = said("Why is the sky blue?", title)
    await (await services.store()).conversations.create(kept)
    window.sidebar.library.load()
    await until(lambda: window.sidebar.library.title(kept.id))
    window.desk.open_conversation(kept.id)
    await until(lambda: window.pane.conversation_id == kept.id and window.title.text == title)
    return kept.id


async def test_a_conversation_opens_with_its_title_and_is_marked(window: MainWindow, services: Services) -> None:
    await open_one(window, services)
    assert window.sidebar.list.current_item is not None
    window.desk.new_chat()
    assert window.title.text == "New chat"
    assert window.sidebar.list.current_item is None


async def test_a_rename_reaches_the_header(window: MainWindow, services: Services) -> None:
    kept = await open_one(window, services)
    window.sidebar.library.rename(kept, "Blue")
    await until(lambda: window.title.text == "Blue")
    assert window.windowTitle() == "Blue - Paragone"


async def test_the_trash_empties_the_pane_and_undo_opens_it_again(window: MainWindow, services: Services) -> None:
    kept = await open_one(window, services)
    window.desk.trash()
    await until(lambda: window.notices.texts == ("“Sky” is in the trash.",))
    assert window.pane.conversation_id != kept
    undo = next(each for each in window.notices.findChildren(QPushButton) if each.text() == "Undo")
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    await until(lambda: window.pane.conversation_id == kept and window.sidebar.library.title(kept))


async def test_the_shortcuts_work_from_anywhere(window: MainWindow) -> None:
    window.activateWindow()
    await until(lambda: QApplication.activeWindow() is window)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert window.sidebar.isHidden()
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_F, modifiers)
    assert window.sidebar.isVisible()
    assert window.focusWidget() is window.sidebar.search_field
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert not window.sidebar.isAncestorOf(window.focusWidget())


async def test_a_narrow_window_hides_the_sidebar_and_room_brings_it_back(window: MainWindow) -> None:
    window.pane.focus_composer()
    window.resize(700, 600)
    await until(window.sidebar.isHidden)
    window.resize(1200, 800)
    await until(lambda: not window.sidebar.isHidden())


async def test_size_and_sidebar_come_back(
    window: MainWindow, services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    window.resize(640, 500)
    window.close()
    again = MainWindow(services, tasks, themes)
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (640, 500)


async def test_closing_is_said(window: MainWindow) -> None:
    closed: list[bool] = []
    window.closed.connect(lambda: closed.append(True))
    window.close()
    assert closed == [True]


async def test_a_bug_is_shown_and_says_where_the_log_is(window: MainWindow, services: Services) -> None:
    window.say_bug("Something went wrong (ValueError).")
    assert str(services.paths.logs) in window.notices.texts[0]


async def test_exact_names_are_there_from_the_first_frame(window: MainWindow) -> None:
    assert window.windowTitle() == "Paragone"
    names = {each.accessibleName() for each in window.findChildren(QWidget)}
    wanted = {"Message", "Send", "Model", "Transcript", "Conversations", "Search conversations", "New chat", "Settings"}
    assert wanted <= names


async def test_every_control_has_a_name_and_can_be_reached_by_keyboard(window: MainWindow) -> None:
    controls = [
        each
        for each in window.findChildren(QWidget)
        if isinstance(each, (QAbstractButton, QLineEdit)) and each.isVisible() and each.isEnabled()
    ]
    nameless = [each for each in controls if not each.accessibleName()]
    unreached = [each.accessibleName() for each in controls if not each.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert nameless == []
    assert unreached == []


async def test_a_new_window_fits_on_its_screen(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> None:
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    room = made.screen().availableSize()
    assert made.width() < room.width()
    assert made.height() < room.height()


async def test_nothing_moves_for_a_notice_and_it_stays_within_the_page(window: MainWindow, services: Services) -> None:
    await open_one(window, services)
    pane, page = window.pane, window.drawer
    before = pane.mapTo(window, pane.rect().topLeft()), pane.size()
    window.notices.show_notice("A first thing that can be undone.", action="Undo", act=lambda: None)
    window.notices.show_notice("A second thing, said in so many words that it takes more than one line. " * 3)
    for width in (1200, 520):
        window.resize(width, 800)
        await until(lambda: window.notices.geometry().isValid() and not window.notices.visibleRegion().isEmpty())
        room = page.rect().translated(page.mapTo(window, page.rect().topLeft()))
        bars = window.notices.findChildren(NoticeBar)
        assert len(bars) == 2
        for bar in bars:
            lies = bar.rect().translated(bar.mapTo(window, bar.rect().topLeft()))
            assert room.contains(lies), width
            words = bar.findChild(QLabel)
            assert words is not None
            assert words.height() >= words.heightForWidth(words.width()), width
    window.resize(1200, 800)
    await until(lambda: (pane.mapTo(window, pane.rect().topLeft()), pane.size()) == before)


async def test_locked_conversations_are_offered_to_be_opened(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    keyring = MemoryKeyring()
    services.keys = Keys(service="test", environ={}, find=lambda: keyring)
    store = await services.store()
    await store.encryption.turn_on(await store.encryption.prepare())
    await services.aclose()
    keyring.items.clear()
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.show()
    await made.settle_in()
    (bar,) = (each for each in made.findChildren(NoticeBar) if "their key is not in the keyring" in each.text)
    assert bar.action == "Open…"


async def test_once_locked_conversations_are_open_all_is_done_that_a_start_does_and_nothing_typed_lies_plain(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts_file, "DELAY_MS", 10)
    keyring = MemoryKeyring()
    services.keys = Keys(service="test", environ={}, find=lambda: keyring)
    store = await services.store()
    new = await store.encryption.prepare()
    await store.encryption.turn_on(new)
    await store.rounds.save(asked(), 0.0)
    await services.aclose()
    for each in services.paths.data.glob("backups/*"):
        each.unlink()
    keyring.items.clear()
    window = MainWindow(services, tasks, themes)
    qtbot.addWidget(window)
    driver = Driver(window)
    window.show()
    await window.settle_in()
    await driver.until(window.isActiveWindow)
    assert [each for each in driver.notices if "their key is not in the keyring" in each]
    window.pane.focus_composer()
    driver.type("Zanzibar")
    await services.unlock(new.code)
    window.setup.store_changed.emit()  # as the page about storage says it
    await driver.until(lambda: window.sidebar.library.comparisons)  # the round that was left
    await driver.until(lambda: [*services.paths.data.glob("backups/*")])
    assert not [each for each in driver.notices if "their key is not in the keyring" in each]
    driver.type(" Quokka")
    await asyncio.sleep(0.1)
    assert await tasks.settle(10)
    assert not services.paths.drafts_file.exists()
