"""Tests of the pane: prompts go in, answers are shown and kept, and nothing typed is lost."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Conversation, Message, ModelRef, Parameters, Role, Status
from desktop.domain.events import Finished, Notice, TextDelta, ToolAnswered, ToolCalled, ToolWaiting
from desktop.domain.message_parts import ToolCallPart, ToolResultPart, ToolStatus
from desktop.errors import RateLimited, StoreFull
from desktop.services import Services
from desktop.text.phrases import english
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.desktop.store import made
from tests.ui.pane.conftest import shared
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.prompt import Prompt
from ui.pane.pane import Pane


def shown(pane: Pane) -> list[str]:
    return [row.text for row in pane.transcript.rows]


def long_conversation(model: ModelRef, turns: list[tuple[str, str]]) -> Conversation:
    messages: list[Message] = []
    for asked, said_ in turns:
        messages.append(made.prompt(asked, messages[-1] if messages else None))
        messages.append(made.finished(made.answer(messages[-1]), said_, Status.COMPLETE))
    return made.conversation(*messages, title="Long", model=model)


async def ask(pane: Pane, text: str) -> None:
    pane.composer.put(Prompt(text))
    pane.composer._send()
    await until(lambda: not pane.is_answering)


async def stored(pane: Pane, services: Services) -> Conversation:
    return await (await services.store()).conversations.get(pane.conversation_id)


async def test_a_prompt_is_answered_shown_and_kept(pane: Pane, services: Services) -> None:
    saved, titles = list[str](), list[str]()
    pane.conversation_saved.connect(saved.append)
    pane.title_changed.connect(titles.append)
    await ask(pane, "Hello?")
    assert shown(pane) == ["Hello?", "An answer."]
    assert [message.text for message in (await stored(pane, services)).path()] == ["Hello?", "An answer."]
    assert saved[0] == pane.conversation_id
    assert titles[-1] == "Hello?"
    assert pane.composer.text == ""
    assert "tokens" in pane.figures.text


async def test_calls_of_an_answer_are_cards_between_its_words(pane: Pane, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text="Half"), None]]
    pane.composer.put(Prompt("When?"))
    pane.composer._send()
    await until(lambda: shown(pane)[-1:] == ["Half"])
    call = ToolCallPart(id="1", name="clock", arguments="{}", server="time")
    result = ToolResultPart(call="1", status=ToolStatus.OK, text="noon", duration_ms=4.0)
    events = (ToolCalled(call=call), ToolWaiting(call="1", waiting=True), ToolAnswered(call=call, result=result))
    states = list[str]()
    for event in events:
        pane._chats.shown._heard(event)
        await until(lambda: not pane.transcript._growing._tools)
        states += [card.state(live=True)[0] for card in pane.transcript.rows[-1].cards]
    pane._chats.shown._heard(TextDelta(text="and more"))
    await until(lambda: shown(pane)[-1] == "Half\n\nand more")
    assert states == ["running …", "waiting for approval", "4 ms"]
    pane._chats.shown.stop()
    await until(lambda: not pane.is_answering)


async def test_enter_sends_and_send_becomes_stop_while_it_answers(
    pane: Pane, provider: ScriptedProvider, qtbot: QtBot
) -> None:
    provider.scripts = [[TextDelta(text="Half"), None]]
    pane.composer.put(Prompt("Hello?"))
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Return)
    await until(lambda: shown(pane) == ["Hello?", "Half"])
    assert pane.composer.line.button.accessibleName() == "Stop"
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Escape)
    await until(lambda: not pane.is_answering)
    assert pane.composer.line.button.accessibleName() == "Send"
    assert pane.conversation.messages[-1].status is Status.STOPPED
    assert shown(pane) == ["Hello?", "Half"]


async def test_a_stop_before_anything_was_kept_gives_the_text_back(pane: Pane, provider: ScriptedProvider) -> None:
    pane.composer.put(Prompt("Hello?"))
    pane.composer._send()
    pane.stop()
    await until(lambda: not pane.is_answering)
    assert pane.composer.text == "Hello?"
    assert shown(pane) == []
    assert provider.requests == []


async def test_a_full_disk_gives_the_text_back_and_says_so(pane: Pane, services: Services) -> None:
    store = await services.store()

    async def refuse(conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        raise StoreFull(english("The disk is full."))

    store.conversations.begin = refuse
    await ask(pane, "Hello?")
    assert pane.composer.text == "Hello?"
    assert shown(pane) == []
    assert pane.composer.notices.texts[0].startswith("The disk is full.")


async def test_an_edit_is_another_version_and_both_can_be_seen(pane: Pane, services: Services, qtbot: QtBot) -> None:
    await ask(pane, "One?")
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Up)
    assert pane.composer.text == "One?"
    assert pane.composer.is_editing
    await ask(pane, "Two?")
    assert shown(pane) == ["Two?", "An answer."]
    first = pane.transcript.rows[0]
    assert first.branch == (2, 2, 1, 1)
    pane.transcript.branch_wanted.emit(first.id, -1)
    assert shown(pane) == ["One?", "An answer."]
    leaf = pane.conversation.current
    kept = list[str]()
    pane.conversation_saved.connect(kept.append)
    await until(lambda: kept)
    assert (await stored(pane, services)).current == leaf


async def test_a_cancelled_edit_brings_the_draft_back(pane: Pane) -> None:
    await ask(pane, "One?")
    pane.composer.put(Prompt("A draft"))
    pane.transcript.edit_wanted.emit(pane.transcript.rows[0].id)
    assert pane.composer.text == "One?"
    pane.composer._escape()
    assert pane.composer.text == "A draft"
    assert not pane.composer.is_editing


async def test_regenerating_adds_a_version(pane: Pane, provider: ScriptedProvider) -> None:
    provider.scripts = [said("First."), said("Second.")]
    await ask(pane, "Hello?")
    pane.transcript.regenerate_wanted.emit()
    await until(lambda: not pane.is_answering)
    assert shown(pane) == ["Hello?", "Second."]
    assert pane.transcript.rows[1].branch == (2, 2, 1, 0)


async def test_a_broken_answer_is_continued_as_one(pane: Pane, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text="Half")], said(" and half.")]
    await ask(pane, "Hello?")
    assert pane.conversation.messages[-1].status is Status.INTERRUPTED
    pane.transcript.continue_wanted.emit()
    assert shown(pane)[-1] == "Half"
    await until(lambda: not pane.is_answering)
    assert shown(pane) == ["Hello?", "Half and half."]


async def test_an_error_is_a_card_with_retry(pane: Pane, provider: ScriptedProvider) -> None:
    provider.scripts = [[RateLimited(english("Too many."), retry_after_s=18)], said("Now.")]
    await ask(pane, "Hello?")
    card = pane.transcript._place._card()
    assert card.isVisible()
    assert card._retry.text() == "Retry in 18 s"
    assert pane.figures.text == "failed"
    card.retry.emit()
    await until(lambda: not pane.is_answering)
    assert shown(pane) == ["Hello?", "Now."]
    assert not card.isVisible()


async def test_an_answer_goes_on_while_another_conversation_is_shown(
    pane: Pane, provider: ScriptedProvider, services: Services
) -> None:
    provider.scripts = [[TextDelta(text="Half"), 0.2, *said(" and half.")]]
    pane.composer.put(Prompt("Hello?"))
    pane.composer._send()
    await until(lambda: shown(pane) == ["Hello?", "Half"])
    first = pane.conversation_id
    pane.start_new(REF)
    assert shown(pane) == []
    assert pane.is_answering
    assert pane.composer.line.button.accessibleName() == "Send"
    pane.show_conversation(await (await services.store()).conversations.get(first))
    assert shown(pane) == ["Hello?", "Half"]
    await until(lambda: not pane.is_answering)
    assert shown(pane) == ["Hello?", "Half and half."]


async def test_another_model_begins_a_new_conversation_only_where_something_was_said(pane: Pane) -> None:
    other = ModelRef(connection="lab", name="gpt-4.1")
    before = pane.conversation_id
    pane._controls.model_chosen.emit(other)
    assert pane.conversation_id == before
    assert pane.conversation.model == other
    await ask(pane, "Hello?")
    pane.composer.put(Prompt("Half a thought"))
    pane._controls.model_chosen.emit(REF)
    assert pane.conversation_id != before
    assert pane.conversation.model == REF
    assert pane.composer.text == "Half a thought"


async def test_parameters_and_system_prompt_are_sent_and_kept(
    pane: Pane, provider: ScriptedProvider, services: Services
) -> None:
    pane._controls.prompting_changed.emit("Be brief.", Parameters(values={"temperature": 0.7}))
    assert pane.header.parameters.text() == "temp 0.7"
    await ask(pane, "Hello?")
    assert provider.requests[0].parameters.values == {"temperature": 0.7}
    assert provider.requests[0].messages[0].role is Role.SYSTEM
    pane._controls.prompting_changed.emit("", Parameters(values={"temperature": 0.2}))
    saved = list[str]()
    pane.conversation_saved.connect(saved.append)
    await until(lambda: saved)
    assert (await stored(pane, services)).parameters.values == {"temperature": 0.2}


async def test_notices_of_an_answer_stand_with_it_and_those_of_the_store_above_the_composer(
    pane: Pane, provider: ScriptedProvider
) -> None:
    provider.scripts = [
        [
            Notice(code="history_left_out", message="The oldest turn was left out."),
            Notice(code=StoreFull.code, message="The disk is full."),
            *said("Yes."),
        ]
    ]
    await ask(pane, "Hello?")
    assert pane.composer.notices.texts == ("The disk is full.",)
    assert pane.transcript.rows[-1].notices == ["The oldest turn was left out."]


async def test_drafts_are_kept_by_conversation_and_across_starts(
    pane: Pane, services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    await ask(pane, "Hello?")
    talked = pane.conversation_id
    pane.composer.put(Prompt("To the first"))
    pane.start_new(REF)
    assert pane.composer.text == ""
    pane.composer.put(Prompt("To the new one"))
    pane.show_conversation(await (await services.store()).conversations.get(talked))
    assert pane.composer.text == "To the first"
    pane.writing._drafts.flush()
    again = Pane(services, tasks, themes, shared(services, tasks))
    qtbot.addWidget(again)
    assert again.composer.text == "To the new one"


async def test_an_example_fills_the_composer_and_sends_nothing(pane: Pane, provider: ScriptedProvider) -> None:
    pane.body.welcome.example_chosen.emit("Explain the sky.")
    assert pane.composer.text == "Explain the sky."
    assert provider.requests == []


async def test_a_conversation_of_a_connection_that_is_gone_can_be_read(pane: Pane, services: Services) -> None:
    await ask(pane, "Hello?")
    services.use(services.settings.without_connection("lab"))
    pane.show_model()
    assert pane.header._connection.text() == "lab, no longer connected"
    await ask(pane, "Still there?")
    assert shown(pane)[:2] == ["Hello?", "An answer."]
    assert pane.transcript._place._card().isVisible()


async def test_a_prompt_that_fails_out_of_sight_becomes_its_draft(pane: Pane, services: Services) -> None:
    await ask(pane, "Hello?")
    talked = pane.conversation_id
    store = await services.store()

    async def refuse(conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        raise StoreFull(english("The disk is full."))

    store.conversations.begin = refuse
    pane.composer.put(Prompt("Lost?"))
    pane.composer._send()
    pane.start_new(REF)
    await until(lambda: not pane.is_answering)
    pane.show_conversation(await store.conversations.get(talked))
    assert pane.composer.text == "Lost?"


async def test_what_was_typed_meanwhile_stays_when_a_prompt_comes_back(pane: Pane) -> None:
    pane.composer.put(Prompt("First"))
    pane.composer._send()
    pane.composer.put(Prompt("Second"))
    pane.stop()
    await until(lambda: not pane.is_answering)
    assert pane.composer.text == "First\n\nSecond"


async def test_a_conversation_that_outgrew_its_model_says_so_and_can_be_shortened(pane: Pane) -> None:
    model = ModelRef(connection="embedded", name="smollm2")
    turns = [("word " * 2000, "said " * 2000)] * 6
    pane.show_conversation(long_conversation(model, turns))
    await until(lambda: bool(pane.composer.notices.texts))
    (said,) = pane.composer.notices.texts
    assert "will not be sent" in said
    old = pane.conversation_id
    pane.composer.put(Prompt("and then?"))
    button = next(each for each in pane.composer.notices.findChildren(QPushButton) if each.text() == "Shorten")
    button.click()
    assert pane.conversation_id != old
    assert pane.composer.text == "and then?"
    assert shown(pane)[-1] == turns[-1][1]
    assert len(shown(pane)) < 12
    assert pane.composer.notices.texts == ()


async def test_a_found_message_of_another_version_is_shown(pane: Pane) -> None:
    await ask(pane, "One?")
    first = pane.conversation.path()[0].id
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Up)
    pane.composer.put(Prompt("Two?"))
    await ask(pane, "Two?")
    whole = pane.conversation
    assert shown(pane)[0] == "Two?"
    pane.start_new()
    pane.show_conversation(whole, first)
    assert shown(pane)[0] == "One?"
    assert (row := pane.transcript.focused_row) is not None
    assert row.id == first


async def test_a_conversation_whose_connection_is_gone_goes_on_with_another_model(pane: Pane) -> None:
    gone = ModelRef(connection="imported-chatgpt", name="gpt-4o")
    pane.show_conversation(long_conversation(gone, [("One?", "Yes.")]))
    old = pane.conversation_id
    pane._going_on.choose_model(REF)
    assert pane.conversation_id != old
    assert shown(pane) == ["One?", "Yes."]
    await ask(pane, "Two?")
    assert shown(pane) == ["One?", "Yes.", "Two?", "An answer."]
    assert pane.conversation.model == REF


async def test_rows_stay_what_they_are_when_an_answer_ends(pane: Pane, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text="Half"), 0.05, TextDelta(text=" and half"), Finished(reason="stop")]]
    pane.composer.put(Prompt("Hello?"))
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Return)
    rows = [*pane.transcript.rows]
    assert [row.message.role for row in rows] == [Role.USER, Role.ASSISTANT]
    await until(lambda: not pane.is_answering)
    assert [*pane.transcript.rows] == rows
    assert [row.id for row in rows] == [message.id for message in pane.conversation.path()]
    assert shown(pane) == ["Hello?", "Half and half"]
