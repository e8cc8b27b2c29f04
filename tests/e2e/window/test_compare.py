"""A comparison from its first prompt to the next start: once with keys alone, once without any."""

from __future__ import annotations

import signal
from collections.abc import Sequence

import pytest

from tests.e2e.program import Program
from tests.e2e.window.atspi import CHECKED, FOCUSED, Node, wait
from tests.e2e.window.window import Desk, Window
from tests.servers.behaviours import TEXT
from tests.servers.faults import FaultServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # each is a whole comparison, with the embedded model

MODELS = ("first/slow:15:1500", "second/fails-first", "third/gpt-4o", "embedded/smollm2")
PROMPT = "Name one colour of the rainbow."
DRAFT = "And another one?"
PANES = ("Pane 1: slow:15:1500", "Pane 2: fails-first", "Pane 3: gpt-4o", "Pane 4: SmolLM2 135M")


def write_settings(program: Program, servers: Sequence[FaultServer], *, listed: bool) -> None:
    """Three connections, each with its model named where it is `listed`; the slow one answers what is new."""
    lines = [f'[chat]\ndefault_model = "{MODELS[0]}"']
    for ref, server in zip(MODELS, servers, strict=False):
        connection, _, model = ref.partition("/")
        lines += ["", f"[connections.{connection}]", 'kind = "openai-v1"', f'url = "{server.url}"']
        lines += ['key_env = "TEST_KEY"', f'models = ["{model}"]' if listed else ""]
    folder = program.folder / "data" / "config"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text("\n".join(lines))


def answered(window: Window) -> None:
    """The first answer streams, the second failed where it would be, the others came whole."""
    window.said_in(3, TEXT)
    window.said_in(2, "Not the first time.")
    window.said_in(1, "word5")
    wait(lambda: "tokens" in window.pane(4).find("filler", "Figures").description, "the embedded model's figures")
    wait(lambda: "~" not in window.pane(4).find("filler", "Figures").description, "the embedded model's end")


def retried(window: Window, servers: Sequence[FaultServer]) -> None:
    """The second pane's answer came, and nobody else was asked again."""
    assert window.said_in(2, TEXT) == [PROMPT, f"{TEXT}\nVersion 2 of this response."]
    asked = [len(server.asked(ref.partition("/")[2])) for ref, server in zip(MODELS, servers, strict=False)]
    assert asked == [1, 2, 1]


def rule(window: Window) -> str:
    """What is said of the context rule."""
    return window.find("push button", "Context rule").description


def is_shared(window: Window) -> bool:
    return rule(window) == "Shared. All models receive all responses of each turn, with the model names."


def differences(window: Window) -> str:
    """What the panel of differences says of two whole answers."""
    panel = window.find("filler", "Differences")
    return wait(lambda: _saying(panel, "of words are the same"), "what differs").name


def _saying(panel: Node, words: str) -> Node | None:
    return next((each for each in panel.walk() if each.role == "label" and words in each.name), None)


def prompts_only(window: Window) -> bool:
    box = window.look("check box", "Prompts only")  # seen only while it is on
    return box is not None and box.has(CHECKED)


def as_it_was(window: Window) -> str:
    """The comparison stands there as it was left; what the answer says that was cut off."""
    wait(lambda: [window.pane(number).name for number in range(1, 5)] == list(PANES), "the four panes")
    wait(lambda: window.find("text", "Message").text == DRAFT, "the draft")
    assert window.said_in(2, TEXT) == [PROMPT, f"{TEXT}\nVersion 2 of this response."]
    assert window.said_in(3, TEXT) == [PROMPT, TEXT]
    assert differences(window)
    prompt, cut = window.said_in(1, "word5")
    assert prompt == PROMPT
    assert "word1400" not in cut
    return window.pane(1).find("filler", "Figures").description


