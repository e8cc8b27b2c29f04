"""Reading in step: a turn stands at the same height in every pane."""

from __future__ import annotations

import msgspec
import pytest

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import Conversation, Message, now
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.ui.transcript.makers import turns
from tests.ui.waiting import until
from ui.composer.prompt import Prompt
from ui.workspace.workspace import Workspace


def talk(id_: str, count: int, length: int) -> Conversation:
    """A conversation of so many turns with answers of a length."""
    messages: list[Message] = turns(count, length)
    linked = [
        msgspec.structs.replace(message, parent=messages[number - 1].id if number else None)
        for number, message in enumerate(messages)
    ]
    at = now()
    return Conversation(
        id=id_, title="", model=REF, created_at=at, updated_at=at, current=linked[-1].id, messages=tuple(linked)
    )


@pytest.fixture
def panes(workspace: Workspace) -> Workspace:
    """Three panes with answers of unlike length; the last one has fewer turns."""
    talks = [talk("a", 20, 60), talk("b", 20, 10), talk("c", 3, 400)]
    states = tuple(PaneState(conversation=each.id, model=each.model) for each in talks)
    workspace.show_comparison(new_comparison(states), {each.id: each for each in talks})
    return workspace


def tops(workspace: Workspace) -> list[tuple[int, int]]:
    return [pane.transcript.turns.top for pane in workspace.line]


async def test_scrolling_one_moves_all_to_the_same_turn_and_height(panes: Workspace) -> None:
    await until(lambda: all(pane.transcript.at_end for pane in panes.line))
    panes.steps.set_on(True)
    lead = panes.line[0].transcript
    lead.turns.show(8, 40)  # as the reader does: it is told as scrolled
    lead._list.scroll_by(-30)
    turn, height = lead.turns.top
    assert turn in (7, 8)
    other = panes.line[1].transcript
    prompts = [number for number, row in enumerate(other.rows) if row.is_prompt]
    assert other._list.visualRect(other._model.index(prompts[turn])).top() == height


async def test_a_pane_without_the_turn_goes_to_its_end(panes: Workspace) -> None:
    panes.steps.set_on(True)
    short = panes.line[2].transcript
    panes.line[0].transcript.turns.show(1, 0)
    assert not short.at_end
    panes.line[0].transcript.turns.show(12, 0)
    assert short.at_end


async def test_off_it_leaves_the_others_alone(panes: Workspace) -> None:
    before = tops(panes)
    panes.line[0].transcript.turns.show(4, 0)
    assert tops(panes)[1:] == before[1:]
    panes.steps.set_on(True)
    panes.steps.set_on(False)
    panes.line[0].transcript.turns.show(2, 0)
    assert tops(panes)[1:] == before[1:]


async def test_what_is_said_at_the_end_moves_nobody(panes: Workspace, provider: ScriptedProvider) -> None:
    panes.steps.set_on(True)
    provider.scripts = [said(*["More of it. "] * 200)]
    panes.sending.send(Prompt("And now?"))
    await until(lambda: not panes.is_answering)
    for transcript in (pane.transcript for pane in panes.line):
        assert 0 <= transcript._list.row_top(transcript.rows[-2]) < 40


async def test_the_end_is_reached_in_step_too(panes: Workspace) -> None:
    panes.steps.set_on(True)
    lead = panes.line[0].transcript
    lead.turns.show(2, 0)
    lead._list.to_end()
    assert panes.line[1].transcript.turns.top[0] >= 15
