"""A question on a page of the settings: Esc answers it with no, and the keyboard goes back to what asked it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QPushButton

from desktop.services import Services
from desktop.settings.option import SettingsPage
from tests.ui.driver import Driver, driven
from tests.ui.window.test_reading_keys import chat
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.settings.settings_dialog import SettingsDialog
from ui.widgets.inline_question import InlineQuestion


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    """A window over a store with a backup, whose conversation was thrown away since."""
    async with driven(services, tasks, themes, chat("Sky", 1)) as made:
        store = await services.store()
        await store.backup_daily()
        (kept,) = await store.conversations.list()
        await store.conversations.trash([kept.id])
        yield made


async def settings(driver: Driver) -> SettingsDialog:
    """The settings at their page of the storage, opened by key."""
    driver.press("Ctrl+,")
    (shown,) = driver.window.findChildren(SettingsDialog)
    shown.show_page(SettingsPage.STORAGE)
    await driver.until(lambda: shown.isActiveWindow() and restore(shown) is not None)
    return shown


def restore(shown: SettingsDialog) -> QPushButton | None:
    """The button that asks about a backup."""
    named = (each for each in shown.findChildren(QPushButton) if each.isVisible())
    return next((each for each in named if each.accessibleName().startswith("Restore backup from")), None)


async def test_no_by_key_or_button_leads_back_to_what_asked_and_esc_closes_the_window_only_then(
    driver: Driver,
) -> None:
    """Esc closed all of the settings over the question, and Cancel left the keyboard nowhere in sight."""
    shown = await settings(driver)
    asking = restore(shown)
    assert asking is not None
    for answer in ("Esc", "Space"):
        asking.setFocus()
        driver.press("Space")
        await driver.until(lambda: driver.focused.accessibleName() == "Cancel")
        card = driver.find(InlineQuestion, "Restore a backup")
        assert card.accessibleDescription().startswith("Restore the backup from")
        assert card.isAncestorOf(driver.focused)
        driver.press("Shift+Tab")
        assert driver.focused.accessibleName() == "Replace everything"
        driver.press("Tab")
        driver.press(answer)
        assert not card.isVisible()
        assert driver.focused is asking
        assert shown.isVisible()
    driver.press("Esc")
    assert not shown.isVisible()
