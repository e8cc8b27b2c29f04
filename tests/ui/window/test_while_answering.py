"""What a key means while an answer is being made: it is done, or said why not, and never another thing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QColor
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import ModelRef
from desktop.domain.events import TextDelta
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.drafts import Drafts


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with a new chat."""
    del qtbot
    async with driven(services, tasks, themes) as made:
        yield made


async def test_the_key_that_edits_a_prompt_says_why_it_does_not_and_renames_nothing(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [[*said("one")[:1], None]]
    driver.ask("Why?")
    await driver.until(lambda: len(driver.messages()) == 2)
    messages = driver.transcript()
    messages.setFocus()
    driver.press("Home")
    driver.press("F2")
    assert driver.focused is messages
    assert driver.notices == ["You can edit prompts after the response ends. Press Esc to stop the response."]
    assert not driver.window.pane.composer.is_editing


async def test_an_answer_that_is_come_back_to_is_not_told_from_its_first_word(
    driver: Driver, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def hear(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            told.append(event.message())

    provider.scripts = [[TextDelta(text="One is told. "), 0.3, TextDelta(text="Two is new. "), 0.05, None]]
    driver.ask("Why?")
    await driver.until(lambda: "One" in driver.messages()[-1])
    asked = driver.window.desk.shown_id
    driver.press("Ctrl+N")
    QAccessible.setActive(True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    driver.window.desk.open_conversation(asked)
    await driver.until(lambda: "Two" in "".join(driver.messages()))
    await driver.until(lambda: any("Two" in each for each in told))
    assert not any("One" in each for each in told)
    assert next(each for each in told if "responding" in each or "Two" in each).endswith("is responding.")


async def test_a_new_chat_that_another_model_goes_on_in_is_not_marked_as_the_old_one(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [[None]]
    driver.ask("Why?")
    marked = driver.window.sidebar.list.delegate
    await driver.until(lambda: marked.opened == driver.window.desk.shown_id and provider.requests)
    driver.window.pane._going_on.choose_model(ModelRef.parse("lab/other"))
    assert marked.opened == ""
    assert driver.editor.toPlainText() == "Why?"
    await driver.until(lambda: provider.cancelled == 1)  # it is asked for once


async def test_the_caret_stays_in_the_box_of_a_line_of_code_that_is_wider(
    driver: Driver, provider: ScriptedProvider, themes: Themes
) -> None:
    provider.scripts = [[TextDelta(text="```python\nx = [" + "1234, " * 60), None]]
    driver.ask("Why?")
    await driver.until(lambda: "1234" in driver.messages()[-1])
    messages = driver.transcript()
    accent = QColor(themes.current.accent)
    left, width = messages.column

    def carets() -> set[int]:
        shown = driver.pixels(messages.viewport())
        return {
            x for x in range(shown.width()) for y in range(0, shown.height(), 8) if shown.pixelColor(x, y) == accent
        }

    await driver.until(carets)
    assert max(carets()) < left + width


async def test_a_prompt_sent_during_a_response_is_queued_and_sent_after_it(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [[*said("one")[:1], 0.3, *said("one")[1:]], said("two"), said("three")]
    driver.ask("Why?")
    await driver.until(lambda: len(driver.messages()) == 2)
    driver.ask("And then?")
    driver.ask("And at last?")
    assert "2 prompts queued" in driver.said()
    assert driver.editor.toPlainText() == ""
    await driver.until(lambda: len(driver.messages()) == 6 and not driver.window.workspace.is_answering)
    asked = [message.text for message in driver.window.pane.conversation.path()][::2]
    assert asked == ["Why?", "And then?", "And at last?"]


async def test_a_queued_prompt_is_edited_or_comes_back_when_the_response_is_stopped(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [[*said("one")[:1], None]]
    driver.ask("Why?")
    await driver.until(lambda: "one" in driver.messages()[-1])
    driver.ask("And then?")
    driver.press("Up")
    assert (driver.editor.toPlainText(), "queued" in driver.said()) == ("And then?", False)
    driver.press("Return")
    driver.ask("And at last?")
    driver.push("Edit “And then?”")
    assert driver.editor.toPlainText() == "And then?"
    driver.press("Esc")
    await driver.until(lambda: not driver.window.pane.answers)
    assert driver.editor.toPlainText() == "And then?"
    await driver.until(lambda: "Not sent: And at last?" in driver.said())
    assert len(provider.requests) == 1


async def test_a_queued_prompt_is_sent_though_another_chat_is_read(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[*said("one")[:1], 0.3, *said("one")[1:]], said("two")]
    driver.ask("Why?")
    await driver.until(lambda: len(driver.messages()) == 2)
    driver.ask("And then?")
    driver.press("Ctrl+N")
    await driver.until(lambda: len(provider.requests) == 2 and not driver.window.workspace.is_answering)
    assert driver.messages() == []


async def test_what_is_still_queued_when_paragone_is_killed_comes_back(
    driver: Driver, provider: ScriptedProvider, services: Services
) -> None:
    provider.scripts = [[*said("one")[:1], None]]
    driver.ask("Why?")
    await driver.until(lambda: len(driver.messages()) == 2)
    driver.ask("And then?")
    path = services.paths.drafts_file
    await driver.until(lambda: path.exists() and b"And then?" in path.read_bytes())
    kept = Drafts(path, driver.window._tasks)
    assert kept.get(f"queued:{driver.window.pane.conversation_id}").text == "And then?"


@pytest.mark.parametrize("compares", [False, True])
async def test_a_queued_prompt_is_discarded_and_undo_brings_it_back(
    driver: Driver, provider: ScriptedProvider, *, compares: bool
) -> None:
    provider.scripts = [[*said("one")[:1], None], [*said("one")[:1], None]]
    if compares:
        driver.window.desk.add_pane()
    field = driver.window.workspace.prompt_editor
    for text in ("Why?", "And then?"):
        field.setFocus()
        driver.type(text)
        driver.press("Return")
        await driver.until(lambda: "one" in driver.messages()[-1])
    driver.push("Discard “And then?”")
    assert "queued" not in driver.said()
    driver.push("Undo")
    assert field.toPlainText() == "And then?"
