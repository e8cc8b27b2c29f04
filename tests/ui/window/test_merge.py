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
from tests.ui.finding import unreachable
from tests.ui.waiting import until
from tests.ui.window.test_comparison_panels import CONTROL, window
from ui.composer.drafts import NEW, DraftTarget
from ui.composer.prompt import Prompt
from ui.window.main_window import MainWindow

__all__ = ["window"]

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
    assert window.workspace.comparison is None
    await until(lambda: not window.workspace.is_answering)
    asked, answer = window.pane.conversation.path()
    assert "Answer 1, from scripted (1)" in asked.text
    assert answer.role is Role.ASSISTANT
    assert window.pane.conversation.model == REF
    assert provider.requests[-1].messages[-1].text == asked.text
    kept = await (await services.store()).conversations.get(window.pane.conversation_id)
    assert kept.title == window.title.text == "Merged: Why?"


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
    window.merging.open()
    popover = window.merging.popover
    assert popover is not None
    popover.go.click()
    assert window.pane.composer.text == ""
    await until(lambda: not window.workspace.is_answering)
    assert window.pane.composer.text == ""
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
