"""The settings window: pages, search, and changes that count at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.services import Services
from desktop.settings.option import SettingsPage
from desktop.settings.schema import CA_FILE, DEFAULT_MODEL, ENCRYPTION, OPTIONS, PROXY, SHORTCUTS, SYSTEM_PROMPT, THEME
from tests.ui import finding
from ui.base.commands import Shortcut
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.settings.option_row import OptionRow
from ui.settings.option_saver import OptionSaver
from ui.settings.options_page import OptionsPage
from ui.settings.settings_dialog import SettingsDialog
from ui.settings.shortcuts_page import ShortcutsPage
from ui.tools.tools_page import ToolsPage

NEW, NONE = QKeySequence("Ctrl+N"), QKeySequence()
KEYS = [
    Shortcut("New chat", NEW, NEW, SHORTCUTS["new_chat"]),
    Shortcut("Move to trash", NONE, NONE, SHORTCUTS["move_to_trash"]),
    Shortcut("Send", QKeySequence("Enter"), QKeySequence("Enter")),
]


@pytest.fixture
async def dialog(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[SettingsDialog]:
    def tools(saving: OptionSaver) -> ToolsPage:
        return ToolsPage(services, tasks, saving, locked=lambda _: "")

    made = SettingsDialog(services, tasks, themes, shortcuts=KEYS, tools=tools)
    qtbot.addWidget(made)
    made.show_page()
    assert await tasks.settle(10)
    yield made
    made.close()
    assert await tasks.settle(10)


def row(dialog: SettingsDialog, key: str) -> OptionRow:
    return next(page.rows[key] for page in dialog.pages if isinstance(page, OptionsPage) and key in page.rows)


def listed(dialog: SettingsDialog) -> list[str]:
    items = [dialog.list.item(index) for index in range(dialog.list.count())]
    return [item.text() for item in items if not item.isHidden()]


async def test_every_option_is_on_exactly_one_page(dialog: SettingsDialog) -> None:
    shown = [key for page in dialog.pages if isinstance(page, OptionsPage) for key in page.rows]
    elsewhere = [ENCRYPTION.key, *(option.key for option in SHORTCUTS.values())]
    assert sorted([*shown, *elsewhere]) == sorted(option.key for option in OPTIONS)
    finding.button(dialog.page_of(SettingsPage.STORAGE), "Encrypt conversations…")


async def test_it_is_a_window_of_its_own_that_blocks_nothing(dialog: SettingsDialog) -> None:
    assert (dialog.windowTitle(), dialog.accessibleName()) == ("Settings", "Settings")
    assert not dialog.isModal()
    assert dialog.isWindow()


async def test_it_is_no_larger_than_its_screen(dialog: SettingsDialog) -> None:
    room = dialog.screen().availableSize()
    assert room.width() < 860, "the screen of the tests is too large for this test"
    assert dialog.width() < room.width()
    assert dialog.height() < room.height()


async def test_the_keyboard_goes_from_page_to_page(dialog: SettingsDialog) -> None:
    assert dialog.page is dialog.page_of(SettingsPage.APPEARANCE)
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.page is dialog.page_of(SettingsPage.MODELS)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


async def test_every_control_of_every_page_has_a_name_and_can_be_reached(dialog: SettingsDialog) -> None:
    for page in dialog.pages:
        dialog.list.setCurrentRow(dialog.pages.index(page))
        assert finding.unreachable(dialog) == [], page.title


async def test_a_change_is_kept_and_said_at_once(dialog: SettingsDialog, services: Services, tasks: Tasks) -> None:
    changed: list[str] = []
    dialog.option_changed.connect(changed.append)
    box = row(dialog, THEME.key).control.field
    assert isinstance(box, QComboBox)
    QTest.keyClick(box, Qt.Key.Key_End)
    assert await tasks.settle(10)
    assert changed == [THEME.key]
    assert services.settings_file.load().settings.get(THEME) == "high-contrast"


async def test_what_was_typed_last_is_kept_when_the_window_is_closed(
    dialog: SettingsDialog, services: Services, tasks: Tasks
) -> None:
    dialog.show_page(SettingsPage.MODELS)
    QTest.keyClicks(row(dialog, SYSTEM_PROMPT.key).control.field, "Be short.")
    dialog.close()
    assert await tasks.settle(10)
    assert services.settings.get(SYSTEM_PROMPT) == "Be short."


async def test_a_search_leaves_only_what_holds_every_word(dialog: SettingsDialog) -> None:
    QTest.keyClicks(dialog.search, "proxy url")
    assert listed(dialog) == ["Network"]
    assert dialog.page is dialog.page_of(SettingsPage.NETWORK)
    assert row(dialog, PROXY.key).isVisible()
    assert not row(dialog, CA_FILE.key).isVisible()
    dialog.search.setText("backups")
    assert listed(dialog) == ["Storage"]
    dialog.search.setText("no such thing")
    assert (listed(dialog), dialog.page) == ([], None)
    dialog.search.clear()
    assert len(listed(dialog)) == len(dialog.pages)
    assert row(dialog, CA_FILE.key).isVisibleTo(dialog.page_of(SettingsPage.NETWORK))


async def test_enter_in_the_search_leads_to_what_was_found(dialog: SettingsDialog) -> None:
    QTest.keyClicks(dialog.search, "theme")
    QTest.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.focusWidget() is not dialog.search


async def test_values_that_will_not_do_are_said_and_not_kept(
    dialog: SettingsDialog, services: Services, tasks: Tasks
) -> None:
    for key, text, wrong in (
        (PROXY.key, "socks5://proxy:1080", "SOCKS"),
        (CA_FILE.key, "/nowhere/ca.pem", "This file does not exist"),
        (DEFAULT_MODEL.key, "grok", "is not a valid model name"),
        (DEFAULT_MODEL.key, "nowhere/grok", "no connection named"),
    ):
        field = row(dialog, key).control.field
        if isinstance(field, QComboBox):
            field.setEditText(text)
        elif isinstance(field, QLineEdit):
            field.setText(text)
        row(dialog, key).control.flush()
        assert wrong in row(dialog, key).problem
    assert await tasks.settle(10)
    assert dict(services.settings.values) == {}


async def test_an_option_that_was_fixed_shows_by_whom(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    locked = {PROXY.key: "Set by the policy of this computer."}
    made = SettingsDialog(services, tasks, themes, locked=lambda key: locked.get(key, ""))
    qtbot.addWidget(made)
    assert row(made, PROXY.key).note == "Set by the policy of this computer."
    assert row(made, CA_FILE.key).control.field.isEnabled()


async def test_commands_are_listed_with_their_keys(dialog: SettingsDialog) -> None:
    page = dialog.page_of(SettingsPage.SHORTCUTS)
    assert isinstance(page, ShortcutsPage)
    assert [line.accessibleName() for line in page.lines.values()] == [
        "New chat: Ctrl+N",
        "Move to trash: none",
        "Send: Enter",
    ]
    dialog.search.setText("move trash")
    assert listed(dialog) == ["Shortcuts"]
    assert not page.lines["New chat"].isVisible()


async def test_a_theme_reaches_its_icons(dialog: SettingsDialog, themes: Themes) -> None:
    before = row(dialog, THEME.key).reset.icon().cacheKey()
    themes.choose("dark")
    assert row(dialog, THEME.key).reset.icon().cacheKey() != before
