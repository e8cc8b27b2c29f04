"""A prompt that a guard holds back: asked in place, nothing lost, sent all the same or edited."""

from __future__ import annotations

import sys
from pathlib import Path
from types import MappingProxyType

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.domain.conversation_types import Conversation, Parameters, Status
from desktop.guards.audit import Audit
from desktop.guards.budget import Ledger
from desktop.guards.gate import GuardedGate
from desktop.guards.scanner import Scanner
from desktop.services import Services
from desktop.settings.values import Settings
from tests.desktop.session.fakes import LOOPBACK, REF, ScriptedProvider
from tests.desktop.store import made
from tests.ui import finding
from tests.ui.pane.conftest import sent
from tests.ui.pane.test_pane import ask, shown
from tests.ui.waiting import until
from ui.composer.prompt import Prompt
from ui.pane.pane import Pane
from ui.widgets.notice_bar import NoticeBar

KEY = "sk-aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"
OTHER = "sk-zB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"
SAID = "The prompt seems to contain an API key. It was not sent to lab/scripted at 127.0.0.1."


@pytest.fixture(autouse=True)
def guarded(services: Services, tmp_path: Path) -> None:
    child = (sys.executable, "-m", "desktop.guards.pattern_child")
    services.gateway._gate = GuardedGate(Scanner(child), Ledger(tmp_path / "spending.json"), Audit(tmp_path))


def bar(pane: Pane) -> NoticeBar:
    return next(each for each in pane.composer.notices.findChildren(NoticeBar) if not each.isHidden())


async def test_it_goes_back_to_be_edited_and_the_bar_names_where_it_would_go(
    pane: Pane, provider: ScriptedProvider
) -> None:
    await ask(pane, KEY)
    assert pane.composer.text == KEY
    assert bar(pane).text == SAID
    assert provider.requests == []
    assert shown(pane) == []
    await ask(pane, "without")
    assert shown(pane) == ["without", "An answer."]


async def test_it_is_sent_all_the_same_where_that_is_wanted(pane: Pane, provider: ScriptedProvider) -> None:
    await ask(pane, KEY)
    finding.button(bar(pane), "Send anyway").click()
    await until(lambda: len(provider.requests) == 1 and not pane.is_answering)
    assert shown(pane) == [KEY, "An answer."]
    assert pane.composer.text == ""
    await ask(pane, "go on")
    assert len(provider.requests) == 2


async def test_the_question_goes_once_the_prompt_is_edited(pane: Pane, provider: ScriptedProvider) -> None:
    await ask(pane, f"use {KEY}")
    pane.composer.put(Prompt("use the other one"))
    assert bars(pane) == []
    await ask(pane, pane.composer.text)
    assert sent(provider) == ["use the other one"]
    pane.start_new(REF)
    assert pane.composer.text == ""


async def test_what_was_typed_behind_it_goes_too_and_is_looked_at(pane: Pane, provider: ScriptedProvider) -> None:
    await ask(pane, KEY)
    pane.composer.put(Prompt(f"{KEY}\n\nand {OTHER}"))
    finding.button(bar(pane), "Send anyway").click()
    await until(lambda: len(bars(pane)) == 1 and not pane.is_answering)
    assert provider.requests == []
    finding.button(bar(pane), "Send anyway").click()
    await until(lambda: len(provider.requests) == 1 and not pane.is_answering)
    assert sent(provider) == [f"{KEY}\n\nand {OTHER}"]


async def test_esc_answers_the_question_with_no_and_the_prompt_stays(pane: Pane, provider: ScriptedProvider) -> None:
    await ask(pane, KEY)
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Escape)
    assert (bars(pane), pane.composer.text, provider.requests) == ([], KEY, [])


async def test_after_send_anyway_the_keyboard_is_where_prompts_are_typed(
    pane: Pane, provider: ScriptedProvider
) -> None:
    await ask(pane, KEY)
    QTest.mouseClick(finding.button(bar(pane), "Send anyway"), Qt.MouseButton.LeftButton)
    assert pane.composer.editor.hasFocus()
    await until(lambda: len(provider.requests) == 1 and not pane.is_answering)


