"""The desktop application: Qt and asyncio on one event loop, one window per data folder, orderly shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Generator, MutableMapping, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import cast

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from desktop.domain.conversation_types import Kind
from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.settings.schema import LANGUAGE, SCALE
from desktop.system.log import logger
from desktop.system.private_files import take_umask
from desktop.system.session_bus import disable_silent_bus
from ui.app.loop import Loop
from ui.base.language import SYSTEM, Language
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.warm import warm
from ui.window.bugs import Bugs
from ui.window.instance import Instance
from ui.window.main_window import MainWindow
from ui.window.window_group import WindowGroup

DESKTOP_ID = "app.paragone.Paragone"
"""Name of the desktop file on Linux, and the AppUserModelID on Windows."""

INTERVAL_MS = 200

_SHARE = 0.005
"""Maximum share of run time spent on full garbage collections, which take longer the more objects the window has."""


class Collector(QObject):
    """Runs garbage collection from a timer, instead of Python's automatic collection, until `stop`.

    `clock` returns seconds.
    """

    def __init__(self, parent: QObject | None = None, *, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._clock = clock
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.collect_due)
        self._full_from = 0.0
        self._timer.start()

    @Slot()
    def collect_due(self) -> int:
        """Collect the generations that are due, as Python would, and return the number of freed objects."""
        counts = gc.get_count()
        before = self._clock()
        if counts[2] > self._thresholds[2] and before >= self._full_from:
            gone = gc.collect(2)
            after = self._clock()
            self._full_from = after + (after - before) / _SHARE
            return gone
        for generation in (1, 0):
            if counts[generation] > self._thresholds[generation]:
                return gc.collect(generation)
        return 0

    def stop(self) -> None:
        """Restore automatic collection. Works even if Qt is already gone, for example after the display disappeared."""
        if isValid(self._timer):
            self._timer.stop()
        gc.enable()


_log = logger("ui.app.application")

_STOPPED_WITHIN_S, _KEPT_WITHIN_S, _CANCELLED_WITHIN_S, _CLOSED_WITHIN_S = 0.8, 2.5, 0.3, 3.0
"""Time limits at quit for saving responses, for other tasks and for the services. Usually far less is needed."""

_LOOK_AGAIN_S = 0.02

_LISTENS_AFTER_S = 0.3
"""Delay before other instances may connect, painted window or not. They wait longer than this."""

_WARM = ("azure.ai.inference.aio", "aiohttp", "keyring")
"""Slow imports that would otherwise delay the first response or the first key."""


class Application(QApplication):
    """Turns system requests into actions: quitting closes the window without a question, and files are opened."""

    quit_wanted = Signal()
    file_opened = Signal(list)
    """Emitted with a list of one Path when macOS asks to open a file."""

    def event(self, event: QEvent) -> bool:
        """Handle requests to open a file, which only macOS sends, and to quit.

        A quit request only emits a signal, because the asyncio loop has to finish on its own.
        """
        if isinstance(event, QFileOpenEvent) and event.file():
            self.file_opened.emit([Path(event.file())])
            return True
        if event.type() == QEvent.Type.Quit:
            self.quit_wanted.emit()
            return True
        return super().event(event)


def run(
    assemble: Callable[[], Services], files: Sequence[Path] = (), umask: int | None = None, *, toggles: bool = False
) -> int:
    """Show the window until it is closed and return the exit status. `files` are attached at start.

    A ParagoneError of `assemble` is shown and gives status 1. `umask` is as in `take_umask`. With `toggles`, a window
    that is open already is minimized if it is the active one.
    """
    take_umask(umask)
    disable_silent_bus()
    try:
        services = assemble()
    except (ParagoneError, OSError) as error:
        app = _application()
        Language(app).use(SYSTEM)
        return _refuse(app, error)
    scale(services.settings.get(SCALE), os.environ)
    app = _application()
    Language(app).use(services.settings.get(LANGUAGE))
    try:
        instance = Instance(services.paths.data)
        first = instance.claim()
    except (ParagoneError, OSError) as error:
        return _refuse(app, error)
    if not first:
        if instance.call(files, toggles=toggles):
            return 0
        print("Paragone is open with this data folder already; its window could not be raised.", file=sys.stderr)  # noqa: T201
        return 1
    services.followers.append(instance.follow)
    gc.freeze()  # modules and classes stay: the window's collector need not look at them
    try:
        with cast("AbstractContextManager[asyncio.AbstractEventLoop]", Loop(app)) as loop:

            async def run() -> int:
                """Made while the loop runs: what a window shows may have to be read."""
                return await _Run(app, services, instance, loop, files).whole()

            return loop.run_until_complete(run())
    finally:
        instance.release()


class _Run:
    """One run of the window, from the first paint to closing the last file."""

    def __init__(
        self,
        app: Application,
        services: Services,
        instance: Instance,
        loop: asyncio.AbstractEventLoop,
        files: Sequence[Path],
    ) -> None:
        self._services = services
        self._instance = instance
        self._files = files
        self._ended = asyncio.Event()
        self._bugs = Bugs()
        self._bugs.install()
        self._bugs.watch(loop)
        self._tasks = Tasks()
        self._tasks.bug.connect(self._bugs.say)
        self._collector = Collector()
        self._themes = Themes()
        self._windows = WindowGroup(services, self._tasks, self._themes, MainWindow)
        self._window = self._windows.first
        self._themes.apply()  # last: with a style sheet in force every widget is polished at each move to a parent
        self._bugs.found.connect(self._say_bug)
        self._window.closed.connect(self._ended.set)
        self._window.painted.connect(self._after_paint)
        app.quit_wanted.connect(self._windows.quit)
        app.commitDataRequest.connect(self._windows.remember)
        app.file_opened.connect(self._take)
        instance.called.connect(self._windows.come_forward)
        instance.toggled.connect(self._windows.toggle)
        instance.given.connect(self._take)

    async def whole(self) -> int:
        """Show the window, wait until it is closed, shut down in order and return the exit status."""
        try:
            with _signals(self._windows):
                self._window.show()
                listening = asyncio.get_running_loop().call_later(_LISTENS_AFTER_S, self._instance.listen)
                await self._ended.wait()
                listening.cancel()
                await self._end()
        finally:
            self._collector.stop()
            self._bugs.remove()
        return 0

    @Slot(str)
    def _say_bug(self, sentence: str) -> None:
        self._windows.front.say_bug(sentence)

    @Slot(list)
    def _take(self, files: list[Path]) -> None:
        """Attach files, or open them, in the window at the front."""
        self._windows.front.files.take(files)

    def _after_paint(self) -> None:
        self._tasks.start(self._settle_in(), name="window.settle_in", failed=self._window.say_error)
        self._tasks.start(self._move_headers(), name="app.move_headers", failed=self._window.say_error)
        self._tasks.start(self._warm(), name="app.warm")

    async def _settle_in(self) -> None:
        try:
            await self._window.settle_in()
        finally:  # whatever becomes of the store
            self._windows.follow_tray()
            self._windows.follow_shortcut()
            if self._files:
                self._window.files.take(self._files)

    async def _move_headers(self) -> None:
        for notice in await self._services.move_headers():
            self._window.notices.show_notice(tr(notice), tone="warn")

    async def _warm(self) -> None:
        """Import the first request's modules in a thread, then exempt all startup objects from garbage collection."""
        await warm()
        kinds = {connection.kind for connection in self._services.settings.all_connections}
        if kinds != {Kind.EMBEDDED}:
            await asyncio.to_thread(_import, _WARM)
        gc.collect()
        gc.freeze()

    async def _end(self) -> None:
        """Stop and save responses, cancel other tasks and close the services."""
        for window in self._windows.all:
            window.workspace.stop_all()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOPPED_WITHIN_S):
                while self._window.workspace.is_answering:
                    await self._tasks.settle(_LOOK_AGAIN_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_KEPT_WITHIN_S):
                await self._window.disk_room.write_now()
        await self._tasks.cancel_all(_CANCELLED_WITHIN_S)
        try:
            async with asyncio.timeout(_CLOSED_WITHIN_S):
                await self._services.aclose()
        except (ParagoneError, TimeoutError) as error:
            _log.error("the services did not close in order: %s", type(error).__name__)
        for window in self._windows.all:
            window.deleteLater()


