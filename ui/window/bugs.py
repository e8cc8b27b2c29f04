"""Catches what nobody foresaw at every door of Python, asyncio and Qt: logs it, says it, lets the program live."""

from __future__ import annotations

import asyncio
import re
import sys
import threading
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from desktop.system.log import logger
from ui.base.strings import tr

_log = logger("ui.bugs")
_qt_log = logger("ui.qt")

_ADDRESS = re.compile(r"\b(https?|mailto):.*", re.DOTALL)
"""What Qt says of a link that nothing opens: its words may be those of an answer, or a sign-in's."""


class Bugs(QObject):
    """Hooks into the doors between `install` and `remove`."""

    found = Signal(str)
    """A bug, in a sentence without anything of the user's in it. May come from any thread."""

    def install(self) -> None:
        """Take over the hooks of this process."""
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self.report
        threading.excepthook = self._report_thread
        qInstallMessageHandler(_qt_message)

    def remove(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(None)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Report what ends up at this loop's handler."""
        loop.set_exception_handler(self._report_loop)

    def report(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log an exception and say that there was one; a wish to end is none."""
        if issubclass(kind, (KeyboardInterrupt, SystemExit, asyncio.CancelledError)):
            return
        _log.error("unforeseen", exc_info=(kind, error, trace))
        self.say(error)

    def say(self, error: BaseException) -> None:
        """Say that there was a bug, which is in the log already."""
        self.found.emit(tr("Internal error in Paragone ({kind}). You can continue.", kind=type(error).__name__))

    def _report_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.report(args.exc_type, args.exc_value, args.exc_traceback)

    def _report_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        del loop
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.report(type(error), error, error.__traceback__)
        else:
            _log.error("the event loop: %s", context.get("message"))


def _qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    del context
    text = _ADDRESS.sub(r"\1:…", text)
    if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
        _qt_log.error("%s", text)
    elif kind is QtMsgType.QtWarningMsg:
        _qt_log.warning("%s", text)
    else:
        _qt_log.debug("%s", text)
