"""Panes side by side: sent to together, alone when they fail, kept and shown again as they were."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import Arrangement, Comparison, ContextRule, PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef, Role, Status
from desktop.domain.events import TextDelta
from desktop.errors import RateLimited
from desktop.services import Services
from desktop.text.phrases import english
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.ui.transcript.makers import heard
from tests.ui.waiting import until
from ui.base.theme import Themes
from ui.composer.prompt import Prompt
from ui.workspace.workspace import Workspace

OTHER = ModelRef(connection="lab", name="other")
THIRD = ModelRef(connection="lab", name="third")


def compare(workspace: Workspace, *refs: ModelRef) -> None:
    workspace.show_comparison(new_comparison(tuple(PaneState(conversation="", model=ref) for ref in refs)), {})


async def ask(workspace: Workspace, text: str) -> None:
    workspace.composer.put(Prompt(text))
    workspace.composer._send()
    await until(lambda: not workspace.is_answering)


def texts(workspace: Workspace) -> list[list[str]]:
    return [[row.text for row in pane.transcript.rows] for pane in workspace.line]


async def test_a_chat_becomes_a_comparison_when_a_pane_is_added(workspace: Workspace) -> None:
    workspace.start_new(REF)
    assert workspace.comparison is None
    assert not workspace.composer.isVisible()
    workspace.line[0].composer.put(Prompt("Half a thought"))
    workspace.places.add_pane(OTHER)
    assert workspace.comparison is not None
    assert workspace.composer.text == "Half a thought"
    assert [pane.conversation.model for pane in workspace.line] == [REF, OTHER]
    assert [pane.composer.isVisible() for pane in workspace.line] == [False, False]
    assert [pane.accessibleName() for pane in workspace.line] == ["Pane 1: scripted", "Pane 2: other"]


async def test_a_prompt_goes_to_all_and_one_that_fails_leaves_the_others(
    workspace: Workspace, provider: ScriptedProvider
) -> None:
    compare(workspace, REF, OTHER)
    provider.scripts = [said("Yes."), [TextDelta(text="Half"), RateLimited(english("Slow down."))], said("Now yes.")]
    await ask(workspace, "Ready?")
    assert sorted(texts(workspace)) == [["Ready?", "Half"], ["Ready?", "Yes."]]
    assert workspace.composer.text == ""
    failed = [pane.failed for pane in workspace.line]
    assert sorted(failed) == [False, True]
    workspace.sending.retry_failed()
    await until(lambda: not workspace.is_answering)
    assert sorted(texts(workspace)) == [["Ready?", "Now yes."], ["Ready?", "Yes."]]
    assert len(provider.requests) == 3


async def test_a_chip_that_is_off_leaves_its_pane_out_and_gives_it_a_composer(
    workspace: Workspace, provider: ScriptedProvider
) -> None:
    compare(workspace, REF, OTHER)
    workspace.common.chips.findChildren(QPushButton)[1].click()
    assert workspace.line.on == (True, False)
    assert workspace.line[1].composer.isVisible()
    assert workspace.line[1].composer.editor.accessibleName() == "Message to pane 2"
    await ask(workspace, "Only you")
    assert texts(workspace) == [["Only you", "An answer."], []]
    await ask(workspace, "@2 And you")
    assert texts(workspace)[1] == ["And you", "An answer."]


async def test_a_prompt_waits_where_an_answer_is_still_made(workspace: Workspace, provider: ScriptedProvider) -> None:
    compare(workspace, REF, OTHER)
    provider.scripts = [said("First."), [TextDelta(text="Slowly"), None], said("Second."), said("At last.")]
    workspace.composer.put(Prompt("One?"))
    workspace.composer._send()
    await until(lambda: sorted(each[-1] for each in texts(workspace) if each) == ["First.", "Slowly"])
    await until(lambda: sum(pane.answers for pane in workspace.line) == 1)
    slow = next(place for place, pane in enumerate(workspace.line) if pane.answers)
    workspace.composer.put(Prompt("Two?"))
    assert workspace.composer.line.button.accessibleName() == "Send"
    workspace.composer._send()
    assert len(workspace.sending.waiting) == 1
    assert workspace.composer.line.waiting.text() == "1 prompt queued"
    await until(lambda: texts(workspace)[1 - slow] == ["One?", "First.", "Two?", "Second."])
    workspace.line[slow].stop()
    await until(lambda: texts(workspace)[slow] == ["One?", "Slowly", "Two?", "At last."])
    assert len(workspace.sending.waiting) == 0


async def test_stop_stops_all_and_forgets_what_waits(workspace: Workspace, provider: ScriptedProvider) -> None:
    compare(workspace, REF, OTHER)
    provider.scripts = [[TextDelta(text="a"), None], [TextDelta(text="b"), None]]
    workspace.composer.put(Prompt("One?"))
    workspace.composer._send()
    await until(lambda: all(len(each) == 2 and each[1] for each in texts(workspace)))
    workspace.sending.send(Prompt("Two?"))
    QTest.keyClick(workspace.composer.editor, Qt.Key.Key_Escape)
    await until(lambda: not workspace.is_answering)
    assert [pane.conversation.messages[-1].status for pane in workspace.line] == [Status.STOPPED] * 2
    assert len(workspace.sending.waiting) == 0
    assert len(provider.requests) == 2


async def test_the_shared_rule_tells_each_model_all_answers(workspace: Workspace, provider: ScriptedProvider) -> None:
    compare(workspace, REF, OTHER)
    provider.scripts = [said("Alpha."), said("Beta."), said("x"), said("y")]
    await ask(workspace, "One?")
    workspace.set_rule(ContextRule.SHARED)
    await ask(workspace, "Two?")
    for request in provider.requests[2:]:
        (told,) = [message.text for message in request.messages if message.role is Role.ASSISTANT]
        assert "Alpha." in told
        assert "Beta." in told


async def test_a_chosen_answer_is_what_all_go_on_from(workspace: Workspace, provider: ScriptedProvider) -> None:
    compare(workspace, REF, OTHER)
    provider.scripts = [said("Alpha."), said("Beta."), said("x"), said("y")]
    await ask(workspace, "One?")
    workspace.set_rule(ContextRule.WINNER)
    workspace.sending.choose_winner(workspace.line[1])
    assert workspace.sending.winner(0) is workspace.line[1]
    chosen = texts(workspace)[1][1]
    await ask(workspace, "Two?")
    for request in provider.requests[2:]:
        assert [message.text for message in request.messages if message.role is Role.ASSISTANT] == [chosen]


async def test_a_closed_pane_can_be_put_back(workspace: Workspace) -> None:
    compare(workspace, REF, OTHER, THIRD)
    told = heard(workspace.places.closed)
    middle = workspace.line[1]
    workspace.places.close_pane(middle)
    assert [pane.conversation.model for pane in workspace.line] == [REF, THIRD]
    assert told == [(middle, 1)]
    workspace.places.put_back(middle, 1)
    assert [pane.conversation.model for pane in workspace.line] == [REF, OTHER, THIRD]
    assert middle.isVisible()


async def test_panes_are_moved_maximised_and_laid_out(workspace: Workspace) -> None:
    compare(workspace, REF, OTHER, THIRD)
    first = workspace.line[0]
    workspace.places.move_pane(first, 1)
    assert [pane.conversation.model for pane in workspace.line] == [OTHER, REF, THIRD]
    workspace.places.maximise(first)
    assert [pane.isVisible() for pane in workspace.line] == [False, True, False]
    workspace.places.maximise(first)
    assert all(pane.isVisible() for pane in workspace.line)
    workspace.set_arrangement(Arrangement.COLUMN)
    tops = [pane.mapTo(workspace, pane.rect().topLeft()).y() for pane in workspace.line]
    assert tops == sorted(set(tops))


async def test_a_duplicate_has_the_history_or_only_the_settings(workspace: Workspace) -> None:
    workspace.start_new(REF)
    pane = workspace.line[0]
    pane.composer.put(Prompt("One?"))
    pane.composer._send()
    await until(lambda: not workspace.is_answering)
    workspace.places.add_pane(like=pane, with_history=True)
    workspace.places.add_pane(like=pane)
    assert texts(workspace) == [["One?", "An answer."], ["One?", "An answer."], []]
    ids = [pane.conversation.id for pane in workspace.line]
    assert len(set(ids)) == 3


async def test_a_comparison_is_told_to_be_kept_and_shown_again_as_it_was(
    workspace: Workspace, services: Services
) -> None:
    kept = list[Comparison]()
    workspace.kept.due.connect(kept.append)
    compare(workspace, REF, OTHER)
    workspace.kept.flush()
    assert kept == []
    workspace.common.chips.findChildren(QPushButton)[1].click()
    await ask(workspace, "One?")
    workspace.set_arrangement(Arrangement.GRID)
    workspace.composer.put(Prompt("A draft"))
    workspace.kept.flush()
    last = kept[-1]
    assert (last.title, last.draft, last.arrangement) == ("One?", "A draft", Arrangement.GRID)
    assert [pane.on for pane in last.panes] == [True, False]
    store = await services.store()
    whole = {last.panes[0].conversation: await store.conversations.get(last.panes[0].conversation)}
    workspace.start_new()
    assert len(workspace.line) == 1
    workspace.show_comparison(last, whole)
    assert texts(workspace) == [["One?", "An answer."], []]
    assert workspace.line[1].conversation.id == last.panes[1].conversation
    assert workspace.composer.text == "A draft"
    assert workspace.line.on == (True, False)


async def test_an_answer_goes_on_while_something_else_is_shown(
    workspace: Workspace, provider: ScriptedProvider
) -> None:
    compare(workspace, REF, OTHER)
    provider.scripts = [said("Done."), [TextDelta(text="Slowly"), None]]
    workspace.composer.put(Prompt("One?"))
    workspace.composer._send()
    await until(lambda: sorted(each[-1] for each in texts(workspace) if each) == ["Done.", "Slowly"])
    await until(lambda: sum(pane.answers for pane in workspace.line) == 1)
    slow = next(pane for pane in workspace.line if pane.answers).conversation
    workspace.start_new()
    assert workspace.is_answering
    workspace.show_conversation(msgspec.structs.replace(slow, messages=()))
    assert texts(workspace) == [["One?", "Slowly"]]
    workspace.line[0].stop()
    await until(lambda: not workspace.is_answering)


async def test_a_broken_comparison_opens_with_one_pane(workspace: Workspace) -> None:
    workspace.show_comparison(new_comparison(()), {})
    assert len(workspace.line) == 1


async def test_the_cursor_stays_in_the_composer_when_another_conversation_is_shown(
    workspace: Workspace, qtbot: QtBot
) -> None:
    workspace.focus_composer()
    qtbot.waitUntil(workspace.line[0].composer.editor.hasFocus)
    workspace.start_new(OTHER)
    assert workspace.line[0].composer.editor.hasFocus()


async def test_one_pane_is_stopped_by_mouse_and_the_other_goes_on(
    workspace: Workspace, provider: ScriptedProvider
) -> None:
    compare(workspace, REF, OTHER)
    provider.scripts = [[TextDelta(text="Going on"), None]]
    workspace.sending.send(Prompt("One?"))
    first, second = workspace.line
    assert not first.figures.stop.isVisible() or first.answers
    await until(lambda: first.figures.stop.isVisible() and second.figures.stop.isVisible())
    QTest.mouseClick(first.figures.stop, Qt.MouseButton.LeftButton)
    await until(lambda: not first.answers)
    assert second.answers
    assert not first.figures.stop.isVisible()
    workspace.sending.stop()
    await until(lambda: not workspace.is_answering)


def test_two_panes_of_one_family_have_two_colours_on_header_and_chip(workspace: Workspace, themes: Themes) -> None:
    states = tuple(PaneState(conversation="", model=ModelRef(connection="lab", name=f"gpt-{n}")) for n in range(3))
    workspace.show_comparison(new_comparison(states), {})
    colours = [pane.colour for pane in workspace.line]
    assert len({*colours}) == 3
    assert colours[0] == themes.current.mark(states[0].model)
    workspace.places.close_pane(workspace.line[0])
    assert [pane.colour for pane in workspace.line] == colours[1:]  # each keeps its own


async def test_the_field_of_all_panes_grows_to_two_fifths_of_the_height(workspace: Workspace) -> None:
    compare(workspace, REF, OTHER)
    editor = workspace.composer.editor
    workspace.composer.put(Prompt("\n".join(map(str, range(8)))))
    await until(lambda: editor.verticalScrollBar().maximum() == 0)
    workspace.composer.put(Prompt("\n".join(map(str, range(200)))))
    await until(lambda: editor.verticalScrollBar().maximum() > 0)
    assert editor.height() <= 0.4 * workspace.height()


def test_the_last_pane_takes_part_though_its_chip_was_off(workspace: Workspace) -> None:
    compare(workspace, REF, OTHER)
    workspace.line.set_on(0, on=False)
    workspace.places.close_pane(workspace.line[1])
    assert workspace.line.on == (True,)


async def test_a_common_notice_says_the_number_that_its_pane_has_by_now(workspace: Workspace) -> None:
    compare(workspace, REF, OTHER, REF)
    workspace.line[2].composer.notices.show_notice("Something")
    await until(lambda: workspace.composer.notices.bars)
    (bar,) = workspace.composer.notices.bars
    assert bar.accessibleDescription().startswith("Pane 3: ")
    workspace.places.close_pane(workspace.line[0])
    await until(lambda: bar.accessibleDescription().startswith("Pane 2: "))


async def test_a_stop_that_goes_hands_the_keyboard_to_what_is_read(
    workspace: Workspace, provider: ScriptedProvider
) -> None:
    compare(workspace, REF, OTHER)
    provider.scripts = [[TextDelta(text="Going on"), None]]
    workspace.sending.send(Prompt("One?"))
    pane = workspace.line[0]
    await until(pane.figures.stop.isVisible)
    await until(lambda: "Going on" in pane.transcript.rows[-1].text and workspace.isActiveWindow())
    pane.figures.stop.setFocus()
    assert pane.figures.stop.hasFocus()
    workspace.sending.stop()
    await until(lambda: not workspace.is_answering)
    assert pane.transcript.holds_keyboard
