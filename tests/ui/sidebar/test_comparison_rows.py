"""A comparison is one row, whatever the list is grouped by; rows tell of answers and keep their places meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import Comparison, PaneState, new_comparison
from desktop.domain.conversation_types import Conversation, ModelRef, now
from desktop.errors import ConnectFailed
from desktop.services import Services
from desktop.settings.schema import OWN_TITLES
from desktop.text.phrases import phrase
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.desktop.store.made import answer, conversation, finished, prompt
from tests.ui.driver import Driver, driven
from tests.ui.ink import inked
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.sidebar.entries import Order

GROK, GPT = ModelRef.parse("lab/grok-3-mini"), ModelRef.parse("lab/gpt-4.1")


def spoken(title: str, model: ModelRef, days: float) -> Conversation:
    asked = prompt(title)
    made = conversation(asked, finished(answer(asked), f"About {title}."), title=title, model=model)
    return msgspec.structs.replace(made, updated_at=now() - timedelta(days=days))


def compared(title: str, *talks: Conversation) -> Comparison:
    made = new_comparison(tuple(PaneState(conversation=each.id, model=each.model, said=True) for each in talks))
    return msgspec.structs.replace(made, title=title, updated_at=max(each.updated_at for each in talks))


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window over a chat of yesterday, a comparison of the day before and a chat of last week, in a new chat."""
    del qtbot
    talks = (spoken("Cities", GROK, 2.1), spoken("Cities", GPT, 2))
    store = await services.store()
    for each in (*talks, spoken("Sea", GROK, 1), spoken("Sun", REF, 6)):
        await store.conversations.create(each)
    await store.comparisons.save(compared("Capitals", *talks))
    async with driven(services, tasks, themes) as made:
        made.window.workspace.start_new(REF)
        yield made


def titles(driver: Driver) -> list[str]:
    model = listing(driver).model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def heard(driver: Driver, title: str) -> str:
    """What a screen reader hears of the row of a title."""
    return driver.rows("Conversations")[titles(driver).index(title)]


def listing(driver: Driver) -> QListView:
    return driver.find(QListView, "Conversations")


def go_to(driver: Driver, title: str) -> None:
    rows = listing(driver)
    rows.setFocus()
    rows.setCurrentIndex(rows.model().index(titles(driver).index(title), 0))


@pytest.mark.parametrize("order", Order)
async def test_a_comparison_is_one_row_that_unfolds_to_its_chats(driver: Driver, order: Order) -> None:
    driver.window.sidebar.group_by(order)
    folded = {
        Order.RECENT: ["Yesterday", "Sea", "Previous 7 days", "Capitals", "Sun"],
        Order.MODEL: ["Comparisons", "Capitals", "Grok 3 mini", "Sea", "scripted", "Sun"],
    }[order]
    await driver.until(lambda: titles(driver) == folded)
    go_to(driver, "Capitals")
    driver.press("Right")
    at = folded.index("Capitals") + 1
    await driver.until(lambda: titles(driver) == [*folded[:at], "Grok 3 mini", "GPT-4.1", *folded[at:]])
    assert heard(driver, "Capitals").startswith("Capitals, Comparison, expanded, Grok 3 mini, GPT-4.1, ")
    driver.press("Down")
    driver.press("Down")
    driver.press("Return")
    await driver.until(lambda: "About Cities." in "".join(driver.messages()))
    assert driver.window.workspace.comparison is None
    listing(driver).setFocus()
    driver.press("Left")
    driver.press("Left")
    await driver.until(lambda: titles(driver) == folded)


async def test_a_press_on_its_squares_unfolds_it_and_on_its_title_opens_it(driver: Driver, themes: Themes) -> None:
    await driver.until(lambda: "Capitals" in titles(driver))
    rows = listing(driver)
    row = rows.visualRect(rows.model().index(titles(driver).index("Capitals"), 0))
    drawn = driver.pixels(rows.viewport())
    line = [drawn.pixelColor(x, row.center().y()).name().upper() for x in range(row.width())]
    theme = themes.current
    begins = [line.index(theme.mark(each)) for each in (GROK, GPT)]
    assert begins == [20, 30]
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(34, row.center().y()))
    await driver.until(lambda: "GPT-4.1" in titles(driver))
    assert driver.window.workspace.comparison is None
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(80, row.center().y()))
    await driver.until(lambda: driver.window.workspace.comparison is not None)


async def test_a_chat_within_a_folded_comparison_is_shown_where_it_is_once_it_is_opened(driver: Driver) -> None:
    library = driver.window.sidebar.library
    (chat, _) = library.comparisons[0].conversations
    driver.window.desk.open_conversation(chat)
    await driver.until(lambda: "Grok 3 mini" in titles(driver))
    rows = driver.window.sidebar.list
    await driver.until(lambda: rows.current_item is not None and rows.current_item.conversation.id == chat)


