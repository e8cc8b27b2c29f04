"""A conversation read message by message, as a screen reader is told of it."""

from __future__ import annotations

import pytest

from tests.e2e.program import Program
from tests.e2e.window.atspi import FOCUSED, Node, Reader, wait
from tests.e2e.window.window import Desk, Window

pytestmark = pytest.mark.slow


def answers_with(lab: Program, model: str) -> None:
    """Let a model of the fault server answer what is new."""
    settings = lab.folder / "data" / "config" / "settings.toml"
    settings.write_text(f'[chat]\ndefault_model = "lab/{model}"\n\n' + settings.read_text())


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


def test_up_and_down_tell_of_the_message_that_the_keyboard_is_on(desk: Desk, lab: Program, reader: Reader) -> None:
    answers_with(lab, "gpt-4o")
    window = desk.open()
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


def test_the_begin_and_the_end_of_an_answer_and_what_went_wrong_are_said(
    desk: Desk, lab: Program, reader: Reader
) -> None:
    answers_with(lab, "fails-first")
    window = desk.open()
    with reader.hearing() as hearing:
        ask(window, "One")
        wait(lambda: len(hearing.said) == 2, "what went wrong")
        window.find("push button", "Retry").press()
        wait(lambda: len(hearing.said) >= 4, "the answer's end")
    begun, wrong, *_, ended = hearing.said
    assert begun == "fails-first is answering."
    assert "Not the first time." in wrong
    assert ended.endswith("The answer is complete.")


def test_answers_of_several_panes_are_said_one_after_the_other_with_their_names(
    desk: Desk, lab: Program, reader: Reader
) -> None:
    answers_with(lab, "slow:100:300")
    window = desk.open()
    window.find("push button", "Add pane").press()
    names = [window.pane(number).name for number in (1, 2)]
    with reader.hearing() as hearing:
        window.type_into("Message", "One")
        window.keys.press("Return")
        wait(lambda: sum("is complete" in each for each in hearing.said) == 2, "both ends")
    begun, said = hearing.said[:2], hearing.said[2:]
    assert sorted(begun) == [f"{name}: {name.partition(': ')[2]} is answering." for name in names]
    speakers = [next(number for number, name in enumerate(names) if each.startswith(f"{name}: ")) for each in said]
    assert speakers in (sorted(speakers), sorted(speakers, reverse=True))
    assert speakers.count(0) > 1
    assert speakers.count(1) >= 1
