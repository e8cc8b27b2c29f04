"""Answers that broke off are continued from the window: the keyboard stays in their pane."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Conversation, Status
from desktop.errors import Interrupted
from desktop.services import Services
from desktop.text.phrases import english
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.desktop.store import made
from tests.ui.driver import driven
from tests.ui.window.test_going_on import compare
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.pane.pane import Pane


def broken() -> Conversation:
    asked = made.prompt("Why?")
    return made.conversation(asked, made.finished(made.answer(asked), "Half", Status.INTERRUPTED), model=REF)


def buttons(pane: Pane, text: str) -> list[QPushButton]:
    return [each for each in pane.findChildren(QPushButton) if each.isVisible() and each.text() == text]


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("away", [False, True])
async def test_the_keyboard_stays_in_the_pane_whose_answer_is_continued(
    services: Services,
    tasks: Tasks,
    themes: Themes,
    provider: ScriptedProvider,
    qtbot: QtBot,
    *,
    fails: bool,
    away: bool,
) -> None:
    """Also where another window is the active one meanwhile: Enter on Retry beside it would ask that model again."""
    provider.scripts = [[Interrupted(english("Cut."))] if fails else said(" and half.")]
    elsewhere = QLineEdit()
    qtbot.addWidget(elsewhere)
    async with driven(services, tasks, themes, width=1366, height=768) as driver:
        talks = broken(), broken()
        for each in talks:
            await (await services.store()).conversations.create(each)
        await compare(driver, services, *talks)
        await driver.until(lambda: all(buttons(pane, "Continue") for pane in driver.window.workspace.line))
        pane = driver.window.workspace.line[0]
        (button,) = buttons(pane, "Continue")
        button.setFocus()
        if away:
            elsewhere.show()
            elsewhere.activateWindow()
            await driver.until(elsewhere.isActiveWindow)
        QTest.keyClick(button, Qt.Key.Key_Space)
        await driver.until(lambda: provider.requests and not driver.window.workspace.is_answering)
        driver.window.activateWindow()
        await driver.until(driver.window.isActiveWindow)
        assert QApplication.focusWidget() is driver.transcript()
