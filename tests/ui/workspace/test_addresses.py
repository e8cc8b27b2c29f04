"""A prompt that names its pane: the chips, the button and Tab say whom it is for before it is sent."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from desktop.comparison import PaneState, new_comparison
from desktop.domain import ModelRef
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.waiting import until
from ui.pane.prompt import Prompt
from ui.workspace.recipients import address, addressed, begun
from ui.workspace.workspace import Workspace

NAMES = ("Grok 4.7", "gpt-4o", "gpt-4o mini")


@pytest.fixture
def three(workspace: Workspace) -> Workspace:
    panes = tuple(PaneState(conversation="", model=ModelRef(connection="lab", name=name)) for name in NAMES)
    workspace.show_comparison(new_comparison(panes), {})
    workspace.composer.editor.setFocus()
    return workspace


def chips(workspace: Workspace) -> list[bool]:
    """Which chips are lit."""
    return [chip.isChecked() for chip in workspace.common.chips.findChildren(QPushButton)]


def write(workspace: Workspace, text: str) -> None:
    QTest.keyClicks(workspace.composer.editor, text)
    QApplication.processEvents()


@pytest.mark.parametrize(
    ("text", "lit", "button"),
    [
        ("Hello", [True, True, True], "Send to 3"),
        ("@2 Hello", [False, True, False], "Send to gpt-4o"),
        ("@2", [False, True, False], "Send to gpt-4o"),
        ("@g", [True, True, True], "Send to 3"),
        ("@gp", [False, True, True], "Send to 2"),
        ("@grok, why?", [True, False, False], "Send to Grok 4.7"),
        ("@nobody Hello", [True, True, True], "Send to 3"),
        ("@9 Hello", [True, True, True], "Send to 3"),
        ("mail me@2 now", [True, True, True], "Send to 3"),
    ],
)
def test_chips_and_button_say_whom_it_is_for(three: Workspace, text: str, lit: list[bool], button: str) -> None:
    write(three, text)
    assert (chips(three), three.composer.line.button.text()) == (lit, button)
    assert three.line.on == (True, True, True)


def test_what_is_taken_back_lights_all_chips_again(three: Workspace) -> None:
    write(three, "@2 x")
    three.composer.editor.selectAll()
    QTest.keyClick(three.composer.editor, Qt.Key.Key_Delete)
    assert (chips(three), three.composer.line.button.text()) == ([True] * 3, "Send to 3")


async def test_tab_writes_the_address_out_and_it_is_sent_to_that_pane(
    three: Workspace, provider: ScriptedProvider
) -> None:
    provider.scripts = [said("Yes.")]
    write(three, "@gr")
    QTest.keyClick(three.composer.editor, Qt.Key.Key_Tab)
    assert three.composer.text == "@Grok "
    write(three, "Ready?")
    QTest.keyClick(three.composer.editor, Qt.Key.Key_Return)
    await until(lambda: not three.is_answering and bool(provider.requests))
    assert [request.model for request in provider.requests] == ["Grok 4.7"]
    assert chips(three) == [True] * 3


def test_tab_goes_on_where_there_is_nothing_to_complete(three: Workspace) -> None:
    write(three, "Hello")
    QTest.keyClick(three.composer.editor, Qt.Key.Key_Tab)
    assert not three.composer.editor.hasFocus()


def test_an_address_leads_to_its_own_pane_alone() -> None:
    assert [address(place, NAMES) for place in range(3)] == ["@Grok ", "@2 ", "@3 "]
    for place in range(3):
        assert addressed(f"{address(place, NAMES)}x", NAMES, [True] * 3) == ("x", (place,))
    assert begun("@gpt-4o m", NAMES) == ()


@pytest.mark.parametrize("text", ["@2", "@2 ", "@2\n"])
async def test_an_address_alone_sends_nothing_and_a_file_with_it_goes_to_that_pane_alone(
    three: Workspace, services: Services, provider: ScriptedProvider, text: str
) -> None:
    assert not three.sending.send(Prompt(text))
    assert provider.requests == []
    file = (await services.attachments.take(b"words", "a.txt")).part
    assert three.sending.send(Prompt(text, (file,)))
    await until(lambda: not three.is_answering)
    assert [len(pane.conversation.path()) for pane in three.line] == [0, 2, 0]
    assert three.line[1].conversation.path()[0].text == ""
