"""All but the prompts folded: everywhere at once, kept, and opened at a turn by a press."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.domain.comparison import Arrangement, PaneState, new_comparison
from tests.ui.workspace.test_scroll_sync import talk
from ui.workspace.workspace import Workspace


def show(workspace: Workspace) -> None:
    talks = [talk("a", 20, 60), talk("b", 20, 10)]
    states = tuple(PaneState(conversation=each.id, model=each.model) for each in talks)
    workspace.show_comparison(new_comparison(states), {each.id: each for each in talks})


async def test_answers_fold_in_all_panes_also_in_one_that_comes_later(workspace: Workspace) -> None:
    show(workspace)
    workspace.prompts.toggle()
    assert [pane.transcript.prompts_only for pane in workspace.line] == [True, True]
    assert workspace.comparison is not None
    assert workspace.comparison.prompts_only
    workspace.places.add_pane()
    assert workspace.line[2].transcript.prompts_only
    workspace.start_new()
    assert not workspace.line[0].transcript.prompts_only


async def test_a_line_that_is_pressed_opens_its_turn_in_all_panes(workspace: Workspace) -> None:
    show(workspace)
    workspace.prompts.set_on(True)
    workspace.line[1].transcript.brief_wanted.emit(5)
    assert not workspace.prompts.is_on
    assert [pane.transcript.turns.top for pane in workspace.line] == [(5, 0), (5, 0)]


async def test_the_place_that_was_read_is_found_again_also_in_a_pane_of_another_size(workspace: Workspace) -> None:
    show(workspace)
    workspace.places.lay_out(Arrangement.COLUMN)
    QApplication.processEvents()
    transcript = workspace.line[0].transcript
    transcript.turns.show(16, -30)
    workspace.prompts.toggle()
    workspace.places.maximise(workspace.line[0])
    QApplication.processEvents()
    assert transcript.turns.top[0] < 16  # there is room for more
    workspace.prompts.toggle()
    assert transcript.turns.top[0] == 16
    workspace.prompts.toggle()
    transcript.turn_page(Qt.Key.Key_Home)
    workspace.prompts.toggle()
    assert transcript.turns.top[0] == 0


def test_the_line_of_an_answer_has_no_signs_of_markdown(workspace: Workspace) -> None:
    show(workspace)
    row = workspace.line[0].transcript.rows[1]
    assert row.plain("# The sorting\n\nSorting is *one* of `them`") == "The sorting\nSorting is one of them"
