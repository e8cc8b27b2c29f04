"""The menu bar: made from the table of commands, shown by Alt alone or by a setting."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar

from desktop.services import Services
from desktop.settings.schema import MENU_BAR
from tests.desktop.store.made import said
from tests.ui.driver import Driver, driven
from ui.base.commands import COMMANDS, Context
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.settings.option_saver import OptionSaver


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    """A window that shows the chat “Sky”."""
    async with driven(services, tasks, themes, said("Why is the sky blue?", "Sky")) as made:
        yield made


def bar(driver: Driver) -> QMenuBar:
    (found,) = driver.window.findChildren(QMenuBar)
    return found


def alt(driver: Driver, *, kinds: tuple[QEvent.Type, ...]) -> None:
    """Send events of the Alt key, as window systems do."""
    for kind in kinds:
        pressed = kind is not QEvent.Type.KeyRelease
        held = Qt.KeyboardModifier.AltModifier if pressed else Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(driver.focused, QKeyEvent(kind, Qt.Key.Key_Alt, held))


DOWN = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
UP = (QEvent.Type.KeyRelease,)


def opened(driver: Driver, title: str) -> QMenu:
    """Open a menu of the visible bar."""
    (action,) = (each for each in bar(driver).actions() if each.text().replace("&", "") == title)
    bar(driver).setActiveAction(action)
    return driver.menu


def test_each_window_command_is_in_one_menu(driver: Driver) -> None:
    menus = [each for each in bar(driver).findChildren(QMenu) if each.title()]
    assert [each.title().replace("&", "") for each in menus] == [
        *("File", "Edit", "View", "Chat", "Compare", "Evaluate", "Help")
    ]
    listed = [action.text() for menu in menus for action in menu.actions()]
    assert sorted(listed) == sorted(tr(each.title) for each in COMMANDS.values() if each.context is Context.WINDOW)


async def test_alt_alone_opens_the_first_menu_and_escape_leads_back(driver: Driver) -> None:
    before = driver.focused
    assert bar(driver).isHidden()
    alt(driver, kinds=(*DOWN, *UP))
    assert bar(driver).isVisible()
    assert driver.menu.title() == "&File"
    QTest.keyClick(driver.menu, Qt.Key.Key_Right)
    assert driver.menu.title() == "&Edit"
    QTest.keyClick(driver.menu, Qt.Key.Key_Escape)
    assert driver.focused is bar(driver)
    QTest.keyClick(bar(driver), Qt.Key.Key_Escape)
    await driver.until(bar(driver).isHidden)
    driver.come_back()
    assert driver.focused is before


def test_alt_with_another_key_does_not_show_the_bar(driver: Driver) -> None:
    alt(driver, kinds=DOWN)
    QTest.keyClick(driver.focused, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    alt(driver, kinds=UP)
    assert bar(driver).isHidden()


async def test_a_menu_runs_commands_and_disables_those_that_are_not_available(driver: Driver) -> None:
    alt(driver, kinds=(*DOWN, *UP))
    menu = opened(driver, "Compare")
    enabled = {each.text(): each.isEnabled() for each in menu.actions()}
    assert enabled["New comparison"]
    assert not enabled["Differences"]
    menu.close()
    assert all(each.isEnabled() for each in menu.actions())
    assert [each.text().split("\t")[0] for each in opened(driver, "Chat").actions()][:3] == [
        *("Regenerate", "Edit last prompt", "Find in conversation")
    ]
    driver.menu.close()
    opened(driver, "File")
    driver.choose("New chat")
    await driver.until(lambda: driver.window.title.text == "New chat" and bar(driver).isHidden())


async def test_the_setting_keeps_the_bar_visible(driver: Driver, services: Services, tasks: Tasks) -> None:
    saver = OptionSaver(services, tasks, driver.window)
    saver.saved.connect(driver.window.setup._option_changed)
    saver.put(MENU_BAR, True)
    await driver.until(lambda: bar(driver).isVisible())
    assert driver.find(QMenuBar, "Menu bar").height() > 20
