"""The whole of what the program is for, done through keyboard and screen reader alone."""

from __future__ import annotations

import re

import pytest

from tests.e2e.conftest import KEY
from tests.e2e.window.atspi import FOCUSED, Node, wait
from tests.e2e.window.window import Desk
from tests.servers.behaviours import TEXT
from tests.servers.faults import FaultServer

pytestmark = pytest.mark.slow

NAMED = {
    "Message",
    "Send",
    "Model",
    "Transcript",
    "Conversations",
    "Search conversations",
    "New chat",
    "Add connection",
    "Settings",
}


def test_all_that_is_needed_has_its_name_from_the_first_frame_on(desk: Desk) -> None:
    window = desk.open()
    assert window.frame.name == "Paragone"
    assert {node.name for node in window.frame.walk()} >= NAMED
    transcript = window.find("list", "Transcript")
    assert transcript.beginning("push button", "Explain: ") is not None
    assert window.find("text", "Message").has(FOCUSED)


def test_a_prompt_is_answered_by_the_embedded_model_and_found_again_tomorrow(desk: Desk) -> None:
    window = desk.open()
    window.type_into("Message", "Name one colour of the rainbow.")
    window.find("push button", "Send").press()
    answer = window.answer()
    assert answer
    assert window.messages() == ["Name one colour of the rainbow.", answer]
    desk.keys.press("Control_L", "q")
    assert window.ended() < 2

    window = desk.open()
    window.type_into("Search conversations", "rainbow")
    wait(lambda: any("rainbow" in each for each in window.conversations()), "a hit")
    desk.keys.press("Down")
    desk.keys.press("Return")
    wait(lambda: window.messages() == ["Name one colour of the rainbow.", answer], "the conversation")


def test_foundry_is_added_in_the_dialog_alone_and_its_key_is_in_the_keyring_alone(
    desk: Desk, server: FaultServer
) -> None:
    window = desk.open()
    window.find("push button", "Add connection").press()
    dialog = window.find("dialog", "Add connection")
    window.type_into("Address", f"{server.origin}/openai/v1")
    window.type_into("Key", KEY)
    dialog.find("push button", "Check").press()
    wait(lambda: _adding(dialog), "the end of the check").press()
    wait(lambda: window.look("dialog", "Add connection") is None, "the dialog's end")

    message, model = window.find("text", "Message"), window.find("push button", "Model")
    message.focus()
    model.press()
    # The list of models is a popup: Qt tells screen readers of its focus and leaves it out of the tree.
    wait(lambda: not message.has(FOCUSED), "the list of models")
    desk.keys.type("127.0.0.1/gpt-4o")
    desk.keys.press("Return")
    wait(lambda: "gpt-4o" in model.description, "the model")
    window.type_into("Message", "Hello")
    window.find("push button", "Send").press()
    assert window.said(TEXT) == TEXT
    desk.keys.press("Control_L", "q")
    window.ended()
    assert KEY in desk.secrets()
    assert [path for path, content in desk.program.files().items() if KEY.encode() in content] == []


def _adding(dialog: Node) -> Node | None:
    """The button that adds what the check found: how many models that are stands in its name."""
    buttons = (each for each in dialog.walk() if each.role == "push button")
    return next((each for each in buttons if re.fullmatch(r"Add \d+ models?", each.name)), None)
