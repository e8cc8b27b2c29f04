"""Answers of a comparison merged in a conversation of its own."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import Connection, Conversation, Kind, ModelRef, Role, new_id
from desktop.domain.message_parts import TextPart
from desktop.errors import ServerFailed
from desktop.services import Services
from desktop.text.phrases import english
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.ui.driver import Driver
from tests.ui.finding import unreachable
from tests.ui.waiting import until
from tests.ui.window.test_comparison_panels import CONTROL, window
from ui.composer.drafts import NEW, DraftTarget
from ui.composer.prompt import Prompt
from ui.pane.pane import Pane
from ui.transcript.list.message_list import MessageList
from ui.window.main_window import MainWindow

__all__ = ["window"]


def merge(window: MainWindow) -> None:
    """Merge the responses as the popover proposes it."""
    window.merging.open()
    popover = window.merging.popover
    assert popover is not None
    popover.go.click()


def pane(window: MainWindow) -> Pane:
    """The pane with the merged response."""
    panel = window.merging.panel
    assert panel is not None
    return panel.pane


_KEY = "sk-Ab3dEf6hIj9kLm2nOp5q"


async def test_answers_are_merged_by_key_into_a_chat_that_names_its_sources(
    window: MainWindow, services: Services, provider: ScriptedProvider
) -> None:
    comparison = window.workspace.comparison
    assert comparison is not None
    QTest.keyClick(window, Qt.Key.Key_M, CONTROL)
    popover = window.merging.popover
    assert popover is not None
    assert popover.isVisible()
    assert unreachable(popover) == []
    popover.go.click()
    assert window.workspace.comparison is not None
    assert len(window.workspace.line) == 2
    await until(lambda: not window.workspace.is_answering)
    merged = pane(window)
    assert merged.isVisible()
    asked, answer = merged.conversation.path()
    assert "Answer 1, from scripted (1)" in asked.text
    assert answer.role is Role.ASSISTANT
    assert merged.conversation.model == REF
    assert provider.requests[-1].messages[-1].text == asked.text
    kept = await (await services.store()).conversations.get(merged.conversation_id)
    assert kept.title == "Merged: Why?"


async def store(window: MainWindow, services: Services) -> None:
    """Keep the conversations of the comparison, without which it is not kept either."""
    for each in window.workspace.line:
        await (await services.store()).conversations.create(each.conversation)


async def test_the_comparison_and_the_merged_chat_lead_to_each_other(window: MainWindow, services: Services) -> None:
    driver = Driver(window)
    await store(window, services)
    merge(window)
    await until(lambda: not window.workspace.is_answering)
    merged, comparison = pane(window).conversation_id, window.desk.shown_id
    driver.push("Open as chat")
    await until(lambda: window.desk.shown_id == merged)
    await until(lambda: driver.sees("Open comparison"))
    driver.push("Open comparison")
    await until(lambda: window.desk.shown_id == comparison)
    await until(lambda: pane(window).isVisible() and pane(window).conversation_id == merged)
    assert not driver.sees("Open comparison")
    driver.push("Merged response")
    assert not pane(window).isVisible()
    driver.push("Merged response")
    await until(lambda: pane(window).isVisible() and pane(window).conversation_id == merged)
    assert unreachable(window) == []


async def test_a_prompt_to_all_does_not_go_to_the_merged_chat(window: MainWindow, provider: ScriptedProvider) -> None:
    merge(window)
    await until(lambda: not window.workspace.is_answering)
    provider.scripts = [*[said("one")] * len(provider.requests), said("two"), said("three"), said("four")]
    before = len(provider.requests)
    window.workspace.sending.send(Prompt("And then?"))
    await until(lambda: len(provider.requests) == before + 2 and not window.workspace.is_answering)
    assert len(pane(window).conversation.path()) == 2
    pane(window).composer.put(Prompt("Shorter."))
    QTest.keyClick(pane(window).composer.editor, Qt.Key.Key_Return)
    await until(lambda: len(pane(window).conversation.path()) == 4 and not window.workspace.is_answering)
    assert len(provider.requests) == before + 3


async def test_the_long_prompt_of_a_merge_is_folded_until_it_is_wanted(window: MainWindow, services: Services) -> None:
    driver = Driver(window)
    await store(window, services)
    window.merging.open()
    popover = window.merging.popover
    assert popover is not None
    assert not popover.preview.isVisible()
    driver.push("Show prompt")
    assert popover.preview.isVisible()
    driver.push("Hide prompt")
    assert not popover.preview.isVisible()
    popover.go.click()
    await until(lambda: not window.workspace.is_answering)
    row = pane(window).transcript.rows[0]
    assert row.brief
    messages = pane(window).findChildren(MessageList)[0]
    messages.setFocus()
    messages.setCurrentIndex(messages.model().index(0, 0))
    driver.press("Space")
    assert not row.brief
    driver.push("Open as chat")
    await until(lambda: driver.sees("Open comparison"))
    await until(lambda: window.pane.transcript.rows[0].brief)
    assert not window.pane.transcript.rows[1].brief


async def test_a_merged_chat_that_was_deleted_leaves_the_comparison_as_it_is(
    window: MainWindow, services: Services
) -> None:
    await store(window, services)
    merge(window)
    await until(lambda: not window.workspace.is_answering)
    driver, merged, comparison = Driver(window), pane(window).conversation_id, window.desk.shown_id
    window.desk.new_chat()
    await (await services.store()).conversations.purge([merged])
    await until(lambda: window.sidebar.library.comparison(comparison))
    window.desk.open_comparison(comparison)
    await until(lambda: window.desk.shown_id == comparison)
    await until(lambda: not driver.sees("Merged response"))
    assert window.drawer.panel is None
    assert len(window.workspace.line) == 2


async def test_a_single_chat_has_nothing_to_merge(window: MainWindow) -> None:
    window.desk.new_chat()
    assert not window.title.merge.isVisible()
    QTest.keyClick(window, Qt.Key.Key_M, CONTROL)
    assert any("add a pane" in text for text in window.notices.texts)


async def test_a_model_that_failed_is_not_the_one_to_merge_by(window: MainWindow, provider: ScriptedProvider) -> None:
    workspace = window.workspace
    workspace.line[0]._going_on.choose_model(ModelRef(connection="lab", name="broken"))
    provider.scripts = [*[said("one")] * len(provider.requests), [ServerFailed(english("It broke."))], said("two")]
    workspace.sending.send(Prompt("Again?"))
    await until(lambda: not workspace.is_answering)
    window.merging.open()
    popover = window.merging.popover
    assert popover is not None
    assert workspace.line[0].failed
    assert popover.model.currentText() == "scripted from lab"


async def test_the_merged_chat_does_not_take_what_waits_in_a_new_chat_for_another_model(window: MainWindow) -> None:
    private = DraftTarget(ModelRef.parse("embedded/smollm2"))
    window._drafts.set(NEW, Prompt("a private thought"), private)
    merge(window)
    assert pane(window).composer.text == ""
    await until(lambda: not window.workspace.is_answering)
    assert pane(window).composer.text == ""
    assert (window._drafts.get(NEW), window._drafts.target(NEW)) == (Prompt("a private thought"), private)


async def test_a_key_that_an_answer_gives_back_is_not_merged(
    window: MainWindow, services: Services, provider: ScriptedProvider
) -> None:
    key = _KEY
    services.gateway._keys.mask.add(key)
    talks = [saying(pane.conversation, f"It sent {key} here.") for pane in window.workspace.line]
    states = tuple(PaneState(conversation=each.id, model=each.model) for each in talks)
    window.workspace.show_comparison(new_comparison(states), {each.id: each for each in talks})
    QTest.keyClick(window, Qt.Key.Key_M, CONTROL)
    popover = window.merging.popover
    assert popover is not None
    shown = popover.preview.toPlainText()
    popover.go.click()
    await until(lambda: not window.workspace.is_answering)
    asked = provider.requests[-1].messages[-1].text
    assert asked == shown
    assert "It sent [secure] here." in asked
    assert key not in asked


def compare_answers_that_hold(
    key: str, window: MainWindow, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Show answers with the key of a connection that nobody asked in this run."""
    other = Connection(name="other", kind=Kind.OPENAI_V1, url="https://other.example/v1", key_env="OTHER_KEY")
    monkeypatch.setattr(services.gateway._keys, "_environ", {"OTHER_KEY": key})
    services.use(services.settings.with_connection(other))
    talks = [saying(pane.conversation, f"It sent {key} here.") for pane in window.workspace.line]
    states = tuple(PaneState(conversation=each.id, model=each.model) for each in talks)
    window.workspace.show_comparison(new_comparison(states), {each.id: each for each in talks})