def test_a_comparison_by_keyboard_alone(desk: Desk, trio: Sequence[FaultServer]) -> None:
    write_settings(desk.program, trio, listed=False)
    window, keys = desk.open(), desk.keys
    keys.press("Control_L", "Shift_L", "n")
    window.pane(2)
    for number in (3, 4):
        keys.press("Control_L", "d")
        type_model(window, MODELS[number - 1])
        wait(lambda number=number: window.pane(number).name == PANES[number - 1], PANES[number - 1])
    choose_model(window, 2, MODELS[1], PANES[1])
    keys.type(PROMPT)
    keys.press("Return")
    answered(window)

    keys.press("Control_L", "2")
    window.tab_to(window.pane(2).find("push button", "Retry"))
    keys.press("space")
    retried(window, trio)

    window.tab_to(window.find("push button", "More actions for all panes"))
    keys.press("space")
    window.choose("History: Own")
    window.find("radio button", "Shared")
    keys.press("Down")
    keys.press("Down")
    wait(lambda: window.find("radio button", "Shared").has(FOCUSED), "the keyboard on the last rule")
    keys.press("Return")
    wait(lambda: is_shared(window), "the rule")

    keys.press("Control_L", "Shift_L", "l")
    wait(lambda: prompts_only(window), "prompts only")
    keys.press("Control_L", "Shift_L", "l")
    wait(lambda: not prompts_only(window), "whole answers")

    keys.press("Control_L", "Shift_L", "e")
    window.find("filler", "Differences")
    window.tab_to(window.find("combo box", "First response"))
    keys.press("End")
    assert differences(window)

    keys.press("Control_L", "Shift_L", "m")
    popover = window.find("panel", "Merge answers")
    window.tab_to(popover.find("push button", "Merge"))
    keys.press("space")
    assert "gpt-4o" in window.said_in(5, TEXT)[0]
    wait(lambda: any(each.startswith("Merged: ") for each in window.conversations()), "the merged conversation")
    keys.press("Control_L", "Shift_L", "e")
    assert differences(window)

    keys.press("Control_L", "Shift_L", "f")
    keys.press("Down")
    listed = window.find("list", "Conversations")
    wait(lambda: listed.has(FOCUSED), "the keyboard on the conversations")
    keys.press("Home")
    keys.press("Down")  # the merged conversation is newer
    keys.press("Return")
    window.pane(4)
    message = window.find("text", "Message")
    window.tab_to(message)
    keys.type(DRAFT)
    wait(lambda: message.text == DRAFT, "the draft")
    wait(lambda: DRAFT.encode() in kept(desk.program), "the draft on the disk")
    keys.press("Control_L", "q")
    window.tab_to(window.find("push button", "Stop and quit"))
    keys.press("space")
    assert window.ended() < 2

    window = desk.open()
    assert "interrupted" in as_it_was(window)
    assert is_shared(window)


@pytest.mark.long
def test_a_comparison_without_any_key(silent_desk: Desk, trio: Sequence[FaultServer]) -> None:
    write_settings(silent_desk.program, trio, listed=True)
    window = silent_desk.open()
    window.find("push button", "New comparison").press()
    window.pane(2)
    for number in (3, 4):
        window.find("push button", "Add pane").press()
        window.find("text", "Search models").write(MODELS[number - 1])
        window.find("push button", "Add").press()
        window.pane(number)
    wait(lambda: [window.pane(number).name for number in range(1, 5)] == list(PANES), "four models")
    window.find("text", "Message").write(PROMPT)
    window.find("push button", "Send").press()
    answered(window)

    window.pane(2).find("push button", "Retry").press()
    retried(window, trio)

    window.find("check box", "Differences").press()
    window.find("radio button", "View: Agreement").press()
    panel = window.find("filler", "Differences")
    wait(lambda: _saying(panel, "compared by words, not by meaning"), "what is agreed on")

    window.find("text", "Message").write(DRAFT)
    wait(lambda: DRAFT.encode() in kept(silent_desk.program), "the draft on the disk")
    wait(lambda: b'"compares":true' in kept(silent_desk.program), "what is shown on the disk")
    window.process.send_signal(signal.SIGKILL)
    window.process.communicate()

    window = silent_desk.open()
    assert "interrupted" in as_it_was(window)
    assert window.pane(1).find("push button", "Retry")
    assert window.pane(1).find("push button", "Continue")


def choose_model(window: Window, number: int, ref: str, name: str) -> None:
    """Choose a pane's model by its reference."""
    window.keys.press("Control_L", str(number))
    model = window.pane(number).find("push button", "Model")
    wait(lambda: model.has(FOCUSED), "the keyboard on the model")
    window.keys.press("space")
    type_model(window, ref)
    wait(lambda: window.pane(number).name == name, name)
    wait(lambda: window.find("text", "Message").has(FOCUSED), "the keyboard where prompts are typed")


def type_model(window: Window, ref: str) -> None:
    """Type a model's reference in the open picker, and take it."""
    search = window.find("text", "Search models")
    wait(lambda: search.has(FOCUSED), "the keyboard in the search")
    window.keys.type(ref)
    wait(lambda: search.text == ref, "the reference")
    window.keys.press("Return")


def kept(program: Program) -> bytes:
    """All that is on the disk."""
    return b"".join(program.files().values())
