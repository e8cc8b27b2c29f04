"""A keyboard for an X server: real key events through XTEST."""

from __future__ import annotations

import ctypes
from collections.abc import Generator
from contextlib import contextmanager

_NAMES = {
    " ": "space",
    "\n": "Return",
    "?": "question",
    ".": "period",
    ",": "comma",
    ":": "colon",
    "/": "slash",
    "-": "minus",
    "_": "underscore",
}
_SHIFTED = set('ABCDEFGHIJKLMNOPQRSTUVWXYZ?:_"')
_SHIFT = "Shift_L"


class Keyboard:
    """Types on one display. Keys are named as X names them: Return, Tab, Down, Control_L, a."""

    def __init__(self, xlib: ctypes.CDLL, xtest: ctypes.CDLL, display: ctypes.c_void_p) -> None:
        self._xlib = xlib
        self._xtest = xtest
        self._display = display

    def press(self, *names: str) -> None:
        """Press keys together, the modifiers first, and let them go."""
        codes = [self._code(name) for name in names]
        for code in codes:
            self._fake(code, down=True)
        for code in reversed(codes):
            self._fake(code, down=False)
        self._xlib.XSync(self._display, 0)

    def type(self, text: str) -> None:
        """Type a text of letters, figures and the commonest signs."""
        for sign in text:
            names = [_NAMES.get(sign, sign)]
            self.press(*([_SHIFT, *names] if sign in _SHIFTED else names))

    def _code(self, name: str) -> int:
        symbol = self._xlib.XStringToKeysym(name.encode())
        code = self._xlib.XKeysymToKeycode(self._display, ctypes.c_ulong(symbol))
        assert code, f"there is no key {name}"
        return int(code)

    def _fake(self, code: int, *, down: bool) -> None:
        self._xtest.XTestFakeKeyEvent(self._display, ctypes.c_uint(code), int(down), ctypes.c_ulong(0))


class NoKeyboard(Keyboard):
    """For what is done without any key."""

    def __init__(self) -> None:
        """It has no display."""

    def press(self, *names: str) -> None:
        """Nobody may."""
        raise AssertionError(f"the key {' '.join(names)} was pressed")


@contextmanager
def keyboard(display: str) -> Generator[Keyboard]:
    """A keyboard on an X server."""
    xlib, xtest = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
    xlib.XOpenDisplay.restype = ctypes.c_void_p
    xlib.XStringToKeysym.restype = ctypes.c_ulong
    xlib.XKeysymToKeycode.restype = ctypes.c_ubyte
    opened = xlib.XOpenDisplay(display.encode())
    assert opened, f"the display {display} could not be opened"
    handle = ctypes.c_void_p(opened)
    try:
        yield Keyboard(xlib, xtest, handle)
    finally:
        xlib.XCloseDisplay(handle)
