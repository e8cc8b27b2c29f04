"""The program's window with somebody watching: tells as JSON lines when it was painted, filled, and typed into.

python -m tests.bench.window_child FOLDER [COMPARISON CONVERSATION]

Told of a comparison and of a conversation, it goes from one to the other, adds panes and opens the command palette,
and tells how long each took, from the call until it was painted.

Times are those of the monotonic clock, which all processes of a machine share. Nothing of the program is changed:
the window is a subclass that listens to its own signals.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

import main as program
from desktop.services import Services
from ui.app import application as app
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.window.main_window import MainWindow
from ui.window.shared_state import SharedState

TIMES, REST_S = 6, 0.6


def say(what: str, **facts: object) -> None:
    """Tell that something has just happened."""
    sys.stdout.write(json.dumps({"what": what, "at": time.monotonic(), **facts}) + "\n")
    sys.stdout.flush()


class PaintedText(QObject):
    """Tells when a text that was typed is on the screen: after the paint that follows it, and Qt's flush of that."""

    def __init__(self, editor: QPlainTextEdit) -> None:
        super().__init__(editor)
        self._editor = editor
        self._changed = False
        editor.textChanged.connect(self._note)
        editor.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Notice the paint."""
        if self._changed and event.type() == QEvent.Type.Paint:
            self._changed = False
            length = len(self._editor.toPlainText())
            QTimer.singleShot(0, self, lambda: say("typed", length=length))
        return super().eventFilter(watched, event)

    def _note(self) -> None:
        self._changed = True


class WatchedWindow(MainWindow):
    """The main window, watched."""

    works: tuple[str, str] | None = None
    """The ids of a comparison and of a conversation to work with."""

    def __init__(
        self, services: Services, tasks: Tasks, themes: Themes, state: SharedState | None = None, number: int = 1
    ) -> None:
        super().__init__(services, tasks, themes, state, number)
        self.painted.connect(lambda: say("painted"))
        self.sidebar.library.changed.connect(lambda: say("listed"))
        if self.works is not None:
            self.painted.connect(lambda: tasks.start(self._work(*self.works or ("", "")), name="bench"))
        editors = [each for each in self.findChildren(QPlainTextEdit) if each.accessibleName() == "Message"]
        PaintedText(editors[0])

    async def _work(self, comparison: str, conversation: str) -> None:
        """Each a few times; what is asked for is the first of its kind only once."""
        await asyncio.sleep(4)
        await self._read(comparison)
        for _ in range(TIMES):
            await self._timed("switched", lambda: self.desk.open_comparison(comparison), lambda: self._panes(8))
            await self._timed("palette", lambda: self.palette_().open(), lambda: self.palette_().isVisible())
            _press_escape(self.palette_().field)  # so the keyboard goes back to who had it
            self.desk.open_conversation(conversation)
            await self._until(lambda: self._panes(1))
            await asyncio.sleep(REST_S)
        for number in range(2, 9):
            await self._timed("added", self.desk.add_pane, partial(self._panes, number))
        say("worked")

    async def _read(self, comparison: str) -> None:
        """How long the conversations of a comparison take to read from the store."""
        store = await self._services.store()
        started = time.monotonic()
        for pane in (await store.comparisons.get(comparison)).panes:
            await store.conversations.get(pane.conversation)
        say("read", ms=(time.monotonic() - started) * 1000)

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Wait without taking time from the thread that reads the store."""
        while not holds():
            changed = asyncio.Event()
            self.workspace.panes_changed.connect(changed.set)
            await changed.wait()
            self.workspace.panes_changed.disconnect(changed.set)

    def _panes(self, number: int) -> bool:
        return len(self.workspace.line) == number

    async def _timed(self, what: str, do: Callable[[], object], done: Callable[[], bool]) -> None:
        started = time.monotonic()
        do()
        await self._until(done)
        await _painted()
        say(what, ms=(time.monotonic() - started) * 1000)
        await asyncio.sleep(REST_S)


def _press_escape(where: QWidget) -> None:
    pressed = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    QCoreApplication.sendEvent(where, pressed)


async def _painted() -> None:
    """Wait until what was changed is on the screen: layouts, paints and Qt's flush come before a timer of nothing."""
    for _ in range(2):
        seen = asyncio.Event()
        QTimer.singleShot(0, seen.set)
        await seen.wait()


def main(folder: Path, works: tuple[str, str] | None) -> int:
    """Run the program as its entry does."""
    WatchedWindow.works = works
    app.MainWindow = WatchedWindow
    return app.run(partial(program.assemble, argparse.Namespace(data_dir=folder)))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), (sys.argv[2], sys.argv[3]) if len(sys.argv) > 3 else None))
