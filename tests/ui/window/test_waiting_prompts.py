"""A prompt that waits for an answer's end is sent or given back: never lost, and never sent while the window closes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from desktop.session.session import new_conversation
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.ui.driver import Driver, driven
from tests.ui.window.test_given_files import drop
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.prompt import Prompt
from ui.window.main_window import MainWindow

OTHER = ModelRef(connection="lab", name="other")
SLOW = [None, *said("one")]
"""It never comes by itself."""


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with an empty comparison of two models."""
    del qtbot
    async with driven(services, tasks, themes, width=1600, height=900) as made:
        states = tuple(PaneState(conversation=new_conversation(ref).id, model=ref) for ref in (REF, OTHER))
        made.window.workspace.show_comparison(new_comparison(states), {})
        yield made


def send(driver: Driver, text: str) -> None:
    """Send a prompt from the field of all, as one types it."""
    driver.window.workspace.focus_composer()
    driver.type(text)
    driver.press("Return")


def fields(driver: Driver) -> list[str]:
    """What stands in the field of all, and in those of the panes that are seen."""
    workspace = driver.window.workspace
    composers = (workspace.composer, *(pane.composer for pane in workspace.line))
    return [each.text if each.isVisible() else "" for each in composers]


def beside(driver: Driver, pane: int | None = None) -> list[str]:
    """The prompts that were given back and stand beside the field of all, or beside that of a pane."""
    workspace = driver.window.workspace
    composer = workspace.composer if pane is None else workspace.line[pane].composer
    return [each.text for each in composer.back.strip.prompts] if composer.back.strip.isVisible() else []


async def wait_in_one(driver: Driver, provider: ScriptedProvider) -> str:
    """A prompt waits for the first pane's answer, the second has had it; the comparison's id."""
    provider.scripts = [SLOW, said("quick")]
    send(driver, "first")
    await driver.until(lambda: len(driver.messages(1)) == 2 and not driver.window.workspace.line[1].answers)
    provider.scripts = [said("quick")]
    send(driver, "second important prompt")
    await driver.until(lambda: len(driver.window.workspace.sending.waiting) == 1 and len(provider.requests) == 3)
    comparison = driver.window.workspace.comparison
    assert comparison is not None
    return comparison.id


async def reopen(driver: Driver, comparison: str) -> None:
    """Open it again from the store."""
    window = driver.window
    window.desk.open_comparison(comparison)
    await driver.until(lambda: window.workspace.comparison is not None and window.workspace.comparison.id == comparison)


async def test_it_stands_in_its_pane_when_another_chat_was_shown_meanwhile(
    driver: Driver, provider: ScriptedProvider
) -> None:
    comparison = await wait_in_one(driver, provider)
    driver.press("Ctrl+N")
    await driver.until(lambda: driver.window.workspace.comparison is None)
    driver.window.workspace.stop_all()
    await driver.until(lambda: not driver.window.workspace.is_answering)
    await reopen(driver, comparison)
    assert fields(driver) == ["", "second important prompt", ""]
    assert len(provider.requests) == 3


