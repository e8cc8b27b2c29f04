from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.ink import LEFT, RIGHT, drawing, read_from, unlike
from ui.base.theme import Themes
from ui.widgets.inputs import ChoiceBox, NumberBox, Segments, TickBox


def wheel(at: QWidget) -> None:
    middle = QPointF(at.rect().center())
    event = QWheelEvent(
        middle,
        at.mapToGlobal(middle),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(at, event)


@pytest.fixture
def number(qtbot: QtBot) -> NumberBox:
    made = NumberBox(0.1, 600, decimals=1, unit="s")
    qtbot.addWidget(made)
    made.setValue(10)
    made.show()
    return made


def retype(number: NumberBox, text: str) -> None:
    number.setFocus()
    number.selectAll()
    QTest.keyClicks(number, text)
    QTest.keyClick(number, Qt.Key.Key_Return)


def test_a_number_is_shown_with_its_unit_and_no_idle_zeros(number: NumberBox) -> None:
    assert number.text() == "10 s"
    number.setValue(0.5)
    assert number.cleanText() == number.locale().toString(0.5)


def test_a_number_that_is_typed_is_taken(number: NumberBox) -> None:
    retype(number, "25")
    assert number.value() == 25


@pytest.mark.parametrize("typed", ["9000", "0"])
def test_a_number_out_of_bounds_can_be_typed_is_refused_in_words_and_put_back(number: NumberBox, typed: str) -> None:
    refused: list[str] = []
    number.refused.connect(refused.append)
    retype(number, typed)
    assert number.value() == 10
    assert typed in refused


def test_the_wheel_changes_only_what_has_the_focus(qtbot: QtBot) -> None:
    for made in (ChoiceBox("Colour"), NumberBox(0, 10)):
        qtbot.addWidget(made)
        if isinstance(made, ChoiceBox):
            made.addItems(["red", "green"])
            wheel(made)
            assert made.currentIndex() == 0
        else:
            made.setValue(5)
            wheel(made)
            assert made.value() == 5


def test_a_choice_and_its_list_have_the_same_name(qtbot: QtBot) -> None:
    made = ChoiceBox("Colour")
    qtbot.addWidget(made)
    assert (made.accessibleName(), made.view().accessibleName()) == ("Colour", "Colour")


def test_a_tick_is_drawn_in_the_colour_of_text_on_the_accent(qtbot: QtBot, themes: Themes) -> None:
    made = TickBox("Yes")
    qtbot.addWidget(made)
    made.show()
    made.setChecked(True)
    ticked = made.grab().toImage()
    seen = [ticked.pixelColor(x, y) for x in range(3, 15) for y in range(ticked.height())]
    wanted = QColor(themes.current.on_accent)
    assert min(abs(each.lightness() - wanted.lightness()) for each in seen) < 40
    assert min(abs(each.hue() - QColor(themes.current.accent).hue()) for each in seen) < 3


def test_of_segments_one_is_chosen_and_the_arrows_choose_the_next(qtbot: QtBot) -> None:
    made = Segments(["One", "Two", "Three"], "Number")
    qtbot.addWidget(made)
    made.show()
    chosen: list[int] = []
    made.chosen.connect(chosen.append)
    buttons = made.findChildren(QAbstractButton)
    assert [each.accessibleName() for each in buttons] == ["Number: One", "Number: Two", "Number: Three"]
    assert [each.property("place") for each in buttons] == ["first", "middle", "last"]
    made.activateWindow()
    buttons[0].setFocus()
    qtbot.waitUntil(buttons[0].hasFocus)
    QTest.keyClick(buttons[0], Qt.Key.Key_Right)
    assert made.current == 1
    buttons[2].click()
    assert made.current == 2
    assert chosen[-1] == 2
    made.forbid(1, "Not here.")
    for key, at in ((Qt.Key.Key_Up, 0), (Qt.Key.Key_Up, 0), (Qt.Key.Key_Down, 2), (Qt.Key.Key_Down, 2)):
        QTest.keyClick(buttons[made.current], key)
        assert made.current == at


def test_tab_comes_to_the_segment_that_is_chosen(qtbot: QtBot) -> None:
    made = Segments(["One", "Two", "Three"], "Number")
    qtbot.addWidget(made)
    made.choose(1)
    reached = [each.focusPolicy() & Qt.FocusPolicy.TabFocus for each in made.findChildren(QAbstractButton)]
    assert [bool(each) for each in reached] == [False, True, False]


@pytest.mark.parametrize("text", ["Why not?", "Explain the difference between these two answers " * 4])
def test_read_from_the_right_a_choice_is_shown_from_its_beginning(text: str, qtbot: QtBot, themes: Themes) -> None:
    shown: list[QImage] = []
    for direction, left, right in ((LEFT, 4, -30), (RIGHT, 30, -4)):
        with read_from(direction):
            box = ChoiceBox()
            qtbot.addWidget(box)
            box.addItem(text)
            box.setFixedSize(200, 32)
            image = box.grab().toImage()
        shown.append(drawing(image, image.rect().adjusted(left, 4, right, -4)))
    assert unlike(*shown) < 0.5
