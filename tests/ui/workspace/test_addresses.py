"""A prompt that names its pane: the chips, the button and Tab say whom it is for before it is sent."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.waiting import until
from ui.composer.prompt import Prompt
from ui.workspace.recipients import PaneName, address, addressed, begun
from ui.workspace.workspace import Workspace

NAMES = ("Grok 4.7", "gpt-4o", "gpt-4o mini")
PANES = tuple(PaneName(name, "lab") for name in NAMES)


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
        ("@", [True, True, True], "Send to 3"),
        ("@g", [True, True, True], "Send to 3"),
        ("@gp", [False, True, True], "Send to 2"),
        ("@gpt-4o", [False, True, False], "Send to gpt-4o"),
        ("@mini why?", [False, False, True], "Send to gpt-4o mini"),
        ("@4.7 why?", [True, False, False], "Send to Grok 4.7"),
        ("@LAB why?", [True, True, True], "Send to 3"),
        ("@2 @mini why?", [False, True, True], "Send to 2"),
        ("@grok, why?", [True, False, False], "Send to Grok 4.7"),
        ("@nobody Hello", [False, False, False], "Send"),
        ("@9 Hello", [False, False, False], "Send"),
        ("@2 @nobody Hello", [False, True, False], "Send to gpt-4o"),
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
    assert [address(place, PANES) for place in range(3)] == ["@Grok ", "@gpt-4o ", "@3 "]
    for place in range(3):
        assert addressed(f"{address(place, PANES)}x", PANES, [True] * 3)[:3] == ("x", (place,), True)
    assert begun("@gpt-4o m") is None
    assert begun("@2 @g") == (3, "g")


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


def rows(workspace: Workspace) -> list[str]:
    """What the list of panes offers; nothing where it is not shown."""
    shown = workspace.common.mentions.list.made
    if shown is None or not shown.isVisible():
        return []
    said = Qt.ItemDataRole.AccessibleTextRole
    return [str(shown.model.index(row, 0).data(said)) for row in range(shown.model.rowCount())]


def numbers(workspace: Workspace) -> list[int]:
    return [pane.header._square.number for pane in workspace.line]


def test_typing_an_at_sign_lists_the_panes_and_keys_choose_one(three: Workspace) -> None:
    write(three, "@")
    assert rows(three) == ["Pane 1: Grok 4.7", "Pane 2: gpt-4o", "Pane 3: gpt-4o mini"]
    assert numbers(three) == [1, 2, 3]
    editor = three.composer.editor
    QTest.keyClick(editor, Qt.Key.Key_Down)
    QTest.keyClick(editor, Qt.Key.Key_Down)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert (three.composer.text, rows(three), numbers(three)) == ("@3 ", [], [0, 0, 0])
    write(three, "@gro")
    assert rows(three) == ["Pane 1: Grok 4.7"]
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert (three.composer.text, chips(three)) == ("@3 @Grok ", [True, False, True])


def test_the_list_closes_by_escape_and_stays_closed_for_this_name(three: Workspace) -> None:
    write(three, "@g")
    QTest.keyClick(three.composer.editor, Qt.Key.Key_Escape)
    write(three, "p")
    assert rows(three) == []
    assert three.composer.text == "@gp"
    write(three, " @")
    assert len(rows(three)) == 3


@pytest.mark.parametrize("right_to_left", [False, True])
def test_the_list_lies_in_the_window_above_the_field_where_lines_begin(
    three: Workspace, qapp: QApplication, *, right_to_left: bool
) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft if right_to_left else Qt.LayoutDirection.LeftToRight)
    try:
        QApplication.processEvents()
        write(three, "@")
        shown, frame = three.common.mentions.list(), three.composer.frame
        assert shown.window() is three.window()
        assert not shown.isWindow()
        at = frame.mapTo(three.window(), frame.rect().topRight() if right_to_left else frame.rect().topLeft())
        assert (shown.geometry().right() if right_to_left else shown.x()) == at.x()
        assert 0 < shown.geometry().bottom() < at.y()
        with_list, place = three.grab().toImage(), shown.geometry().center()
        QTest.keyClick(three.composer.editor, Qt.Key.Key_Escape)
        assert three.grab().toImage().copy(shown.geometry()) != with_list.copy(shown.geometry())
        QTest.keyClick(three.composer.editor, Qt.Key.Key_Backspace)
        write(three, "@")
        QTest.mouseClick(shown.rows.viewport(), Qt.MouseButton.LeftButton, pos=shown.mapFrom(three.window(), place))
        assert three.composer.text.startswith("@")
        assert three.composer.text != "@"
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


async def test_what_names_no_pane_is_marked_and_not_sent_until_it_is_sent_as_text(
    three: Workspace, provider: ScriptedProvider
) -> None:
    provider.scripts = [said("Yes.")]
    write(three, "@2 @opus Why?")
    (mark,) = three.composer.editor.extraSelections()
    assert mark.cursor.selectedText() == "@opus"  # pyright: ignore[reportAttributeAccessIssue]
    QTest.keyClick(three.composer.editor, Qt.Key.Key_Return)
    (bar,) = three.composer.notices.bars
    assert bar.text == "Not sent: no pane matches “@opus”. The panes are 1 Grok 4.7, 2 gpt-4o, 3 gpt-4o mini."
    assert (three.composer.text, provider.requests) == ("@2 @opus Why?", [])
    write(three, "!")
    assert three.composer.notices.bars == ()
    QTest.keyClick(three.composer.editor, Qt.Key.Key_Return)
    three.composer.notices.bars[0].act()
    await until(lambda: not three.is_answering and bool(provider.requests))
    assert [len(pane.conversation.path()) for pane in three.line] == [0, 2, 0]
    assert three.line[1].conversation.path()[0].text == "@opus Why?!"
    assert (three.composer.text, three.composer.editor.extraSelections()) == ("", [])


def test_a_single_chat_has_no_panes_to_address(workspace: Workspace) -> None:
    workspace.line[0].composer.editor.setFocus()
    QTest.keyClicks(workspace.line[0].composer.editor, "@")
    assert (rows(workspace), numbers(workspace)) == ([], [0])