async def test_what_no_model_had_yet_stands_in_the_field_of_all(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [SLOW]
    send(driver, "first")
    await driver.until(lambda: len(provider.requests) == 2)
    for text in ("second", "third"):
        send(driver, text)
    driver.type("and more")
    comparison = driver.window.workspace.comparison
    assert comparison is not None
    driver.press("Ctrl+N")
    driver.window.workspace.stop_all()
    await driver.until(lambda: not driver.window.workspace.is_answering)
    await reopen(driver, comparison.id)
    assert fields(driver) == ["and more", "", ""]
    assert beside(driver) == ["second", "third"]


async def test_stop_gives_it_back(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [SLOW]
    send(driver, "first")
    await driver.until(lambda: len(provider.requests) == 2)
    send(driver, "second")
    driver.click(driver.window.workspace.composer.line.button)
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert fields(driver) == ["second", "", ""]
    assert len(provider.requests) == 2


async def test_a_picture_that_waits_comes_back_with_it(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [SLOW]
    send(driver, "first")
    await driver.until(lambda: len(provider.requests) == 2)
    workspace = driver.window.workspace
    workspace.focus_composer()
    picture = QImage(20, 20, QImage.Format.Format_RGB32)
    picture.fill(0)
    QGuiApplication.clipboard().setImage(picture)
    driver.press("Ctrl+V")
    await driver.until(lambda: workspace.composer.attached.parts)
    send(driver, "look")
    assert len(workspace.sending.waiting) == 1
    comparison = workspace.comparison
    assert comparison is not None
    driver.press("Ctrl+N")
    driver.window.workspace.stop_all()
    await driver.until(lambda: not driver.window.workspace.is_answering)
    await reopen(driver, comparison.id)
    assert fields(driver) == ["look", "", ""]
    assert len(workspace.composer.attached.parts) == 1


async def test_quitting_sends_nothing_and_the_next_start_shows_it(
    driver: Driver, provider: ScriptedProvider, services: Services, tasks: Tasks, themes: Themes
) -> None:
    comparison = await wait_in_one(driver, provider)
    driver.window.quitting.quit()
    driver.window.workspace.stop_all()
    await driver.until(lambda: not driver.window.workspace.is_answering)
    await tasks.settle(2)
    assert len(provider.requests) == 3
    window = MainWindow(services, tasks, themes)
    again = Driver(window)
    try:
        window.resize(1600, 900)
        window.show()
        await window.settle_in()
        await again.until(lambda: window.workspace.comparison is not None)
        shown = window.workspace.comparison
        assert shown is not None
        assert shown.id == comparison
        assert fields(again) == ["", "second important prompt", ""]
    finally:
        window.close()
        window.deleteLater()


async def test_another_model_is_chosen_for_the_pane_it_waits_in(driver: Driver, provider: ScriptedProvider) -> None:
    await wait_in_one(driver, provider)
    pane = driver.window.workspace.line[0]
    pane._going_on.choose_model(ModelRef(connection="lab", name="third"))
    assert fields(driver) == ["", "first", ""]
    assert beside(driver, 0) == ["second important prompt"]
    driver.window.workspace.stop_all()
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert len(provider.requests) == 3


async def test_stop_gives_each_back_by_itself_and_in_order(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [SLOW]
    send(driver, "first")
    await driver.until(lambda: len(provider.requests) == 2)
    for text in ("six", "seven"):
        send(driver, text)
    workspace = driver.window.workspace
    assert workspace.composer.line.waiting.text() == "2 prompts queued"
    driver.press("Esc")
    await driver.until(lambda: not workspace.is_answering)
    assert (fields(driver)[0], beside(driver)) == ("six", ["seven"])
    driver.push("Edit “seven”")
    assert (fields(driver)[0], beside(driver)) == ("seven", ["six"])
    assert driver.focused is workspace.composer.editor
    provider.scripts = [said("quick")]
    driver.press("Return")
    await driver.until(lambda: len(provider.requests) == 4 and not workspace.is_answering)
    assert provider.requests[-1].messages[-1].text == "seven"
    driver.press("Up")
    assert (fields(driver)[0], beside(driver)) == ("six", [])


async def test_one_that_waits_is_taken_back_alone(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [SLOW]
    send(driver, "first")
    await driver.until(lambda: len(provider.requests) == 2)
    for text in ("six", "seven"):
        send(driver, text)
    driver.type("typed meanwhile")
    driver.push("Edit “six”")
    assert (fields(driver)[0], beside(driver)) == ("six", ["typed meanwhile"])
    assert [prompt.text for _, prompt in driver.window.workspace.sending.waiting] == ["seven"]
    driver.push("Discard “typed meanwhile”")
    assert (fields(driver)[0], beside(driver)) == ("six", [])


async def test_what_came_back_with_no_room_in_the_field_is_there_at_the_next_start(
    driver: Driver, provider: ScriptedProvider
) -> None:
    await wait_in_one(driver, provider)
    pane = driver.window.workspace.line[0]
    send(driver, "@1 third")
    driver.press("Esc")
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert (pane.composer.text, beside(driver, 0)) == ("second important prompt", ["third"])
    kept = driver.window._drafts.get(pane.conversation_id)
    assert [each.text for each in kept.each] == ["second important prompt", "third"]


async def test_what_each_model_gets_of_files_is_said_as_long_as_they_stand_in_a_field(
    driver: Driver, provider: ScriptedProvider, tmp_path: Path
) -> None:
    workspace = driver.window.workspace
    note = tmp_path / "note.txt"
    note.write_text("text")
    provider.scripts = [SLOW]
    send(driver, "first")
    await driver.until(lambda: len(provider.requests) == 2)
    drop(workspace.composer.editor.viewport(), note)
    lines = [pane.given for pane in workspace.line]
    await driver.until(lambda: all(line.isVisible() for line in lines))
    workspace.line[0].composer.put(Prompt("typed to one alone"))
    workspace.line[0].writing.show_field()
    workspace.line[0].composer.put(Prompt("typed on"))
    assert all(line.isVisible() for line in lines)
    send(driver, "look")
    assert not any(line.isVisible() for line in lines)
    driver.press("Esc")
    await driver.until(lambda: not workspace.is_answering)
    assert fields(driver) == ["look", "typed on", ""]
    assert all(line.isVisible() for line in lines)


async def test_up_brings_the_prompt_that_is_being_answered(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [said("one")] * 2
    send(driver, "s1")
    await driver.until(lambda: len(provider.requests) == 2 and not driver.window.workspace.is_answering)
    provider.scripts = [SLOW]
    send(driver, "s2")
    await driver.until(lambda: len(provider.requests) == 4)
    driver.press("Up")
    assert fields(driver)[0] == "s2"


async def test_up_takes_back_what_waits_before_it_brings_what_was_sent(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [SLOW]
    send(driver, "s1")
    await driver.until(lambda: len(provider.requests) == 2)
    send(driver, "s2")
    driver.press("Up")
    assert fields(driver)[0] == "s2"
    assert not driver.window.workspace.sending.waiting


async def test_what_waits_with_a_file_is_taken_back_into_the_field_it_was_typed_in(
    driver: Driver, provider: ScriptedProvider, tmp_path: Path
) -> None:
    workspace = driver.window.workspace
    note = tmp_path / "note.txt"
    note.write_text("text")
    provider.scripts = [SLOW]
    send(driver, "first")
    await driver.until(lambda: len(provider.requests) == 2)
    drop(workspace.composer.editor.viewport(), note)
    await driver.until(lambda: workspace.composer.attached.parts)
    send(driver, "look")
    driver.push("Edit “look (with note.txt)”")
    assert fields(driver) == ["look", "", ""]
    assert [each.name for each in workspace.composer.attached.parts] == ["note.txt"]


async def test_what_is_taken_back_into_the_field_of_a_pane_takes_the_keyboard_there(
    driver: Driver, provider: ScriptedProvider
) -> None:
    await wait_in_one(driver, provider)
    driver.push("Edit “second important prompt”")
    assert fields(driver) == ["", "second important prompt", ""]
    assert driver.focused is driver.window.workspace.line[0].composer.editor


async def test_files_in_the_field_of_all_are_there_again_when_something_else_was_shown(
    driver: Driver, tasks: Tasks, tmp_path: Path
) -> None:
    workspace = driver.window.workspace
    note = tmp_path / "note.txt"
    note.write_text("text")
    workspace.focus_composer()
    driver.type("about these")
    drop(workspace.composer.editor.viewport(), note)
    await driver.until(lambda: workspace.composer.attached.parts)
    comparison = workspace.comparison
    assert comparison is not None
    driver.press("Ctrl+N")
    await driver.until(lambda: workspace.comparison is None)
    assert not workspace.line[0].given.isVisible()
    await tasks.settle(2)
    await reopen(driver, comparison.id)
    assert fields(driver)[0] == "about these"
    assert [each.name for each in workspace.composer.attached.parts] == ["note.txt"]
    await driver.until(lambda: all(pane.given.text for pane in workspace.line))


async def test_a_row_that_goes_by_itself_hands_the_keyboard_to_the_field(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [SLOW]
    send(driver, "first")
    await driver.until(lambda: len(provider.requests) == 2)
    send(driver, "second")
    driver.button("Edit “second”").setFocus()
    driver.window.workspace.composer.back.strip.say_waiting(())
    assert driver.focused is driver.window.workspace.composer.editor


async def test_a_comparison_is_kept_for_what_stands_in_the_field_of_one_pane(driver: Driver) -> None:
    workspace = driver.window.workspace
    workspace.line[0].composer.put(Prompt("own text"))
    assert workspace.comparison is not None
    await driver.until(lambda: driver.window.sidebar.library.comparisons)
