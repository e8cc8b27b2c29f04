"""Tests of the composer and its field."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.catalog.catalog_entry import Entry
from tests.cpu_time import within
from tests.ui.transcript.makers import heard
from ui.attachments.attached_looks import AttachedLooks
from ui.base.theme import Themes
from ui.composer.composer import Composer, SendTarget
from ui.composer.prompt import Prompt


def nobody_looks() -> AttachedLooks:
    raise AssertionError("nothing is attached")


@pytest.fixture
def composer(qtbot: QtBot, themes: Themes) -> Composer:
    made = Composer(themes.current, nobody_looks)
    qtbot.addWidget(made)
    made.resize(800, 120)
    made.set_room(800)
    made.set_targets([SendTarget("m", Entry(id="m"), lambda: 0)])
    made.show()
    return made


def test_enter_sends_and_shift_enter_breaks_the_line(composer: Composer, qtbot: QtBot) -> None:
    QTest.keyClicks(composer.editor, "a")
    QTest.keyClick(composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(composer.editor, "b")
    told = heard(composer.sent)
    QTest.keyClick(composer.editor, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    assert told == [(Prompt("a\nb"),)]


def test_enter_never_sends_while_the_input_method_composes(composer: Composer, qtbot: QtBot) -> None:
    sent = list[str]()
    composer.sent.connect(sent.append)
    composer.put(Prompt("a"))
    QApplication.sendEvent(composer.editor, QInputMethodEvent("に", []))
    QTest.keyClick(composer.editor, Qt.Key.Key_Return)
    assert sent == []
    QApplication.sendEvent(composer.editor, QInputMethodEvent("", []))
    QTest.keyClick(composer.editor, Qt.Key.Key_Return)
    assert sent == [Prompt("a")]


def test_nothing_is_not_sent(composer: Composer, qtbot: QtBot) -> None:
    sent = list[str]()
    composer.sent.connect(sent.append)
    composer.line.button.click()
    assert sent == []


class Paints(QObject):
    """Counts how often something is painted."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's own
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_what_an_empty_field_is_for_is_painted_anew_also_without_the_keyboard(composer: Composer) -> None:
    composer.line.button.setFocus()
    for _ in range(3):
        QApplication.processEvents()
    paints = Paints()
    composer.editor.viewport().installEventFilter(paints)
    composer.editor.show_hint("Message another model")
    QApplication.processEvents()
    assert paints.count == 1


def test_the_field_grows_to_two_fifths_of_the_pane(composer: Composer) -> None:
    low = composer.editor.height()
    composer.put(Prompt("a\nb\nc"))
    assert composer.editor.height() > 2 * low
    composer.put(Prompt("line\n" * 200))
    assert composer.editor.height() <= 0.4 * 800


