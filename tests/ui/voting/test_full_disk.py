"""Blind rounds on a full disk: nothing that was not kept is taken for sent, and what was refused is kept later."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt

from desktop.errors import StoreFull
from desktop.services import Services
from desktop.store.revealed_rounds import RevealedRounds
from desktop.store.rounds import Rounds
from desktop.store.store import Store
from desktop.store.votes import Votes
from desktop.text.phrases import english
from desktop.voting.blind_round import BlindRound
from desktop.voting.vote import Vote
from tests.ui.driver import Driver
from tests.ui.voting.conftest import Begin
from tests.ui.voting.test_blind_view import ask, votes
from tests.ui.voting.test_round_in_list import conversations, question
from ui.pane import disk_room

SAID = "The disk is full."


class FullDisk:
    """Refuses rounds, what becomes of them, and any proof that there is room, while it is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = self.writing = False
        self.refused = self.deleted = 0
        self.free = asyncio.Event()
        """What becomes of rounds is written once this is set, or refused."""
        self.free.set()
        save, keep, prove = Rounds.save, RevealedRounds.keep, Store.prove_room
        delete = Rounds.delete

        async def saved(rounds: Rounds, held: BlindRound, cost: float, *, durable: bool = True) -> None:
            self.refuse()
            await save(rounds, held, cost, durable=durable)

        async def kept(revealed: RevealedRounds, held: BlindRound, vote: Vote | None = None) -> None:
            self.writing = not self.full
            await self.free.wait()
            self.refuse()
            await keep(revealed, held, vote)

        async def deleted(rounds: Rounds, round_id: str) -> None:
            self.refuse()
            await delete(rounds, round_id)
            self.deleted += 1

        async def proved(store: Store) -> None:
            self.refuse()
            await prove(store)

        monkeypatch.setattr(disk_room, "LOOK_MS", 20)
        monkeypatch.setattr(Rounds, "save", saved)
        monkeypatch.setattr(Rounds, "delete", deleted)
        monkeypatch.setattr(RevealedRounds, "keep", kept)
        monkeypatch.setattr(Store, "prove_room", proved)

    def refuse(self) -> None:
        if self.full:
            self.refused += 1
            raise StoreFull(english(SAID))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    return FullDisk(monkeypatch)


async def test_a_prompt_that_cannot_be_kept_is_sent_to_nobody_and_stands_in_its_field(
    disk: FullDisk, driver: Driver, begin: Begin
) -> None:
    await begin(2)
    disk.full = True
    driver.type("Which is up?")
    driver.press("Return")
    await driver.until(lambda: SAID in driver.said())
    assert not driver.sees("Your vote")
    assert "2 models in random order" in driver.said()
    assert "still arriving" not in driver.said()
    disk.full = False
    await driver.until(lambda: SAID not in driver.said())
    driver.press("Return")  # it stands there still
    await driver.until(lambda: driver.sees("Your vote"))


async def test_a_vote_that_cannot_be_kept_is_said_to_wait_and_is_kept_with_its_round_later(
    disk: FullDisk, driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    await ask(driver)
    disk.full = True
    driver.press("1")
    await driver.until(lambda: SAID in driver.said())
    store = await services.store()
    assert not (await store.votes.list()).votes
    disk.full = False
    await driver.until(lambda: SAID not in driver.said())
    (kept,) = await votes(services)
    assert not await store.rounds.list()
    assert kept.comparison in {each.id for each in await store.comparisons.list()}


async def test_a_vote_that_is_taken_back_while_it_waits_is_never_kept(
    disk: FullDisk, driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    await ask(driver)
    disk.full = True
    driver.press("1")
    await driver.until(lambda: SAID in driver.said())
    driver.push("Undo vote")
    await driver.until(lambda: "The vote was withdrawn." in driver.said())
    assert "was withdrawn: it is still stored" not in driver.said()
    disk.full = False
    store = await services.store()
    await driver.until(lambda: SAID not in driver.said())
    assert await store.comparisons.list()
    assert not (await store.votes.list()).votes


async def test_a_vote_whose_taking_back_is_refused_is_taken_back_once_there_is_room(
    disk: FullDisk, driver: Driver, services: Services, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    undo = Votes.undo

    async def undone(kept: Votes, vote_id: str) -> bool:
        disk.refuse()
        return await undo(kept, vote_id)

    monkeypatch.setattr(Votes, "undo", undone)
    await begin(2)
    await ask(driver)
    driver.press("1")
    await driver.until(lambda: driver.sees("Undo vote"))
    (kept,) = await votes(services)
    disk.full = True
    driver.push("Undo vote")
    await driver.until(lambda: SAID in driver.said())
    disk.full = False
    await driver.until(lambda: "The vote was withdrawn: it is still stored" in driver.said())
    (kept,) = await votes(services)
    assert kept.undone is not None


async def test_a_vote_that_is_taken_back_while_it_is_refused_is_never_kept(
    disk: FullDisk, driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    await ask(driver)
    disk.full = True
    disk.free.clear()
    driver.press("1")
    driver.push("Undo vote")
    disk.free.set()
    await driver.until(lambda: SAID in driver.said())
    disk.full = False
    await driver.until(lambda: SAID not in driver.said())
    store = await services.store()
    assert await store.comparisons.list()
    assert not (await store.votes.list()).votes


async def test_a_vote_that_is_taken_back_while_it_is_written_at_last_does_not_count(
    disk: FullDisk, driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    await ask(driver)
    disk.full = True
    driver.press("1")
    await driver.until(lambda: SAID in driver.said())
    disk.free.clear()
    disk.full = False
    await driver.until(lambda: disk.writing)
    driver.push("Undo vote")
    disk.free.set()
    await driver.until(lambda: SAID not in driver.said())
    (kept,) = await votes(services)
    assert kept.undone is not None


async def test_a_round_that_is_discarded_on_a_full_disk_is_forgotten_once_there_is_room(
    disk: FullDisk, driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    await ask(driver)
    disk.full = True
    conversations(driver).setFocus(Qt.FocusReason.ShortcutFocusReason)
    driver.press("Delete")
    (discard,) = (each for each in (await question(driver)).buttons() if each.text() == "Discard")
    discard.click()
    await driver.until(lambda: disk.refused > 1)
    store = await services.store()
    assert await store.rounds.list()
    disk.full = False
    await driver.until(lambda: disk.deleted)
    assert not await store.rounds.list()


async def test_a_round_that_is_left_on_a_full_disk_keeps_no_start_up(
    disk: FullDisk, driver: Driver, services: Services, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(2)
    await ask(driver)
    (held,) = await (await services.store()).rounds.list()

    async def left(rounds: Rounds) -> tuple[BlindRound, ...]:
        return (held,)

    monkeypatch.setattr(Rounds, "left", left)
    disk.full = True
    await driver.window.blind.settle()
    assert any(SAID in each for each in driver.notices)
    disk.full = False
    await driver.window.blind.settle()
    assert held.id in {each.id for each in await (await services.store()).comparisons.list()}


async def test_rounds_that_cannot_be_read_keep_no_start_up(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    async def left(rounds: Rounds) -> tuple[BlindRound, ...]:
        raise StoreFull(english(SAID))

    monkeypatch.setattr(Rounds, "left", left)
    await driver.window.blind.settle()
    assert any(SAID in each for each in driver.notices)
