"""The sidebar in the window: opened, chosen, renamed, tagged, archived and found by keys and menus."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLineEdit,
    QListView,
    QListWidget,
    QMenu,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Conversation, ModelRef
from desktop.services import Services
from tests.desktop.session.fakes import REF
from tests.desktop.store.made import answer, conversation, finished, prompt
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.sidebar import search_box, sidebar
from ui.sidebar.entries import Order
from ui.sidebar.tags_dialog import TagsDialog

GROK = ModelRef(connection="lab", name="grok-3-mini")
GPT = ModelRef(connection="lab", name="gpt-4.1")


def spoken(title: str, text: str, model: ModelRef, hours: int) -> Conversation:
    """A conversation of so many hours ago."""
    asked = prompt(text)
    made = conversation(asked, finished(answer(asked), f"About {text}."), title=title, model=model)
    return msgspec.structs.replace(made, updated_at=datetime.now(UTC) - timedelta(hours=hours))


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window over three conversations of two models, the first one open and the keyboard in the list."""
    del qtbot
    talks = (spoken("Sky", "blue", GROK, 1), spoken("Sea", "green", GROK, 2), spoken("Sun", "gold", GPT, 3))
    async with driven(services, tasks, themes, *talks) as made:
        made.window.sidebar.group_by(Order.MODEL)
        made.find(QListView, "Conversations").setFocus()
        await made.until(lambda: titles(made)[0] == "Grok 3 mini" and at(made) == "Sky")
        yield made


def listing(driver: Driver) -> QListView:
    """The list."""
    return driver.find(QListView, "Conversations")


def titles(driver: Driver) -> list[str]:
    """What the rows show."""
    model = listing(driver).model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def at(driver: Driver) -> str:
    """The title that the keyboard is on."""
    return str(listing(driver).currentIndex().data())


def place(driver: Driver, title: str) -> QPoint:
    """The middle of a row."""
    index = listing(driver).model().index(titles(driver).index(title), 0)
    return listing(driver).visualRect(index).center()


