"""Tests of the transcript: what it shows, says, follows and offers."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Problem, Status, now
from desktop.domain.events import RetryWait
from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.metrics.pace import Pace
from tests.cpu_time import within
from tests.ui import finding
from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, heard, listed, point_in, prompt, turns
from ui.base.commands import Command
from ui.transcript.error_card import ErrorCard
from ui.transcript.list.selection import Selection, TextPlace
from ui.transcript.message.shown import Version
from ui.transcript.message.slabs import GAP, BriefSlab, FootSlab, HeadSlab, PlainSlab
from ui.transcript.transcript_view import TranscriptView


def test_screen_readers_find_a_list_whose_items_are_named_by_their_text(show: Show) -> None:
    view = show([prompt("Hello?"), answer("Good day.")])
    found = QAccessible.queryAccessibleInterface(listed(view))
    assert found.text(QAccessible.Text.Name) == "Transcript"
    assert found.role() == QAccessible.Role.List
    items = [found.child(number) for number in range(found.childCount())]
    said = [item.text(QAccessible.Text.Name) for item in items if item.role() == QAccessible.Role.ListItem]
    assert said == ["Hello?", "Good day."]


def test_what_streams_is_in_its_item_and_the_end_takes_its_place(show: Show) -> None:
    view = show([])
    asked = prompt("Hello?")
    view.begin(asked, "live", "scripted")
    view.text("Good ")
    view.text("day")
    view.end(answer("Good day.", asked.id))
    assert [row.text for row in view.rows] == ["Hello?", "Good day."]
    assert not view.rows[-1].live


def test_the_end_is_followed_only_by_a_reader_who_is_there(show: Show) -> None:
    view = show(turns(40))
    bar = listed(view).verticalScrollBar()
    assert view.at_end
    view.begin(prompt("More?"), "live", "scripted")
    view._growing._grow("word " * 400, "")
    assert bar.value() < bar.maximum()
    view.to_end()
    view._growing._grow("word " * 400, "")
    assert bar.value() == bar.maximum()
    bar.setValue(bar.maximum() // 2)
    before = bar.value()
    view._growing._grow("word " * 400, "")
    assert bar.value() == before
    back = next(each for each in view.findChildren(QToolButton) if each.accessibleName() == "Scroll to bottom")
    assert back.isVisible()
    back.click()
    assert view.at_end
    assert not back.isVisible()


def test_unfolding_moves_nothing_above_and_keeps_the_line_that_was_pressed(show: Show) -> None:
    messages = [*turns(10), prompt("Why?"), answer("Because.", reasoning="Hm. " * 300)]
    view = show(messages)
    row = view.rows[-1]
    top = listed(view).row_top(row)
    view.handling._fold(row)
    assert row.unfolded
    assert listed(view).row_top(row) == top
    view.handling._fold(row)
    assert not row.unfolded


def test_reasoning_says_how_long_it_took(show: Show) -> None:
    view = show([])
    view.begin(prompt("Why?"), "live", "scripted")
    view.reasoning("Hm.")
    assert view.rows[-1].fold_text == "▸ Reasoning"
    view.text("Because.")
    view._growing.draw_gathered()
    assert view.rows[-1].fold_text.startswith("▸ Reasoned for 0.")


def test_how_long_a_model_thought_does_not_begin_anew_when_its_chat_is_shown_again(show: Show) -> None:
    view = show([])
    pace = Pace(sent=0.0)
    pace.add(1.0, 2, reasoning=True)
    pace.add(4.5, 8)
    view.begin(prompt("Why?"), "live", "scripted")
    view.so_far((ReasoningPart(text="Hm."), TextPart(text="Because.")), pace)
    assert view.rows[-1].fold_text == "▸ Reasoned for 3.5 s"


def test_markup_is_shown_and_copied_as_it_stands(show: Show) -> None:
    evil = "<img src='file:///etc/passwd'><b>bold</b> [x](javascript:1)"
    view = show([prompt(evil), answer(evil)])
    (slab,) = view.rows[0].parts.body
    assert slab.segments[0].text == evil
    listed(view).copy(view.rows[1])
    assert QGuiApplication.clipboard().text() == evil


def test_a_thousand_messages_open_well_under_a_second(show: Show) -> None:
    view = show([])
    for attempt in within(1):
        with attempt:
            view.show_messages(turns(500, length=20))
        assert view.at_end


def test_a_long_prompt_is_laid_out_only_where_it_is_seen_and_copied_whole(show: Show) -> None:
    text = "\n".join("word " * 20 for _ in range(10_000))
    view = show([prompt(text)])
    made = [slab for slab in view.rows[0].parts.body if isinstance(slab, PlainSlab) and slab._segment is not None]
    assert len(view.rows[0].parts.body) > 100
    assert 1 <= len(made) <= 2
    listed(view).copy(view.rows[0])
    assert QGuiApplication.clipboard().text() == text


def test_an_error_stands_in_place_with_its_cures(qtbot: QtBot, show: Show) -> None:
    problem = Problem(code="rate_limited", message="Too many requests.", hint="Wait a little.")
    view = show([prompt("Hello?"), answer("Half", status=Status.FAILED, problem=problem)])
    card = view.findChild(ErrorCard)
    assert card is not None
    assert card.isVisible()
    assert card.geometry().top() >= listed(view).row_top(view.rows[-1])
    with qtbot.waitSignal(view.regenerate_wanted):
        card._retry.click()
    with qtbot.waitSignal(view.continue_wanted):
        card._continue.click()
    card._more.click()
    assert "rate_limited" in card._details.text()
    assert "r-1" in card._details.text()


def test_an_old_error_is_told_without_its_cures(show: Show) -> None:
    problem = Problem(code="server_failed", message="It failed.", hint="Try again.")
    view = show([prompt("A?"), answer("", status=Status.FAILED, problem=problem), prompt("B?"), answer("Yes.")])
    assert not view.findChildren(ErrorCard)
    assert view.rows[1].note == "It failed. Try again."
    assert view.rows[1].spoken == "It failed. Try again."


def test_what_waits_to_be_asked_for_again_has_a_card_until_text_comes(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = show([])
    view.begin(prompt("Hello?"), "live", "scripted")
    told = list[str]()
    monkeypatch.setattr(view.announcer, "_say", told.append)
    view.retrying(
        RetryWait(attempt=1, wait_s=5.0, reason="h.example is not accepting more requests right now (429): Slow down.")
    )
    card = view.findChild(ErrorCard)
    assert card is not None
    assert card.isVisible()
    assert finding.said(card).startswith("h.example is not accepting more requests right now\nSlow down.")
    wanted = heard(view.hurry_wanted)
    finding.button(card, "Retry in 5 s").click()
    assert wanted == [()]
    assert not finding.button(card, "Trying again.").isEnabled()
    assert view.rows[-1].spoken.startswith("h.example is not accepting more requests")
    assert told == ["h.example is not accepting more requests right now (429): Slow down. Retry in 5 s"]
    view.text("Hi")
    view._growing.draw_gathered()
    assert not card.isVisible()
    assert view.rows[-1].footer_height == 0


def test_a_wait_of_minutes_is_told_in_minutes_and_goes_on_where_it_was(show: Show) -> None:
    problem = Problem(code="rate_limited", message="Too much.", retry_after_s=600.0)
    ago = msgspec.structs.replace(
        answer("", status=Status.FAILED, problem=problem), created_at=now() - timedelta(minutes=7)
    )
    card = show([prompt("Hello?"), ago]).findChild(ErrorCard)
    assert card is not None
    assert finding.button(card, "Retry in 3 min").isVisible()
    ago = msgspec.structs.replace(ago, id="another", created_at=now() - timedelta(hours=1))
    card = show([prompt("Hello?"), ago]).findChild(ErrorCard)
    assert card is not None
    assert finding.button(card, "Retry").isVisible()


def test_actions_are_those_that_a_message_takes(qtbot: QtBot, show: Show) -> None:
    messages = [prompt("A?"), answer("Half", status=Status.STOPPED)]
    view = show(messages)
    view.show_messages(messages, {messages[1].id: Version(2, 3, longest=1, following=4)})
    bar = view._actions
    every = (Command.COPY, Command.COPY_MARKDOWN, Command.READ)
    assert bar.possible(view.rows[0]) == (*every, Command.EDIT, Command.QUOTE, Command.NEW_CHAT_HERE)
    told = (*every, Command.REGENERATE, Command.REGENERATE_WITH, Command.CONTINUE, Command.QUOTE)
    told += (Command.NEW_CHAT_HERE, Command.DELETE_MESSAGE)
    assert bar.possible(view.rows[1]) == (*told, Command.PREVIOUS_VERSION, Command.NEXT_VERSION)
    view.handling._hover(view.rows[1])
    assert bar.isVisible()


def direction(*, right_to_left: bool) -> Qt.LayoutDirection:
    return Qt.LayoutDirection.RightToLeft if right_to_left else Qt.LayoutDirection.LeftToRight


@pytest.mark.parametrize("right_to_left", [False, True])
@pytest.mark.parametrize("width", [300, 900])
def test_versions_are_pressed_where_they_stand(
    qapp: QApplication, show: Show, width: int, *, right_to_left: bool
) -> None:
    qapp.setLayoutDirection(direction(right_to_left=right_to_left))
    try:
        messages = [prompt("A?"), answer("Second of three.")]
        view = show(messages)
        view.resize(width, 400)
        view.show_messages(messages, {messages[0].id: Version(2, 3, longest=3, following=38)})
        QApplication.processEvents()
        told, list_ = heard(view.branch_wanted), listed(view)
        left, wide = list_.column
        head, foot = view.rows[0].slabs[0], view.rows[0].slabs[-1]
        assert isinstance(head, HeadSlab)
        assert isinstance(foot, FootSlab)
        tops = {each.slab: each.top for each in list_.placed}
        signs = head.versions(wide).translated(left, tops[head])
        link = foot.version_link(wide).translated(left, tops[foot])
        assert list_.viewport().rect().contains(link)
        for x in (signs.left() + 4, signs.right() - 4):
            QTest.mouseClick(list_.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, signs.center().y()))
        QTest.mouseClick(list_.viewport(), Qt.MouseButton.LeftButton, pos=link.center())
        steps = [1, -1, 1] if right_to_left else [-1, 1, 1]
        assert told == [(messages[0].id, step) for step in steps]
        assert "Version 2 of this prompt.\n38 messages follow version 3" in view.rows[0].heard
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.parametrize("width", [560, 1_400])
def test_the_bar_covers_no_words_of_a_message_whose_head_is_out_of_view(show: Show, width: int) -> None:
    view = show([prompt("A?"), answer("Word after word. " * 600), prompt("B?"), answer("C.")])
    view.resize(width, 400)
    messages, bar, row = listed(view), view._actions, view.rows[1]
    QApplication.processEvents()
    messages.scroll_by(-100_000)
    view.handling._hover(row)
    left, wide = messages.column
    seen: set[str] = set()
    for _ in range(200):
        top = messages.row_top(row)
        foot = next((each for each in messages.placed if each.slab is row.slabs[-1]), None)
        if bar.isVisible() and top < -GAP:
            beside = bar.x() >= left + wide
            below = foot is not None and bar.y() >= foot.top - 2
            assert beside or below
            assert bar.geometry().right() <= messages.viewport().width()
            seen.add("beside" if beside else "below")
        messages.scroll_by(30)
    assert seen == ({"beside"} if width > 1_000 else {"below"})


@pytest.mark.parametrize("width", [300, 430, 900])
def test_the_bar_of_a_long_last_answer_is_whole(show: Show, width: int) -> None:
    view = show([prompt("A?"), answer("Word after word. " * 600)])
    view.resize(width, 400)
    QApplication.processEvents()
    bar = view._actions
    bar.show_at(view.rows[1], "487 ms first · 88 tok/s · 231 tokens · $0.0003")
    assert bar.isVisible()
    assert listed(view).viewport().rect().contains(bar.geometry())


def test_the_bar_takes_the_ground_of_another_theme(show: Show) -> None:
    view = show([prompt("A?"), answer("B.")])
    view.handling._hover(view.rows[1])
    view._themes.choose("light" if view._themes.current.dark else "dark")
    shown = listed(view).viewport().grab().toImage()
    assert shown.pixelColor(view._actions.pos()) == QColor(view._themes.current.canvas)


@pytest.mark.parametrize("width", [330, 900])
def test_figures_have_no_room_beside_a_name_in_a_narrow_pane(show: Show, width: int) -> None:
    view = show([prompt("A?"), answer("B.")])
    view.resize(width, 400)
    QApplication.processEvents()
    messages, bar, row = listed(view), view._actions, view.rows[1]
    bar.show_at(row, "487 ms first · 88 tok/s · 231 tokens · $0.0003")
    head = row.slabs[0]
    assert isinstance(head, HeadSlab)
    assert bar.isVisible()
    assert bar._figures.isVisible() == (width > 500)
    assert bar.x() >= messages.column[0] + head.name_width


def test_the_keyboard_reaches_what_the_mouse_does(qtbot: QtBot, show: Show) -> None:
    messages = [prompt("A?"), answer("B.")]
    view = show(messages)
    messages_list = listed(view)
    messages_list.setCurrentIndex(messages_list.model().index(0, 0))
    messages_list.setFocus()
    qtbot.waitUntil(messages_list.hasFocus)
    told = heard(view.edit_wanted)
    QTest.keyClick(messages_list, Qt.Key.Key_F2)
    assert told == [(messages[0].id,)]
    QTest.keyClick(messages_list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "A?"


def test_what_is_marked_is_copied_and_the_message_where_nothing_is(show: Show) -> None:
    view = show([answer("Canberra is the capital.")])
    messages_list = listed(view)
    messages_list.select(Selection(TextPlace(0, 1, 0, 0), TextPlace(0, 1, 0, 8)))
    messages_list.copy()
    assert QGuiApplication.clipboard().text() == "Canberra"
    messages_list.select(None)
    messages_list.setCurrentIndex(messages_list.model().index(0, 0))
    messages_list.copy()
    assert QGuiApplication.clipboard().text() == "Canberra is the capital."


def test_a_press_in_the_text_finds_its_character(show: Show) -> None:
    view = show([answer("Canberra is the capital.")])
    messages_list = listed(view)
    QTest.mouseDClick(messages_list.viewport(), Qt.MouseButton.LeftButton, pos=point_in(view, 0))
    messages_list.copy()
    assert QGuiApplication.clipboard().text() == "Canberra"


def test_text_is_marked_across_messages_by_the_mouse(show: Show) -> None:
    view = show([prompt("What is the capital?"), answer("Canberra is."), prompt("Thanks")])
    viewport = listed(view).viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=point_in(view, 0, x=0))
    QTest.mouseMove(viewport, point_in(view, 1, x=400))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=point_in(view, 1, x=400))
    assert listed(view).selected_text == "You:\nWhat is the capital?\n\nscripted:\nCanberra is."
    QTest.keyClick(listed(view), Qt.Key.Key_Escape)
    assert listed(view).selected_text == ""


def test_messages_are_marked_by_key(show: Show) -> None:
    view = show([prompt("A?"), answer("B."), prompt("C?")])
    messages_list = listed(view)
    messages_list.setCurrentIndex(messages_list.model().index(1, 0))
    QTest.keyClick(messages_list, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert messages_list.selected_text == "B."
    QTest.keyClick(messages_list, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert messages_list.selected_text == "You:\nA?\n\nscripted:\nB."
    QTest.keyClick(messages_list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert messages_list.selected_text.endswith("C?")


def test_how_an_answer_ended_is_said(show: Show) -> None:
    view = show([answer("A", finish_reason="length"), answer("B", finish_reason="content_filter")])
    assert view.rows[0].note == "The response reached its maximum length."
    assert view.rows[1].note == "The content filter stopped the response."
    assert show([answer("A", status=Status.STOPPED)]).rows[0].note == "Stopped."


def test_rows_that_stay_are_kept_when_another_branch_is_shown(show: Show) -> None:
    messages = turns(3)
    view = show(messages)
    kept = list(view.rows)
    view.show_messages([*messages[:4], prompt("Else?", messages[3].id)])
    assert list(view.rows[:4]) == kept[:4]
    assert view.rows[4].text == "Else?"


def test_words_are_found_counted_and_gone_to(show: Show) -> None:
    view = show([*turns(30), prompt("Where is Canberra?"), answer("Canberra is in Australia, says *Canberra*.")])
    view.open_find()
    bar = view._find()
    bar.field.setText("canberra")
    bar._search()
    assert bar.count_text == "1/3"
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar.count_text == "3/3"
    assert bar._shown is not None
    assert bar._shown.place.row == 61
    QTest.keyClick(bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert bar.count_text == "2/3"
    bar.field.setText("question 1")
    bar._search()
    assert any(each.row == bar._hits[0].row for each in listed(view).placed)
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert listed(view).found_in is None


def test_words_that_are_nowhere_are_said_to_be(show: Show) -> None:
    view = show(turns(2))
    view.open_find()
    view._find().field.setText("zebra")
    view._find()._search()
    assert view._find().count_text == "0"
    assert not view._find()._next.isEnabled()


def test_one_line_stands_for_each_answer_where_only_prompts_are_read(qtbot: QtBot, show: Show) -> None:
    long = "An answer of many lines.\n\n" * 40
    view = show([prompt("One?"), answer(long), prompt("Two?"), answer(long), prompt("Three?"), answer(long)])
    view.turns.show(1, 0)
    view.set_prompts_only(True)
    assert [len(row.slabs) for row in view.rows] == [3, 3, 3, 3, 3, 3]
    assert listed(view).visualRect(listed(view).model().index(5, 0)).bottom() < 400
    with qtbot.waitSignal(view.brief_wanted) as asked:
        QTest.mouseClick(listed(view).viewport(), Qt.MouseButton.LeftButton, pos=brief(view, 3))
    assert asked.args == [1]  # pyright: ignore[reportUnknownMemberType]
    listed(view).setCurrentIndex(listed(view).model().index(5, 0))
    with qtbot.waitSignal(view.brief_wanted) as asked:
        QTest.keyClick(listed(view), Qt.Key.Key_Space)
    assert asked.args == [2]  # pyright: ignore[reportUnknownMemberType]
    view.set_prompts_only(False)
    assert view.rows[1].parts.body[0].source.startswith("An answer")


def test_an_answer_that_comes_while_only_prompts_are_read_is_seen_and_folded_later(show: Show) -> None:
    view = show([prompt("One?"), answer("First.")])
    view.set_prompts_only(True)
    view.begin(prompt("Two?"), "live", "scripted")
    view.text("Second.")
    assert view.rows[-1].parts.body
    view.set_prompts_only(False)
    view.text(" Third.")
    view.end(answer("Second. Third."))
    assert [row.brief for row in view.rows] == [False] * 4


def brief(view: TranscriptView, row: int) -> QPoint:
    """A point of the line that stands for an answer."""
    left, _ = listed(view).column
    each = next(each for each in listed(view).placed if each.row == row and isinstance(each.slab, BriefSlab))
    return QPoint(left + 20, each.top + 8)


def test_of_many_notices_ten_are_shown_and_the_others_counted(show: Show) -> None:
    for attempt in within(5):  # they took 44 seconds
        view = show([])
        view.begin(prompt("?"), "live", "m")
        with attempt:
            for number in range(20_000):
                view.notice(f"Notice {number}.")
        view.end(answer("Done."))
        lines = view.rows[-1].note.split("\n")
        assert lines[:11] == [*(f"Notice {number}." for number in range(10)), "And 19,990 more notices."]


def test_after_details_of_an_error_the_next_card_is_whole(show: Show) -> None:
    problem = Problem(code="x", message="h.example failed: It did.", hint="Ask again.")
    asked = prompt("A? " * 900)
    view = show([asked, answer("", status=Status.FAILED, problem=problem)])
    view.resize(500, 400)
    QApplication.processEvents()
    card = view.findChild(ErrorCard)
    assert card is not None
    finding.button(card, "Details").click()
    assert view.at_end
    view.begin(None, "again", "m")
    view.end(msgspec.structs.replace(answer("", status=Status.FAILED, problem=problem), id="again"))
    QApplication.processEvents()
    assert view.at_end
    assert card.geometry().bottom() < view.height()
