"""Settings that a policy fixed: shown as they are in force, locked, and with who locked them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop.services import Services
from desktop.settings.option import SettingsPage
from desktop.settings.schema import AUDIT_LOG, GUARD_PATTERNS, PROXY, RETENTION, THEME
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from tests.desktop.settings.test_policy import policy
from tests.ui import finding
from tests.ui.settings.test_settings_dialog import row
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.settings.settings_dialog import SettingsDialog
from ui.window.main_window import MainWindow


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[MainWindow]:
    made_policy = policy(
        {"Theme": "dark"}, Proxy="http://corp:3128", RetentionDays=30, StartNotice="No <b>secrets</b>.", Links=False
    )
    services.settings_file = SettingsFile(services.paths.settings_file, policy=made_policy)
    services.use(Settings(services.settings.values, services.settings.connections, made_policy))
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.setup.close()
    await tasks.settle(2)


async def opened(window: MainWindow, tasks: Tasks) -> SettingsDialog:
    window.setup.open_page(SettingsPage.NETWORK)
    assert await tasks.settle(10)
    assert window.setup.settings is not None
    return window.setup.settings


async def test_a_fixed_setting_shows_its_value_and_who_fixed_it(window: MainWindow, tasks: Tasks) -> None:
    dialog = await opened(window, tasks)
    proxy = row(dialog, PROXY.key)
    assert finding.field(proxy, "Proxy").text() == "http://corp:3128"
    assert not proxy.control.isEnabled()
    assert proxy.note == "Set by your organization's policy Proxy (managed.json)."
    assert not row(dialog, RETENTION.key).control.isEnabled()
    assert "RetentionDays" in row(dialog, RETENTION.key).note


async def test_a_recommended_one_and_those_beside_it_can_be_set(
    window: MainWindow, tasks: Tasks, services: Services
) -> None:
    dialog = await opened(window, tasks)
    theme = row(dialog, THEME.key)
    assert theme.control.isEnabled()
    assert theme.note == "Recommended by your organization (recommended.json)."
    assert services.settings.get(THEME) == "dark"
    theme.changed.emit("light")
    await until(lambda: services.settings.get(THEME) == "light")
    assert theme.note == ""
    assert services.settings.get(PROXY) == "http://corp:3128"
    assert "corp" not in services.paths.settings_file.read_text()


async def test_the_notice_is_said_as_plain_text_and_links_stay_closed(window: MainWindow) -> None:
    await window.settle_in()
    assert "No <b>secrets</b>." in window.notices.texts
    assert window.property("linksForbidden")


async def test_what_is_looked_for_before_sending_is_on_a_page_of_its_own(
    window: MainWindow, tasks: Tasks, services: Services
) -> None:
    dialog = await opened(window, tasks)
    dialog.show_page(SettingsPage.GUARDS)
    patterns = row(dialog, GUARD_PATTERNS.key)
    finding.named(patterns, QPlainTextEdit, "Custom patterns").setPlainText("block x: (")
    patterns.control.flush()
    assert "The regular expression for “x” is invalid" in patterns.problem
    row(dialog, AUDIT_LOG.key).changed.emit(True)
    await until(lambda: services.settings.get(AUDIT_LOG))
    assert finding.unreachable(dialog.page_of(SettingsPage.GUARDS)) == []
