"""An answer asked for again from its menu: progress, what differs, what stops it, and why it cannot be."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Usage, Wire
from desktop.domain.events import Fingerprinted, Finished, RequestSent, StreamEvent, TextDelta, UsageUpdate
from desktop.errors import PromptFlagged
from desktop.guards.gate import OpenGate, OutgoingTexts
from desktop.services import Services
from desktop.settings.policy import REQUESTS, Fixed, Policy
from desktop.settings.values import Settings
from desktop.text.phrases import english
from tests.desktop.session.fakes import LOOPBACK, ScriptedProvider
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.marked_text import Stretch
from ui.compare.rerun_dialog import RerunDialog
from ui.compare.stretches import within

PROMPT = "Which is up? The sky is blue because short waves are scattered more."
BODY = msgspec.json.encode({"model": "smollm2", "messages": [{"role": "user", "content": PROMPT}], "stream": True})
SENT = RequestSent(wire=Wire.CHAT, url="http://127.0.0.1:1/v1/chat/completions", headers={"x": "y"}, body=BODY)
FIRST, OTHER = "The capital of France is Paris, a city.", "The capital of France is Lyon, a city."


def script(text: str, state: str = "fp_1") -> list[StreamEvent]:
    usage = UsageUpdate(usage=Usage(input_tokens=9, output_tokens=7))
    return [SENT, Fingerprinted(fingerprint=state), TextDelta(text=text), usage, Finished(reason="stop")]


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    del qtbot
    async with driven(services, tasks, themes) as made:
        yield made


async def asked_again(driver: Driver) -> RerunDialog:
    """The dialog that the menu of the last answer opens."""
    driver.transcript().setFocus()
    driver.press("End")
    by_key = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(driver.transcript().viewport(), by_key)
    driver.choose("Run again")
    (dialog,) = (each for each in driver.window.findChildren(RerunDialog) if each.isVisible())
    return dialog


async def test_what_differs_is_marked_with_its_figures_and_nothing_is_kept(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [script(FIRST), script(OTHER, "fp_2"), script(FIRST)]
    await driver.answered(PROMPT)
    dialog = await asked_again(driver)
    await driver.until(lambda: not dialog.is_asking)
    assert "The responses differ in" in dialog.state.text()
    assert "fp_1 before, fp_2 now" in dialog.facts.text()
    assert (dialog.first.toPlainText(), dialog.second.toPlainText()) == (FIRST, OTHER)
    named = [dialog.figures.verticalHeaderItem(row).text() for row in range(dialog.figures.rowCount())]
    assert "Output tokens" in named
    assert provider.requests[-1].exact is not None
    assert provider.requests[-1].exact.json == BODY
    assert driver.messages() == [PROMPT, FIRST]
    driver.click(dialog.again)
    await driver.until(lambda: dialog.state.text() == "Identical, word for word.")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await driver.until(lambda: not driver.window.findChildren(RerunDialog))


async def test_esc_stops_it_first_and_then_closes_it_and_nothing_waits_for_it(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [script(FIRST), [SENT, TextDelta(text="The capital"), None]]
    await driver.answered(PROMPT)
    dialog = await asked_again(driver)
    await driver.until(lambda: dialog.second.toPlainText() == "The capital")
    assert not dialog.isModal()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await driver.until(lambda: not dialog.is_asking)
    assert dialog.isVisible()
    assert provider.cancelled == 1
    assert "Stopped" in dialog.state.text()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await driver.until(lambda: not driver.window.findChildren(RerunDialog))


async def test_an_answer_without_a_receipt_and_a_policy_that_forbids_it_say_so(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    await driver.answered(PROMPT)
    dialog = await asked_again(driver)
    await driver.until(lambda: "no receipt" in dialog.state.text())
    dialog.close()
    entries = {REQUESTS.name: Fixed(REQUESTS.name, False, locked=True, source="test")}
    services.use(Settings(connections=(LOOPBACK,), policy=Policy(entries=entries)))
    dialog = await asked_again(driver)
    await driver.until(lambda: "does not allow viewing requests" in dialog.state.text())
    assert len(provider.requests) == 1


class Flagging(OpenGate):
    """Holds back what is not allowed yet."""

    async def check(self, outgoing: OutgoingTexts, settings: Settings, stored: object) -> tuple[()]:
        del settings, stored
        if "f" not in outgoing.allowed:
            raise PromptFlagged(english("It seems to hold a key."), found=frozenset({"f"}))
        return ()


async def test_what_a_guard_flags_goes_once_it_is_said_to(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    provider.scripts = [script(FIRST), script(FIRST)]
    await driver.answered(PROMPT)
    services.gateway._gate = Flagging()
    dialog = await asked_again(driver)
    await driver.until(lambda: not dialog.is_asking)
    assert "It seems to hold a key." in dialog.state.text()
    driver.click(dialog.anyway)
    await driver.until(lambda: dialog.state.text() == "Identical, word for word.")


def test_of_an_answer_without_end_so_much_is_laid_out_and_the_rest_is_counted() -> None:
    lines = within([Stretch("a\n" * 30_000), Stretch("the end")], 20_000)
    assert lines[0].text.count("\n") == 2_000
    assert lines[-1].text == "\n\n… and 56,007 more characters"
    assert within([Stretch("x" * 1_000_000)], 20_000)[0].text == "x" * 20_000
    short = [Stretch("a"), Stretch("b\n")]
    assert within(short, 20_000) == short