def click(driver: Driver, title: str, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Click a row, with keys held."""
    QTest.mouseClick(listing(driver).viewport(), Qt.MouseButton.LeftButton, keys, place(driver, title))


def open_menu(driver: Driver, title: str) -> QMenu:
    """Click a row with the other button."""
    where = place(driver, title)
    view = listing(driver).viewport()
    QApplication.sendEvent(view, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, view.mapToGlobal(where)))
    return driver.menu


def texts(menu: QMenu) -> list[str]:
    """What a menu offers."""
    return [each.text() for each in menu.actions() if each.text()]


def choose(driver: Driver, title: str, entry: str) -> None:
    """Choose an entry of a row's menu."""
    open_menu(driver, title)
    driver.choose(entry)


def chosen(driver: Driver) -> list[str]:
    """The titles that are chosen, in the list's order."""
    rows = sorted(listing(driver).selectedIndexes(), key=lambda each: each.row())
    return [str(each.data()) for each in rows]


def control(within: QWidget, kind: type[QPushButton | QCheckBox], name: str) -> QPushButton | QCheckBox:
    """A control of a dialog."""
    return next(each for each in within.findChildren(kind) if name in (each.accessibleName(), each.text()))


async def test_conversations_are_listed_by_model_and_said_with_what_stands_in_the_row(driver: Driver) -> None:
    assert titles(driver) == ["Grok 3 mini", "Sky", "Sea", "GPT-4.1", "Sun"]
    rows = driver.rows("Conversations")
    assert rows[0] == "Grok 3 mini, 2"
    assert rows[1].startswith("Sky, Grok 3 mini, ")


async def test_arrows_pass_headings_and_enter_opens_with_the_keyboard_at_the_prompt(driver: Driver) -> None:
    driver.press("Down")
    driver.press("Down")
    assert at(driver) == "Sun"
    driver.press("Return")
    await driver.until(lambda: driver.messages() and driver.messages()[0] == "gold")
    await driver.until(lambda: driver.focused is driver.editor)


async def test_home_and_end_go_to_the_first_and_the_last(driver: Driver) -> None:
    driver.press("End")
    assert at(driver) == "Sun"
    driver.press("Home")
    assert at(driver) == "Sky"


async def test_up_from_the_first_leads_to_the_search_and_down_back(driver: Driver) -> None:
    driver.press("Up")
    assert driver.focused.accessibleName() == "Search conversations"
    driver.press("Down")
    assert driver.focused is listing(driver)


async def test_a_click_opens_and_leaves_the_keyboard_in_the_list(driver: Driver) -> None:
    click(driver, "Sea")
    await driver.until(lambda: driver.messages()[0] == "green")
    assert driver.focused is listing(driver)


async def test_what_is_typed_in_the_list_goes_to_the_prompt(driver: Driver) -> None:
    driver.press("x")
    assert driver.focused is driver.editor
    assert driver.editor.toPlainText() == "x"


async def test_f2_renames_in_the_row_and_esc_leaves_the_title(driver: Driver) -> None:
    driver.press("F2")
    driver.press("Ctrl+A")
    driver.type("Heaven")
    driver.press("Return")
    await driver.until(lambda: "Heaven" in titles(driver))
    listing(driver).setFocus()
    driver.press("F2")
    driver.type("Hell")
    driver.press("Esc")
    assert "Heaven" in titles(driver)
    assert driver.window.title.text == "Heaven"


async def test_a_comparison_that_nothing_was_sent_in_is_renamed_by_f2(driver: Driver) -> None:
    """Else the next keys, which are meant for its title, are the list's: Ctrl+A, Delete throws all."""
    driver.press("Ctrl+Shift+N")
    driver.window.workspace.focus_composer()
    driver.type("a draft")  # so that it is kept
    comparison = driver.window.workspace.comparison
    assert comparison is not None
    await driver.until(lambda: driver.window.sidebar.list.entries.row_of(comparison.id) >= 0)
    listing(driver).setFocus()
    driver.press("F2")
    await driver.until(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    driver.press("Ctrl+A")
    driver.type("Named")
    driver.press("Return")
    await driver.until(lambda: driver.window.sidebar.library.title(comparison.id) == "Named")


async def test_f2_in_the_list_renames_what_the_keyboard_is_on(driver: Driver) -> None:
    shown = driver.window.title.text
    listing(driver).setFocus()
    driver.press("Down")
    (other,) = chosen(driver)
    assert other != shown
    driver.press("F2")
    driver.press("Ctrl+A")
    driver.type("Heaven")
    driver.press("Return")
    await driver.until(lambda: "Heaven" in titles(driver))
    assert driver.window.title.text == shown
    assert other not in titles(driver)


async def test_ctrl_and_shift_choose_several_without_opening(driver: Driver) -> None:
    click(driver, "Sun", Qt.KeyboardModifier.ControlModifier)
    assert chosen(driver) == ["Sky", "Sun"]
    click(driver, "Sea", Qt.KeyboardModifier.ControlModifier)
    assert chosen(driver) == ["Sky", "Sea", "Sun"]
    click(driver, "Sea", Qt.KeyboardModifier.ControlModifier)
    assert chosen(driver) == ["Sky", "Sun"]
    assert driver.messages()[0] == "blue"


async def test_shift_and_arrows_choose_what_lies_between(driver: Driver) -> None:
    driver.press("Shift+Down")
    assert chosen(driver) == ["Sky", "Sea"]


async def test_the_menu_of_one_offers_more_than_that_of_several(driver: Driver) -> None:
    one = texts(open_menu(driver, "Sky"))
    driver.menu.close()
    assert one[:4] == ["Open", "Rename", "Move to new window", "Pin"]
    assert one[4:8] == ["Archive", "Tags…", "Run these prompts again…", "Export…"]
    click(driver, "Sea", Qt.KeyboardModifier.ControlModifier)
    several = texts(open_menu(driver, "Sea"))
    driver.menu.close()
    assert "Open" not in several
    assert "Rename" not in several
    assert "Move to trash" in several


async def test_what_is_deleted_comes_back_by_undo(driver: Driver) -> None:
    driver.press("Shift+Down")
    driver.press("Del")
    await driver.until(lambda: titles(driver) == ["GPT-4.1", "Sun"])
    assert driver.notices == ["2 conversations are in the trash."]
    assert driver.messages() == []
    driver.push("Undo")
    await driver.until(lambda: {"Sky", "Sea"} <= {*titles(driver)})


async def test_pinned_ones_stand_first_until_they_are_unpinned(driver: Driver) -> None:
    choose(driver, "Sun", "Pin")
    await driver.until(lambda: titles(driver)[:2] == ["Pinned", "Sun"])
    choose(driver, "Sun", "Unpin")
    await driver.until(lambda: "Pinned" not in titles(driver))


async def test_archived_ones_are_away_until_the_archive_is_shown(driver: Driver) -> None:
    choose(driver, "Sun", "Archive")
    await driver.until(lambda: "Sun" not in titles(driver))
    assert driver.notices == ["“Sun” is in the archive."]
    choose(driver, "Sky", "Show archive")
    await driver.until(lambda: "Sun" in titles(driver))
    choose(driver, "Sun", "Remove from archive")
    await driver.until(lambda: titles(driver)[-2:] == ["GPT-4.1", "Sun"])


async def test_the_button_above_the_list_groups_it(driver: Driver) -> None:
    driver.push("Group by: Model")
    assert texts(driver.menu) == ["Recent", "Model", "Show archive", "Show trash"]
    driver.choose("Recent")
    await driver.until(lambda: "GPT-4.1" not in titles(driver))
    assert [each for each in titles(driver) if each in ("Sky", "Sea", "Sun")] == ["Sky", "Sea", "Sun"]
    choose(driver, "Sky", "Group by model")
    await driver.until(lambda: titles(driver)[0] == "Grok 3 mini")
    assert driver.sees("Group by: Model")


async def test_from_the_trash_one_is_restored_or_deleted_after_a_question(driver: Driver) -> None:
    choose(driver, "Sun", "Move to trash")
    await driver.until(lambda: "Sun" not in titles(driver))
    choose(driver, "Sky", "Show trash")
    await driver.until(lambda: "Sun" in titles(driver))
    assert texts(open_menu(driver, "Sun"))[:3] == ["Open", "Restore", "Delete permanently…"]
    driver.choose("Delete permanently…")
    (box,) = driver.window.findChildren(QMessageBox)
    assert box.text() == "Delete “Sun” permanently?"
    QTest.mouseClick(control(box, QPushButton, "Keep"), Qt.MouseButton.LeftButton)
    driver.come_back()
    choose(driver, "Sun", "Restore")
    await driver.until(lambda: titles(driver)[3:5] == ["GPT-4.1", "Sun"])


async def test_the_trash_is_emptied_only_when_that_is_confirmed(driver: Driver) -> None:
    choose(driver, "Sun", "Move to trash")
    await driver.until(lambda: "Sun" not in titles(driver))
    choose(driver, "Sky", "Show trash")
    await driver.until(lambda: "Sun" in titles(driver))
    choose(driver, "Sky", "Empty trash…")
    (box,) = driver.window.findChildren(QMessageBox)
    QTest.mouseClick(control(box, QPushButton, "Delete"), Qt.MouseButton.LeftButton)
    await driver.until(lambda: "Sun" not in titles(driver))


async def test_tags_are_added_by_key_said_in_the_row_and_taken_off(driver: Driver) -> None:
    click(driver, "Sea", Qt.KeyboardModifier.ControlModifier)
    choose(driver, "Sea", "Tags…")
    (dialog,) = driver.window.findChildren(TagsDialog)
    assert not control(dialog, QPushButton, "Add").isEnabled()
    (field,) = (each for each in dialog.findChildren(QLineEdit) if each.accessibleName() == "New tag")
    QTest.keyClicks(field, "weather")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await driver.until(lambda: sum("weather" in row for row in driver.rows("Conversations")) == 2)
    assert field.text() == ""
    (tags,) = dialog.findChildren(QListWidget)
    tags.setCurrentRow(0)
    QTest.keyClick(tags, Qt.Key.Key_Space)
    await driver.until(lambda: not any("weather" in row for row in driver.rows("Conversations")))
    QTest.mouseClick(control(dialog, QPushButton, "Close"), Qt.MouseButton.LeftButton)


async def test_search_finds_as_one_types_steps_by_f3_and_ends_by_esc(driver: Driver) -> None:
    driver.press("Ctrl+Shift+F")
    driver.type("About")
    await driver.until(lambda: titles(driver)[0] == "Results" and len(titles(driver)) == 4)
    driver.press("F3")
    driver.press("F3")
    await driver.until(lambda: "2/3" in driver.said())
    driver.press("Shift+F3")
    await driver.until(lambda: "1/3" in driver.said())
    driver.find(QLineEdit, "Search conversations").setFocus()
    driver.press("Esc")
    assert titles(driver)[0] == "Grok 3 mini"


async def test_enter_in_the_search_opens_the_first(driver: Driver) -> None:
    driver.press("Ctrl+Shift+F")
    driver.type("gold")
    await driver.until(lambda: titles(driver)[0] == "Results")
    driver.press("Return")
    await driver.until(lambda: "gold" in driver.messages()[0])


async def test_a_hit_is_opened_where_its_words_stand_and_they_are_marked(driver: Driver, services: Services) -> None:
    asked = prompt("Tell me")
    long = "\n\n".join(f"Paragraph {number} of many." for number in range(300)).replace("150 of", "150 needle of")
    made = conversation(asked, finished(answer(asked), long), title="Haystack")
    await (await services.store()).conversations.create(made)
    driver.press("Ctrl+Shift+F")
    driver.type("needle")
    await driver.until(lambda: titles(driver) == ["Results", "Haystack"])
    driver.press("Return")
    await driver.until(lambda: driver.window.desk.shown_id == made.id)
    shown = driver.transcript().viewport()
    accent = driver.window._themes.current.accent.lower()

    def marked() -> bool:
        drawn = driver.pixels(shown)
        return any(
            drawn.pixelColor(x, y).name() == accent
            for y in range(20, drawn.height() - 20, 2)
            for x in range(60, drawn.width() - 60, 2)
        )

    await driver.until(marked)
    driver.find(QLineEdit, "Search conversations").setFocus()
    driver.press("Esc")
    await driver.until(lambda: not marked())


async def test_where_nothing_is_found_that_is_said(driver: Driver) -> None:
    driver.press("Ctrl+Shift+F")
    driver.type("zzz")
    await driver.until(lambda: "No message contains all these words." in driver.said())


async def test_a_filter_is_chosen_from_its_menu_and_taken_out_by_another_press(driver: Driver) -> None:
    driver.press("Ctrl+Shift+F")
    driver.type("About ")
    driver.push("Filter: Model")
    driver.choose("GPT-4.1")
    field = driver.find(QLineEdit, "Search conversations")
    assert "model:" in field.text()
    await driver.until(lambda: titles(driver)[1:] == ["Sun"])
    assert driver.button("Filter: Model").text() == "GPT-4.1"
    driver.push("Filter: Model")
    assert field.text().strip() == "About"
    await driver.until(lambda: len(titles(driver)) == 4)


async def test_by_whom_it_was_said_is_a_filter(driver: Driver) -> None:
    driver.press("Ctrl+Shift+F")
    driver.type("gold ")
    await driver.until(lambda: titles(driver) == ["Results", "Sun"])
    driver.push("Filter: Author")
    driver.choose("You")
    await driver.until(lambda: len(titles(driver)) == 2)


async def test_filters_are_seen_only_while_somebody_searches(driver: Driver) -> None:
    assert not driver.sees("Filter: Model")
    driver.press("Ctrl+Shift+F")
    assert driver.sees("Filter: Model")
    driver.editor.setFocus()
    assert not driver.sees("Filter: Model")


async def test_a_new_chat_takes_the_mark_from_the_list_and_joins_it_once_something_is_said(driver: Driver) -> None:
    driver.push("New chat")
    assert driver.messages() == []
    await driver.answered("Moon?")
    await driver.until(lambda: "Moon?" in titles(driver))


async def test_a_new_chat_takes_the_mark_from_what_was_found_as_well(driver: Driver) -> None:
    driver.press("Ctrl+Shift+F")
    driver.type("gold")
    await driver.until(lambda: driver.window.sidebar.finding.hits)
    driver.press("Return")
    await driver.until(lambda: driver.window.sidebar.list.chosen)
    driver.press("Ctrl+N")
    assert driver.messages() == []
    assert driver.window.sidebar.list.chosen == []
    assert driver.window.sidebar.finding.hits


async def test_the_column_goes_and_comes_by_key(driver: Driver) -> None:
    driver.editor.setFocus()
    driver.press("Ctrl+B")
    await driver.until(lambda: not driver.sees("Conversations"))
    driver.press("Ctrl+B")
    await driver.until(lambda: driver.sees("Conversations"))


@pytest.mark.parametrize("place", ["Conversations", "+ Chat"])
async def test_esc_ends_a_search_wherever_in_the_sidebar_the_keyboard_is(driver: Driver, place: str) -> None:
    field = driver.find(QLineEdit, "Search conversations")
    field.setFocus()
    QTest.keyClicks(field, "green")
    await driver.until(lambda: "Sun" not in titles(driver))
    there: QWidget = listing(driver) if place == "Conversations" else driver.button(place)
    there.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(there, Qt.Key.Key_Escape)
    assert not field.text()
    await driver.until(lambda: "Sun" in titles(driver))


async def test_what_goes_to_the_trash_is_chosen_no_more_while_the_trash_is_shown(driver: Driver) -> None:
    choose(driver, "Sky", "Show trash")
    click(driver, "Sky")
    click(driver, "Sea", Qt.KeyboardModifier.ControlModifier)
    assert chosen(driver) == ["Sky", "Sea"]
    library = driver.window.sidebar.library
    library.trash(next(each.id for each in library.conversations if each.title == "Sea"))
    await driver.until(lambda: driver.notices == ["“Sea” is in the trash."])
    await driver.until(lambda: chosen(driver) == ["Sky"])


async def test_a_search_is_ended_by_its_button_and_the_next_one_can_be_typed(driver: Driver) -> None:
    field = driver.find(QLineEdit, "Search conversations")
    field.setFocus()
    assert not driver.sees("Clear search")
    driver.type("sky")
    driver.push("Clear search")
    assert (field.text(), driver.focused) == ("", field)
    assert not driver.sees("Clear search")


async def test_import_and_the_commands_are_reached_by_mouse(driver: Driver) -> None:
    driver.push("More commands")
    offered = [each.text() for each in driver.menu.actions()]
    assert {"Import conversations", "Commands", "Keyboard shortcuts", "Quit"} <= set(offered)
    driver.choose("Commands")
    assert driver.focused.accessibleName() != "Conversations"


async def test_a_button_is_lit_no_more_once_its_menu_is_closed(driver: Driver) -> None:
    button = driver.button("More commands")
    driver.click(button)
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    driver.menu.close()
    assert not button.underMouse()


async def test_after_delete_the_keyboard_is_on_the_next_row_and_not_on_the_open_one(driver: Driver) -> None:
    driver.press("Down")
    assert at(driver) == "Sea"
    driver.press("Delete")
    await driver.until(lambda: "Sea" not in titles(driver))
    assert at(driver) == "Sun"
    driver.press("Delete")
    await driver.until(lambda: "Sun" not in titles(driver))
    assert at(driver) == "Sky"


async def test_enter_that_ends_a_rename_opens_nothing(driver: Driver) -> None:
    listing(driver).setFocus()
    sun = next(each.id for each in driver.window.sidebar.library.conversations if each.title == "Sun")
    driver.window.sidebar.rename(sun)
    driver.press("Ctrl+A")
    driver.type("Star")
    driver.press("Return")
    await driver.until(lambda: "Star" in titles(driver))
    assert driver.messages()[0] == "blue"
    assert driver.window.title.text == "Sky"


async def test_a_search_is_heard_how_many_there_are_and_which_one_is_gone_to(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def hear(_field: QWidget, text: str) -> None:
        told.append(text)

    for module in (search_box, sidebar):
        monkeypatch.setattr(module, "announce", hear)
    driver.window.search()
    driver.type("about")
    await driver.until(lambda: told == ["3 hits"])
    driver.press("F3")
    assert told[-1].startswith("Hit 1 of 3, S")
    assert told[-1].endswith(".")
    driver.press("F3")
    assert told[-1].startswith("Hit 2 of 3, S")
    driver.window.search()
    driver.type("nothing of the kind")
    await driver.until(lambda: told[-1] == "No message contains all these words.")


async def test_a_hit_has_its_own_time_and_reads_as_plain_text(driver: Driver, services: Services) -> None:
    asked = prompt("needle")
    said = finished(answer(asked), "| **needle** | `fast` |")
    old = msgspec.structs.replace(said, created_at=datetime.now(UTC) - timedelta(days=400))
    made = msgspec.structs.replace(conversation(asked, old, title="Hay"), updated_at=datetime.now(UTC))
    await (await services.store()).conversations.create(made)
    driver.window.search()
    driver.type("needle fast")
    await driver.until(lambda: any(row.startswith("Hay, ") for row in driver.rows("Conversations")))
    (row,) = (row for row in driver.rows("Conversations") if row.startswith("Hay, "))
    assert row.endswith(", needle fast")
    assert str(old.created_at.year) in row


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
async def test_tab_leaves_the_title_and_renames_no_other_row(driver: Driver, key: str) -> None:
    driver.press("F2")
    assert isinstance(driver.focused, QLineEdit)
    driver.press(key)
    assert driver.focused is listing(driver)


async def test_a_hit_that_goes_to_the_trash_is_none_any_more(services: Services, tasks: Tasks, themes: Themes) -> None:
    chats = [spoken(f"Chat {hours}", "needle", REF, hours) for hours in (1, 2)]
    async with driven(services, tasks, themes, *chats) as driver:
        driver.window.search()
        driver.type("needle")
        rows = driver.window.sidebar.list
        await driver.until(lambda: rows.entries.row_of(chats[1].id) >= 0 and driver.window.sidebar.finding.hits)
        driver.window.sidebar.library.trash(chats[1].id)
        await driver.until(lambda: rows.entries.row_of(chats[1].id) < 0)
        driver.window.sidebar.library.restore(chats[1].id)
        await driver.until(lambda: rows.entries.row_of(chats[1].id) >= 0)


async def test_delete_throws_the_first_hit_that_the_keyboard_came_to(driver: Driver) -> None:
    driver.window.search()
    driver.type("green")
    await driver.until(lambda: titles(driver) == ["Results", "Sea"])
    driver.press("Down")
    driver.press("Del")
    await driver.until(lambda: driver.notices == ["“Sea” is in the trash."])


async def test_what_an_update_finds_more_is_found_once_the_index_is_made_anew(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    del qtbot
    store = await services.store()
    for number in range(40):
        await store.conversations.create(spoken(f"Trip {number}", f"Łódź {number} " + "słowo " * 500, GROK, number))
    database = store.index_renewal._database
    await database.write(lambda sql: sql.run("UPDATE messages SET words = lower(parts)"))
    await database.write(lambda sql: sql.run("UPDATE index_renewal SET version = 0"))
    async with driven(services, tasks, themes) as driver:
        driver.press("Ctrl+Shift+F")
        driver.type("lodz")
        box = driver.window.sidebar.finding
        await driver.until(lambda: "Updating the search index" in box.renewal.text())
        await driver.until(lambda: len(titles(driver)) >= 40)
        await driver.until(lambda: not box.renewal.isVisible())
