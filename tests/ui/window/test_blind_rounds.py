"""Votes in sight of the names, through the window: keys, menu, palette, undo, and when none can be given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef
from desktop.errors import ServerFailed, StoreFull
from desktop.services import Services
from desktop.settings.policy import VOTES, Fixed, Policy
from desktop.settings.values import Settings
from desktop.store.store import Store
from desktop.store.votes import Votes
from desktop.text.phrases import english, phrase
from desktop.voting.vote import Vote
from tests.desktop.session.fakes import LOOPBACK, ScriptedProvider, said
from tests.ui.driver import Driver, driven
from ui.base.commands import Command
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.pane import disk_room
from ui.voting.vote_bar import VoteBar

KEYS = "Ctrl+Shift+T"


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window over an empty store."""
    del qtbot
    async with driven(services, tasks, themes) as made:
        yield made


async def compared(driver: Driver, *prompts: str, count: int = 2) -> None:
    """A comparison of so many panes that these were sent to."""
    refs = [ModelRef(connection="lab", name=name) for name in ("zebra", "yak", "wombat")]
    states = tuple(PaneState(conversation="", model=ref) for ref in refs[:count])
    driver.window.workspace.show_comparison(new_comparison(states), {})
    for prompt in prompts:
        driver.window.workspace.focus_composer()
        driver.type(prompt)
        driver.press("Return")
        await driver.until(lambda: driver.window.workspace.is_answering)
        await driver.until(lambda: not driver.window.workspace.is_answering)


async def votes(services: Services, count: int, undone: int = 0) -> tuple[Vote, ...]:
    """So many votes once they are kept, so many of them taken back."""
    store = await services.store()
    async with asyncio.timeout(10):
        while True:
            found = (await store.votes.list()).votes
            if len(found) == count and sum(each.undone is not None for each in found) == undone:
                return found
            await asyncio.sleep(0.01)


async def test_keys_call_the_answer_of_the_pane_the_best_and_undo_takes_it_back(
    driver: Driver, services: Services
) -> None:
    await compared(driver, "Which is up?", "And down?")
    driver.press("Ctrl+2")
    driver.press(KEYS)
    (vote,) = await votes(services, 1)
    assert (vote.blind, vote.speed_visible, vote.set_aside, vote.turn, vote.prompt) == (
        False, True, None, "1", "And down?",
    )  # fmt: skip
    assert vote.outcome.ranks == (1, 0)
    assert [each.model for each in vote.contenders] == ["lab/zebra", "lab/yak"]
    assert vote.comparison == driver.window.desk.shown_id
    await driver.until(
        lambda: "Best of this turn: yak. The vote is marked as given with model names visible." in driver.said()
    )
    driver.press("Ctrl+Alt+Z")
    await votes(services, 1, undone=1)
    await driver.until(lambda: "The vote was withdrawn: it is still stored, but it is not counted." in driver.said())


async def test_another_vote_on_the_turn_takes_the_place_of_the_first_and_the_same_is_none(
    driver: Driver, services: Services
) -> None:
    await compared(driver, "Which is up?")
    driver.press("Ctrl+1")
    for _ in range(3):
        driver.press(KEYS)
    await driver.until(lambda: "You already voted for this response." in driver.said())
    await votes(services, 1)
    driver.press("Ctrl+2")
    driver.press(KEYS)
    found = await votes(services, 2, undone=1)
    assert [each.outcome.ranks for each in found if each.undone is None] == [(1, 0)]


async def test_the_menu_of_a_pane_and_the_palette_offer_it(driver: Driver, services: Services) -> None:
    await compared(driver, "Which is up?")
    driver.click(driver.window.workspace.line[0].header.more)
    driver.choose("Best of this turn")
    (vote,) = await votes(services, 1)
    assert vote.outcome.ranks == (0, 1)
    assert any(each.key == Command.BEST_OF_TURN for each in driver.window._choices())


@pytest.mark.parametrize(
    ("answers", "kept"),
    [
        ([said("A."), said("B."), [ServerFailed(phrase("Down."))]], "error"),
        ([said("A."), said("B."), said("C.", reason="length")], "cut"),
    ],
)
async def test_a_vote_beside_an_answer_that_did_not_end_well_says_that_it_does_not_count(
    driver: Driver, services: Services, provider: ScriptedProvider, answers: list[list[object]], kept: str
) -> None:
    provider.scripts[:] = answers  # type: ignore[assignment]
    await compared(driver, "Which is up?", count=3)
    driver.press("Ctrl+1")
    driver.press(KEYS)
    (vote,) = await votes(services, 1)
    assert vote.set_aside == kept
    await driver.until(lambda: "the vote does not count." in driver.said())


async def test_a_vote_on_a_turn_whose_prompt_was_edited_in_one_pane_says_that_it_does_not_count(
    driver: Driver, services: Services
) -> None:
    await compared(driver, "Which is up?")
    pane = driver.window.workspace.line[0]
    pane.writing.edit_last()
    driver.type(" Really?")
    driver.press("Return")
    await driver.until(lambda: driver.window.workspace.is_answering)
    await driver.until(lambda: not driver.window.workspace.is_answering)
    driver.press("Ctrl+2")
    driver.press(KEYS)
    (vote,) = await votes(services, 1)
    assert vote.set_aside == "edited"
    await driver.until(lambda: "differ because one was edited: the vote does not count." in driver.said())


