"""Filters of the search as chips, and the tags of conversations."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from tests.desktop.store.made import START
from tests.ui.finding import unreachable
from tests.ui.sidebar.test_sidebar import fill, sidebar, spoken, titles
from tests.ui.waiting import until
from ui.base.theme import Themes
from ui.sidebar import filter_words
from ui.sidebar.search_box import FilterChips
from ui.sidebar.sidebar import Sidebar
from ui.sidebar.tags_dialog import TagsDialog

__all__ = ["sidebar"]


@pytest.fixture
def chips(qtbot: QtBot, themes: Themes) -> FilterChips:
    made = FilterChips(lambda: START)
    qtbot.addWidget(made)
    made.offer([("Grok 3", "lab/grok-3")], ["Rome trip"])
    made.show()
    return made


def told(chips: FilterChips) -> list[str]:
    found: list[str] = []
    chips.wanted.connect(found.append)
    return found


@pytest.mark.parametrize(
    ("text", "key", "value", "expected"),
    [
        ("sky", "is", "pinned", "sky is:pinned "),
        ("sky model:gpt", "model", "lab/grok-3", 'sky model:"lab/grok-3" '),
        ("since:2025 sky", "from", "2026", "sky from:2026 "),
        ("", "tag", 'a "b"', 'tag:"a  b " '),
    ],
)
def test_a_filter_takes_the_place_of_others_of_its_key(text: str, key: str, value: str, expected: str) -> None:
    assert filter_words.put(text, START, key, value) == expected
    assert filter_words.held(expected, START)[key]


def test_a_filter_is_taken_out_and_words_stay() -> None:
    text = 'sky "blue sea" is:pinned is:archived see:also'
    assert filter_words.taken_out(text, START, "is", "pinned") == 'sky "blue sea" is:archived see:also'
    assert filter_words.taken_out(text, START, "is") == 'sky "blue sea" see:also'


def test_a_chip_puts_its_filter_in_and_takes_it_out(chips: FilterChips) -> None:
    wanted = told(chips)
    chips.show_search("sky")
    chips.chips["pinned"].click()
    assert wanted == ["sky is:pinned "]
    chips.show_search(wanted[-1])
    assert chips.chips["pinned"].isChecked()
    chips.chips["pinned"].click()
    assert wanted[-1] == "sky"
    chips.show_search('sky model:"lab/grok-3" from:2026-01')
    assert (chips.chips["model"].text(), chips.chips["from"].text()) == ("Grok 3", "This month")
    chips.chips["model"].click()
    assert wanted[-1] == "sky from:2026-01"


def test_a_chip_with_choices_offers_them(chips: FilterChips) -> None:
    wanted = told(chips)
    chips.show_search("sky")
    chips._chosen("role", chips.choices("role")[0][1])
    assert wanted == ["sky role:user "]
    assert [value for _, value in chips.choices("from")] == ["today", "2025-12-26", "2026-01", "2026"]
    assert chips.choices("tag") == [("Rome trip", "Rome trip")]
    assert unreachable(chips) == []


async def test_the_chips_come_with_the_cursor_and_stay_with_words(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("blue sky", "One"), spoken("green sky", "Two", days=1))
    one = sidebar.library.conversations[0].id
    sidebar.library.marking.set_tag([one], "work", on=True)
    await until(lambda: sidebar.library.tags == {"work": 1})
    QTest.keyClicks(sidebar.search_field, "sky")
    assert sidebar.finding.chips.isVisible()
    sidebar.finding.chips._chosen("tag", "work")
    assert sidebar.search_field.text() == 'sky tag:"work" '
    await until(lambda: titles(sidebar) == ["[Results 2]", "One"])
    QTest.keyClick(sidebar.search_field, Qt.Key.Key_Escape)
    assert titles(sidebar)[0].startswith("[Grok")


async def test_tags_are_ticked_added_renamed_and_deleted(sidebar: Sidebar, services: Services) -> None:
    await fill(sidebar, services, spoken("a", "One"), spoken("b", "Two", days=1))
    ids = [each.id for each in sidebar.library.conversations]
    sidebar.list.tags_asked.emit(ids)
    (dialog,) = sidebar.findChildren(TagsDialog)
    QApplication.processEvents()
    assert unreachable(dialog) == []
    QTest.keyClicks(dialog.field, "Rome trip")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    await until(lambda: dialog.list.count() == 1)
    assert dialog.list.item(0).checkState() is Qt.CheckState.Checked
    sidebar.library.marking.set_tag(ids[:1], "Rome trip", on=False)
    await until(lambda: dialog.list.item(0).checkState() is Qt.CheckState.PartiallyChecked)
    dialog.list.item(0).setText("Paris")
    await until(lambda: sidebar.library.tags == {"Paris": 1})
    await until(lambda: dialog.list.item(0).text() == "Paris")
    dialog.list.item(0).setCheckState(Qt.CheckState.Checked)
    await until(lambda: sidebar.library.tags == {"Paris": 2})
    dialog.list.setCurrentRow(0)
    dialog.delete.click()
    await until(lambda: sidebar.library.tags == {})
    dialog.close()


async def test_comparisons_are_found_by_their_titles(sidebar: Sidebar, services: Services) -> None:
    compared = new_comparison((PaneState(conversation="c", model=ModelRef(connection="lab", name="x")),))
    compared = msgspec.structs.replace(compared, title="Capital cities")
    await (await services.store()).comparisons.save(compared)
    await fill(sidebar, services, spoken("about a capital", "One"))
    QTest.keyClicks(sidebar.search_field, "capit")
    await until(lambda: titles(sidebar) == ["[Comparisons 1]", "Capital cities", "[Results 2]", "One"])
    QTest.keyClicks(sidebar.search_field, " role:user")
    await until(lambda: titles(sidebar) == ["[Results 1]", "One"])


async def test_a_title_is_typed_where_it_stands(sidebar: Sidebar, services: Services) -> None:
    compared = new_comparison((PaneState(conversation="c", model=ModelRef(connection="lab", name="x")),))
    await (await services.store()).comparisons.save(msgspec.structs.replace(compared, title="Cities"))
    chat = spoken("about a capital", "One")
    await fill(sidebar, services, chat)
    places: list[int] = []
    for id_ in (chat.id, compared.id):
        sidebar.rename(id_)
        (field,) = (each for each in sidebar.list.viewport().findChildren(QLineEdit) if each.isVisible())
        places.append(field.x())
        QTest.keyClick(field, Qt.Key.Key_Escape)
    assert places == [28, 28]  # each after the square of one model
