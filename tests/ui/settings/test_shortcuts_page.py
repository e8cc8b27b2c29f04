"""Keys of commands are chosen by pressing them, and kept; none are taken that belong to another command."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.services import Services
from desktop.settings.schema import SHORTCUTS
from tests.ui.waiting import until
from ui.base.commands import COMMANDS, NO_KEYS, Context, Shortcut
from ui.base.tasks import Tasks
from ui.settings.option_saver import OptionSaver
from ui.settings.shortcuts_page import ShortcutLine, ShortcutsPage

CTRL = Qt.KeyboardModifier.ControlModifier
NEW, FIGURES = QKeySequence("Ctrl+N"), QKeySequence("Ctrl+Shift+G")


@pytest.fixture
def page(qtbot: QtBot, services: Services, tasks: Tasks) -> ShortcutsPage:
    shortcuts = [
        Shortcut("New chat", NEW, NEW, SHORTCUTS["new_chat"]),
        Shortcut("Figures", FIGURES, FIGURES, SHORTCUTS["figures"]),
        Shortcut("Send", QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Return")),
    ]
    made = ShortcutsPage(shortcuts, OptionSaver(services, tasks))
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    return made


def record(line: ShortcutLine, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    line.button.click()
    assert line.button.records
    QTest.keyClick(line.button, key, modifiers)


async def test_pressed_keys_are_kept_and_reset_brings_the_own_ones_back(
    page: ShortcutsPage, services: Services
) -> None:
    line = page.lines["New chat"]
    record(line, Qt.Key.Key_J, CTRL)
    assert (line.button.text(), line.accessibleName()) == ("Ctrl+J", "New chat: Ctrl+J")
    await until(lambda: services.settings.get(SHORTCUTS["new_chat"]) == "Ctrl+J")
    line.reset.click()
    await until(lambda: services.settings.get(SHORTCUTS["new_chat"]) == "")
    assert not line.reset.isVisible()


async def test_backspace_takes_keys_away_and_esc_leaves_them(page: ShortcutsPage, services: Services) -> None:
    line = page.lines["New chat"]
    record(line, Qt.Key.Key_Escape)
    assert line.button.text() == "Ctrl+N"
    record(line, Qt.Key.Key_Backspace)
    await until(lambda: services.settings.get(SHORTCUTS["new_chat"]) == NO_KEYS)
    assert line.button.text() == "none"


@pytest.mark.parametrize(("key", "owner"), [(Qt.Key.Key_N, "New chat"), (Qt.Key.Key_Return, "Send")])
async def test_keys_of_another_command_are_refused(
    page: ShortcutsPage, services: Services, key: Qt.Key, owner: str
) -> None:
    line = page.lines["Figures"]
    record(line, key, CTRL)
    assert f"is used by “{owner}”" in line.note
    assert line.button.text() == "Ctrl+Shift+G"
    assert services.settings.get(SHORTCUTS["figures"]) == ""


async def test_letters_and_modifiers_alone_are_no_keys_of_a_command(page: ShortcutsPage) -> None:
    line = page.lines["Figures"]
    line.button.click()
    for key in (Qt.Key.Key_A, Qt.Key.Key_Control, Qt.Key.Key_Tab):
        QTest.keyClick(line.button, key)
    assert line.button.records
    page.lines["New chat"].button.setFocus()
    assert not line.button.records
    assert line.button.text() == "Ctrl+Shift+G"


def test_fixed_keys_cannot_be_changed(page: ShortcutsPage) -> None:
    assert page.lines["Send"].shortcut.option is None
    assert not page.lines["Send"].button.isVisible()


def test_every_command_of_the_window_has_an_option_and_no_other_has() -> None:
    assert {*SHORTCUTS} == {command for command, facts in COMMANDS.items() if facts.context is Context.WINDOW}
