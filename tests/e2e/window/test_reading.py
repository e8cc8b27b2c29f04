"""A conversation read message by message, as a screen reader is told of it."""

from __future__ import annotations

import pytest

from tests.e2e.program import Program
from tests.e2e.window.atspi import FOCUSED, Node, Reader, wait
from tests.e2e.window.window import Desk, Window

pytestmark = pytest.mark.slow


@pytest.fixture
def quick_desk(desk: Desk, lab: Program) -> Desk:
    """Where a server's model answers at once."""
    settings = lab.folder / "data" / "config" / "settings.toml"
    settings.write_text('[chat]\ndefault_model = "lab/gpt-4o"\n\n' + settings.read_text())
    return desk


def ask(window: Window, text: str) -> None:
    """Send a prompt and wait for the end of its answer."""
    before = len(window.messages())
    window.type_into("Message", text)
    window.keys.press("Return")
    wait(lambda: len(window.messages()) == before + 2, "the answer")
    window.answer()


def items(window: Window) -> list[Node]:
    """The messages of the transcript."""
    return [each for each in window.find("list", "Transcript").children if each.role == "list item"]


def test_up_and_down_tell_of_the_message_that_the_keyboard_is_on(quick_desk: Desk, reader: Reader) -> None:
    window = quick_desk.open()
    ask(window, "One")
    ask(window, "Two")
    shown = items(window)
    with reader.hearing() as hearing:
        window.find("list", "Transcript").focus()
        wait(lambda: hearing.focused[-1:] == shown[-1:], "the last message")
        for key, place in (("Up", 2), ("Up", 1), ("Home", 0), ("Down", 1), ("End", 3)):
            window.keys.press(key)
            wait(lambda place=place: hearing.focused[-1] == shown[place], f"the message after {key}")
            assert shown[place].has(FOCUSED)
            assert shown[place].text == window.messages()[place]
