"""Versions by key: going to another one and back comes back to what was shown, and the keyboard stays where it was."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from desktop.domain.conversation_types import Conversation, Message, Role
from desktop.domain.events import TextDelta
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider
from tests.desktop.store.made import conversation, message
from tests.ui.driver import Driver, driven
from tests.ui.transcript.makers import heard
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.message.slabs import FootSlab


def branchy(*, shown: str) -> Conversation:
    """An answer with two versions, of which one goes on; its second answer has two, of which the first goes on."""
    asked = message(Role.USER, "One?")
    first = message(Role.ASSISTANT, "First.", asked)
    other = message(Role.ASSISTANT, "Other.", asked)
    again = message(Role.USER, "Two?", first)
    second = message(Role.ASSISTANT, "Second.", again)
    third = message(Role.USER, "Three?", second)
    end = message(Role.ASSISTANT, "End.", third)
    unread = message(Role.ASSISTANT, "Unread.", again)
    parts = {"End.": end, "Unread.": unread, "Other.": other}
    made = (asked, first, other, again, second, unread, third, end) if shown == "Other." else ()
    made = made or (asked, first, other, again, second, third, end, unread)
    return replace(conversation(*made), current=parts[shown].id)


def texts(driver: Driver) -> list[str]:
    return [each.partition("\n")[0].rpartition(": ")[2] for each in driver.messages()]


LONG = ["One?", "First.", "Two?", "Second.", "Three?", "End."]


async def on_the_first_answer(driver: Driver) -> None:
    driver.transcript().setFocus()
    driver.press("Home")
    driver.press("Down")


async def test_there_and_back_is_what_was_shown(services: Services, tasks: Tasks, themes: Themes) -> None:
    async with driven(services, tasks, themes, branchy(shown="End.")) as driver:
        assert texts(driver) == LONG
        await on_the_first_answer(driver)
        driver.press("Alt+Right")
        await driver.until(lambda: texts(driver) == ["One?", "Other."])
        driver.press("Alt+Left")
        await driver.until(lambda: len(driver.messages()) > 2)
        assert texts(driver) == LONG
        driver.press("Alt+Right")
        assert texts(driver) == ["One?", "Other."]


async def test_a_version_that_was_not_shown_yet_leads_to_what_was_said_last_below_it(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with driven(services, tasks, themes, branchy(shown="Other.")) as driver:
        await on_the_first_answer(driver)
        driver.press("Alt+Left")
        await driver.until(lambda: texts(driver) == LONG)


async def test_what_is_kept_of_there_and_back_is_what_was_shown(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    talk = branchy(shown="End.")
    kept = (await services.store()).conversations
    async with driven(services, tasks, themes, talk) as driver:
        saved = heard(driver.window.workspace.line[0].conversation_saved)
        await on_the_first_answer(driver)
        driver.press("Alt+Right")
        driver.press("Alt+Left")
        await driver.until(lambda: len(saved) == 2)
        for _ in range(100):
            if (await kept.get(talk.id)).current == talk.current:
                return
            await asyncio.sleep(0.02)
        raise AssertionError


async def test_versions_of_a_prompt_are_gone_through_by_key_there_and_back(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with driven(services, tasks, themes) as driver:
        await driver.answered("One?")
        await driver.answered("Two?")
        driver.press("Up")
        driver.type(" Really?")
        driver.press("Return")
        await driver.until(lambda: not driver.window.workspace.is_answering)
        assert texts(driver)[2] == "Two? Really?"
        driver.transcript().setFocus()
        driver.press("Home")
        driver.press("Down")
        driver.press("Down")
        for shown in ("Two?", "Two? Really?", "Two?"):
            driver.press("Alt+Left")
            await driver.until(lambda shown=shown: texts(driver)[2] == shown)
            row = driver.transcript().current_row()
            assert row is not None
            assert row.text == shown
        driver.press("Alt+Right")
        await driver.until(lambda: texts(driver)[2] == "Two? Really?")


async def test_versions_of_the_first_prompt_are_gone_through_by_key_too(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with driven(services, tasks, themes) as driver:
        await driver.answered("One?")
        driver.press("Up")
        driver.type(" Really?")
        driver.press("Return")
        await driver.until(lambda: not driver.window.workspace.is_answering)
        driver.transcript().setFocus()
        driver.press("Home")
        for shown in ("One?", "One? Really?", "One?"):
            driver.press("Alt+Left")
            await driver.until(lambda shown=shown: texts(driver)[0] == shown)
            row = driver.transcript().current_row()
            assert row is not None
            assert row.text == shown


def long_talk() -> Conversation:
    """Forty questions with their answers."""
    said = list[Message]()
    for number in range(1, 41):
        said.append(message(Role.USER, f"Question {number}?", said[-1] if said else None))
        said.append(message(Role.ASSISTANT, f"Answer {number}. " * 60, said[-1]))
    return conversation(*said)


async def third_question_edited(driver: Driver) -> None:
    await on_the_first_answer(driver)
    for _ in range(3):
        driver.press("Down")
    driver.press("F2")
    driver.type(" Really?")
    driver.press("Return")
    await driver.until(lambda: not driver.window.workspace.is_answering and len(driver.messages()) == 6)


async def test_an_edited_question_says_what_follows_the_old_one_and_leads_there(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with driven(services, tasks, themes, long_talk()) as driver:
        await third_question_edited(driver)
        assert driver.messages()[4].splitlines() == [
            "Question 3? Really?",
            "Version 2 of this prompt.",
            "75 messages follow version 1",
        ]
        listed = driver.transcript()
        row = driver.window.pane.transcript.rows[4]
        top, before = listed.row_top(row), driver.pixels(listed)
        foot = row.slabs[-1]
        assert isinstance(foot, FootSlab)
        placed = next(each for each in listed.placed if each.slab is foot)
        link = foot.version_link(listed.column[1]).translated(listed.column[0], placed.top)
        driver.click(listed.viewport(), link.center())
        await driver.until(lambda: len(driver.messages()) == 80)
        assert "Version 1 of this prompt." in driver.messages()[4]
        assert listed.row_top(driver.window.pane.transcript.rows[4]) == top
        assert driver.pixels(listed) != before
        listed.setFocus()
        driver.press("Alt+Right")
        await driver.until(lambda: len(driver.messages()) == 6)


@pytest.mark.parametrize("held", [False, True])
async def test_undo_brings_back_what_an_edit_hid(
    services: Services, tasks: Tasks, themes: Themes, provider: ScriptedProvider, *, held: bool
) -> None:
    talk = long_talk()
    async with driven(services, tasks, themes, talk) as driver:
        if held:
            provider.scripts = [[TextDelta(text="Half"), None]]
            await on_the_first_answer(driver)
            driver.press("F2")
            driver.press("Return")
            await driver.until(lambda: "Half" in driver.messages()[-1])
            assert "Version 2 of this prompt." in driver.messages()[0]
        else:
            await third_question_edited(driver)
        said = "79 messages follow version 1." if held else "75 messages follow version 1."
        assert f"Version 2 of this prompt. {said}" in driver.notices  # the context's notice may stand beside it
        driver.press("Ctrl+Alt+Z")
        await driver.until(lambda: len(driver.messages()) == 80)
        await tasks.settle(2)
        kept = await (await services.store()).conversations.get(talk.id)
        assert kept.current == talk.current
        assert len(kept.messages) == 82


async def test_a_question_at_the_end_hides_nothing_and_offers_no_way_back(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with driven(services, tasks, themes, branchy(shown="End.")) as driver:
        await driver.answered("Four?")
        assert driver.notices == []