async def test_a_key_that_an_answer_of_another_run_gives_back_is_not_merged(
    window: MainWindow, services: Services, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare_answers_that_hold(_KEY, window, services, monkeypatch)
    QTest.keyClick(window, Qt.Key.Key_M, CONTROL)
    popover = window.merging.popover
    assert popover is not None
    before = len(provider.requests)
    popover.go.click()  # before the keys are known
    await until(lambda: len(provider.requests) > before and not window.workspace.is_answering)
    asked = provider.requests[-1].messages[-1].text
    assert "It sent [secure] here." in asked
    assert _KEY not in asked


async def test_what_is_to_be_merged_is_shown_without_keys_once_they_are_known(
    window: MainWindow, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare_answers_that_hold(_KEY, window, services, monkeypatch)
    window.merging.open()
    popover = window.merging.popover
    assert popover is not None
    await until(lambda: "It sent [secure] here." in popover.preview.toPlainText())
    assert _KEY not in popover.preview.toPlainText()


def saying(conversation: Conversation, text: str) -> Conversation:
    """A conversation of one turn with another answer, in a place of its own."""
    *before, answer = conversation.messages
    told = msgspec.structs.replace(answer, parts=(TextPart(text=text),))
    return msgspec.structs.replace(conversation, id=new_id(), messages=(*before, told))
