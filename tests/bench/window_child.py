"""The program's window with somebody watching: tells as JSON lines when it was painted, filled, and typed into.

python -m tests.bench.window_child FOLDER

Times are those of the monotonic clock, which all processes of a machine share. Nothing of the program is changed:
the window is a subclass that listens to its own signals.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QPlainTextEdit

import main as program
from desktop.services import Services
from ui import app
from ui.tasks import Tasks
from ui.theme import Themes
from ui.window.main_window import MainWindow


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

    def __init__(self, services: Services, tasks: Tasks, themes: Themes) -> None:
        super().__init__(services, tasks, themes)
        self.painted.connect(lambda: say("painted"))
        self.sidebar.library.changed.connect(lambda: say("listed"))
        editors = [each for each in self.findChildren(QPlainTextEdit) if each.accessibleName() == "Message"]
        PaintedText(editors[0])


def main(folder: Path) -> int:
    """Run the program as its entry does."""
    app.MainWindow = WatchedWindow
    return app.run(partial(program.assemble, argparse.Namespace(data_dir=folder)))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
