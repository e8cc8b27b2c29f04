"""Sending to panes: only those that take part or are named, what waits in its order, and the choice of a winner."""

from __future__ import annotations

import pytest

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef
from desktop.domain.events import TextDelta
from desktop.domain.message_parts import ImagePart
from desktop.errors import ServerFailed
from desktop.text.phrases import english
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.ui.transcript.makers import heard
from tests.ui.waiting import until
from ui.composer.prompt import Prompt
from ui.workspace.workspace import Workspace

OTHER = ModelRef(connection="lab", name="other")
IMAGE = ImagePart(sha256="0" * 64, media_type="image/png", name="cat.png", size=5)


@pytest.fixture
def two(workspace: Workspace) -> Workspace:
    """Two panes side by side."""
    panes = tuple(PaneState(conversation="", model=ref) for ref in (REF, OTHER))
    workspace.show_comparison(new_comparison(panes), {})
    return workspace


def texts(workspace: Workspace) -> list[list[str]]:
    return [[row.text for row in pane.transcript.rows] for pane in workspace.line]


async def ended(workspace: Workspace) -> None:
    await until(lambda: not workspace.is_answering)


async def test_a_prompt_of_nothing_goes_nowhere(two: Workspace, provider: ScriptedProvider) -> None:
    for text in ("", " \n"):
        assert not two.sending.send(Prompt(text))
    assert provider.requests == []


async def test_files_alone_are_a_prompt(two: Workspace) -> None:
    assert two.sending.send(Prompt(files=(IMAGE,)))
    await ended(two)


async def test_with_all_chips_off_only_a_named_pane_is_asked(two: Workspace, provider: ScriptedProvider) -> None:
    for place in (0, 1):
        two.line.set_on(place, on=False)
    assert not two.sending.send(Prompt("Ready?"))
    assert two.sending.send(Prompt("@other Ready?"))
    await ended(two)
    assert texts(two) == [[], ["Ready?", "An answer."]]


async def test_what_waits_goes_in_its_order_one_prompt_an_answer(two: Workspace, provider: ScriptedProvider) -> None:
    provider.scripts = [[0.02, *said("one")]]
    for text in ("@other a", "@other b", "@other c"):
        assert two.sending.send(Prompt(text))
    await until(lambda: len(provider.requests) == 3 and not two.is_answering)
    assert texts(two) == [[], ["a", "one", "b", "one", "c", "one"]]


async def test_what_waited_for_a_pane_is_forgotten_when_it_is_closed_also_where_it_comes_back(
    two: Workspace, provider: ScriptedProvider
) -> None:
    provider.scripts = [[0.05, *said("one")]]
    two.sending.send(Prompt("a"))
    two.sending.send(Prompt("@other b"))
    closed = two.line[1]
    two.places.close_pane(closed)
    two.places.put_back(closed, 1)
    await until(lambda: len(provider.requests) == 2 and not two.is_answering)
    assert texts(two) == [["a", "one"], ["a", "one"]]


async def test_another_answer_is_made_only_where_a_pane_takes_part(two: Workspace, provider: ScriptedProvider) -> None:
    provider.scripts = [said("one"), said("one"), said("two")]
    two.sending.send(Prompt("a"))
    await ended(two)
    two.line.set_on(1, on=False)
    two.sending.regenerate()
    await until(lambda: len(provider.requests) == 3 and not two.is_answering)
    assert texts(two) == [["a", "two"], ["a", "one"]]


async def test_only_what_failed_is_asked_again(two: Workspace, provider: ScriptedProvider) -> None:
    provider.scripts = [said("one")]
    two.sending.send(Prompt("a"))
    await ended(two)
    two.sending.retry_failed()
    assert len(provider.requests) == 2
    provider.scripts = [[ServerFailed(english("It broke."))]]
    two.sending.send(Prompt("@other b"))
    await ended(two)
    provider.scripts = [said("two")]
    two.sending.retry_failed()
    await until(lambda: len(provider.requests) == 4 and not two.is_answering)
    assert [path[-1] for path in texts(two)] == ["one", "two"]


async def test_a_winner_is_of_a_turn_that_was_answered_and_of_a_pane_that_is_there(two: Workspace) -> None:
    chosen = heard(two.sending.chosen)
    two.sending.choose_winner(two.line[0])
    assert (two.sending.winners, chosen) == ((), [])
    two.sending.send(Prompt("a"))
    await ended(two)
    two.sending.choose_winner(two.line[1])
    assert (two.sending.winners, two.sending.winner(0)) == ((1,), two.line[1])
    closed = two.line[1]
    two.places.close_pane(closed)
    assert (two.sending.winners, two.sending.winner(0)) == ((), None)
    two.sending.choose_winner(closed)
    assert len(chosen) == 1


async def test_choices_come_back_but_for_panes_that_are_not_there(two: Workspace) -> None:
    two.sending.set_winners([None, 1, 7, 0])
    assert two.sending.winners == (None, 1, None, 0)
    two.sending.forget()
    assert two.sending.winners == ()


async def test_a_choice_stays_with_its_turn_when_what_one_pane_was_asked_before_leaves_with_it(two: Workspace) -> None:
    two.places.add_pane()
    two.sending.send(Prompt("@3 alone"))
    await ended(two)
    two.sending.send(Prompt("all"))
    await ended(two)
    two.sending.choose_winner(two.line[1])
    assert two.sending.winners == (None, 1)
    two.places.close_pane(two.line[2])
    assert two.sending.winners == (1,)
    assert two.sending.winner(0) is two.line[1]


async def test_a_prompt_that_waited_is_shown_and_its_answer_as_it_comes(
    two: Workspace, provider: ScriptedProvider
) -> None:
    provider.scripts = [[0.02, *said("one")], [TextDelta(text="It beg"), None]]
    two.sending.send(Prompt("@other a"))
    two.sending.send(Prompt("@other b"))
    await provider.waiting.wait()
    await until(lambda: texts(two)[1] == ["a", "one", "b", "It beg"])
    two.sending.stop()
    await ended(two)
