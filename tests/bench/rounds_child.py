"""Blind rounds in a window without a screen: how long it takes from a vote until the next prompt can be typed.

python -m tests.bench.rounds_child FOLDER

One line of JSON: the milliseconds of each round, and those of them that the window's thread worked, from the key of
the vote, over the names that are told and painted, to the painted field of the next round.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import cast

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.catalog.catalog import Catalog
from desktop.comparison import PaneState, new_comparison
from desktop.credentials.keys import Keys
from desktop.domain import ModelRef
from desktop.paths import Paths, resources
from desktop.services import Services
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from tests.bench.corpus import answer
from tests.desktop.credentials.fakes import none_found
from tests.desktop.session.fakes import LOOPBACK, ScriptedProvider, gateway, said
from ui.loop import Loop
from ui.tasks import Tasks
from ui.theme import Themes
from ui.voting.blind_view import BlindView
from ui.window.main_window import MainWindow

ROUNDS, MODELS, ANSWER_TOKENS = 12, 3, 800


def main(folder: Path) -> None:
    """Measure, and tell."""
    app = QApplication(["paragone"])
    app.setQuitOnLastWindowClosed(False)
    with cast("AbstractContextManager[asyncio.AbstractEventLoop]", Loop(app)) as loop:
        sys.stdout.write(json.dumps(loop.run_until_complete(_measured(folder))) + "\n")


async def _measured(folder: Path) -> list[tuple[float, float]]:
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
    window = MainWindow(services, tasks, themes)
    window.resize(1600, 1000)
    window.show()
    await window.settle_in()
    states = tuple(
        PaneState(conversation="", model=ModelRef(connection="lab", name=f"m{number}")) for number in range(MODELS)
    )
    window.workspace.show_comparison(new_comparison(states), {})
    window.blind.show()
    (view,) = window.findChildren(BlindView)
    times = [await _round(view) for _ in range(ROUNDS)]
    window.workspace.stop_all()
    await tasks.settle(5)
    window.close()
    await services.aclose()
    return times


async def _round(view: BlindView) -> tuple[float, float]:
    """Milliseconds from the vote to the next prompt."""
    view.asking.editor.setFocus()
    view.asking.editor.insertPlainText("Which is up?")
    QTest.keyClick(view.asking.editor, Qt.Key.Key_Return)
    await _until(view.bar.isVisible)
    await asyncio.sleep(0.3)  # to read
    start, worked = time.perf_counter(), time.thread_time()
    QTest.keyClick(view.bar.first, Qt.Key.Key_1)
    QApplication.processEvents()
    pressed = QApplication.focusWidget()
    assert pressed is not None
    QTest.keyClick(pressed, Qt.Key.Key_Return)
    await _until(lambda: view.asking.editor.hasFocus() and view.asking.isVisible())
    QApplication.processEvents()
    return (time.perf_counter() - start) * 1000, (time.thread_time() - worked) * 1000


async def _until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - widgets tell of no event for all that is waited for
            await asyncio.sleep(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
