"""When answers of a blind round are shown: all at once, at one common pace, or as they come."""

# ruff: noqa: ASYNC110 - the settings file tells nobody what is kept

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtWidgets import QComboBox

from desktop.errors import ServerFailed
from desktop.services import Services
from desktop.settings.vote_options import SHOW_ANSWERS
from desktop.text.phrases import phrase
from desktop.voting.blind_round import Showing
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.driver import Driver
from tests.ui.voting.conftest import Begin
from tests.ui.voting.test_blind_view import votes
from ui.composer.editor import PromptEditor
from ui.transcript.list.message_list import MessageList
from ui.voting.blind_column import BlindColumn

LONG, SHORT = "word " * 400, "brief " * 4


async def choose(driver: Driver, services: Services, showing: Showing) -> None:
    """Choose when answers are shown, by keyboard, and wait until that is kept."""
    services.settings_file.update(lambda _: services.settings)  # what is kept there is in force from then on
    ways = driver.find(QComboBox, "When to show responses")
    ways.setFocus()
    driver.press("Home")
    for _ in range(list(Showing).index(showing)):
        driver.press("Down")
    async with asyncio.timeout(10):
        while services.settings_file.load().settings.get(SHOW_ANSWERS) != showing.value:
            await asyncio.sleep(0.01)


def shown(driver: Driver) -> list[str]:
    """What a screen reader hears of the last message of each column."""
    found: list[str] = []
    for column in driver.window.findChildren(BlindColumn):
        if column.isVisible():
            (rows,) = column.findChildren(MessageList)
            model = rows.model()
            last = model.index(model.rowCount() - 1, 0)
            found.append(str(last.data(11) or ""))
    return found


def sent(driver: Driver, text: str = "Which is up?") -> None:
    driver.find(PromptEditor, "Prompt for this round").setFocus()
    driver.type(text)
    driver.press("Return")


async def test_at_one_pace_none_is_shown_before_all_are_there_and_none_is_ahead(
    driver: Driver, services: Services, provider: ScriptedProvider, begin: Begin
) -> None:
    provider.scripts[:] = [said(LONG), [*said("qu")[:1], 0.3, *said(LONG[2:])]]
    await begin(2)
    await choose(driver, services, Showing.PACED)
    sent(driver)
    await driver.until(lambda: driver.sees("Stop"))
    assert not any("word" in each for each in shown(driver))
    await driver.until(lambda: driver.sees("Show all at once"))
    assert not driver.sees("Your vote")
    for _ in range(5):
        await asyncio.sleep(0.1)
        one, other = (each.count("word") for each in shown(driver))
        assert abs(one - other) <= 1
        assert max(one, other) < 400
    driver.press("Return")
    await driver.until(lambda: driver.sees("Your vote"))
    assert all(each.count("word") >= 399 for each in shown(driver))
    driver.press("1")
    (vote,) = await votes(services)
    assert not vote.speed_visible


async def test_answers_at_one_pace_end_by_themselves_whatever_failed(
    driver: Driver, services: Services, provider: ScriptedProvider, begin: Begin
) -> None:
    provider.scripts[:] = [[ServerFailed(phrase("Down."))], said(SHORT)]
    await begin(2)
    await choose(driver, services, Showing.PACED)
    sent(driver)
    await driver.until(lambda: driver.sees("Your vote"))
    assert "A response failed: votes in this round do not count." in driver.said()


async def test_esc_shows_all_at_once(
    driver: Driver, services: Services, provider: ScriptedProvider, begin: Begin
) -> None:
    provider.scripts[:] = [said(LONG)]
    await begin(2)
    await choose(driver, services, Showing.PACED)
    sent(driver)
    await driver.until(lambda: driver.sees("Show all at once"))
    driver.press("Esc")
    await driver.until(lambda: driver.sees("Your vote"))


async def test_the_way_that_was_chosen_is_that_of_the_next_rounds(
    driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    await choose(driver, services, Showing.AS_THEY_COME)
    sent(driver)
    await driver.until(lambda: driver.sees("Your vote"))
    driver.press("1")
    (vote,) = await votes(services)
    assert vote.speed_visible
    driver.push("Next round")
    ways = driver.find(QComboBox, "When to show responses")
    assert ways.currentText().startswith("As responses arrive")


@pytest.mark.parametrize("away", ["list", "search"])
async def test_the_end_of_the_answers_takes_the_keyboard_from_nowhere_else(
    driver: Driver, services: Services, provider: ScriptedProvider, begin: Begin, away: str
) -> None:
    provider.scripts[:] = [[0.2, *said("Good.")]]
    await begin(2)
    sent(driver)
    (driver.window.search if away == "search" else driver.window.sidebar.list.setFocus)()
    await driver.until(lambda: driver.sees("Your vote"))
    driver.press("1")
    await asyncio.sleep(0.1)
    assert not (await (await services.store()).votes.list()).votes
    assert driver.sees("Your vote")
