"""What is deleted for good while it is shown: it leaves the window, its draft with it, and nothing brings it back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView, QMessageBox
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import Conversation
from desktop.errors import ConversationUnknown
from desktop.services import Services
from tests.desktop.session.fakes import REF
from tests.ui.driver import Driver, driven
from tests.ui.pane.conftest import talk
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.drafts import Drafts
from ui.composer.prompt import Prompt


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window that lists the trash."""
    del qtbot
    async with driven(services, tasks, themes) as made:
        made.window.sidebar.show_trash(shown=True)
        yield made


async def trashed(driver: Driver, services: Services) -> Conversation:
    """A conversation of the trash, shown, with something typed in it."""
    made = await talk(services, ("Sky?", "Blue."))
    await (await services.store()).conversations.trash([made.id])
    driver.window.sidebar.library.load()
    await driver.open(made)
    driver.write("a draft")
    return made


def confirm(driver: Driver) -> None:
    """Answer the question by Delete."""
    (box,) = driver.window.findChildren(QMessageBox)
    delete = next(each for each in box.buttons() if each.text() == "Delete")
    QTest.mouseClick(delete, Qt.MouseButton.LeftButton)
    driver.come_back()


async def test_it_is_shown_no_more_and_what_is_sent_next_does_not_bring_it_back(
    driver: Driver, services: Services
) -> None:
    gone = await trashed(driver, services)
    await driver.until(lambda: "".join(driver.rows("Conversations")[:1]).startswith("Trash"))
    driver.find(QListView, "Conversations").setFocus()
    driver.press("End")
    driver.press("Del")
    confirm(driver)
    await driver.until(lambda: driver.messages() == [])
    assert driver.editor.toPlainText() == ""
    assert driver.window._drafts.get(gone.id) == Prompt()
    await driver.answered("after its deletion")
    store = await services.store()
    with pytest.raises(ConversationUnknown):
        await store.conversations.get(gone.id)
    driver.window.close()
    assert Drafts(services.paths.drafts_file, Tasks()).get(gone.id) == Prompt()


async def test_emptying_the_trash_takes_what_is_shown_of_it_and_drafts_of_all(
    driver: Driver, services: Services
) -> None:
    other = await talk(services, ("Sea?", "Deep."))
    await (await services.store()).conversations.trash([other.id])
    driver.window._drafts.set(other.id, Prompt("another draft"))
    gone = await trashed(driver, services)
    driver.window.sidebar.library.marking.empty_trash()
    await driver.until(lambda: driver.messages() == [])
    assert [driver.window._drafts.get(each.id) for each in (gone, other)] == [Prompt(), Prompt()]


async def test_a_comparison_that_is_deleted_for_good_leaves_the_window_and_is_kept_no_more(
    driver: Driver, services: Services
) -> None:
    kept = await talk(services, ("Sky?", "Blue."))
    states = (PaneState(conversation=kept.id, model=REF, said=True), PaneState(conversation="unsent", model=REF))
    made = new_comparison(states)
    comparisons = (await services.store()).comparisons
    await comparisons.save(made)
    await comparisons.trash(made.id, keep=[kept.id])
    driver.window.desk.open_comparison(made.id)
    await driver.until(lambda: driver.window.desk.shown_id == made.id)
    driver.window.workspace.line[1].composer.put(Prompt("of the pane"))
    driver.type("for all")
    driver.window.sidebar.library.marking.purge([made.id])
    await driver.until(lambda: driver.window.workspace.comparison is None)
    assert driver.messages() == []
    assert [driver.window._drafts.get(each) for each in (made.id, "unsent")] == [Prompt(), Prompt()]
    assert (await comparisons.list(), await comparisons.list(trashed=True)) == ((), ())
    assert [each.id for each in await (await services.store()).conversations.list()] == [kept.id]


async def test_a_pane_goes_with_the_chat_that_is_deleted_for_good(driver: Driver, services: Services) -> None:
    talks = [await talk(services, ("Sky?", "Blue.")), await talk(services, ("Sea?", "Deep."))]
    made = new_comparison(tuple(PaneState(conversation=each.id, model=REF, said=True) for each in talks))
    store = await services.store()
    await store.comparisons.save(made)
    driver.window.desk.open_comparison(made.id)
    await driver.until(lambda: driver.window.desk.shown_id == made.id)
    await store.conversations.trash([talks[1].id])
    driver.window.sidebar.library.marking.purge([talks[1].id])
    await driver.until(lambda: len(driver.window.workspace.line) == 1)
    assert len(driver.messages(0)) == 2