async def test_what_is_typed_meanwhile_is_not_the_next_new_chats_draft(pane: Pane, provider: ScriptedProvider) -> None:
    pane.composer.put(Prompt("Hello?"))
    pane.composer._send()
    pane.composer.put(Prompt("and then"))
    await until(lambda: len(provider.requests) == 1 and not pane.is_answering)
    first = pane.conversation
    pane.start_new(REF)
    assert pane.composer.text == ""
    pane.show_conversation(first)
    assert pane.composer.text == "and then"


async def test_a_blocked_one_offers_no_way_around(pane: Pane, services: Services) -> None:
    services.use(Settings(MappingProxyType({"guards.secrets": "block"}), (LOOPBACK,)))
    await ask(pane, KEY)
    assert pane.composer.text == KEY
    assert "contains an API key and was not sent" in bar(pane).text
    with pytest.raises(StopIteration):
        finding.button(bar(pane), "Send anyway")


async def test_another_answer_to_a_held_prompt_is_asked_for_too(
    pane: Pane, services: Services, provider: ScriptedProvider
) -> None:
    services.use(Settings(MappingProxyType({"guards.secrets": "off"}), (LOOPBACK,)))
    await ask(pane, KEY)
    services.use(Settings(connections=(LOOPBACK,)))
    pane.writing.regenerate()
    await until(lambda: not pane.is_answering)
    finding.button(bar(pane), "Send anyway").click()
    await until(lambda: len(provider.requests) == 2 and not pane.is_answering)


async def test_one_of_several_panes_shows_its_own_composer_with_what_was_held_back(pane: Pane) -> None:
    pane.set_place(2, several=True, alone=False)
    assert pane.composer.isHidden()
    pane.send(Prompt(KEY))
    await until(lambda: not pane.is_answering)
    assert pane.composer.isVisible()
    assert pane.composer.text == KEY
    finding.button(bar(pane), "Send anyway").click()
    await until(lambda: shown(pane) == [KEY, "An answer."])
    assert pane.composer.isHidden()


async def test_it_hides_again_once_the_prompt_was_edited_and_sent(pane: Pane) -> None:
    pane.set_place(2, several=True, alone=False)
    pane.send(Prompt(KEY))
    await until(lambda: not pane.is_answering)
    await ask(pane, "without it")
    assert shown(pane) == ["without it", "An answer."]
    assert pane.composer.isHidden()


async def test_a_screen_reader_hears_of_no_answer_to_what_was_held_back(
    pane: Pane, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pane.transcript.announcer, "_say", said.append)
    await ask(pane, KEY)
    assert not any("esponding" in each for each in said)
    await ask(pane, "without")
    assert said[0] == "scripted is responding."
    pane.set_place(2, several=True, alone=True)
    await ask(pane, "and on")
    assert [each for each in said if "esponding" in each] == ["scripted is responding.", "Responding."]


def brought() -> Conversation:
    """An imported conversation whose answer broke off."""
    question = made.prompt("Why?")
    half = made.finished(made.answer(question), "half", Status.INTERRUPTED)
    held = tuple(msgspec.structs.replace(each, imported=True) for each in (question, half))
    talk = made.conversation(*held)
    return msgspec.structs.replace(talk, model=REF, parameters=Parameters(values={"temperature": 0.5}))


async def test_what_was_imported_is_asked_about_in_the_window_before_it_is_sent(
    pane: Pane, services: Services, provider: ScriptedProvider
) -> None:
    talk = brought()
    await (await services.store()).conversations.create(talk)
    pane.show_conversation(talk)
    pane.transcript.continue_wanted.emit()
    await until(lambda: not pane.is_answering)
    assert "This response was imported. If you continue it," in bar(pane).text
    await ask(pane, "go on")
    said_of_parameters = next(each for each in bars(pane) if "temperature = 0.5" in each.text)
    assert provider.requests == []
    finding.button(said_of_parameters, "Send anyway").click()
    await until(lambda: len(provider.requests) == 1 and not pane.is_answering)
    assert provider.requests[0].parameters.values == {"temperature": 0.5}
    await ask(pane, "and on")
    assert len(provider.requests) == 2


def bars(pane: Pane) -> list[NoticeBar]:
    return [each for each in pane.composer.notices.findChildren(NoticeBar) if not each.isHidden()]
