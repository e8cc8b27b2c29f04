"""Keyboard shortcut of the whole desktop on Windows, registered with RegisterHotKey."""

from __future__ import annotations

import ctypes
import threading
from ctypes import wintypes

from PySide6.QtCore import QObject, Signal

from desktop.system.log import logger

_ID, _CTRL_ALT_ONCE, _P = 1, 0x4003, 0x50
"""Number of the hotkey in its thread; MOD_CONTROL, MOD_ALT and MOD_NOREPEAT; virtual key of the letter P."""
_WM_QUIT, _WM_HOTKEY = 0x0012, 0x0312
_STARTS_S = 5.0

_log = logger("ui.window.windows_hotkey")


class WindowsHotkey(QObject):
    """Ctrl+Alt+P, whichever program is active, until it is stopped. Windows reports it to the thread that asked."""

    pressed = Signal(str)
    """Emitted with an empty string, because Windows lets the program that got the key come forward."""
    refused = Signal()
    """Emitted if another program has the shortcut."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="hotkey", daemon=True)

    def start(self) -> None:
        """Ask for the shortcut."""
        self._thread.start()

    def stop(self) -> None:
        """Give the shortcut back."""
        if self._listening.wait(_STARTS_S) and self._thread.is_alive():
            _user32().PostThreadMessageW(self._thread.native_id, _WM_QUIT, 0, 0)

    def _listen(self) -> None:
        user32, message = _user32(), wintypes.MSG()
        granted = user32.RegisterHotKey(None, _ID, _CTRL_ALT_ONCE, _P)
        # Creates the thread's queue of messages, without which stop() could not reach it.
        user32.PeekMessageW(ctypes.byref(message), None, 0, 0, 0)
        self._listening.set()
        if not granted:
            _log.info("another program has the hotkey")
            self.refused.emit()
            return
        try:
            while user32.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
                if message.message == _WM_HOTKEY:
                    self.pressed.emit("")
        finally:
            user32.UnregisterHotKey(None, _ID)


def _user32() -> ctypes.CDLL:
    return getattr(ctypes, "windll").user32  # noqa: B009 - there only on Windows
