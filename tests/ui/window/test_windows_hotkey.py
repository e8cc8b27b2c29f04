"""The hotkey of Windows, at a stand-in for user32 that keeps its rules: messages by thread, one owner of a hotkey."""

# ruff: noqa: N802 - the names of Windows

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from ctypes import wintypes
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Protocol

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from tests.ui.transcript.makers import heard
from tests.ui.waiting import until
from ui.window.windows_hotkey import WindowsHotkey

QUIT, HOTKEY = 0x12, 0x312


class Reference(Protocol):
    """What ctypes.byref returns."""

    _obj: wintypes.MSG


class User32:
    """Has the functions of user32 that the program calls, by their names there."""

    def __init__(self) -> None:
        self.owner: int | None = None
        self.keys: tuple[int, int] | None = None
        self.messages: dict[int, SimpleQueue[int]] = {}

    def RegisterHotKey(self, _window: None, _number: int, modifiers: int, key: int) -> bool:
        if self.owner is not None:
            return False
        self.owner, self.keys = threading.get_native_id(), (modifiers, key)
        return True

    def UnregisterHotKey(self, _window: None, _number: int) -> bool:
        self.owner = None
        return True

    def PeekMessageW(self, _message: Reference, *_filters: object) -> bool:
        self.messages.setdefault(threading.get_native_id(), SimpleQueue())
        return False

    def GetMessageW(self, message: Reference, *_filters: object) -> bool:
        number = self.messages[threading.get_native_id()].get(timeout=10)
        message._obj.message = number
        return number != QUIT

    def PostThreadMessageW(self, thread: int, number: int, *_values: int) -> bool:
        self.messages[thread].put(number)
        return True


@pytest.fixture
def user32(monkeypatch: pytest.MonkeyPatch) -> User32:
    made = User32()
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(user32=made), raising=False)
    return made


@pytest.fixture
def parent(qapp: QApplication) -> Iterator[QObject]:
    made = QObject(qapp)
    yield made
    made.deleteLater()


async def test_a_press_is_reported_until_the_hotkey_is_given_back(user32: User32, parent: QObject) -> None:
    hotkey = WindowsHotkey(parent)
    pressed = heard(hotkey.pressed)
    hotkey.start()
    await until(lambda: user32.owner in user32.messages)
    assert user32.keys == (0x4003, ord("P"))
    assert user32.owner is not None
    user32.PostThreadMessageW(user32.owner, HOTKEY + 1)
    user32.PostThreadMessageW(user32.owner, HOTKEY)
    await until(lambda: len(pressed) == 1)
    hotkey.stop()
    await until(lambda: user32.owner is None)
    assert len(pressed) == 1


async def test_a_hotkey_of_another_program_is_refused(user32: User32, parent: QObject) -> None:
    user32.owner = 1
    hotkey = WindowsHotkey(parent)
    refused = heard(hotkey.refused)
    hotkey.start()
    await until(lambda: bool(refused))
    hotkey.stop()
    assert user32.owner == 1
