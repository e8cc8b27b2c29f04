"""A chat goes on otherwise: what was typed for it goes along, to the model that it is read above, and is never lost."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import Conversation, ModelRef
from desktop.errors import ServerFailed
from desktop.providers.provider import ModelInfo
from desktop.services import Services
from desktop.text.phrases import english
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.ui.driver import Driver, driven
from tests.ui.pane.conftest import talk
from tests.ui.window.test_held_back import fields
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.prompt import Prompt

PRIVATE = ModelRef.parse("embedded/smollm2")


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with room for several panes."""
    del qtbot
    async with driven(services, tasks, themes, width=1600, height=900) as made:
        yield made


def choose(driver: Driver, provider: ScriptedProvider, name: str, pane: int = 0) -> None:
    """Choose a model of the lab in a pane's header."""
    provider.infos = [ModelInfo(name=name)]
    driver.click(driver.window.workspace.line[pane].header.model)
    driver.type(f"lab/{name}")
    driver.press("Return")


async def compare(driver: Driver, services: Services, *talks: Conversation) -> str:
    """Keep and show a comparison of conversations; its id."""
    states = tuple(PaneState(conversation=each.id, model=each.model, said=True) for each in talks)
    made = new_comparison(states)
    await (await services.store()).comparisons.save(made)
    await show(driver, made.id)
    return made.id


async def show(driver: Driver, id_: str) -> None:
    """Show a comparison of the store."""
    driver.window.desk.open_comparison(id_)
    await driver.until(lambda: driver.window.desk.shown_id == id_)


