"""Badges in the panes: who was first in the newest turn, and whose answer was chosen."""

from __future__ import annotations

import msgspec

from desktop.comparison import Comparison, PaneState, new_comparison
from desktop.domain import Conversation, now
from tests.desktop.evaluation.made import answer, prompt
from tests.desktop.session.fakes import REF
from tests.ui.waiting import until
from ui.workspace.workspace import Workspace


def talk(id_: str, speed: float, cost: float) -> Conversation:
    """A conversation of one turn."""
    asked = prompt()
    said = msgspec.structs.replace(answer(speed=speed, cost=cost), parent=asked.id)
    at = now()
    return Conversation(
        id=id_, title="", model=REF, created_at=at, updated_at=at, current=said.id, messages=(asked, said)
    )


def compare(workspace: Workspace, *talks: Conversation) -> None:
    states = tuple(PaneState(conversation=each.id, model=each.model) for each in talks)
    workspace.show_comparison(new_comparison(states), {each.id: each for each in talks})


def badges(workspace: Workspace) -> list[list[str]]:
    return [[badge.text for badge in pane.figures.marks.badges] for pane in workspace.line]


async def test_the_first_are_marked_once_answers_can_be_compared(workspace: Workspace) -> None:
    compare(workspace, talk("a", 90, 0.2), talk("b", 60, 0.1), talk("c", 90, 0.2))
    await until(lambda: badges(workspace) == [["tied fastest"], ["cheapest"], ["tied fastest"]])
    workspace.places.close_pane(workspace.line[2])
    await until(lambda: badges(workspace) == [["fastest"], ["cheapest"]])


async def test_a_chat_alone_has_no_badges(workspace: Workspace) -> None:
    compare(workspace, talk("a", 90, 0.2), talk("b", 60, 0.1))
    await until(lambda: badges(workspace) == [["fastest"], ["cheapest"]])
    workspace.show_conversation(talk("a", 90, 0.2))
    await until(lambda: badges(workspace) == [[]])


async def test_the_chosen_answer_is_marked_in_its_turn_only(workspace: Workspace) -> None:
    compare(workspace, talk("a", 90, 0.2), talk("b", 60, 0.1))
    workspace.sending.choose_winner(workspace.line[1])
    await until(lambda: badges(workspace) == [["fastest"], ["chosen", "cheapest"]])
    workspace.sending.choose_winner(workspace.line[0])
    await until(lambda: badges(workspace) == [["chosen", "fastest"], ["cheapest"]])
    workspace.sending.send("And now?")
    await until(lambda: not workspace.is_answering and not any("chosen" in each for each in badges(workspace)))


async def test_a_choice_is_kept_with_the_comparison_and_moves_with_its_pane(workspace: Workspace) -> None:
    talks = [talk("a", 90, 0.2), talk("b", 60, 0.1), talk("c", 50, 0.3)]
    compare(workspace, *talks)
    kept: list[Comparison] = []
    workspace.kept.due.connect(kept.append)
    chosen = workspace.line[1]
    workspace.sending.choose_winner(chosen)
    workspace.places.move_pane(chosen, 1)
    workspace.kept.flush()
    assert kept[-1].winners == (2,)
    workspace.places.close_pane(chosen)
    assert workspace.sending.winners == ()
    workspace.places.put_back(chosen, 0)
    assert workspace.sending.winners == (0,)
    workspace.start_new()
    workspace.show_comparison(kept[-1], {each.id: each for each in talks})
    assert workspace.sending.winner(0) is workspace.line[0]
    workspace.show_comparison(msgspec.structs.replace(kept[-1], winners=(7, None)), {})
    assert workspace.sending.winners == ()
