"""All but the prompts folded: everywhere at once, kept, and opened at a turn by a press."""

from __future__ import annotations

from desktop.comparison import PaneState, new_comparison
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
