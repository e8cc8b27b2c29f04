"""Blind rounds in trouble: contenders that are gone, another window on the same folder, votes given twice or gone."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtTest import QTest

from desktop.errors import DeploymentNotFound
from desktop.services import Services
from desktop.settings.policy import ALLOWED_MODELS, VOTES, Fixed, Policy
from desktop.settings.values import Settings
from desktop.store.store import Store
from desktop.text.phrases import phrase
from desktop.voting.vote import best_of
from tests.desktop.session.fakes import LOOPBACK, ScriptedProvider, said
from tests.desktop.voting.made import vote
from tests.ui.driver import Driver, driven
from tests.ui.voting.conftest import NAMES, Begin
from tests.ui.voting.test_blind_view import ask, told, votes
from ui.base.tasks import Tasks
from ui.base.theme import Themes

ENDED = "This blind round was ended in another window. Votes in this window are not saved."


async def test_a_model_that_its_server_does_not_know_any_more_is_told_after_the_reveal_alone(
    driver: Driver, services: Services, provider: ScriptedProvider, begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    retired = DeploymentNotFound(phrase("There is no deployment “{name}”.", name=NAMES[0]))
    provider.scripts[:] = [[retired], said("Good.")]
    await begin(2)
    await ask(driver)
    assert "A response failed: votes in this round do not count." in driver.said()
    assert "This response failed." in driver.said()
    assert [each for each in told(driver.window) for name in NAMES if name in each] == []
    assert "a model of a blind round failed" in caplog.text
    assert not any(name in caplog.text for name in NAMES)
    driver.press("1")
    (kept,) = await votes(services)
    assert kept.set_aside == "error"
    await driver.until(lambda: any("There is no deployment" in each for each in told(driver.window)))


async def test_a_connection_that_was_removed_after_the_shuffle_fails_its_answer_without_a_name(
    driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    services.use(Settings())
    await ask(driver)
    assert "A response failed: votes in this round do not count." in driver.said()
    assert [each for each in told(driver.window) for name in (*NAMES, "lab") if name in each.split()] == []
    driver.push("Reveal without voting")
    await driver.until(lambda: driver.sees("Next round"))


async def test_a_model_that_a_policy_forbids_since_the_shuffle_is_told_after_the_reveal(
    driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    only = Fixed(name=ALLOWED_MODELS.name, value=(f"lab/{NAMES[0]}",), locked=True, source="test")
    services.use(Settings(connections=(LOOPBACK,), policy=Policy(entries={ALLOWED_MODELS.name: only})))
    await ask(driver)
    assert "A response failed: votes in this round do not count." in driver.said()
    assert [each for each in told(driver.window) for name in NAMES if name in each] == []
    driver.push("Reveal without voting")
    await driver.until(lambda: any("does not allow" in each and NAMES[1] in each for each in told(driver.window)))


async def test_another_window_neither_ends_nor_lists_a_round_that_is_under_way(
    driver: Driver, services: Services, tasks: Tasks, themes: Themes, begin: Begin
) -> None:
    await begin(2)
    await ask(driver)
    other = Services(
        version=services.version,
        paths=services.paths,
        environ=services.environ,
        settings_file=services.settings_file,
        catalog=services.catalog,
        keys=services.keys,
        gateway=services.gateway,
    )
    try:
        async with driven(other, tasks, themes) as beside:
            assert not beside.rows("Conversations")
            assert not beside.notices
        driver.come_back()
        driver.push("A is better")
        await driver.until(lambda: driver.sees("Next round"))
        assert len(await votes(services)) == 1
    finally:
        await (await other.store()).aclose()


async def test_a_round_that_another_window_ended_is_revealed_and_its_vote_is_not_kept(
    driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    await ask(driver)
    async with await Store.open(services.paths.data) as other:
        (held,) = await other.rounds.list()
        theirs = vote("lab/a", "lab/b", comparison=held.id, outcome=best_of(1))
        await other.revealed_rounds.keep(held, theirs)
    driver.press("1")
    await driver.until(lambda: ENDED in driver.said())
    assert not driver.sees("Undo vote")
    assert await votes(services) == (theirs,)
    driver.push("Open as comparison")
    await driver.until(lambda: driver.window.workspace.comparison is not None)


async def test_a_digit_pressed_twice_is_one_vote(driver: Driver, services: Services, begin: Begin) -> None:
    await begin(2)
    await ask(driver)
    bar = driver.window.focusWidget()
    assert bar is not None
    for _ in range(3):
        QTest.keyClicks(driver.window, "1")
    await driver.until(lambda: driver.sees("Next round"))
    await asyncio.sleep(0.1)
    assert len(await votes(services)) == 1


async def test_a_vote_that_was_deleted_elsewhere_is_said_to_be_gone_when_it_is_taken_back(
    driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    await ask(driver)
    driver.press("1")
    (kept,) = await votes(services)
    await (await services.store()).votes.delete([kept.id])
    driver.push("Undo vote")
    await driver.until(lambda: "This vote was already removed." in driver.said())


async def test_where_a_policy_forbids_votes_meanwhile_the_names_are_told_and_none_is_kept(
    driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    await ask(driver)
    forbidden = Policy(entries={VOTES.name: Fixed(name=VOTES.name, value=False, locked=True, source="test")})
    services.use(Settings(connections=(LOOPBACK,), policy=forbidden))
    driver.press("1")
    await driver.until(lambda: "Your organization does not allow voting." in driver.said())
    assert not driver.sees("Undo vote")
    await asyncio.sleep(0.05)
    assert not (await (await services.store()).votes.list()).votes
    driver.press("Ctrl+Shift+B")
    await driver.until(lambda: "Your organization does not allow voting." in "".join(driver.notices))


@pytest.mark.parametrize("way", ["vanished", "there"])
async def test_the_next_round_of_models_that_are_gone_says_so_again(
    driver: Driver, services: Services, begin: Begin, way: str
) -> None:
    await begin(2)
    if way == "vanished":
        services.use(Settings())
    await ask(driver)
    driver.push("Reveal without voting")
    driver.press("Return")
    await driver.until(lambda: driver.sees("Prompt for this round"))
    await ask(driver)
    assert ("A response failed" in driver.said()) is (way == "vanished")
