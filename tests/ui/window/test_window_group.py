"""Two windows over one store: what is done in one is seen in the other, and nothing is shown or asked twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QMenu, QMessageBox, QSystemTrayIcon

from desktop.domain.conversation_types import Status
from desktop.domain.events import Finished, TextDelta
from desktop.services import Services
from desktop.settings.schema import TRAY
from tests.desktop.session.fakes import ScriptedProvider
from tests.desktop.store.made import said
from tests.ui.driver import Driver
from tests.ui.transcript.makers import heard
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.settings.option_saver import OptionSaver
from ui.sidebar.entries import SidebarItem
from ui.window.main_window import MainWindow
from ui.window.window_group import WindowGroup


@pytest.fixture
async def group(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[WindowGroup]:
    """The first window shows the chat “Sky”; “Sea” is listed too."""
    kept = (await services.store()).conversations
    for each in (said("Why is the sky blue?", "Sky"), said("Is the sea salty?", "Sea")):
        await kept.create(each)
    made = WindowGroup(services, tasks, themes)
    made.first.show()
    await made.first.settle_in()
    await until(lambda: made.first.sidebar.library.loaded and made.first.isActiveWindow())
    await open_chat(made.first, "Sky")
    yield made
    for each in made.all:
        each.workspace.stop_all()
    await tasks.settle(2)
    made.quit()
    for each in made.all:
        each.deleteLater()


@pytest.fixture
def release(provider: ScriptedProvider) -> asyncio.Event:
    """Answers begin with “Half”, and end once this is set."""
    event = asyncio.Event()
    provider.scripts = [[TextDelta(text="Half"), event, TextDelta(text=" done"), Finished(reason="stop")]]
    return event


def id_of(window: MainWindow, title: str) -> str:
    (id_,) = (each.id for each in window.sidebar.library.conversations if each.title == title)
    return id_


async def open_chat(window: MainWindow, title: str) -> None:
    window.desk.open_conversation(id_of(window, title))
    await until(lambda: window.title.text == title)


async def second(group: WindowGroup) -> MainWindow:
    """Press the keys for another window in the first one."""
    Driver(group.first).press("Ctrl+Shift+W")
    made = group.all[-1]
    await until(lambda: made.isVisible() and made.isActiveWindow() and made.sidebar.library.loaded)
    return made


def titles(window: MainWindow) -> set[str]:
    return {each.title for each in window.sidebar.library.conversations}


async def test_what_is_done_in_one_window_is_seen_in_the_other(group: WindowGroup) -> None:
    other = await second(group)
    assert len(group.all) == 2
    assert titles(other) == {"Sky", "Sea"}
    group.first.sidebar.library.rename(id_of(other, "Sea"), "Ocean")
    await until(lambda: titles(other) == {"Sky", "Ocean"})
    shown = id_of(other, "Sky")
    other.sidebar.library.trash(shown)
    await until(lambda: titles(group.first) == {"Ocean"})
    assert group.first.desk.shown_id != shown


async def test_a_chat_that_another_window_shows_is_brought_to_the_front(group: WindowGroup) -> None:
    other = await second(group)
    other.desk.open_conversation(id_of(other, "Sky"))
    await until(group.first.isActiveWindow)
    assert other.pane.conversation_id != group.first.pane.conversation_id
    assert group.first.title.text == "Sky"


async def test_the_next_chat_is_one_that_no_other_window_shows(group: WindowGroup, services: Services) -> None:
    await (await services.store()).conversations.create(said("Is sand stone?", "Sand"))
    group.first.sidebar.library.load()
    await until(lambda: len(titles(group.first)) == 3)
    rows = Driver(group.first).rows("Conversations")
    one, two, three = (next(each for each in titles(group.first) if each in row) for row in rows[-3:])
    await open_chat(group.first, two)
    other = await second(group)
    await open_chat(other, one)
    other.desk.open_neighbour(1)
    await until(lambda: other.title.text == three)


async def test_a_chat_moves_to_a_new_window_while_its_response_arrives(
    group: WindowGroup, services: Services, provider: ScriptedProvider, release: asyncio.Event
) -> None:
    driver = Driver(group.first)
    driver.ask("Half of it?")
    await until(lambda: "Half" in driver.messages()[-1])
    shown = group.first.desk.shown_id
    menu = QMenu()
    item = group.first.sidebar.library.known(shown)
    assert item is not None
    group.first.sidebar.list.add_actions_for(menu, SidebarItem(item))
    next(each for each in menu.actions() if each.text() == "Move to new window").trigger()
    menu.deleteLater()
    other = group.all[-1]
    await until(lambda: other.desk.shown_id == shown and "Half" in Driver(other).messages()[-1])
    assert shown not in group.first.shown_ids
    release.set()
    await until(lambda: "Half done" in Driver(other).messages()[-1] and not other.workspace.is_answering)
    kept = (await (await services.store()).conversations.get(shown)).path()
    assert [each.text for each in kept][-2:] == ["Half of it?", "Half done"]
    assert kept[-1].status is Status.COMPLETE
    assert len(provider.requests) == 1


async def test_a_closed_window_ends_neither_the_program_nor_its_response_and_is_used_again(
    group: WindowGroup, services: Services, release: asyncio.Event
) -> None:
    other = await second(group)
    driver = Driver(other)
    driver.ask("Half of it?")
    await until(lambda: "Half" in driver.messages()[-1])
    asked = other.desk.shown_id
    closed = heard(other.closed)
    other.close()
    assert not other.isVisible()
    assert not closed
    release.set()
    await until(lambda: not group.first.workspace.is_answering)
    kept = await (await services.store()).conversations.get(asked)
    assert kept.path()[-1].text == "Half done"
    await until(lambda: len(titles(group.first)) == 3)
    assert group.open() is other
    assert len(Driver(other).messages()) == 0


async def test_quitting_with_two_windows_asks_once_and_closes_both(group: WindowGroup, release: asyncio.Event) -> None:
    driver = Driver(group.first)
    driver.ask("Half of it?")
    await until(lambda: "Half" in driver.messages()[-1])
    other = await second(group)
    closed = heard(group.first.closed)
    Driver(other).press("Ctrl+Q")
    asked = [each for window in group.all for each in window.findChildren(QMessageBox)]
    assert [each.text() for each in asked] == ["1 response is still in progress"]
    (stop,) = (each for each in asked[0].findChildren(QAbstractButton) if each.text() == "Stop and quit")
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    await until(lambda: closed and not other.isVisible() and not group.first.isVisible())


async def test_each_window_has_a_draft_for_new_chats_and_a_place_of_its_own(
    group: WindowGroup, services: Services, tasks: Tasks, themes: Themes
) -> None:
    group.first.desk.new_chat()
    Driver(group.first).write("from the first")
    other = await second(group)
    Driver(other).write("from the second")
    other.resize(700, 500)
    group.quit()
    await tasks.settle(2)
    again = WindowGroup(services, tasks, themes)
    again.first.show()
    other = again.open()
    assert [Driver(each).editor.toPlainText() for each in again.all] == ["from the first", "from the second"]
    assert (other.width(), other.height()) == (700, 500)
    again.quit()
    await tasks.settle(2)
    for each in again.all:
        each.deleteLater()


async def test_a_setting_changed_in_one_window_holds_in_both(group: WindowGroup) -> None:
    other = await second(group)
    changed = heard(other._text_size.changed)
    (wide,) = (each for each in group.first.setup.look_choices() if each.key == "column full")
    wide.do()
    await until(lambda: changed)


async def test_toggling_minimizes_the_windows_and_brings_them_back_with_the_active_one_on_top(
    group: WindowGroup,
) -> None:
    other = await second(group)
    group.toggle()
    assert [each.isMinimized() for each in group.all] == [True, True]
    group.toggle()
    await until(other.isActiveWindow)
    assert [each.isMinimized() for each in group.all] == [False, False]


async def test_with_a_tray_icon_the_last_window_can_be_closed_and_comes_back_as_it_was(
    group: WindowGroup, services: Services, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True))
    saver = OptionSaver(services, tasks, group.first)
    saver.saved.connect(group.first.setup._option_changed)
    saver.put(TRAY, True)
    await until(lambda: group.findChildren(QSystemTrayIcon))
    (icon,) = group.findChildren(QSystemTrayIcon)
    closed = heard(group.first.closed)
    group.first.close()
    assert not group.first.isVisible()
    assert not closed
    actions = {each.text(): each for each in icon.contextMenu().actions()}
    actions["Show window"].trigger()
    assert group.first.isVisible()
    assert group.first.title.text == "Sky"
    group.first.close()
    actions["New chat"].trigger()
    assert (group.first.isVisible(), group.first.title.text) == (True, "New chat")
    actions["Quit"].trigger()
    assert closed


async def test_without_a_tray_on_the_desktop_closing_the_last_window_quits(
    group: WindowGroup, services: Services, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: False))
    saver = OptionSaver(services, tasks, group.first)
    saver.saved.connect(group.first.setup._option_changed)
    saver.put(TRAY, True)
    await until(lambda: group.findChildren(QSystemTrayIcon))
    closed = heard(group.first.closed)
    group.first.close()
    assert closed
