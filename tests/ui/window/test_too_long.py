"""A prompt that is too long for its model: told in numbers, with a way to a model that has more room."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.errors import ContextTooLong
from desktop.services import Services
from desktop.text.phrases import english
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.ui import finding
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.pane.model_picker import ModelPicker
from ui.window.main_window import MainWindow


@pytest.fixture
async def window(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot, provider: ScriptedProvider
) -> AsyncIterator[MainWindow]:
    """A window whose model has no room for a prompt."""
    provider.scripts[:] = [
        [ContextTooLong(english("The conversation is too long for the model: 9 tokens, but only 5 fit."))]
    ]
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    await made.settle_in()
    made.pane.start_new(REF)
    yield made
    made.workspace.stop_all()
    await tasks.settle(0.5)


async def test_the_card_leads_to_another_model(window: MainWindow) -> None:
    QTest.keyClicks(window.pane.composer.editor, "Long")
    QTest.keyClick(window.pane.composer.editor, Qt.Key.Key_Return)
    await until(lambda: cures(window))
    assert "9 tokens, but only 5 fit" in finding.said(window.pane)
    (cure,) = cures(window)
    QTest.mouseClick(cure, Qt.MouseButton.LeftButton)
    await until(lambda: any(each.isVisible() for each in window.findChildren(ModelPicker)))


def cures(window: MainWindow) -> list[QPushButton]:
    """The buttons that lead to another model."""
    return [each for each in finding.buttons(window.pane) if each.text() == "Choose model"]