async def test_what_stands_in_a_panes_own_field_goes_along_with_another_model_and_is_seen(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    talks = [await talk(services, ("Sky?", "Blue.")), await talk(services, ("Sea?", "Deep."))]
    driver.window._drafts.set(talks[1].id, Prompt("held back"))
    await compare(driver, services, *talks)
    assert fields(driver) == [None, "held back"]
    choose(driver, provider, "other", 1)
    assert driver.messages(1)
    assert fields(driver) == [None, "held back"]
    assert driver.focused is driver.window.workspace.line[1].composer.editor
    await driver.open(talks[1])
    assert driver.editor.toPlainText() == ""  # it stands in one place


async def test_a_chat_that_starts_empty_has_its_own_words_and_no_private_ones(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    origin = await talk(services, ("Sky?", "Blue."))
    driver.window.pane.start_new(PRIVATE)
    driver.write("a private thought")
    await driver.open(origin)
    driver.write("belongs here")
    choose(driver, provider, "other")
    driver.push("Start without history")
    assert (driver.editor.toPlainText(), driver.messages()) == ("belongs here", [])
    assert "a private thought" not in driver.said()
    driver.type(" too")
    driver.press("Ctrl+N")
    assert driver.editor.toPlainText() == "a private thought"
    assert driver.window.pane.conversation.model == PRIVATE
    await driver.open(origin)
    assert driver.editor.toPlainText() == "belongs here too"


async def test_an_empty_start_takes_what_was_typed_from_where_it_came_once_it_is_sent(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    origin = await talk(services, ("Sky?", "Blue."))
    await driver.open(origin)
    driver.write("Sea")
    choose(driver, provider, "other")
    driver.push("Start without history")
    await driver.answered("?")
    assert [each.text for each in provider.requests[-1].messages] == ["Sea?"]
    assert provider.requests[-1].model == "other"
    await driver.open(origin)
    assert driver.editor.toPlainText() == ""


async def test_what_is_asked_anew_of_another_model_goes_with_no_private_words(
    driver: Driver, provider: ScriptedProvider
) -> None:
    driver.window.workspace.start_new(REF)
    provider.scripts = [[ServerFailed(english("It broke."))]]
    await driver.answered("Sky?")
    failed = driver.window.pane.conversation
    driver.press("Ctrl+N")
    driver.window.pane.start_new(PRIVATE)
    driver.write("a private thought")
    await driver.open(failed)
    choose(driver, provider, "other")
    assert (driver.editor.toPlainText(), driver.messages()) == ("Sky?", [])
    assert "a private thought" not in driver.said()


async def elsewhere_and_back(driver: Driver, id_: str, services: Services) -> None:
    """Look at another conversation, and at the comparison again."""
    ids = [pane.conversation_id for pane in driver.window.workspace.line]
    await driver.open(await talk(services, ("Elsewhere?", "Yes.")))
    library = driver.window.sidebar.library
    await driver.until(lambda: ids in [[*each.conversations] for each in library.comparisons])
    await show(driver, id_)


async def test_a_pane_that_carries_on_and_was_not_sent_to_stands_there_when_one_comes_back(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    talks = [await talk(services, ("Sky?", "Blue.")), await talk(services, ("Sea?", "Deep."))]
    id_ = await compare(driver, services, *talks)
    choose(driver, provider, "other", 1)
    before = driver.messages(1)
    assert len(before) == 2
    choose(driver, provider, "third", 1)  # it carries on from one that no list has either
    await elsewhere_and_back(driver, id_, services)
    assert driver.messages(1) == before
    assert "was deleted" not in driver.said()
    driver.window.workspace.focus_composer()
    driver.type("And?")
    driver.press("Return")
    await driver.until(lambda: len(driver.messages(1)) == 4 and not driver.window.workspace.is_answering)
    assert [each.text for each in provider.requests[-1].messages] == ["Sea?", "Deep.", "And?"]
    await elsewhere_and_back(driver, id_, services)
    assert len(driver.messages(1)) == 4


async def test_a_duplicate_that_was_not_sent_to_stands_there_when_one_comes_back(
    driver: Driver, services: Services
) -> None:
    talks = [await talk(services, ("Sky?", "Blue.")), await talk(services, ("Sea?", "Deep."))]
    id_ = await compare(driver, services, *talks)
    places = driver.window.workspace.places
    places.add_pane(like=driver.window.workspace.line[0], with_history=True)
    await elsewhere_and_back(driver, id_, services)
    assert [len(driver.messages(each)) for each in range(3)] == [2, 2, 2]


async def test_a_chat_that_carries_on_and_has_a_pane_beside_it_stands_there_when_one_comes_back(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    await driver.open(await talk(services, ("Sky?", "Blue.")))
    choose(driver, provider, "other")
    driver.press("Ctrl+D")
    driver.press("Return")
    driver.type("draft")
    id_ = driver.window.desk.shown_id
    driver.window.workspace.kept.flush()
    await driver.until(lambda: driver.window.sidebar.library.comparisons)
    await elsewhere_and_back(driver, id_, services)
    assert (len(driver.messages(0)), driver.messages(1)) == (2, [])


async def test_after_a_restart_a_pane_that_carries_on_stands_there_and_one_whose_origin_is_gone_says_so(
    driver: Driver, services: Services, provider: ScriptedProvider, tasks: Tasks, themes: Themes
) -> None:
    talks = [await talk(services, ("Sky?", "Blue.")), await talk(services, ("Sea?", "Deep."))]
    id_ = await compare(driver, services, *talks)
    choose(driver, provider, "other", 0)
    choose(driver, provider, "other", 1)
    driver.window.close()
    await tasks.settle(2)
    kept = (await services.store()).conversations
    await kept.purge([talks[0].id])
    async with driven(services, tasks, themes) as again:
        await again.until(lambda: again.window.desk.shown_id == id_)
        assert (again.messages(0), len(again.messages(1))) == ([], 2)
        assert again.said().count("were deleted") == 1


async def test_the_next_start_shows_the_conversation_in_whose_field_the_words_for_another_model_wait(
    driver: Driver, services: Services, provider: ScriptedProvider, tasks: Tasks, themes: Themes
) -> None:
    origin = await talk(services, ("Sky?", "Blue."))
    await driver.open(origin)
    choose(driver, provider, "other")
    driver.write("before and after")
    driver.window.close()
    await tasks.settle(2)
    async with driven(services, tasks, themes) as again:
        await again.until(lambda: again.window.desk.shown_id == origin.id)
        assert again.editor.toPlainText() == "before and after"


async def test_what_is_typed_in_a_shortened_chat_is_found_where_it_came_from(
    driver: Driver, services: Services
) -> None:
    origin = await talk(services, *[(f"{number} {'word ' * 1200}", "said") for number in range(6)], model=PRIVATE)
    await driver.open(origin)
    await driver.until(lambda: driver.notices)
    driver.write("before")
    driver.push("Shorten")
    driver.type(" and after")
    await driver.open(await talk(services, ("Elsewhere?", "Yes.")))
    await driver.open(origin)
    assert driver.editor.toPlainText() == "before and after"


async def test_a_comparison_whose_models_were_chosen_is_kept_and_an_untouched_one_is_not(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    other, library = await talk(services, ("Sky?", "Blue.")), driver.window.sidebar.library
    driver.press("Ctrl+Shift+N")
    driver.window.workspace.kept.later()
    await driver.open(other)
    driver.press("Ctrl+Shift+N")
    id_ = driver.window.desk.shown_id
    choose(driver, provider, "other", 1)
    await driver.open(other)
    await driver.until(lambda: [each.id for each in library.comparisons] == [id_])
    await show(driver, id_)
    assert driver.window.workspace.line[1].conversation.model.name == "other"
    driver.type("x")
    driver.window.workspace.kept.flush()
    driver.press("Backspace")
    driver.window.workspace.kept.flush()
    await driver.open(other)
    await show(driver, id_)
    assert driver.window.workspace.line[1].conversation.model.name == "other"


async def test_undo_brings_no_words_of_another_chat_into_a_field(driver: Driver, services: Services) -> None:
    talks = [await talk(services, ("Sky?", "Blue."), model=PRIVATE), await talk(services, ("Sea?", "Deep."))]
    driver.window._drafts.set(talks[1].id, Prompt("its own"))
    await driver.open(talks[0])
    driver.write("a private thought")
    await driver.open(talks[1])
    driver.editor.setFocus()
    driver.press("Ctrl+Z")
    assert driver.editor.toPlainText() == "its own"
    await compare(driver, services, *talks)
    driver.window.workspace.focus_composer()
    driver.type("for both")
    await compare(driver, services, talks[1])
    driver.window.workspace.focus_composer()
    driver.press("Ctrl+Z")
    assert driver.window.workspace.composer.text == ""


async def test_a_prompt_that_could_not_be_sent_leaves_a_private_draft_with_its_model_and_is_found(
    driver: Driver, services: Services
) -> None:
    driver.window.workspace.start_new(REF)
    chats = driver.window.pane._chats
    chat = chats.shown
    driver.press("Ctrl+N")
    driver.window.pane.start_new(PRIVATE)
    driver.write("a private thought")
    await driver.open(await talk(services, ("Sky?", "Blue.")))
    chats.given_back.emit(chat, Prompt("not sent"))
    driver.press("Ctrl+N")
    assert driver.window.pane.conversation.model == PRIVATE
    assert driver.editor.toPlainText() == "not sent\n\na private thought"
