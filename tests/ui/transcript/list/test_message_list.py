"""The list worked by mouse and key: words are marked whole, links open where they were pressed, menus find rows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, heard, listed, point_in, prompt, turns
from ui.transcript.list.message_list import MessageList
from ui.transcript.list.selection import whole
from ui.transcript.transcript_view import TranscriptView

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
LINKED = "[a link of some length](https://example.org) and there"


def words(show: Show, text: str) -> tuple[TranscriptView, MessageList]:
    view = show([prompt("why?"), answer(text)])
    return view, listed(view)


def press(messages: MessageList, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(messages, key, modifiers)


def test_a_double_click_marks_a_word_and_only_with_the_left_button(show: Show) -> None:
    view, messages = words(show, "extraordinary words")
    QTest.mouseDClick(messages.viewport(), RIGHT, pos=point_in(view, 1))
    assert messages.selected_text == ""
    QTest.mouseDClick(messages.viewport(), LEFT, pos=point_in(view, 1))
    assert messages.selected_text == "extraordinary"


def test_after_a_double_click_whole_words_are_marked(show: Show) -> None:
    view, messages = words(show, "extraordinary words")
    QTest.mouseDClick(messages.viewport(), LEFT, pos=point_in(view, 1))
    QTest.mouseMove(messages.viewport(), point_in(view, 1, x=messages.column[1] - 30))
    assert messages.selected_text == "extraordinary words"
    QTest.mouseMove(messages.viewport(), point_in(view, 1, x=0))
    assert messages.selected_text == "extraordinary"
    QTest.mouseRelease(messages.viewport(), LEFT, pos=point_in(view, 1))


def test_shift_and_a_press_go_on_marking_from_where_it_was_begun(show: Show) -> None:
    view, messages = words(show, "one two three")
    QTest.mouseDClick(messages.viewport(), LEFT, pos=point_in(view, 1, x=4))
    QTest.mouseRelease(messages.viewport(), LEFT, pos=point_in(view, 1, x=4))
    QTest.mouseClick(messages.viewport(), LEFT, SHIFT, pos=point_in(view, 1, x=messages.column[1] - 30))
    assert messages.selected_text == "one two three"


def test_a_link_opens_where_it_is_pressed_and_let_go_and_not_where_it_is_drawn_over(show: Show) -> None:
    view, messages = words(show, LINKED)
    wanted = heard(messages.link_wanted)
    link, beside = point_in(view, 1, x=6), point_in(view, 1, x=messages.column[1] - 30)
    QTest.mouseClick(messages.viewport(), LEFT, pos=link)
    assert wanted == [("https://example.org",)]
    QTest.mousePress(messages.viewport(), LEFT, pos=link)
    QTest.mouseRelease(messages.viewport(), LEFT, pos=beside)
    QTest.mousePress(messages.viewport(), LEFT, pos=link)
    QTest.mouseMove(messages.viewport(), link + QPoint(60, 0))  # within the link: its text is marked
    QTest.mouseRelease(messages.viewport(), LEFT, pos=link + QPoint(60, 0))
    assert messages.selected_text
    messages.select(None)
    QTest.mousePress(messages.viewport(), LEFT, pos=beside)
    QTest.mouseRelease(messages.viewport(), LEFT, pos=link)
    QTest.mouseClick(messages.viewport(), RIGHT, pos=link)
    assert len(wanted) == 1


def test_a_menu_is_asked_for_by_mouse_where_it_is_and_by_key_where_the_keyboard_stands(show: Show) -> None:
    view = show(turns(2))
    messages = listed(view)
    wanted = heard(messages.menu_wanted)
    reasons = QContextMenuEvent.Reason
    point = point_in(view, 1)
    QApplication.sendEvent(
        messages.viewport(), QContextMenuEvent(reasons.Mouse, point, messages.viewport().mapToGlobal(point))
    )
    messages.setCurrentIndex(messages.model().index(2, 0))
    QApplication.sendEvent(messages.viewport(), QContextMenuEvent(reasons.Keyboard, QPoint(), QPoint()))
    assert [row for row, _ in wanted] == [view.rows[1], view.rows[2]]
    beyond = QContextMenuEvent(reasons.Mouse, QPoint(5, 9_999), QPoint(5, 9_999))
    QApplication.sendEvent(messages.viewport(), beyond)
    assert len(wanted) == 2


def test_all_is_marked_by_key_copied_and_let_go_again(show: Show) -> None:
    view = show(turns(2, length=1))
    messages = listed(view)
    press(messages, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert messages.selection == whole(0, 3)
    press(messages, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert [copied.count(f"Answer {number}.") for number in (0, 1)] == [1, 1]
    press(messages, Qt.Key.Key_Escape)
    assert messages.selected_text == ""


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        ([Qt.Key.Key_Home], 0),
        ([Qt.Key.Key_Home, Qt.Key.Key_Up], 0),
        ([Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Down], 2),
        ([Qt.Key.Key_End], 5),
        ([Qt.Key.Key_End, Qt.Key.Key_Down], 5),
        ([Qt.Key.Key_Up], 5),
    ],
)
def test_arrows_go_from_message_to_message_and_stay_within(show: Show, keys: list[Qt.Key], row: int) -> None:
    view = show(turns(3))
    for key in keys:
        press(listed(view), key)
    assert listed(view).current_row() is view.rows[row]


def test_an_empty_list_takes_every_key_and_press(show: Show) -> None:
    messages = listed(show([]))
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_PageUp):
        press(messages, key)
        press(messages, key, SHIFT)
    QTest.mouseClick(messages.viewport(), LEFT, pos=QPoint(20, 20))
    QTest.mouseDClick(messages.viewport(), LEFT, pos=QPoint(20, 20))
    messages.copy()
    messages.copy_markdown()
    assert messages.current_row() is None
    assert messages.place_at(QPoint(20, 20)) is None


def wheel(messages: MessageList, point: QPoint, x: int, y: int = 0) -> bool:
    """Turn the wheel over a point; whether that was taken."""
    event = QWheelEvent(
        QPointF(point),
        QPointF(messages.viewport().mapToGlobal(point)),
        QPoint(x, y),
        QPoint(),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.setAccepted(False)
    messages.wheelEvent(event)
    return event.isAccepted()


def test_sideways_moves_only_what_is_too_wide_and_no_further_than_its_end(show: Show) -> None:
    view, messages = words(show, "```python\n" + "x = 1; " * 100 + "\n```\n\nshort")
    wide, narrow = point_in(view, 1, y=50), point_in(view, 1, segment=1)
    view.grab()
    assert wheel(messages, wide, -40)
    assert wheel(messages, wide, -99_999)
    assert not wheel(messages, wide, -40)
    assert wheel(messages, wide, 99_999)
    assert not wheel(messages, narrow, -40)
