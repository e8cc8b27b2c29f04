"""How a conversation goes on otherwise, in the window: versions by key, another answer, another model, shortened."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton

from desktop.domain.conversation_types import Conversation, ModelRef
from desktop.domain.events import RetryWait, TextDelta
from desktop.errors import ServerFailed
from desktop.providers.provider import ModelInfo
from desktop.services import Services
from desktop.text.phrases import english
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.driver import Driver
from tests.ui.pane.conftest import saves, sent, talk
from ui.base.model_facts import ModelFacts
from ui.pane.pane import ContextNotice

SMALL = ModelRef(connection="embedded", name="smollm2")


def texts(driver: Driver) -> list[str]:
    """What the messages say, without who says it."""
    return [each.partition("\n")[0].rpartition(": ")[2] for each in driver.messages()]


async def edit_last(driver: Driver, text: str) -> None:
    """Edit the last prompt, and wait for its answer."""
    driver.editor.setFocus()
    driver.press("Up")
    driver.press("Ctrl+A")
    await driver.answered(text)


@pytest.fixture
async def edited(driver: Driver, provider: ScriptedProvider) -> Driver:
    """A window whose only prompt was edited once."""
    provider.scripts = [said("First."), said("Second.")]
    await driver.answered("One?")
    await edit_last(driver, "Two?")
    return driver


async def test_an_edited_prompt_is_asked_in_the_place_of_the_old_one(
    edited: Driver, provider: ScriptedProvider
) -> None:
    assert texts(edited) == ["Two?", "Second."]
    assert sent(provider) == ["One?", "Two?"]
    assert len(provider.requests[1].messages) == 1


async def turn(driver: Driver, keys: str, text: str) -> None:
    """Go to another version of the first prompt by key, and wait until this one is shown."""
    driver.transcript().setFocus()
    driver.press("Home")
    driver.press(keys)
    await driver.until(lambda: texts(driver)[0] == text)


async def test_keys_go_to_the_versions_before_and_after_and_no_further(edited: Driver) -> None:
    await turn(edited, "Alt+Left", "One?")
    await turn(edited, "Alt+Right", "Two?")
    for _ in range(2):
        edited.press("Alt+Right")
    await turn(edited, "Alt+Left", "One?")
    for _ in range(2):
        edited.press("Alt+Left")
    await turn(edited, "Alt+Right", "Two?")


async def test_the_version_that_was_shown_last_is_shown_again(edited: Driver, services: Services) -> None:
    saved = saves(edited)
    await turn(edited, "Alt+Left", "One?")
    talked = edited.window.pane.conversation
    kept = (await services.store()).conversations
    await edited.until(lambda: saved)
    edited.press("Ctrl+N")
    await edited.until(lambda: edited.messages() == [])
    await edited.open(await kept.get(talked.id))
    assert texts(edited) == ["One?", "First."]


async def test_another_answer_is_a_version_of_the_answer(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [said("First."), said("Second.")]
    await driver.answered("One?")
    driver.transcript().setFocus()
    driver.press("End")
    driver.press("Ctrl+R")
    await driver.until(lambda: texts(driver) == ["One?", "Second."] and not driver.window.pane.is_answering)
    driver.press("End")
    driver.press("Alt+Left")
    await driver.until(lambda: texts(driver) == ["One?", "First."])


async def test_a_stopped_answer_goes_on_by_key(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text="Half"), None], said(" and half.")]
    driver.ask("One?")
    await driver.until(lambda: "Half" in texts(driver)[-1])
    driver.press("Esc")
    await driver.until(lambda: driver.sees("Send"))
    driver.transcript().setFocus()
    driver.press("End")
    driver.press("Ctrl+Return")
    await driver.until(lambda: "Half and half." in driver.messages()[-1])


async def choose_model(driver: Driver, provider: ScriptedProvider, name: str) -> None:
    """Choose a model of the lab by typing it."""
    provider.infos = [ModelInfo(name=name)]
    driver.push("Model")
    driver.type(f"lab/{name}")
    driver.press("Return")


async def test_another_model_goes_on_in_a_new_chat_with_what_was_said(
    driver: Driver, provider: ScriptedProvider, services: Services
) -> None:
    talked = await talk(services, ("Sky?", "Blue."))
    await driver.open(talked)
    driver.write("half a thought")
    await choose_model(driver, provider, "other")
    assert driver.window.desk.shown_id != talked.id
    assert driver.notices == ["This new chat with other continues “Sky?” and includes its messages."]
    assert driver.editor.toPlainText() == "half a thought"
    await driver.answered("?")
    assert [each.text for each in provider.requests[0].messages] == ["Sky?", "Blue.", "half a thought?"]
    assert driver.notices == []


async def test_it_may_start_empty(driver: Driver, provider: ScriptedProvider, services: Services) -> None:
    await driver.open(await talk(services, ("Sky?", "Blue.")))
    await choose_model(driver, provider, "other")
    driver.push("Start without history")
    assert driver.messages() == []
    assert driver.notices == []
    await driver.answered("Sea?")
    assert [each.text for each in provider.requests[0].messages] == ["Sea?"]
    assert driver.find(QPushButton, "Model").text() == "other"


async def test_the_same_model_again_changes_nothing(
    driver: Driver, provider: ScriptedProvider, services: Services
) -> None:
    talked = await talk(services, ("Sky?", "Blue."))
    await driver.open(talked)
    await choose_model(driver, provider, "scripted")
    assert driver.window.desk.shown_id == talked.id
    assert driver.notices == []


async def test_a_conversation_that_outgrew_its_model_is_told_again_to_who_comes_back_to_it(
    driver: Driver, services: Services
) -> None:
    long = await talk(services, *[("word " * 2000, "said " * 2000)] * 4, model=SMALL)
    short = await talk(services, ("Sky?", "Blue."), model=SMALL)
    await driver.open(long)
    await driver.until(lambda: driver.notices)
    (notice,) = driver.notices
    assert "has a context window of 4,096 tokens: the oldest" in notice
    driver.push("Dismiss")
    assert driver.notices == []
    await driver.open(short)
    await driver.open(long)
    await driver.until(lambda: driver.notices == [notice])


async def test_shortened_it_goes_on_with_the_newest_turns_and_what_was_typed(
    driver: Driver, services: Services
) -> None:
    turns = [(f"{number} {'word ' * 1200}", f"said {number}") for number in range(6)]
    long = await talk(services, *turns, model=SMALL)
    await driver.open(long)
    await driver.until(lambda: driver.notices)
    driver.write("and then?")
    driver.push("Shorten")
    assert driver.window.desk.shown_id != long.id
    assert 0 < len(driver.messages()) < 12
    assert "said 5" in driver.messages()[-1]
    assert driver.editor.toPlainText() == "and then?"
    assert driver.focused is driver.editor


async def test_what_a_conversation_outgrew_is_still_said_when_it_is_opened_again(
    driver: Driver, services: Services
) -> None:
    long = await talk(services, *[("word " * 2000, "said " * 2000)] * 4, model=SMALL)
    await driver.open(long)
    await driver.until(lambda: driver.notices)
    driver.window.desk.enter_conversation(long.id, "")
    await driver.until(lambda: driver.focused is driver.editor)
    await driver.until(lambda: driver.notices)


async def test_it_is_counted_once_the_window_is_free(
    driver: Driver, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = await talk(services, *[("word " * 2000, "said " * 2000)] * 4, model=SMALL)
    await driver.open(long)
    await driver.until(lambda: driver.notices)
    driver.push("Dismiss")
    notice, order = driver.window.pane.findChild(ContextNotice), list[str]()
    assert notice is not None
    timer = notice.findChild(QTimer)
    assert timer is not None
    timer.setInterval(0)

    def counted(_facts: ModelFacts, _conversation: Conversation) -> int:
        order.append("counted")
        return 0

    monkeypatch.setattr(ModelFacts, "left_out", counted)
    notice.show(long)
    free = QTimer(notice, singleShot=True, interval=0)
    free.timeout.connect(lambda: order.append("free"))
    free.start()
    await driver.until(lambda: len(order) == 2)
    assert order == ["free", "counted"]


async def test_dismissed_it_stays_away_while_the_same_is_left_out(driver: Driver, services: Services) -> None:
    long = await talk(services, *[("word " * 2000, "said " * 2000)] * 4, model=SMALL)
    await driver.open(long)
    await driver.until(lambda: driver.notices)
    driver.push("Dismiss")
    driver.push("More actions for this conversation")
    driver.choose("Parameters…")
    driver.type("1")
    driver.press("Esc")
    with pytest.raises(TimeoutError):
        await driver.until(lambda: driver.notices, 0.15)


async def test_a_first_prompt_that_waits_for_its_answer_is_taken_along_as_a_draft(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [[RetryWait(attempt=1, wait_s=60, reason="busy"), None], said("from another")]
    driver.ask("Hello there")
    await provider.waiting.wait()
    await choose_model(driver, provider, "another")
    assert (driver.editor.toPlainText(), driver.messages()) == ("Hello there", [])
    driver.window.workspace.stop_all()
    await driver.until(lambda: not driver.window.workspace.is_answering)
    driver.editor.selectAll()
    await driver.answered("go on")
    assert driver.window.pane.conversation.title == "go on"


async def test_the_estimate_of_a_first_prompt_that_is_edited_counts_nothing_that_comes_after_it(
    driver: Driver, services: Services
) -> None:
    await driver.open(await talk(services, ("Sky?", "Blue. " * 500)))
    estimate = driver.window.pane.composer.line.estimate
    driver.write("go")
    await driver.until(lambda: estimate.isVisible() and int("0" + "".join(filter(str.isdigit, estimate.text()))) > 500)
    driver.editor.clear()
    driver.press("Up")
    driver.press("Ctrl+A")
    driver.type("go")
    await driver.until(lambda: estimate.text() == "~1 token")


async def test_a_prompt_that_failed_is_asked_anew_of_another_model(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    await driver.open(await talk(services, ("Sky?", "Blue.")))
    provider.scripts = [[ServerFailed(english("It broke."))], said("from another")]
    await driver.answered("hello again")
    await choose_model(driver, provider, "another")
    assert driver.editor.toPlainText() == "hello again"
    assert len(driver.messages()) == 2
    driver.press("Return")
    await driver.until(lambda: len(driver.messages()) == 4 and not driver.window.workspace.is_answering)
    assert "from another" in driver.messages()[-1]