async def test_what_is_sent_in_a_new_comparison_is_one_row_from_the_first_moment(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [said("yes")]
    seen: list[list[str]] = []
    driver.window.sidebar.library.changed.connect(lambda: seen.append(titles(driver)))
    driver.press("Ctrl+Shift+N")
    driver.ask("Which?")
    await driver.until(lambda: titles(driver)[:2] == ["Today", "Which?"])
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert heard(driver, "Which?").startswith("Which?, Comparison, ")
    assert max(each.count("Which?") for each in seen) == 1


async def test_a_row_tells_that_it_is_answered_and_that_an_answer_or_an_error_waits_to_be_read(
    driver: Driver, provider: ScriptedProvider
) -> None:
    refused = ConnectFailed(phrase("The server is away."))
    provider.scripts = [(*said("one")[:1], 0.3, *said("two")), (0.2, refused)]
    for text in ("First?", "Second?"):
        driver.ask(text)
        await driver.until(lambda text=text: text in titles(driver))
        driver.press("Ctrl+N")
        await driver.until(lambda text=text: heard(driver, text).startswith(f"{text}, responding, "))
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert heard(driver, "First?").startswith("First?, new, ")
    assert heard(driver, "Second?").startswith("Second?, failed, ")
    rows = listing(driver)
    row = rows.visualRect(rows.model().index(titles(driver).index("First?"), 0))
    theme = driver.window.sidebar.list.delegate._themes.current
    end = driver.pixels(rows.viewport()).copy(row.adjusted(row.width() // 2, 0, 0, 0))
    assert theme.accent in {
        end.pixelColor(x, y).name().upper() for x in range(end.width()) for y in range(end.height())
    }
    go_to(driver, "First?")
    driver.press("Return")
    await driver.until(lambda: not heard(driver, "First?").startswith("First?, new, "))


async def test_groups_stay_where_they_are_while_an_answer_streams(driver: Driver, provider: ScriptedProvider) -> None:
    before = ["Yesterday", "Sea", "Previous 7 days", "Capitals", "Sun"]
    await driver.until(lambda: titles(driver) == before)
    go_to(driver, "Sun")
    driver.press("Return")
    await driver.until(driver.messages)
    provider.scripts = [[*said("one")[:1], None]]
    saved: list[str] = []
    driver.window.sidebar.library.changed.connect(lambda: saved.append(""))
    driver.ask("And now?")
    await driver.until(lambda: saved and heard(driver, "Sun").startswith("Sun, responding, "))
    assert titles(driver) == before
    go_to(driver, "Capitals")
    driver.press("Right")
    await driver.until(lambda: titles(driver) == [*before[:4], "Grok 3 mini", "GPT-4.1", "Sun"])
    driver.window.workspace.stop_all()
    await driver.until(lambda: titles(driver)[:2] == ["Today", "Sun"])


async def test_a_title_that_is_too_long_fades_and_is_whole_in_a_plain_tooltip(
    driver: Driver, services: Services
) -> None:
    long = "<b>A title</b> that no column has room for, however wide " * 200
    await (await services.store()).conversations.create(spoken(long, GROK, 0))
    driver.window.sidebar.library.load()
    rows = listing(driver)
    await driver.until(lambda: titles(driver)[1].startswith("<b>A title"))
    index = rows.model().index(1, 0)
    row, drawn = rows.visualRect(index), driver.pixels(rows.viewport())
    ink = inked(drawn.copy(row.adjusted(36, 4, -16, -4)))
    assert ink.width() > row.width() - 80
    darkest = [
        min(drawn.pixelColor(x, y).lightness() for y in range(row.top() + 6, row.bottom() - 6))
        for x in range(row.right() - 60, row.right() - 20)
    ]
    assert min(darkest[-12:]) > min(darkest[:20]) + 60
    tip = str(index.data(Qt.ItemDataRole.ToolTipRole))
    assert "&lt;b&gt;A title&lt;/b&gt;" in tip


@pytest.mark.parametrize("own", [False, True])
async def test_a_chat_is_called_by_its_first_line_without_its_greeting_or_as_its_model_proposes(
    driver: Driver, services: Services, provider: ScriptedProvider, *, own: bool
) -> None:
    services.use(services.settings.set(OWN_TITLES, value=own))
    provider.scripts = [said("Pick two."), said("Three wishes, two granted")]
    driver.ask("Hi there! explain the CAP theorem")
    title = "Three wishes, two granted" if own else "Explain the CAP theorem"
    await driver.until(lambda: titles(driver)[:2] == ["Today", title])
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert driver.window.title.text == title
    assert len(provider.requests) == 1 + own


async def test_no_titles_are_asked_for_within_a_comparison(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    services.use(services.settings.set(OWN_TITLES, value=True))
    provider.scripts = [said("yes")]
    driver.press("Ctrl+Shift+N")
    driver.ask("Which?")
    await driver.until(lambda: titles(driver)[:2] == ["Today", "Which?"])
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert len(provider.requests) == len(driver.window.workspace.line)
