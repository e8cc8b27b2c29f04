"""The program's window as a process, met through its keyboard and through what a screen reader is told."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass

from tests.e2e.program import Program
from tests.e2e.window.atspi import ACTIVE, FOCUSED, SHOWING, WAIT_S, Gone, Node, Reader, wait
from tests.e2e.window.keyboard import Keyboard, NoKeyboard
from tests.e2e.window.screen import Screen

_KEY_S = 0.02
"""Between two presses of a key; one too many goes round once more."""


@dataclass
class Window:
    """One window that is open. `frame` is the window itself."""

    process: subprocess.Popen[str]
    frame: Node
    keys: Keyboard

    def find(self, role: str, name: str, timeout_s: float = WAIT_S) -> Node:
        """A control of the program's, in this window or in a dialog of it."""
        return self._application.find(role, name, timeout_s)

    def look(self, role: str, name: str) -> Node | None:
        """The same without waiting."""
        return self._application.look(role, name)

    def type_into(self, name: str, text: str) -> None:
        """Put the keyboard on a field and type."""
        field = self.find("text", name)
        field.focus()
        self.keys.type(text)
        wait(lambda: len(field.text) >= len(text), f"“{text}” in {name}")  # of a key only its length is told

    def pane(self, number: int) -> Node:
        """A pane of the comparison, counted from 1."""
        return wait(lambda: self.frame.beginning("filler", f"Pane {number}: "), f"pane {number}")

    def said_in(self, number: int, text: str) -> list[str]:
        """The messages of a pane, once the last one holds a text."""
        transcript = self.pane(number).find("list", "Transcript")
        return wait(lambda: _last_holding(transcript, text), f"“{text}” in pane {number}")

    def tab_to(self, control: Node) -> None:
        """Press Tab until the keyboard is on a control, and stays: a press may still be under way to a slow window."""
        limit = time.monotonic() + WAIT_S
        while not (control.has(FOCUSED) and _stays(control)):
            assert time.monotonic() < limit, f"Tab does not come to {control.name}"
            self.keys.press("Tab")
            time.sleep(_KEY_S)  # what has the keyboard meanwhile may be nothing that is told of

    def choose(self, name: str) -> None:
        """Go down the menu that opens to an entry and take it. Where the mouse lies over it, it begins there."""
        limit = time.monotonic() + WAIT_S
        with self.frame.reader.hearing() as hearing:
            while not [each for each in hearing.focused[-1:] if each.name == name]:
                assert time.monotonic() < limit, f"Down does not come to {name}"
                self.keys.press("Down")
        self.keys.press("Return")

    def go_to_conversations(self) -> None:
        """Put the keyboard on the first conversation of the sidebar."""
        listed = self.find("list", "Conversations")
        listed.focus()
        wait(lambda: any(item.has(FOCUSED) for item in listed.children), "the keyboard on a conversation")

    def messages(self) -> list[str]:
        """What the transcript says, message by message."""
        transcript = self.look("list", "Transcript")
        return _names(transcript) if transcript else []

    def conversations(self) -> list[str]:
        """What the sidebar lists, headings too."""
        listed = self.look("list", "Conversations")
        return _names(listed) if listed else []

    def said(self, text: str, timeout_s: float = WAIT_S) -> str:
        """The last message, once it holds a text."""
        return wait(lambda: next((each for each in self.messages()[-1:] if text in each), ""), f"“{text}”", timeout_s)

    def answer(self) -> str:
        """The last message, once its answer has ended well or not."""
        wait(lambda: len(self.messages()) > 1 and self.look("push button", "Send"), "the answer's end")
        return self.messages()[-1]

    def ended(self, within_s: float = WAIT_S) -> float:
        """How many seconds from now the process takes to end; its output must be empty and its status 0."""
        begun = time.monotonic()
        out, err = self.process.communicate(timeout=within_s)
        assert (self.process.returncode, out, err) == (0, "", "")
        return time.monotonic() - begun

    @property
    def _application(self) -> Node:
        return Node(self.frame.reader, self.frame.owner, "/org/a11y/atspi/accessible/root")


def _stays(control: Node) -> bool:
    time.sleep(5 * _KEY_S)
    return control.has(FOCUSED)


class Desk:
    """Starts windows on a screen and ends those that are left over."""

    def __init__(self, screen: Screen, reader: Reader, keys: Keyboard, program: Program) -> None:
        self.program = program
        self.keys = keys
        self._screen = screen
        self._reader = reader
        self._started: list[subprocess.Popen[str]] = []

    def start(self, program: Program | None = None) -> subprocess.Popen[str]:
        """Start the program and wait for nothing."""
        process = (program or self.program).start(environ=self._screen.environ)
        self._started.append(process)
        return process

    def open(self, program: Program | None = None) -> Window:
        """Start the program and wait for its window, and where there is a keyboard for that to be in it."""
        process = self.start(program)
        application = wait(lambda: self._application(process), "the program")
        frame = wait(lambda: _shown(application), "the window")
        wait(lambda: frame.has(ACTIVE) or isinstance(self.keys, NoKeyboard), "the keyboard in the window")
        return Window(process, frame, self.keys)

    def secrets(self) -> str:
        """Everything that the keyring holds, as a program of the user's sees it."""
        script = (
            "import secretstorage\nfrom contextlib import closing\n"
            "with closing(secretstorage.dbus_init()) as bus:\n"
            "    for item in secretstorage.get_default_collection(bus).get_all_items(): print(item.get_secret())"
        )
        words = [self.program.command(())[0], "-c", script]
        return subprocess.run(
            words, env={**os.environ, **self._screen.environ}, capture_output=True, text=True, check=True
        ).stdout

    def _application(self, process: subprocess.Popen[str]) -> Node | None:
        assert process.poll() is None, process.communicate()[1]
        return self._reader.application(process.pid)

    def close(self) -> None:
        """End what was started."""
        for process in self._started:
            process.kill()
            process.communicate()


def _shown(application: Node) -> Node | None:
    try:
        return next((each for each in application.children if each.role == "frame" and each.has(SHOWING)), None)
    except Gone:
        return None


def _last_holding(transcript: Node, text: str) -> list[str]:
    names = _names(transcript)
    return names if names and text in names[-1] else []


def _names(listed: Node) -> list[str]:
    try:
        return [item.name for item in listed.children if item.role == "list item"]
    except Gone:
        return []
