"""The panel of differences: two answers word by word, gone through by key, and what all agree on."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from desktop.domain.conversation_types import Status
from desktop.metrics.differences import MOST_WORDS
from tests.desktop.metrics.made import answer, prompt
from tests.ui.compare.conftest import Desk, gpt, grok
from tests.ui.finding import button, named, unreachable
from tests.ui.waiting import until
from ui.base.theme import Themes
from ui.compare.differences_panel import DifferencesPanel
from ui.compare.marked_text import MarkedText
from ui.compare.pane_facts import ShownPane


def marked(text: MarkedText, word: str) -> tuple[bool, bool]:
    """Whether a word is struck through and whether it is underlined."""
    cursor = QTextCursor(text.document())
    cursor.setPosition(text.toPlainText().index(word) + 1)
    return cursor.charFormat().fontStrikeOut(), cursor.charFormat().fontUnderline()


def test_two_answers_are_shown_in_one_with_marks_beside_colours(differences: DifferencesPanel) -> None:
    assert differences.left.toPlainText() == "The old new task is cancelled."
    assert [marked(differences.left, word) for word in ("old", "new", "task")] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert differences.state.startswith("1 difference · 83% of words are the same")
    assert not differences.right.isVisible()


def test_side_by_side_each_text_stays_whole(differences: DifferencesPanel) -> None:
    button(differences, "View: Side by side").click()
    assert differences.left.toPlainText() == "The old task is cancelled."
    assert differences.right.toPlainText() == "The new task is cancelled."
    assert differences.right.isVisible()
    assert marked(differences.right, "new") == (False, True)


def test_answers_are_compared_as_they_are_displayed_and_not_as_they_are_written(
    differences: DifferencesPanel, desk: Desk
) -> None:
    desk.panes = [
        grok("## Result\n\n* The **old** task\n* is [cancelled](https://a.example)\n"),
        gpt("Result\n======\n\n- The *new* task\n- is `cancelled`\n"),
    ]
    differences.refresh()
    assert differences.left.toPlainText() == "Result\n\n• The old new task\n• is cancelled"
    assert differences.state.startswith("1 difference ·")
    button(differences, "View: Distance").click()
    button(differences, "Distance between responses: Table").click()
    assert "17%" in {cell for row in differences.distance.table.rows.rows for cell in row}


def test_places_are_gone_through_and_round(differences: DifferencesPanel, desk: Desk) -> None:
    desk.panes = [
        grok("One same thing here two same things there three"),
        gpt("1 same thing here 2 same things there 3"),
    ]
    differences.refresh()
    seen: list[str] = []
    for _ in range(4):
        named(differences, QToolButton, "Next difference").click()
        seen.append(differences.left.textCursor().selectedText())
    assert seen == ["One 1", "two 2", "three 3", "One 1"]
    named(differences, QToolButton, "Previous difference").click()
    assert differences.left.textCursor().selectedText() == "three 3"


def test_any_two_panes_are_chosen(differences: DifferencesPanel, desk: Desk) -> None:
    third = ShownPane("llama", "#0F7B6C", grok("The old task is gone.").path)
    desk.panes = [grok(), gpt(), third]
    differences.refresh()
    assert differences.second.currentText() == "gpt"
    differences.second.setCurrentIndex(2)
    differences.second.activated.emit(2)
    assert differences.left.toPlainText() == "The old task is cancelled gone."
    desk.panes = [grok(), gpt()]
    differences.refresh()
    assert differences.second.currentText() == "gpt"


def test_an_answer_that_is_not_there_is_said_and_nothing_can_be_gone_to(
    differences: DifferencesPanel, desk: Desk
) -> None:
    desk.panes = [grok(), ShownPane("gpt", "#B4530A", (prompt(),))]
    differences.refresh()
    assert differences.state == "gpt: no response in this turn yet."
    assert differences.left.toPlainText() == ""
    assert not named(differences, QToolButton, "Next difference").isEnabled()
    button(differences, "View: Agreement").click()
    assert differences.state == "Agreement needs two responses."
    desk.panes = []
    differences.refresh()
    assert differences.left.toPlainText() == ""


def test_the_same_answer_is_said_to_be_the_same(differences: DifferencesPanel, desk: Desk) -> None:
    desk.panes = [grok("Yes."), gpt("Yes.")]
    differences.refresh()
    assert differences.state == "Identical, word for word."


async def test_what_is_long_is_worked_out_elsewhere_and_what_is_too_long_is_said(
    differences: DifferencesPanel, desk: Desk
) -> None:
    desk.panes = [grok("a. " * MOST_WORDS), gpt("b. " * MOST_WORDS)]
    differences.refresh()
    assert differences.state == "Comparing…"
    for view in ("Agreement", "Distance", "Side by side"):
        button(differences, f"View: {view}").click()
    await until(lambda: "too long" in differences.state)
    button(differences, "View: Agreement").click()
    await until(lambda: "too long" in differences.state)
    desk.panes = [grok("The old task. " * 1000), gpt("The new task. " * 1000)]
    differences.refresh()
    button(differences, "View: Distance").click()
    differences.distance.toggle.click()
    await until(lambda: differences.distance.table.rows.rows == (("grok", "", "33%", "33%"), ("gpt", "33%", "", "33%")))


def test_the_first_difference_is_named_and_gone_to(differences: DifferencesPanel, desk: Desk) -> None:
    desk.panes = [grok("Same. The old task. Some words."), gpt("Same. The new task. Some other words.")]
    differences.refresh()
    button(differences, "First difference: sentence 2, word 2: “old” / “new”").click()
    assert differences.left.textCursor().selectedText() == "old new"
    named(differences, QToolButton, "Next difference").click()
    assert differences.left.textCursor().selectedText() == "other"
    button(differences, "View: Agreement").click()
    assert not differences.jump.isVisible()


def of(pane: ShownPane, contender: str) -> ShownPane:
    return msgspec.structs.replace(pane, contender=contender)


def test_a_model_lies_so_far_from_itself_and_so_far_from_others(differences: DifferencesPanel, desk: Desk) -> None:
    desk.panes = [of(grok("one two"), "a"), of(grok("one three"), "a"), of(gpt("four five"), "b")]
    differences.refresh()
    button(differences, "View: Distance").click()
    card = differences.distance
    assert not differences.left.isVisible()
    assert card.chart.isVisible()
    assert differences.state == "Within model: needs several responses. Use Ask several times."
    button(differences, "Distance between responses: Table").click()
    assert card.table.isVisible()
    assert card.table.rows.rows == (("grok", "50%", "100%", "100%"), ("gpt", "100%", "", "100%"))
    button(differences, "Distance between responses: Table").click()
    QTest.keyClick(card.chart, Qt.Key.Key_Right)
    assert card.chart.readout == "grok, within model: 50% · 1 pair of responses"
    assert "fewer than 40 words" in card.below.text()
    assert unreachable(differences) == []
    button(differences, "View: Inline").click()
    assert (differences.left.isVisible(), card.isVisible()) == (True, False)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            ("one two", "one three", "one two", "one three"),
            "grok and gpt differ no more than responses of one model do.",
        ),
        (
            ("one two", "one three", "four five", "four six"),
            "Every model differs more from the others than from itself.",
        ),
    ],
)
def test_whether_models_differ_more_than_each_from_itself_is_a_sentence(
    differences: DifferencesPanel, desk: Desk, answers: tuple[str, ...], said: str
) -> None:
    first, second, third, fourth = answers
    desk.panes = [of(grok(first), "a"), of(grok(second), "a"), of(gpt(third), "b"), of(gpt(fourth), "b")]
    differences.refresh()
    button(differences, "View: Distance").click()
    assert differences.state == said
    assert differences.distance.chart.accessibleName() == f"Distance between responses: {said}"


def test_half_an_answer_lies_nowhere(differences: DifferencesPanel, desk: Desk) -> None:
    stopped = answer("one two", status=Status.STOPPED)
    desk.panes = [grok("one two"), gpt("one two"), ShownPane("llama", "#0F7B6C", (prompt(), stopped))]
    differences.refresh()
    button(differences, "View: Distance").click()
    differences.distance.toggle.click()
    assert [row[0] for row in differences.distance.table.rows.rows] == ["grok", "gpt"]
    assert "1 incomplete response is not counted." in differences.distance.below.text()
    button(differences, "View: Agreement").click()
    assert "1 incomplete response is not counted." in differences.state
    button(differences, "View: Distance").click()
    desk.panes = desk.panes[1:]
    differences.refresh()
    assert differences.state == "Distances need two complete responses."


def test_what_all_say_and_what_only_one_says_stand_by_themselves(differences: DifferencesPanel, desk: Desk) -> None:
    desk.panes = [
        of(grok("Canberra is the capital. Nice place there. Wombats dig burrows."), "a"),
        of(grok("The capital is Canberra. Nice place there."), "a"),
        of(gpt("Canberra is the capital. Sydney is large."), "b"),
    ]
    differences.refresh()
    button(differences, "View: Agreement").click()
    differences.kind.setCurrentIndex(1)
    differences.kind.activated.emit(1)
    assert differences.left.toPlainText() == "Canberra is the capital."
    assert differences.state.startswith("1 sentence in all responses · as worded by grok (1)")
    differences.kind.setCurrentIndex(2)
    differences.kind.activated.emit(2)
    assert differences.left.toPlainText().splitlines() == [
        "grok (1)",
        "Nice place there. (in 2 of its 2 responses)",
        "Wombats dig burrows. (in 1 of its 2 responses)",
        "",
        "gpt",
        "Sydney is large.",
    ]
    differences.go_on()
    differences.go_on()
    assert differences.left.textCursor().selectedText().startswith("Wombats dig burrows.")


def test_agreement_shows_all_answers_with_what_they_share(differences: DifferencesPanel, desk: Desk) -> None:
    desk.panes = [grok("Canberra is the capital. Nice place."), gpt("The capital is Canberra. Sydney is large.")]
    differences.refresh()
    button(differences, "View: Agreement").click()
    text = differences.left.toPlainText()
    assert text.startswith("grok\nCanberra is the capital. Nice place.\n\ngpt\n")
    assert marked(differences.left, "Canberra is") == (False, True)
    assert marked(differences.left, "Nice place") == (False, False)
    assert differences.state.startswith("1 sentence in all responses, underlined")
    assert not differences.first.isVisible()
    named(differences, QToolButton, "Next difference").click()
    assert differences.left.textCursor().selectedText() == "Canberra is the capital."


def test_what_is_read_stays_where_it_is_while_nothing_changes(differences: DifferencesPanel, desk: Desk) -> None:
    differences.go_on()
    selected = differences.left.textCursor().selectedText()
    differences.refresh()
    assert differences.left.textCursor().selectedText() == selected


def test_it_is_shown_anew_in_another_theme(differences: DifferencesPanel, themes: Themes) -> None:
    before = differences.left.grab().toImage()
    themes.choose("dark")
    differences.themed(themes.current)
    differences.refresh()
    assert differences.left.grab().toImage() != before
    themes.choose("light")


def test_markup_is_text(differences: DifferencesPanel, desk: Desk) -> None:
    desk.panes = [grok("<b>Bold</b> &amp;"), gpt("<b>Bold</b> &amp; <img src='x'>")]
    differences.refresh()
    assert differences.left.toPlainText() == "<b>Bold</b> & <img src='x'>"


def test_all_of_it_is_reached_by_keyboard(differences: DifferencesPanel) -> None:
    assert unreachable(differences) == []
    differences.activateWindow()
    differences.left.setFocus()
    QTest.keyClick(differences.left, Qt.Key.Key_Tab)
    assert not differences.left.hasFocus()
