"""Versions by key: going to another one and back comes back to what was shown, and the keyboard stays where it was."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from desktop.domain import Conversation, Role
from desktop.services import Services
from tests.desktop.store.made import conversation, message
from tests.ui.driver import Driver, driven
from tests.ui.transcript.makers import heard
from ui.tasks import Tasks
from ui.theme import Themes


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
    return [each.rpartition(": ")[2] for each in driver.messages()]


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