def name_process() -> None:
    """Tell Windows that all windows belong to the program's Start menu entry, whichever executable was started."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(DESKTOP_ID)


def _application() -> Application:
    name_process()
    app = QApplication.instance() or Application(sys.argv[:1])
    assert isinstance(app, Application)
    app.setApplicationName("Paragone")
    app.setApplicationDisplayName("Paragone")
    app.setDesktopFileName(DESKTOP_ID)
    app.setQuitOnLastWindowClosed(False)
    app.setFont(app.font())  # once said, it stays: when the system goes dark Qt asks for it anew, and gets another
    return app


def scale(percent: int, environ: MutableMapping[str, str]) -> None:
    """Set Qt's scale factor before the application exists, unless the environment already sets one."""
    if percent != SCALE.default:
        environ.setdefault("QT_SCALE_FACTOR", f"{percent / 100:g}")


def _refuse(app: Application, error: ParagoneError | OSError) -> int:
    """Explain on the terminal and on the screen why there is no window."""
    from PySide6.QtWidgets import QMessageBox

    if isinstance(error, ParagoneError):
        message, hint = tr(error.message), tr(error.hint)
    else:
        message, hint = tr("The data folder could not be used: {reason}.", reason=error.strerror or error), ""
    print(f"{message} {hint}".strip(), file=sys.stderr)  # noqa: T201
    box = QMessageBox()
    box.setWindowTitle("Paragone")
    box.setIcon(QMessageBox.Icon.Critical)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText("\n\n".join(part for part in (message, hint) if part))
    box.finished.connect(lambda: app.exit(1))
    box.open()
    return app.exec()


def _import(names: tuple[str, ...]) -> None:
    for name in names:
        with contextlib.suppress(ImportError):
            import_module(name)


def _woken_only(number: int, frame: FrameType | None) -> None:
    """Do nothing. Python also writes a byte to the wake-up socket, and that byte is what triggers the shutdown."""
    del number, frame


@contextlib.contextmanager
def _signals(windows: WindowGroup) -> Generator[None]:
    """Close the windows on SIGINT and SIGTERM while active. Python's wake-up byte reaches Qt as a socket event."""
    reading, writing = socket.socketpair()
    reading.settimeout(0)
    writing.settimeout(0)
    before = {number: signal.signal(number, _woken_only) for number in (signal.SIGINT, signal.SIGTERM)}
    before_fd = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read, QObject(windows))

    def woken() -> None:
        """Quit when a signal arrives, without asking the user."""
        with contextlib.suppress(OSError):
            if set(reading.recv(64)) & set(before):
                windows.quit()

    notifier.activated.connect(woken)
    try:
        yield
    finally:
        if isValid(notifier):
            notifier.setEnabled(False)
        signal.set_wakeup_fd(before_fd)
        for number, handler in before.items():
            signal.signal(number, handler)
        reading.close()
        writing.close()
