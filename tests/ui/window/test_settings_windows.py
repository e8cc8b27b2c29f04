"""What opens from the window, and what changes there when something is set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.services import Services
from desktop.settings.option import SettingsPage
from desktop.settings.policy import NO_POLICY
from desktop.settings.schema import SYSTEM_PROMPT, THEME
from tests.desktop.settings.test_policy import policy
from tests.servers.faults import FaultServer
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.connections.add_dialog import AddConnectionDialog
from ui.connections.connections_page import ConnectionsPage
from ui.settings.options_page import OptionsPage
from ui.window.main_window import MainWindow
from ui.window.window_state import NARROWEST_SIDEBAR, SIDEBAR_WIDTH


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[MainWindow]:
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.show()
    yield made
    if made.setup.settings is not None:
        made.setup.settings.close()
    await tasks.settle(2)


async def test_the_button_and_the_keys_open_one_settings_window(window: MainWindow) -> None:
    window.sidebar.settings.click()
    settings = window.setup.settings
    assert settings is not None
    await until(settings.isVisible)
    settings.close()
    window.activateWindow()
    await until(lambda: QApplication.activeWindow() is window)
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    assert settings.isVisible()
    assert window.setup.settings is settings


async def test_the_settings_close_with_the_window_and_keep_what_was_typed_last(
    window: MainWindow, services: Services, tasks: Tasks
) -> None:
    window.setup.open_page(SettingsPage.MODELS)
    settings = window.setup.settings
    assert settings is not None
    assert isinstance(settings.page, OptionsPage)
    QTest.keyClicks(settings.page.rows[SYSTEM_PROMPT.key].control.field, "Be short.")
    window.close()
    assert not settings.isVisible()
    assert await tasks.settle(5)
    assert services.settings.get(SYSTEM_PROMPT) == "Be short."


async def test_a_theme_chosen_there_is_put_on_at_once(window: MainWindow, themes: Themes) -> None:
    window.setup.open_page(SettingsPage.APPEARANCE)
    assert window.setup.settings is not None
    page = window.setup.settings.page
    assert isinstance(page, OptionsPage)
    box = page.rows[THEME.key].control.field
    assert isinstance(box, QComboBox)
    QTest.keyClicks(box, "Dark")
    await until(lambda: themes.current.dark)
    assert themes.choice == "dark"


async def test_the_theme_of_the_settings_is_there_at_the_start(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    services.use(services.settings_file.update(lambda settings: settings.set(THEME, "dark")))
    qtbot.addWidget(MainWindow(services, tasks, themes))
    assert themes.choice == "dark"


async def test_a_theme_that_a_policy_set_is_gone_with_it(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    services.use(replace(services.settings, policy=policy(Theme="dark")))
    window = MainWindow(services, tasks, themes)
    qtbot.addWidget(window)
    await window.settle_in()
    assert themes.choice == "dark"
    window.remember()
    services.use(replace(services.settings, policy=NO_POLICY))
    again = MainWindow(services, tasks, themes)
    qtbot.addWidget(again)
    await again.settle_in()
    assert themes.choice == "system"
    assert "dark" not in "".join(path.read_text() for path in services.paths.config.iterdir())


async def test_a_change_of_connections_reaches_the_sidebar(window: MainWindow, services: Services) -> None:
    services.use(services.settings.without_connection("lab"))
    window.setup.connections_changed.emit()
    assert "1 connection" in window.sidebar.connections.text()


async def test_the_number_of_connections_is_a_button_that_opens_them(window: MainWindow) -> None:
    sidebar = window.sidebar
    QTest.mouseClick(sidebar.connections, Qt.MouseButton.LeftButton)
    assert window.setup.settings is not None
    assert isinstance(window.setup.settings.page, ConnectionsPage)


@pytest.mark.parametrize("width", [NARROWEST_SIDEBAR, SIDEBAR_WIDTH, 400])
async def test_the_footer_is_an_even_row_whatever_its_words(window: MainWindow, width: int) -> None:
    sidebar = window.sidebar
    sidebar.settings.setText("Einstellungen")
    sidebar.connections.setText("12 Verbindungen")
    sidebar.setFixedWidth(width)
    row = [sidebar.settings, sidebar.evaluate, sidebar.connections, sidebar.more]
    await until(lambda: row[-1].geometry().right() in range(width - 24, width))
    gaps = [after.x() - before.geometry().right() - 1 for before, after in pairwise(row)]
    assert row[0].x() <= 12
    assert min(gaps) >= 0
    assert max(gaps) - min(gaps) <= 1
    assert len({(each.geometry().center().y()) for each in row}) == 1


async def test_the_dialog_that_adds_a_connection_opens_over_the_window(window: MainWindow, tasks: Tasks) -> None:
    window.add_connection()
    (dialog,) = window.findChildren(AddConnectionDialog)
    assert dialog.isVisible()
    dialog.close()
    assert await tasks.settle(5)


async def test_every_command_is_among_the_shortcuts(window: MainWindow) -> None:
    names = [each.name for each in window.setup.shortcuts]
    assert {action.text() for action in window.actions()} <= {*names}
    assert "Send" in names


async def test_an_error_that_the_connection_cures_leads_to_its_test(window: MainWindow, tasks: Tasks) -> None:
    window.workspace.line.connection_wanted.emit("lab")
    settings = window.setup.settings
    assert settings is not None
    assert isinstance(settings.page, ConnectionsPage)
    assert not settings.page.entries["lab"].check.isHidden()
    assert await tasks.settle(5)


async def test_a_connection_that_is_kept_ends_its_dialog_without_a_bug(
    window: MainWindow, services: Services, tasks: Tasks, qapp: QApplication
) -> None:
    """As in the real window: what the dialog is made of is deleted as soon as it closes."""
    problems: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    async with FaultServer() as server:
        window.add_connection()
        (dialog,) = window.findChildren(AddConnectionDialog)
        dialog.accepted.connect(lambda: qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value))
        dialog.destroyed.connect(lambda: gone.append(1))
        gone: list[int] = []
        dialog.endpoint.address.setText(f"{server.origin}/openai/v1")
        for _ in range(2):
            next(each for each in dialog.findChildren(QPushButton) if each.isDefault()).click()
            assert await tasks.settle(20)
        QTimer.singleShot(0, qapp, lambda: qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value))
        await until(lambda: bool(gone))
    assert problems == []
    assert [each.name for each in services.settings.connections] == ["127.0.0.1"]
