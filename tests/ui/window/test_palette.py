"""The command palette and how it ranks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.cpu_time import assert_growth
from ui.base.theme import Themes
from ui.widgets import item_list
from ui.window.palette import Palette, PaletteChoice, ranked

NAMES = ("New chat", "New comparison", "Search conversations", "Show or hide the sidebar", "Chat with Newton")


def best(typed: str) -> list[str]:
    return [NAMES[place] for place in ranked(typed, NAMES)]


def test_beginnings_of_words_come_before_letters_in_between() -> None:
    assert best("chat") == ["Chat with Newton", "New chat"]
    assert best("new c") == ["New chat", "New comparison", "Chat with Newton"]
    assert best("nc") == ["New chat", "New comparison"]
    assert best("cmp") == ["New comparison"]
    assert best("zebra") == []
    assert ranked("model", ["my key is sk-proj-abcd, and more of that for you, dear all"]) == []
    assert best("") == list(NAMES)


def test_a_page_that_is_pasted_takes_no_longer_than_its_beginning() -> None:
    page = "The quick brown fox jumps over lazy dogs " * 200
    assert_growth(lambda size: ranked(page[:size], NAMES), 400, len(page), at_most=2)


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def palette(themes: Themes, qtbot: QtBot, done: list[str]) -> Iterator[Palette]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 700)
    before = QLineEdit(window)
    window.show()
    window.activateWindow()
    before.setFocus()
    qtbot.waitUntil(before.hasFocus)
    choices = [PaletteChoice(name, lambda: "Ctrl+K", lambda name=name: done.append(name)) for name in NAMES]
    made = Palette(themes, lambda: choices, window)
    made.open()
    qtbot.waitUntil(made.field.hasFocus)
    yield made
    made.hide()


def test_enter_does_what_is_chosen(palette: Palette, done: list[str]) -> None:
    QTest.keyClicks(palette.field, "new")
    assert palette.names[:2] == ["New chat", "New comparison"]
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert done == ["New comparison"]
    assert not palette.isVisible()


def test_the_row_that_enter_takes_is_heard_while_the_keyboard_is_in_the_field(
    palette: Palette, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    said: list[str] = []

    def hear(_field: QWidget, text: str) -> None:
        said.append(text)

    monkeypatch.setattr(item_list, "announce", hear)
    QTest.keyClicks(palette.field, "new")
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: bool(said))
    assert len(said) == 1  # of all that stood there meanwhile nothing is heard
    assert said[-1].startswith("New comparison")
    QTest.keyClicks(palette.field, "zebra")
    qtbot.waitUntil(lambda: said[-1] == "Search all messages for “newzebra”, No matching titles")


def test_esc_closes_and_gives_the_keyboard_back(palette: Palette, done: list[str], qtbot: QtBot) -> None:
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    (before,) = [each for each in palette.window().findChildren(QLineEdit) if each is not palette.field]
    qtbot.waitUntil(before.hasFocus)
    assert done == []


def test_it_closes_when_the_keyboard_goes_elsewhere(palette: Palette) -> None:
    (before,) = [each for each in palette.window().findChildren(QLineEdit) if each is not palette.field]
    before.setFocus()
    assert not palette.isVisible()


def test_what_nothing_is_called_can_be_searched_for(palette: Palette, done: list[str]) -> None:
    sought: list[str] = []
    palette.search_wanted.connect(sought.append)
    QTest.keyClicks(palette.field, " zebra ")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert (done, sought) == ([], ["zebra"])
    assert not palette.isVisible()


def test_what_tells_choices_apart_is_asked_for_where_it_is_seen(themes: Themes, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 700)
    window.show()
    asked: list[int] = []
    choices = [PaletteChoice(f"Chat {n}", lambda n=n: str(asked.append(n)), list) for n in range(1_000)]
    palette = Palette(themes, lambda: choices, window)
    palette.open()
    qtbot.waitUntil(lambda: 0 in asked)
    assert len(palette.names) == 1_000
    assert len({*asked}) < 30
    palette.hide()
