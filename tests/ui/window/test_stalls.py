"""An answer of which nothing comes any more says so, for how long it is waited for, and offers to stop it."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from desktop.domain.conversation_types import Role, Status
from desktop.domain.events import TextDelta
from desktop.errors import Stalled
from desktop.services import Services
from desktop.text.phrases import phrase
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.desktop.store.made import conversation, message
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes


def let_pass(driver: Driver, seconds: float) -> None:
    """As if the last data had come so much earlier."""
    live = driver.window.pane._chats.shown.live
    assert live is not None
    live.data_at -= seconds
    live.pace.sent -= seconds


@pytest.mark.parametrize(("script", "limit"), [([TextDelta(text="Half"), None], 60), ([None], 300)])
async def test_ten_seconds_without_data_are_said_with_a_way_to_stop(
    services: Services,
    tasks: Tasks,
    themes: Themes,
    provider: ScriptedProvider,
    monkeypatch: pytest.MonkeyPatch,
    script: list[TextDelta | None],
    limit: int,
) -> None:
    heard = list[str]()
    tell = QAccessible.updateAccessibility

    def listen(event: object) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            heard.append(event.message())
        tell(event)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(QAccessible, "updateAccessibility", listen)
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    provider.scripts = [script]
    talk = conversation(message(Role.USER, "Before?"), model=REF)
    async with driven(services, tasks, themes, talk, width=1366, height=768) as driver:
        driver.ask("One?")
        await driver.until(provider.waiting.is_set)
        figures = driver.window.pane.figures
        await driver.until(figures.isVisible)
        before = driver.pixels(figures)
        assert not driver.sees("Stop this response")
        let_pass(driver, 12)
        said = f"No data for 12 s. Waiting up to {limit} s."
        await driver.until(lambda: said in figures.accessibleDescription())
        assert said in driver.said(figures)
        assert driver.pixels(figures) != before
        await driver.until(lambda: "No data for 13 s." in figures.accessibleDescription())
        assert [each for each in heard if each.startswith("No data")] == [said]
        driver.push("Stop this response")
        await driver.until(lambda: not driver.window.workspace.is_answering)
        assert driver.window.pane.conversation.path()[-1].status is Status.STOPPED
        assert "No data" not in figures.accessibleDescription()
        assert not driver.sees("Stop this response")


async def test_what_failed_says_in_the_window_which_setting_of_the_window_helps(
    services: Services, tasks: Tasks, themes: Themes, provider: ScriptedProvider
) -> None:
    provider.scripts = [[Stalled(phrase("The server sent nothing for 60 seconds."))]]
    talk = conversation(message(Role.USER, "Before?"), model=REF)
    async with driven(services, tasks, themes, talk) as driver:
        await driver.answered("One?")
        hint = "In Settings › Network, TTFT timeout and Idle timeout set how long to wait."
        await driver.until(lambda: hint in driver.said(driver.window.pane.transcript))
        assert hint in driver.messages()[-1]