async def test_an_edit_after_the_vote_leaves_it_on_what_was_voted_on(driver: Driver, services: Services) -> None:
    await compared(driver, "Which is up?")
    driver.press("Ctrl+1")
    driver.press(KEYS)
    (vote,) = await votes(services, 1)
    driver.window.workspace.line[0].writing.edit_last()
    driver.type(" Really?")
    driver.press("Return")
    await driver.until(lambda: driver.window.workspace.is_answering)
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert await votes(services, 1) == (vote,)
    assert await (await services.store()).votes.edited_since([vote]) == {vote.id}


@pytest.mark.parametrize(
    ("scripts", "sentence"),
    [
        (
            [[ServerFailed(phrase("Down."))]],
            "Voting needs two complete responses to the same prompt, including this one.",
        ),
        ([said("A."), [ServerFailed(phrase("Down."))]], "Voting needs two complete responses"),
    ],
)
async def test_without_two_whole_answers_it_is_not_offered_and_says_so(
    driver: Driver, services: Services, provider: ScriptedProvider, scripts: list[list[object]], sentence: str
) -> None:
    provider.scripts[:] = scripts  # type: ignore[assignment]
    await compared(driver, "Which is up?")
    assert not any(each.key == Command.BEST_OF_TURN for each in driver.window._choices())
    driver.press(KEYS)
    await driver.until(lambda: sentence in driver.said())
    await votes(services, 0)


async def test_a_single_chat_and_a_policy_say_why_no_vote_is_given(driver: Driver, services: Services) -> None:
    driver.press(KEYS)
    assert "“Best of this turn” compares several responses: add a pane." in driver.said()
    await compared(driver, "Which is up?")
    forbidden = Policy(entries={VOTES.name: Fixed(name=VOTES.name, value=False, locked=True, source="test")})
    services.use(Settings(connections=(LOOPBACK,), policy=forbidden))
    driver.press(KEYS)
    await driver.until(lambda: "Your organization does not allow voting." in driver.said())
    driver.click(driver.window.workspace.line[0].header.more)
    assert "Best of this turn" not in [each.text() for each in driver.menu.actions()]
    QTest.keyClick(driver.menu, Qt.Key.Key_Escape)
    driver.come_back()


async def test_a_blind_vote_on_the_same_answers_stays(driver: Driver, services: Services) -> None:
    await compared(driver)
    driver.press("Ctrl+Shift+B")
    await driver.until(lambda: driver.sees("Prompt for this round"))
    (bar,) = driver.window.findChildren(VoteBar)
    bar.early_ms = 0  # the vote comes at once
    driver.type("Which is up?")
    driver.press("Return")
    await driver.until(lambda: driver.sees("Your vote"))
    driver.press("1")
    await votes(services, 1)
    driver.push("Open as comparison")
    await driver.until(lambda: driver.window.workspace.comparison is not None)
    driver.press("Ctrl+1")
    driver.press(KEYS)
    await driver.until(lambda: "There is already a blind vote on these responses." in driver.said())
    await votes(services, 1)


class FullDisk:
    """Refuses votes, and any proof that there is room, while it is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full, self.refused = True, 0
        add, prove = Votes.add, Store.prove_room

        async def added(kept: Votes, vote: Vote) -> None:
            self.refused += self.full
            self.refuse()
            await add(kept, vote)

        async def proved(store: Store) -> None:
            self.refuse()
            await prove(store)

        monkeypatch.setattr(disk_room, "LOOK_MS", 20)
        monkeypatch.setattr(Votes, "add", added)
        monkeypatch.setattr(Store, "prove_room", proved)

    def refuse(self) -> None:
        if self.full:
            raise StoreFull(english("The disk is full."))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    return FullDisk(monkeypatch)


async def test_a_vote_that_a_full_disk_refuses_is_given_once_there_is_room(
    disk: FullDisk, driver: Driver, services: Services
) -> None:
    await compared(driver, "Which is up?")
    driver.press(KEYS)
    await driver.until(lambda: "The disk is full." in driver.said())
    disk.full = False
    await driver.until(lambda: "The disk is full." not in driver.said())
    await votes(services, 1)
    assert "Best of this turn" in driver.said()


async def test_of_two_choices_that_a_full_disk_refused_the_later_one_counts(
    disk: FullDisk, driver: Driver, services: Services
) -> None:
    await compared(driver, "Which is up?")
    for pane in (0, 1):
        driver.window.workspace.places.focus(pane)
        driver.press(KEYS)
        await driver.until(lambda pane=pane: disk.refused > pane)
    await driver.until(lambda: "The disk is full." in driver.said())
    disk.full = False
    await driver.until(lambda: "The disk is full." not in driver.said())
    (kept,) = await votes(services, 1)
    assert kept.outcome.ranks == (1, 0)
