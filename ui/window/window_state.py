"""Window state that is restored at the next start, stored in a small file of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from pathlib import Path

import msgspec

from desktop.domain.conversation_types import Value
from desktop.system.log import logger
from desktop.system.plain_files import read_plain
from desktop.system.private_files import write_private
from ui.base.tasks import Tasks
from ui.composer.drafts import NEW

FILE = "window.json"
"""Of the first window. Others have a number in the name."""
SIDEBAR_WIDTH, NARROWEST_SIDEBAR, WIDEST_SIDEBAR = 272, 180, 480

_log = logger("ui.place")


class WindowState(Value, frozen=True, kw_only=True):
    """Window position (Qt's state in Base64), sidebar, and last choices.

    `shown` is the ID of the displayed conversation, or of the comparison if `compares`; it is empty for a new chat.
    `model` is the model last chosen from a list, as `connection/model`. `recent` contains the keys of the last
    choices in the command palette. `export_format` is the format of the last export. `model_colors` has the index of
    the pane color of each model that was shown, by `connection/model`.
    """

    geometry: str = ""
    sidebar_width: int = SIDEBAR_WIDTH
    sidebar_shown: bool = True
    grouped_by: str = "recent"
    text_percent: int = 100
    recent: tuple[str, ...] = ()
    shown: str = ""
    export_format: str = ""
    compares: bool = False
    model: str = ""
    model_colors: dict[str, int] = msgspec.field(default_factory=dict[str, int])


def file_name(number: int) -> str:
    """Return the name of the file of a window, counted from 1."""
    return FILE if number == 1 else f"window-{number}.json"


def new_key(number: int) -> str:
    """Return the key under which the draft of a new chat in a window is stored, so that no two windows share it."""
    return NEW if number == 1 else f"new-{number}"


def load(folder: Path, number: int = 1) -> WindowState:
    """Return the stored state, or the defaults if the file is missing or cannot be read.

    A further window without a state looks like the first one, wherever the system puts it.
    """
    if number > 1 and not (folder / file_name(number)).exists():
        return msgspec.structs.replace(load(folder), geometry="", shown="", compares=False)
    with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        place = msgspec.json.decode(read_plain(folder / file_name(number)), type=WindowState)
        return msgspec.structs.replace(
            place, sidebar_width=min(max(place.sidebar_width, NARROWEST_SIDEBAR), WIDEST_SIDEBAR)
        )
    return WindowState()


def save(folder: Path, place: WindowState, number: int = 1) -> None:
    """Store the state. If that fails, the next window opens at its default position."""
    try:
        write_private(folder / file_name(number), msgspec.json.encode(place).decode())
    except OSError as error:
        _log.warning("the window's place was not kept: %s", error.strerror)


class StateKeeper:
    """Writes the window state in a thread, because the disk may be slow."""

    def __init__(self, folder: Path, tasks: Tasks, number: int = 1) -> None:
        self.state = load(folder, number)
        self._number = number
        self._folder = folder
        self._tasks = tasks
        self._written = self.state
        self._busy = self._over = False
        self._writing = threading.Lock()

    def end(self, state: WindowState) -> None:
        """Write the final state and ignore later changes, because the window is being closed."""
        self._over = True
        self.flush(state)

    def keep(self, state: WindowState) -> None:
        """Write a state as soon as possible."""
        if self._over:
            return
        self.state = state
        if self._busy:
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # the loop has ended before the window
            self._write()
        else:
            self._busy = True
            self._tasks.start(self._keep_up(), name="window.state")

    def flush(self, state: WindowState) -> None:
        """Write a state at once, for example before quitting."""
        self.state = state
        self._write()

    async def _keep_up(self) -> None:
        """Write the newest state, one write at a time, until it is stored."""
        try:
            while self.state != self._written:
                await asyncio.to_thread(self._write)
        finally:
            self._busy = False

    def _write(self) -> None:
        """Write the newest state, if it is not stored yet; any thread may call this."""
        with self._writing:
            if (newest := self.state) != self._written:
                save(self._folder, newest, self._number)
                self._written = newest
