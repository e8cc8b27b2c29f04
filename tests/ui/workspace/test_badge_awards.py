"""Badges in the panes: who was first in the newest turn, and whose answer was chosen."""

from __future__ import annotations

import re

import msgspec
import pytest

from desktop.domain.comparison import Comparison, PaneState, new_comparison
from desktop.domain.conversation_types import Conversation, Status, now
from desktop.domain.events import Finished, ReasoningDelta, RetryWait, TextDelta
from desktop.errors import Interrupted
from desktop.text.phrases import english
from tests.desktop.metrics.made import answer, prompt
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.ui.waiting import until
from ui.composer.prompt import Prompt
from ui.workspace.workspace import Workspace


def talk(id_: str, speed: float, cost: float | None = None, tokens: int | None = None) -> Conversation:
    """A conversation of one turn."""
    asked = prompt()
    said = msgspec.structs.replace(answer(speed=speed, cost=cost, tokens=tokens), parent=asked.id)
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
    await until(lambda: badges(workspace) == [["tied for best tokens/s"], ["cheapest"], ["tied for best tokens/s"]])
    workspace.places.close_pane(workspace.line[2])
    await until(lambda: badges(workspace) == [["best tokens/s"], ["cheapest"]])


async def test_an_answer_of_one_token_has_no_rate_and_no_badge(workspace: Workspace) -> None:
    compare(workspace, talk("a", 900, tokens=1), talk("b", 60, tokens=40), talk("c", 50, tokens=30))
    await until(lambda: badges(workspace) == [[], ["best tokens/s", "most tokens"], []])
    assert [pane.figures.text for pane in workspace.line] == [
        "1 token",
        "60 tok/s 40 tokens best tokens/s most tokens",
        "50 tok/s 30 tokens",
    ]


async def test_a_chat_alone_has_no_badges(workspace: Workspace) -> None:
    compare(workspace, talk("a", 90, 0.2), talk("b", 60, 0.1))
    await until(lambda: badges(workspace) == [["best tokens/s"], ["cheapest"]])
    workspace.show_conversation(talk("a", 90, 0.2))
    await until(lambda: badges(workspace) == [[]])


async def test_the_chosen_answer_is_marked_in_its_turn_only(workspace: Workspace) -> None:
    compare(workspace, talk("a", 90, 0.2), talk("b", 60, 0.1))
    workspace.sending.choose_winner(workspace.line[1])
    await until(lambda: badges(workspace) == [["best tokens/s"], ["chosen", "cheapest"]])
    workspace.sending.choose_winner(workspace.line[0])
    await until(lambda: badges(workspace) == [["chosen", "best tokens/s"], ["cheapest"]])
    workspace.sending.send(Prompt("And now?"))
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


async def test_nobody_is_first_while_an_answer_is_still_made(workspace: Workspace, provider: ScriptedProvider) -> None:
    compare(workspace, talk("a", 90, 0.2), talk("b", 60, 0.1))
    await until(lambda: badges(workspace) == [["best tokens/s"], ["cheapest"]])
    provider.scripts = [[TextDelta(text="Whole."), Finished(reason="stop")], [TextDelta(text="Slowly"), None]]
    workspace.sending.send(Prompt("And now?"))
    await until(lambda: sum(pane.answers for pane in workspace.line) == 1)
    await until(lambda: badges(workspace) == [[], []])
    workspace.sending.stop()


async def test_a_continued_answer_has_its_tokens_and_neither_speed_nor_badge_nor_curve(
    workspace: Workspace, provider: ScriptedProvider
) -> None:
    compare(workspace, talk("a", 90, tokens=60), talk("b", 60, tokens=50))
    half, rest = ([TextDelta(text="A few words. "), 0.02] * n for n in (15, 10))
    end = [0.02, Finished(reason="stop")]
    provider.scripts = [[*half, Interrupted(english("Cut."))], [*half, *rest, *rest, *end], [*rest, *end]]
    workspace.sending.send(Prompt("And now?"))
    await until(lambda: len(provider.requests) == 2 and not workspace.is_answering)
    (pane,) = (each for each in workspace.line if each.conversation.path()[-1].status is Status.INTERRUPTED)
    pane.transcript.continue_wanted.emit()
    await until(lambda: len(provider.requests) == 3 and not workspace.is_answering)
    other = next(each for each in workspace.line if each is not pane)
    await until(lambda: "most tokens" in other.figures.text)
    assert re.fullmatch(r"~\d+ tokens", pane.figures.text)
    assert int(re.sub(r"\D", "", pane.figures.text)) > 60
    assert pane.figures.marks.curve == ()


async def test_what_is_told_while_an_answer_comes_is_what_is_told_at_its_end(
    workspace: Workspace, provider: ScriptedProvider
) -> None:
    """Also after a wait that the server asked for: that is not the model's."""
    script = [RetryWait(attempt=1, wait_s=0.3, reason="busy"), 0.3, ReasoningDelta(text="Hm."), 0.1]
    provider.scripts = [[*script, TextDelta(text="Yes."), 0.2, Finished(reason="stop")]]
    workspace.line[0].send(Prompt("Ready?"))
    await until(lambda: (pace := workspace.line[0].pace) is not None and pace.spoke is not None)
    pace = workspace.line[0].pace
    assert pace is not None
    assert pace.first is not None
    live_ms, thought_s = (pace.first - pace.sent) * 1000, workspace.line[0].transcript.rows[-1].thought_s
    await until(lambda: not workspace.is_answering)
    figures = workspace.line[0].conversation.path()[-1].figures
    assert figures is not None
    assert figures.ttft_ms == pytest.approx(live_ms, abs=15)
    assert (figures.ttft_ms or 0.0) < 150
    assert thought_s is not None
    assert figures.reasoning_ms == pytest.approx(thought_s * 1000, abs=15)
