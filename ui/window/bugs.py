"""Catches, logs and reports unexpected exceptions from Python, asyncio and Qt. The program keeps running."""

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
"""Pattern for the address in Qt's message about a link that cannot be opened. It may contain private text."""


class Bugs(QObject):
    """Reports unexpected exceptions from `install` until `remove`."""

    found = Signal(str)
    """Emitted, from any thread, with a sentence about a bug. The sentence contains no data of the user."""

    def install(self) -> None:
        """Install the exception hooks of this process."""
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self.report
        threading.excepthook = self._report_thread
        qInstallMessageHandler(_qt_message)

    def remove(self) -> None:
        """Restore the previous hooks."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(None)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Report exceptions that reach the exception handler of an event loop."""
        loop.set_exception_handler(self._report_loop)

    def report(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log and report an exception, unless it is a request to exit."""
        if issubclass(kind, (KeyboardInterrupt, SystemExit, asyncio.CancelledError)):
            return
        _log.error("unforeseen", exc_info=(kind, error, trace))
        self.say(error)

    def say(self, error: BaseException) -> None:
        """Report an exception that was already logged."""
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
