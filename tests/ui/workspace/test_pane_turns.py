"""Turns are worked out once for all who ask, and anew where a pane shows another path."""

from __future__ import annotations

from tests.ui.waiting import until
from tests.ui.workspace.test_badge_awards import compare, talk
from ui.composer.prompt import Prompt
from ui.workspace.workspace import Workspace


async def test_as_long_as_nothing_is_asked_all_have_the_same_turns(workspace: Workspace) -> None:
    compare(workspace, talk("a", 90, 0.2), talk("b", 60, 0.1))
    turns = workspace.turns.kept
    assert turns.turns == ((0, 0),)
    workspace.sending.choose_winner(workspace.line[1])
    assert workspace.sending.chosen_panes == {workspace.line[1]}
    assert workspace.turns.kept is turns


async def test_another_prompt_and_another_pane_are_other_turns(workspace: Workspace) -> None:
    compare(workspace, talk("a", 90, 0.2), talk("b", 60, 0.1))
    workspace.sending.send(Prompt("And now?"))
    await until(lambda: workspace.turns.asked.turns == ((0, 0), (1, 1)))
    await until(lambda: workspace.turns.kept.turns == ((0, 0), (1, 1)))
    workspace.places.close_pane(workspace.line[1])
    assert workspace.turns.kept.turns == ((0,), (1,))
