"""Answers that end unseen are told, once for all of them; and only who answered, not what."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import PaneState, new_comparison
from desktop.services import Services
from desktop.settings.schema import NOTIFY
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.prompt import Prompt
from ui.window.answer_notifications import AnswerNotifications
from ui.window.main_window import MainWindow
from ui.window.notifier import Notifier


class Heard(Notifier):
    """Remembers what was said."""

    def __init__(self) -> None:
        super().__init__()
        self.said = list[tuple[str, str]]()

    def say(self, title: str, text: str) -> None:
        self.said.append((title, text))


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[MainWindow]:
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.show()
    await made.settle_in()
    yield made
    made.workspace.stop_all()
    await tasks.settle(0.5)


def telling(window: MainWindow, services: Services, heard: Heard, *, front: bool) -> AnswerNotifications:
    made = AnswerNotifications(services, window.workspace, window, lambda: heard)
    made._is_seen = lambda: front
    return made


async def answered(window: MainWindow, text: str = "Why?") -> None:
    window.pane.send(Prompt(text))
    await until(lambda: window.workspace.is_answering)
    await until(lambda: not window.workspace.is_answering)


async def test_an_answer_that_ends_unseen_is_told_without_its_text(
    window: MainWindow, services: Services, provider: ScriptedProvider
) -> None:
    heard = Heard()
    kept = telling(window, services, heard, front=False)
    provider.scripts = [[*said("Because of the secret.")]]
    await answered(window, "Why is the sky blue?")
    ((title, text),) = heard.said
    assert title.endswith("responded")
    assert text == "Why is the sky blue?"
    del kept


@pytest.mark.parametrize("off", [False, True])
async def test_what_is_seen_or_not_wanted_is_not_told(
    window: MainWindow, services: Services, provider: ScriptedProvider, off: bool
) -> None:
    heard = Heard()
    if off:
        services.use(services.settings.set(NOTIFY, False))
    kept = telling(window, services, heard, front=not off)
    provider.scripts = [[*said("Yes.")]]
    await answered(window)
    assert heard.said == []
    del kept


async def test_several_answers_are_told_once(
    window: MainWindow, services: Services, provider: ScriptedProvider
) -> None:
    heard = Heard()
    kept = telling(window, services, heard, front=False)
    window.workspace.show_comparison(new_comparison(tuple(PaneState(conversation="", model=REF) for _ in "ab")), {})
    provider.scripts = [[*said("One.")], [*said("Two.")]]
    window.workspace.composer.put(Prompt("Why?"))
    window.workspace.composer._send()
    await until(lambda: heard.said)
    await until(lambda: not window.workspace.is_answering)
    assert [title for title, _ in heard.said] == ["2 responses finished"]
    del kept
