"""Blind rounds through the window: what is told before the reveal and after it, and what votes come of them."""

# ruff: noqa: ASYNC110 - the store tells nobody what is kept

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from desktop.domain.events import Finished, RequestSent, TextDelta
from desktop.errors import MessageUnknown, ServerFailed
from desktop.services import Services
from desktop.text.phrases import phrase
from desktop.voting.vote import Vote
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.driver import Driver
from tests.ui.voting.conftest import NAMES, Begin
from ui.sidebar.list_view import ListView
from ui.transcript.action_bar import ActionBar
from ui.transcript.list.message_list import MessageList
from ui.voting.blind_column import BlindColumn
from ui.voting.vote_bar import VoteBar


async def ask(driver: Driver, text: str = "Which is up?") -> None:
    """Type a prompt, send it by its key, and wait until all have answered."""
    driver.type(text)
    driver.press("Return")
    await driver.until(lambda: driver.sees("Your vote"))


async def votes(services: Services, count: int = 1) -> tuple[Vote, ...]:
    """So many votes, once they are kept."""
    store = await services.store()
    async with asyncio.timeout(10):
        while len(found := (await store.votes.list()).votes) < count:
            await asyncio.sleep(0.01)
    return found


def told(window: QWidget) -> Iterator[str]:
    """All that the window tells anybody: texts, names, descriptions, tips, rows, actions, the clipboard, its title."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # no loop of Qt's takes what is gone
    for each in (window, *window.findChildren(QWidget)):
        yield from (each.windowTitle(), each.accessibleName(), each.accessibleDescription(), each.toolTip())
        if isinstance(each, QLabel | QAbstractButton | QLineEdit):
            yield each.text()
        if isinstance(each, QPlainTextEdit):
            yield from (each.toPlainText(), each.placeholderText())
        if isinstance(each, QComboBox):
            yield from (each.itemText(number) for number in range(each.count()))
        if isinstance(each, QAbstractItemView):
            model = each.model()
            indexes = [model.index(row, 0) for row in range(model.rowCount())]
            yield from (str(model.data(index, role)) for index in indexes for role in (0, 3, 11, 12))
    for action in window.findChildren(QAction):
        yield from (action.text(), action.toolTip())
    yield QGuiApplication.clipboard().text()


async def test_nothing_tells_a_model_before_the_reveal_and_then_all_is_told(
    driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(3)
    window = driver.window
    for step in ("asked", "answered", "left", "restored"):
        texts = [each.casefold() for each in told(window)]
        assert len(texts) > 200
        assert [each for each in texts for name in NAMES if name in each] == [], step
        if step == "asked":
            await ask(driver)
        elif step == "answered":
            driver.press("Ctrl+N")
        elif step == "left":
            driver.find(ListView, "Conversations").setFocus(Qt.FocusReason.ShortcutFocusReason)
            driver.press("Return")
            assert driver.sees("Your vote")
    assert driver.rows("Conversations") == ["In progress", "Blind round, now"]
    assert not (await (await services.store()).search("up"))
    driver.press("2")
    await driver.until(lambda: driver.sees("Next round"))
    await driver.until(lambda: driver.rows("Conversations")[:1] == ["Today"])
    assert "In progress" not in driver.rows("Conversations")
    texts = [*told(window)]
    assert all(any(name in each for each in texts) for name in NAMES)


async def test_no_answer_of_a_round_offers_its_request_which_names_the_model(
    driver: Driver, services: Services, begin: Begin, provider: ScriptedProvider
) -> None:
    sent = RequestSent(url="http://127.0.0.1:1/v1", body=b'{"model":"zebra"}')
    provider.scripts = [[sent, TextDelta(text="Up."), Finished(reason="stop")]]
    await begin(2)
    await ask(driver)
    bars = [bar for column in driver.window.findChildren(BlindColumn) for bar in column.findChildren(ActionBar)]
    assert bars
    assert not any(bar.offers_requests for bar in bars)
    store = await services.store()
    (held,) = await store.rounds.list()
    for each in held.answers:  # nor does a terminal find it
        with pytest.raises(MessageUnknown):
            await store.receipts.place(each.id if each is not None else "")
    driver.press("1")
    await votes(services)
    (vote,) = await votes(services)
    receipts = [await store.receipts.get(each) for each in vote.answers]
    assert [each.body for each in receipts if each is not None] == [sent.body] * 2  # kept with the reveal


async def test_answers_are_read_from_the_beginning_and_read_on_where_they_were_when_names_are_told(
    driver: Driver, provider: ScriptedProvider, begin: Begin
) -> None:
    provider.scripts[:] = [said("\n\n".join(f"Paragraph {number} of many." for number in range(60)))]
    await begin(2)
    await ask(driver)
    rows = driver.window.findChildren(BlindColumn)[1].findChildren(MessageList)[0]
    bar = rows.verticalScrollBar()
    await driver.until(lambda: bar.maximum() > 200 and bar.value() == 0)
    bar.setValue(150)
    driver.press("1")
    await driver.until(lambda: driver.sees("Next round"))
    QApplication.processEvents()
    assert bar.value() == 150
    author = rows.model().index(1, 0).data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert any(name in str(author) for name in NAMES)


async def test_six_rounds_by_keyboard_alone(
    driver: Driver, services: Services, provider: ScriptedProvider, begin: Begin
) -> None:
    await begin(3)
    for number in range(6):
        if number == 2:
            provider.scripts[:] = [*[said("Good.")] * 7, [ServerFailed(phrase("Down."))], said("Good.")]
        await ask(driver, f"Prompt {number}")
        if number == 4:
            driver.push("Reveal without voting")
        else:
            driver.press(str(number % 3 + 1))
        await driver.until(lambda: driver.sees("Next round"))
        driver.press("Return")
        await driver.until(lambda: driver.sees("Prompt for this round"))
    found = await votes(services, 5)
    assert len(found) == 5
    assert [each.set_aside for each in found].count("error") == 1
    assert all(each.blind and len(each.contenders) == 3 for each in found)
    assert len({tuple(each.model for each in vote.contenders) for vote in found}) > 1


@pytest.mark.parametrize("key", ["Return", "Enter", "Space"])
async def test_no_choice_has_the_keyboard_until_one_is_made(
    driver: Driver, services: Services, begin: Begin, key: str
) -> None:
    await begin(2)
    await ask(driver)
    assert not isinstance(driver.window.focusWidget(), QAbstractButton)
    driver.press(key)
    driver.press("Ctrl+N")  # nor where the round is come back to
    driver.find(ListView, "Conversations").setFocus(Qt.FocusReason.ShortcutFocusReason)
    driver.press("Return")
    assert driver.sees("Your vote")
    driver.press(key)
    assert driver.sees("Your vote")
    driver.press("Tab")
    focused = driver.window.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == "A is better"
    driver.press(key)
    await driver.until(lambda: driver.sees("Next round"))
    assert (await votes(services))[0].outcome.ranks == (0, 1)


@pytest.mark.parametrize("by_mouse", [False, True])
async def test_a_vote_within_a_second_of_the_answers_is_asked_for_again(
    driver: Driver, services: Services, begin: Begin, *, by_mouse: bool
) -> None:
    def vote() -> None:
        if by_mouse:
            driver.push("B is better")
        else:
            driver.press("2")

    await begin(2)
    (bar,) = driver.window.findChildren(VoteBar)
    bar.early_ms = VoteBar().early_ms
    await ask(driver)
    vote()
    assert driver.sees("Your vote")
    assert "vote again" in driver.said()
    await driver.until(lambda: not bar.is_early)
    assert not (await (await services.store()).votes.list()).votes
    vote()
    await driver.until(lambda: driver.sees("Next round"))
    assert [each.outcome.ranks for each in await votes(services)] == [(1, 0)]


async def test_a_vote_is_taken_back_and_kept(driver: Driver, services: Services, begin: Begin) -> None:
    await begin(2)
    await ask(driver)
    driver.press("3")
    await driver.until(lambda: driver.sees("Undo vote"))
    driver.push("Undo vote")
    await driver.until(lambda: not driver.sees("Undo vote"))
    store = await services.store()
    async with asyncio.timeout(10):
        while (await votes(services))[0].undone is None:
            await asyncio.sleep(0.01)
    assert (await store.votes.list()).votes[0].outcome.ranks == (0, 0)


async def test_note_and_tags_go_with_the_vote_and_digits_are_text_in_them(
    driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    await ask(driver)
    driver.find(QLineEdit, "Note on this vote").setFocus()
    driver.type("12 points")
    driver.find(QLineEdit, "Tags for this vote").setFocus()
    driver.type("code, maths")
    driver.push("Both bad")
    await driver.until(lambda: driver.sees("Next round"))
    (vote,) = await votes(services)
    assert (vote.note, vote.tags, vote.outcome.all_bad) == ("12 points", ("code", "maths"), True)


async def test_an_order_with_ties_is_a_vote(driver: Driver, services: Services, begin: Begin) -> None:
    await begin(3)
    await ask(driver)
    driver.find(QComboBox, "Rank of A").setCurrentIndex(1)
    driver.find(QComboBox, "Rank of C").setCurrentIndex(1)
    driver.push("Vote for this order")
    await driver.until(lambda: driver.sees("Next round"))
    (vote,) = await votes(services)
    assert vote.outcome.ranks == (1, 0, 1)


async def test_an_answer_that_names_its_maker_marks_the_vote(
    driver: Driver, services: Services, provider: ScriptedProvider, begin: Begin
) -> None:
    provider.scripts[:] = [[TextDelta(text="I am Claude, made by Anthropic."), Finished(reason="stop")]]
    await begin(2)
    await ask(driver)
    driver.press("1")
    await driver.until(lambda: driver.sees("Next round"))
    assert (await votes(services))[0].names_model
    assert "names a model or its publisher" in driver.said()


async def test_a_round_becomes_a_comparison_that_is_opened(driver: Driver, begin: Begin) -> None:
    await begin(2)
    await ask(driver)
    driver.press("1")
    await driver.until(lambda: driver.sees("Open as comparison"))
    await driver.until(lambda: any("Comparison" in row for row in driver.rows("Conversations")))
    driver.push("Open as comparison")
    await driver.until(lambda: driver.window.workspace.comparison is not None)
    assert not driver.sees("Blind round")
    assert driver.messages(0)[-1].endswith("An answer.")


@pytest.mark.parametrize("way", ["new chat", "restored"])
async def test_a_round_that_is_left_is_come_back_to(driver: Driver, begin: Begin, way: str) -> None:
    await begin(2)
    await ask(driver)
    driver.press("Ctrl+N")
    assert not driver.sees("Your vote")
    if way == "restored":
        driver.press("Ctrl+Shift+B")
        assert driver.sees("Your vote")


async def test_a_round_of_fewer_models_follows_one_of_more(driver: Driver, services: Services, begin: Begin) -> None:
    for count in (3, 2, 3):
        await begin(count)
        await ask(driver)
        columns = [each for each in driver.window.findChildren(BlindColumn) if each.isVisible()]
        assert len(columns) == count
        driver.press("1")
        await driver.until(lambda: driver.sees("Next round"))
        driver.press("Ctrl+N")
    assert [len(each.contenders) for each in await votes(services, 3)] == [3, 2, 3]


async def test_without_two_models_it_is_said_what_is_needed(driver: Driver) -> None:
    driver.press("Ctrl+Shift+B")
    assert "two panes" in "".join(driver.notices)


async def test_what_was_typed_and_not_sent_is_there_when_a_round_is_begun_again(
    driver: Driver, begin: Begin, provider: ScriptedProvider
) -> None:
    await begin(2)
    driver.type("Which is up?")
    driver.push("End blind rounds")
    await driver.until(lambda: not driver.sees("Prompt for this round"))
    await begin(2)
    driver.press("Return")
    await driver.until(lambda: driver.sees("Your vote"))
    assert provider.requests[-1].messages[-1].text == "Which is up?"
