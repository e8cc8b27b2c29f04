"""What lies under the mouse: links, buttons and folded lines show a hand, text a beam, and what is beside neither."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from desktop.domain.conversation_types import Message
from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, listed, point_in, prompt, turns
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.segments import CodeSegment, Press
from ui.transcript.message.slabs import PADDING
from ui.transcript.transcript_view import TranscriptView

HAND, BEAM, ARROW = (
    Qt.CursorShape.PointingHandCursor,
    Qt.CursorShape.IBeamCursor,
    Qt.CursorShape.ArrowCursor,
)

CODE = "```python\n" + "x = 1; " * 40 + "\n```\n"


def shape(view: TranscriptView, point: QPoint) -> Qt.CursorShape:
    aim = listed(view)._aim
    return aim.shape(aim.near(point.y(), exactly=True), point)


def shown(show: Show, *messages: Message) -> TranscriptView:
    view = show(messages)
    assert listed(view).placed
    return view


def test_a_hand_over_a_link_and_a_beam_beside_it(show: Show) -> None:
    view = shown(show, prompt("why?"), answer("[here](https://example.org) and a good deal of text behind it"))
    link, text = point_in(view, 1, x=10), point_in(view, 1, x=200)
    assert listed(view)._aim.link(link) == "https://example.org"
    assert listed(view)._aim.link(text) == ""
    assert (shape(view, link), shape(view, text)) == (HAND, BEAM)


def test_nothing_can_be_done_beside_the_column_and_below_the_last_message(show: Show) -> None:
    view = shown(show, prompt("why?"), answer("[here](https://example.org)"))
    left, width = listed(view).column
    inside = point_in(view, 1, x=10)
    assert shape(view, QPoint(left - 5, inside.y())) is ARROW
    assert shape(view, QPoint(left + width + 5, inside.y())) is ARROW
    below = QPoint(inside.x(), 9_999)
    assert shape(view, below) is ARROW
    assert listed(view)._aim.link(below) == ""


def test_the_line_that_folds_thoughts_is_pressed_and_the_text_is_not(show: Show) -> None:
    view = shown(show, prompt("why?"), answer("because", reasoning="hm"))
    aim = listed(view)._aim
    left = listed(view).column[0]
    head = next(each for each in listed(view).placed if each.row == 1)
    on_line = [y for y in range(head.top, head.top + 200) if aim.folds(head, QPoint(left + 4, y))]
    assert on_line
    assert shape(view, QPoint(left + 4, on_line[0])) is HAND
    assert not aim.folds(head, point_in(view, 1))


def buttons(view: TranscriptView) -> dict[Press, QPoint]:
    """A point in each button of the code that the second message is."""
    view.grab()  # where they are is known once they were painted
    _, width = listed(view).column
    segment = next(each for each in view.rows[1].slabs if each in view.rows[1].parts.body).segments[0]
    return {segment.press_at(QPointF(x, 8), width): point_in(view, 1, x=x, y=8) for x in range(width)}


def test_codes_buttons_are_pressed_and_its_text_is_marked(show: Show) -> None:
    view = shown(show, prompt("why?"), answer(CODE))
    found = buttons(view)
    assert {shape(view, found[press]) for press in (Press.COPY, Press.SAVE, Press.WRAP)} == {HAND}
    assert shape(view, found[Press.DRAG]) is Qt.CursorShape.OpenHandCursor
    assert shape(view, point_in(view, 1, y=50)) is BEAM


def test_codes_buttons_copy_it_whole_and_wrap_its_lines(show: Show) -> None:
    view = shown(show, prompt("why?"), answer(CODE))
    viewport, found = listed(view).viewport(), buttons(view)
    QGuiApplication.clipboard().clear()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=found[Press.COPY])
    assert QGuiApplication.clipboard().text().rstrip("\n") == CODE.split("\n")[1]
    before = view.rows[1].likely_height(listed(view).column[1])
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=found[Press.WRAP])
    assert view.rows[1].likely_height(listed(view).column[1]) > before
    assert view.rows[1].text == CODE


def test_code_in_a_list_has_a_button_that_copies_it(show: Show) -> None:
    view = shown(show, prompt("why?"), answer("1. Run:\n\n   ```sh\n   cd a\n   ls *\n   ```\n2. Done\n"))
    view.grab()
    _, width = listed(view).column
    slab = next(each for each in view.rows[1].slabs if isinstance(each, BodySlab))
    (code,) = slab.segments[0].laid.codes(width)
    assert code.language == "sh"
    button = QPoint(round(code.ground.right()) - 20, round(code.ground.top()) + 8)
    at = point_in(view, 1, x=button.x(), y=button.y())
    assert shape(view, at) is HAND
    QGuiApplication.clipboard().clear()
    QTest.mouseClick(listed(view).viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert QGuiApplication.clipboard().text() == "cd a\nls *"


def test_a_prompts_code_has_buttons_where_they_are_drawn(show: Show) -> None:
    view = shown(show, prompt(f"Why?\n{CODE}So"))
    view.grab()
    viewport, (_, width) = listed(view).viewport(), listed(view).column
    slab = next(each for each in view.rows[0].slabs if isinstance(each, BodySlab))
    code = slab.segments[0]
    assert isinstance(code, CodeSegment)
    box = code._buttons[Press.COPY]
    left, _ = listed(view).column
    top = next(each.top for each in listed(view).placed if each.slab is slab) + slab.segment_top(0, width)
    assert left + width - 2 * PADDING < left + PADDING + box.right() < left + width - PADDING
    QGuiApplication.clipboard().clear()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=box.center() + QPoint(left + PADDING, top))
    assert QGuiApplication.clipboard().text().rstrip("\n") == CODE.split("\n")[1]


def test_thoughts_unfold_and_fold_by_the_mouse(show: Show) -> None:
    view = shown(show, prompt("why?"), answer("because", reasoning="hm"))
    left = listed(view).column[0]
    for unfolded in (True, False):
        head = next(each for each in listed(view).placed if each.row == 1)
        y = next(y for y in range(head.top, head.top + 200) if listed(view)._aim.folds(head, QPoint(left + 4, y)))
        QTest.mouseClick(listed(view).viewport(), Qt.MouseButton.LeftButton, pos=QPoint(left + 4, y + 3))
        assert view.rows[1].unfolded is unfolded


def test_a_height_between_finds_the_slab_above_and_one_before_all_the_first(show: Show) -> None:
    view = shown(show, *turns(3))
    aim, placed = listed(view)._aim, listed(view).placed
    for each in placed:
        assert aim.near(each.top) is each
        assert aim.near(each.top - 1) is (each if each is placed[0] else placed[placed.index(each) - 1])
    assert aim.near(placed[0].top - 1, exactly=True) is None
    assert aim.near(9_999) is placed[-1]
    assert aim.near(9_999, exactly=True) is None


def test_an_empty_transcript_has_nothing_anywhere(show: Show) -> None:
    view = show(())
    assert listed(view)._aim.near(10) is None
    assert shape(view, QPoint(10, 10)) is ARROW
