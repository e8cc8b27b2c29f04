"""A conversation read message by message, as a screen reader is told of it."""

from __future__ import annotations

import pytest

from tests.e2e.program import Program
from tests.e2e.window.atspi import FOCUSED, SHOWING, Node, Reader, wait
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


@pytest.mark.long
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
    assert begun == "fails-first is responding."
    assert "Not the first time." in wrong
    assert ended.endswith("The response is complete.")


def test_answers_of_several_panes_are_said_one_after_the_other_with_their_names(
    desk: Desk, lab: Program, reader: Reader
) -> None:
    answers_with(lab, "slow:100:300")
    window = desk.open()
    window.find("push button", "Add pane").press()
    window.find("text", "Search models")
    window.keys.press("Return")
    names = [window.pane(number).name for number in (1, 2)]
    with reader.hearing() as hearing:
        window.type_into("Message", "One")
        window.keys.press("Return")
        wait(lambda: sum("is complete" in each for each in hearing.said) == 2, "both ends")
    begun, said = hearing.said[:2], hearing.said[2:]
    assert sorted(begun) == [f"{name}: Responding." for name in names]
    speakers = [next(number for number, name in enumerate(names) if each.startswith(f"{name}: ")) for each in said]
    assert speakers in (sorted(speakers), sorted(speakers, reverse=True))
    assert speakers.count(0) > 1
    assert speakers.count(1) >= 1


def wrongly_shown(node: Node, *, shown: bool = True) -> list[str]:
    """What is told as seen within what is not."""
    found: list[str] = []
    for child in node.children:
        seen = child.has(SHOWING)
        if seen and not shown:
            found.append(f"{child.role} “{child.name}” in {node.role} “{node.name}”")
        found += wrongly_shown(child, shown=seen)
    return found


def test_nothing_within_a_closed_list_is_told_as_seen(desk: Desk, lab: Program) -> None:
    answers_with(lab, "gpt-4o")
    window = desk.open()
    window.keys.press("Control_L", "k")
    wait(lambda: window.find("list", "Commands and conversations").children, "the palette")
    window.keys.press("Escape")
    wait(lambda: not window.look("list", "Commands and conversations"), "the palette's end")
    window.find("push button", "Model").press()
    wait(lambda: window.look("list", "Models"), "the models")
    window.keys.press("Escape")
    wait(lambda: not window.look("list", "Models"), "the end of the models")
    window.find("push button", "Settings").press()
    dialog = window.find("dialog", "Settings")
    assert wrongly_shown(window.frame) == []
    assert wrongly_shown(dialog) == []


@pytest.mark.long
def test_a_choice_is_named_by_its_label_and_no_description_has_markup(desk: Desk) -> None:
    window = desk.open()
    window.find("push button", "Settings").press()
    dialog = window.find("dialog", "Settings")
    assert dialog.find("combo box", "Theme").text == "System"
    told = [each.description for top in (window.frame, dialog) for each in top.walk()]
    assert [each for each in told if "<p" in each] == []
    dialog.find("combo box", "Theme").press()
    wait(lambda: window.look("list item", "Dark"), "the open list")
