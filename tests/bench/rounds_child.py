"""Blind rounds and their ranking in a window without a screen: how long until the next prompt, and until it is drawn.

python -m tests.bench.rounds_child FOLDER

One line of JSON. `rounds`: the milliseconds of each round, and those of them that the window's thread worked, from the
key of the vote, over the names that are told and painted, to the painted field of the next round. `ranking`: the same
of the ranking page over ten thousand votes, from its command to its painted intervals, each in a window of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from desktop.system.paths import Paths, resources
from desktop.voting.contender import Contender
from desktop.voting.vote import Vote, best_of, tie
from tests.bench.corpus import answer
from tests.desktop.credentials.fakes import none_found
from tests.desktop.session.fakes import LOOPBACK, ScriptedProvider, gateway, said
from ui.app.loop import Loop
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.voting.blind_view import BlindView
from ui.voting.interval_plot import IntervalPlot
from ui.window.main_window import MainWindow

ROUNDS, MODELS, ANSWER_TOKENS, VOTES = 12, 3, 800, 10_000


def main(folder: Path) -> None:
    """Measure, and tell."""
    app = QApplication(["paragone"])
    app.setQuitOnLastWindowClosed(False)
    with cast("AbstractContextManager[asyncio.AbstractEventLoop]", Loop(app)) as loop:
        sys.stdout.write(json.dumps(loop.run_until_complete(_measured(folder))) + "\n")


async def _measured(folder: Path) -> dict[str, list[tuple[float, float]]]:
    paths = Paths.find(folder, {})
    paths.make()
    services = Services(
        version="0",
        paths=paths,
        environ={},
        settings_file=SettingsFile(paths.settings_file),
        catalog=Catalog.load(resources() / "catalog.toml"),
        keys=Keys(service="bench", environ={}, find=none_found),
        gateway=gateway(ScriptedProvider([said(answer(ANSWER_TOKENS))]), Settings(connections=(LOOPBACK,))),
    )
    tasks, themes = Tasks(), Themes()
    themes.choose("light")
    themes.apply()
    window = await _window(services, tasks, themes)
    states = tuple(
        PaneState(conversation="", model=ModelRef(connection="lab", name=f"m{number}")) for number in range(MODELS)
    )
    window.workspace.show_comparison(new_comparison(states), {})
    window.blind.show()
    (view,) = window.findChildren(BlindView)
    view.bar.early_ms = 0  # a vote comes at once
    rounds = [await _round(view) for _ in range(ROUNDS)]
    await _close(window, tasks)
    await (await services.store()).votes.add(*_votes())
    ranking: list[tuple[float, float]] = []
    for _ in range(5):
        window = await _window(services, tasks, themes)
        ranking.append(await _ranking(window))
        await _close(window, tasks)
    await services.aclose()
    return {"rounds": rounds, "ranking": ranking}


async def _window(services: Services, tasks: Tasks, themes: Themes) -> MainWindow:
    window = MainWindow(services, tasks, themes)
    window.resize(1600, 1000)
    window.show()
    await window.settle_in()
    await asyncio.sleep(0.5)
    return window


async def _close(window: MainWindow, tasks: Tasks) -> None:
    window.workspace.stop_all()
    await asyncio.sleep(0.3)  # what is told of a vote is listed
    await tasks.settle(5)
    window.close()
    window.deleteLater()


async def _round(view: BlindView) -> tuple[float, float]:
    """Milliseconds from the vote to the next prompt."""
    view.asking.editor.setFocus()
    view.asking.editor.insertPlainText("Which is up?")
    QTest.keyClick(view.asking.editor, Qt.Key.Key_Return)
    await _until(view.bar.isVisible)
    await asyncio.sleep(1.1)  # to read: a vote that comes sooner is asked for again
    start, worked = time.perf_counter(), time.thread_time()
    QTest.keyClick(view.bar, Qt.Key.Key_1)
    QApplication.processEvents()
    pressed = QApplication.focusWidget()
    assert pressed is not None
    QTest.keyClick(pressed, Qt.Key.Key_Return)
    await _until(lambda: view.asking.editor.hasFocus() and view.asking.isVisible())
    QApplication.processEvents()
    return (time.perf_counter() - start) * 1000, (time.thread_time() - worked) * 1000


def _votes() -> list[Vote]:
    """As many as somebody gives in years, on three thousand prompts."""
    chance, begin = random.Random(1), datetime(2026, 1, 1, tzinfo=UTC)
    found: list[Vote] = []
    for number in range(VOTES):
        contenders = tuple(Contender(model=f"lab/model-{each}") for each in chance.sample(range(16), 2))
        outcome = chance.choice((best_of(0), best_of(1), tie()))
        at, prompt = begin + timedelta(minutes=number), f"What is {number % 3_000} in words, and why?"
        found.append(Vote(id=f"{number:032x}", at=at, contenders=contenders, outcome=outcome, prompt=prompt))
    return found


async def _ranking(window: MainWindow) -> tuple[float, float]:
    """Milliseconds from the command to the picture, when the page is opened for the first time."""
    start, worked = time.perf_counter(), time.thread_time()
    window.blind.show_ranking()
    page = window.blind.ranking
    seen = _Painted(page.plot)
    await _until(lambda: seen.at)
    assert seen.at
    taken = (seen.at[0] - start) * 1000, (seen.at[1] - worked) * 1000
    await _until(lambda: not page.is_counting)
    return taken


class _Painted(QObject):
    """When the picture was painted with its rows."""

    def __init__(self, plot: IntervalPlot) -> None:
        super().__init__(plot)
        self._plot = plot
        self._is_next = False
        self.at: tuple[float, float] | None = None
        plot.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Look at the event that follows the paint: then it is done."""
        del watched
        if self._is_next and self.at is None:
            self.at = time.perf_counter(), time.thread_time()
        elif event.type() == QEvent.Type.Paint and self._plot.rows and not self._is_next:
            self._is_next = True
            QTimer.singleShot(0, self, lambda: QApplication.sendEvent(self._plot, QEvent(QEvent.Type.User)))
        return False


async def _until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - widgets tell of no event for all that is waited for
            await asyncio.sleep(0.001)  # to ask without a pause would take the interpreter from those who work


if __name__ == "__main__":
    main(Path(sys.argv[1]))
