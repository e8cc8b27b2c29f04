"""The program's window over a great store: tells how long conversations take to open, and hits to be shown.

python -m tests.bench.history_child FOLDER WORDS ID...

Once the sidebar is filled it opens each conversation by its id, then types each of the words (parted by commas) letter
by letter into the search; it tells the time from the call, or from the letter, until what came of it is painted.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from functools import partial
from pathlib import Path

import main as program
from desktop.services import Services
from tests.bench.window_child import _painted as painted
from tests.bench.window_child import say
from tests.ui.waiting import until
from ui.app import application as app
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.window.main_window import MainWindow
from ui.window.shared_state import SharedState

_REST_S = 0.2


class HistoryWindow(MainWindow):
    """The main window, that works by itself."""

    ids: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __init__(
        self, services: Services, tasks: Tasks, themes: Themes, state: SharedState | None = None, number: int = 1
    ) -> None:
        super().__init__(services, tasks, themes, state, number)
        self.painted.connect(lambda: say("painted"))
        self.painted.connect(lambda: tasks.start(self._work(), name="bench"))

    async def _work(self) -> None:
        await until(lambda: self.sidebar.library.loaded)
        await asyncio.sleep(2)
        say("rested")
        for id_ in self.ids:
            started = time.monotonic()
            self.desk.open_conversation(id_)
            await until(partial(self._shows, id_))
            await painted()
            say("opened", ms=(time.monotonic() - started) * 1000)
            await asyncio.sleep(_REST_S)
        for word in self.words:
            for end in range(1, len(word) + 1):
                await self._type(word[:end])
            self.sidebar.search_field.clear()
        say("worked")

    def _shows(self, id_: str) -> bool:
        return self.desk.shown_id == id_

    async def _type(self, text: str) -> None:
        told = asyncio.Event()
        self.sidebar.finding.changed.connect(told.set)
        started = time.monotonic()
        self.sidebar.search_field.setText(text)
        await told.wait()
        await painted()
        say("found", ms=(time.monotonic() - started) * 1000)
        self.sidebar.finding.changed.disconnect(told.set)
        await asyncio.sleep(_REST_S / 4)


def main(folder: Path, words: str, ids: tuple[str, ...]) -> int:
    """Run the program as its entry does."""
    HistoryWindow.ids, HistoryWindow.words = ids, tuple(words.split(","))
    app.MainWindow = HistoryWindow
    return app.run(partial(program.assemble, argparse.Namespace(data_dir=folder)))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], tuple(sys.argv[3:])))
