"""What was sent for an answer, shown from its menu: read, written otherwise, copied."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Wire
from desktop.domain.events import Finished, RequestSent, TextDelta
from desktop.services import Services
from desktop.settings.policy import REQUESTS, Fixed, Policy
from desktop.settings.values import Settings
from tests.desktop.session.fakes import LOOPBACK, ScriptedProvider
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.pane.request_dialog import RequestDialog

PROMPT = "Which is up? The sky is blue because short waves are scattered more."
BODY = json.dumps({"model": "scripted", "messages": [{"role": "user", "content": PROMPT}]}).encode()
SENT = RequestSent(wire=Wire.CHAT, url="http://127.0.0.1:1/v1/chat/completions", headers={"x": "y"}, body=BODY)


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    del qtbot
    async with driven(services, tasks, themes) as made:
        yield made


def dialogs(driver: Driver) -> list[RequestDialog]:
    return [each for each in driver.window.findChildren(RequestDialog) if each.isVisible()]


async def shown(driver: Driver) -> RequestDialog:
    """The dialog that the menu of the last answer opens."""
    driver.transcript().setFocus()
    driver.press("End")
    messages = driver.transcript()
    by_key = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(messages.viewport(), by_key)
    driver.choose("Show request")
    await driver.until(lambda: dialogs(driver))
    return dialogs(driver)[0]


async def test_a_request_is_read_as_it_was_sent_and_copied(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[SENT, TextDelta(text="Up."), Finished(reason="stop")]]
    await driver.answered(PROMPT)
    dialog = await shown(driver)
    assert dialog.text.toPlainText() == BODY.decode()
    assert SENT.url in dialog.facts.text()
    QTest.mouseClick(dialog.copy_, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == BODY.decode()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await driver.until(lambda: not dialogs(driver))


async def test_it_is_written_as_a_command_and_as_a_program(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[SENT, TextDelta(text="Up."), Finished(reason="stop")]]
    await driver.answered(PROMPT)
    dialog = await shown(driver)
    for name, begins in (("curl", "curl "), ("Python", "import os")):
        driver.click(next(each for each in dialog.forms.findChildren(QAbstractButton) if each.text() == name))
        assert dialog.text.toPlainText().startswith(begins)


async def test_an_answer_without_a_receipt_says_so(driver: Driver) -> None:
    await driver.answered(PROMPT)
    dialog = await shown(driver)
    assert "no receipt" in dialog.facts.text()
    assert not dialog.text.isVisible()


async def test_where_policy_forbids_it_a_sentence_says_so(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    provider.scripts = [[SENT, TextDelta(text="Up."), Finished(reason="stop")]]
    await driver.answered(PROMPT)
    entries = {REQUESTS.name: Fixed(REQUESTS.name, False, locked=True, source="test")}
    services.use(Settings(connections=(LOOPBACK,), policy=Policy(entries=entries)))
    dialog = await shown(driver)
    assert "does not allow viewing requests" in dialog.facts.text()
    assert BODY.decode() not in driver.said(dialog)


async def test_of_a_long_one_the_beginning_is_shown_and_all_of_it_copied(
    driver: Driver, provider: ScriptedProvider
) -> None:
    long = msgspec.structs.replace(SENT, body=b'{"x":"' + b"word " * 100_000 + b'"}')
    provider.scripts = [[long, TextDelta(text="Up."), Finished(reason="stop")]]
    await driver.answered(PROMPT)
    dialog = await shown(driver)
    assert len(dialog.text.toPlainText()) < 50_000
    assert "Only the beginning is shown. Choose Copy to copy the whole request" in dialog.note.text()
    QTest.mouseClick(dialog.copy_, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == long.body.decode()