def test_all_lines_that_were_typed_are_seen_as_long_as_there_is_room(composer: Composer) -> None:
    for number in range(5):
        QTest.keyClicks(composer.editor, f"line {number}")
        QApplication.processEvents()
        assert composer.editor.verticalScrollBar().maximum() == 0, number
        QTest.keyClick(composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    composer.put(Prompt("word " * 300))
    QApplication.processEvents()
    assert composer.editor.verticalScrollBar().maximum() > 0


def test_a_megabyte_is_pasted_at_once_and_sent_whole(composer: Composer) -> None:
    text = "lorem ipsum " * 90_000
    source = QMimeData()
    source.setText(text)
    for attempt in within(0.1):
        composer.put(Prompt(""))
        with attempt:
            composer.editor.insertFromMimeData(source)
            QApplication.processEvents()
    assert composer.text == text
    composer.editor.insertPlainText("Sum this up:")
    assert composer.text == f"Sum this up:\n\n{text}"
    composer._pasted.button.click()
    assert composer.text == "Sum this up:"


def test_markup_is_pasted_as_plain_text(composer: Composer) -> None:
    source = QMimeData()
    source.setHtml("<b>bold</b>")
    source.setText("bold")
    composer.editor.insertFromMimeData(source)
    assert composer.text == "bold"


def test_the_estimate_counts_history_and_prices_it(composer: Composer, qtbot: QtBot) -> None:
    composer.set_targets([SendTarget("SmolLM2 135M", Entry(id="m", price_in=100.0), lambda: 8)])
    assert composer.editor.placeholderText() == "Message SmolLM2"
    composer.put(Prompt("sixteen letters."))
    qtbot.waitUntil(lambda: composer.line.estimate.text() == "~12 tokens · $0.0012")
    assert composer.line.estimate.isVisible()
    composer.put(Prompt(""))
    assert not composer.line.estimate.isVisible()


def test_a_prompt_that_is_longer_than_the_model_reads_is_said_before_it_is_sent(
    composer: Composer, qtbot: QtBot
) -> None:
    big, small = (
        SendTarget("Big", Entry(id="b"), lambda: 0, 128_000),
        SendTarget("SmolLM2 135M", Entry(id="s"), lambda: 0, 2048),
    )
    composer.set_targets([big, small])
    composer.put(Prompt("word " * 5000))
    qtbot.waitUntil(lambda: composer.line.estimate.text() == "~6,250 tokens; SmolLM2's context window is 2,048")
    assert composer.line.estimate.property("role") == "warn"
    composer.put(Prompt("word"))
    qtbot.waitUntil(lambda: composer.line.estimate.text() == "~2 tokens")
    assert composer.line.estimate.property("role") == "muted"


def test_up_asks_for_the_last_prompt_only_in_the_empty_field(composer: Composer, qtbot: QtBot) -> None:
    asked = list[int]()
    composer.last_wanted.connect(lambda: asked.append(1))
    composer.put(Prompt("a"))
    QTest.keyClick(composer.editor, Qt.Key.Key_Up)
    assert asked == []
    composer.put(Prompt(""))
    QTest.keyClick(composer.editor, Qt.Key.Key_Up)
    assert asked == [1]


def test_tab_leaves_the_field(composer: Composer, qtbot: QtBot) -> None:
    composer.editor.setFocus()
    QTest.keyClick(composer.editor, Qt.Key.Key_Tab)
    assert composer.text == ""


def test_a_press_on_send_leaves_the_cursor_in_the_text(composer: Composer, qtbot: QtBot) -> None:
    composer.editor.setFocus()
    composer.put(Prompt("a"))
    QTest.mouseClick(composer.line.button, Qt.MouseButton.LeftButton)
    assert composer.focusWidget() is composer.editor


def test_sending_by_keyboard_from_the_button_leads_back_to_the_text(composer: Composer, qtbot: QtBot) -> None:
    composer.put(Prompt("a"))
    composer.line.button.setFocus()
    assert composer.focusWidget() is composer.line.button
    QTest.keyClick(composer.line.button, Qt.Key.Key_Space)
    assert composer.focusWidget() is composer.editor


def test_up_leaves_a_pasted_text_where_it_is(composer: Composer, qtbot: QtBot) -> None:
    asked = heard(composer.last_wanted)
    composer.editor.long_pasted.emit("x" * 30_000)
    QTest.keyClick(composer.editor, Qt.Key.Key_Up)
    assert asked == []


def test_a_long_hint_stays_on_its_line(composer: Composer, qtbot: QtBot) -> None:
    composer.editor.show_hint("Message " + "a-long-name-" * 20)
    said = composer.editor.placeholderText()
    assert said.endswith("…")
    assert composer.editor.fontMetrics().horizontalAdvance(said) <= composer.editor.viewport().width()
    composer.resize(3000, 120)
    QApplication.processEvents()
    assert composer.editor.placeholderText().endswith("a-long-name-")


def test_read_from_the_right_the_empty_field_begins_there_and_text_where_its_script_does(composer: Composer) -> None:
    middle = composer.editor.viewport().width() // 2
    assert composer.editor.cursorRect().x() < middle
    composer.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert middle < composer.editor.cursorRect().right() < composer.editor.viewport().width()
    composer.put(Prompt("abc"))
    assert composer.editor.cursorRect().x() < middle
    composer.put(Prompt("קנברה"))
    assert composer.editor.cursorRect().x() > middle
    composer.put(Prompt(""))
    assert composer.editor.cursorRect().x() > middle
    composer.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert composer.editor.cursorRect().x() < middle
