"""Tests of the transcript as screen readers find it."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleInterface

from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, listed, prompt, turns
from ui.transcript.list.flow_view import LONGEST_NAME, LONGEST_TEXT
from ui.transcript.transcript_view import TranscriptView


def items(view: TranscriptView) -> list[QAccessibleInterface]:
    """The items of the list."""
    found = QAccessible.queryAccessibleInterface(listed(view))
    return [found.child(number) for number in range(found.childCount())]


def test_an_item_has_a_name_and_a_text_that_say_what_the_message_says(show: Show) -> None:
    view = show([prompt("Hello?"), answer("**Good** day.")])
    said = [each.textInterface() for each in items(view)]
    assert [each.text(0, each.characterCount()) for each in said] == ["Hello?", "Good day."]
    assert [each.text(QAccessible.Text.Name) for each in items(view)] == ["Hello?", "Good day."]
    assert items(view)[0].text(QAccessible.Text.Description) == "You"


def test_of_a_long_message_the_beginning_is_said(show: Show) -> None:
    view = show([prompt("x" * (LONGEST_TEXT + 5)), answer("Good day.")])
    item = items(view)[0]
    assert item.text(QAccessible.Text.Name) == "x" * LONGEST_NAME + "…"
    assert item.textInterface().characterCount() == LONGEST_TEXT


def test_an_item_stays_the_same_while_its_message_is_shown_and_goes_with_it(show: Show) -> None:
    messages = turns(2)
    view = show(messages)
    first, *_, last = items(view)
    assert QAccessible.uniqueId(items(view)[0]) == QAccessible.uniqueId(first)
    gone = QAccessible.uniqueId(last)
    view.show_messages(messages[:2])
    assert QAccessible.accessibleInterface(gone) is None
    assert len(items(view)) == 2
    assert QAccessible.accessibleInterface(QAccessible.uniqueId(first)) is not None


def test_an_item_lies_where_its_message_is_shown(show: Show) -> None:
    view = show([prompt("Hello?"), answer("Good day.")])
    above, below = items(view)
    assert above.rect().bottom() <= below.rect().top()
    found = QAccessible.queryAccessibleInterface(listed(view))
    middle = below.rect().center()
    hit = found.childAt(middle.x(), middle.y())
    assert found.indexOfChild(hit) == 1
