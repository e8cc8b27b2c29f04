"""Panels over panes of the test's own, which can be changed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from pytestqt.qtbot import QtBot

from tests.desktop.metrics.made import answer, prompt
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.differences_panel import DifferencesPanel
from ui.compare.figures_panel import FiguresPanel
from ui.compare.pane_facts import ShownPane


@dataclass
class Desk:
    """What the panels ask for: panes, and the time in seconds."""

    panes: list[ShownPane] = field(default_factory=list[ShownPane])
    now: float = 100.0


def grok(text: str = "The old task is cancelled.") -> ShownPane:
    """A pane that answered once."""
    said = answer(text, tokens=231, speed=90, cost=0.2, ttft=400, whole=5300)
    return ShownPane("grok", "#3B5BDB", (prompt(), said))


def gpt(text: str = "The new task is cancelled.", *, speed: float = 60) -> ShownPane:
    """Another one, slower and cheaper."""
    said = answer(text, tokens=198, speed=speed, cost=0.1, ttft=650, whole=3900)
    return ShownPane("gpt", "#B4530A", (prompt(), said))


@pytest.fixture
def desk() -> Desk:
    """Two panes with an answer each."""
    return Desk([grok(), gpt()])


@pytest.fixture
def figures(desk: Desk, themes: Themes, qtbot: QtBot) -> FiguresPanel:
    """The panel of figures, shown."""
    made = FiguresPanel(themes.current, lambda: desk.panes, lambda: desk.now)
    qtbot.addWidget(made)
    made.resize(360, 900)
    made.show()
    made.refresh()
    return made


@pytest.fixture
def differences(desk: Desk, themes: Themes, tasks: Tasks, qtbot: QtBot) -> DifferencesPanel:
    """The panel of differences, shown."""
    made = DifferencesPanel(themes.current, lambda: desk.panes, tasks)
    qtbot.addWidget(made)
    made.resize(560, 700)
    made.show()
    made.refresh()
    return made
