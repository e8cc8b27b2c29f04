"""Reading by mouse and keyboard: marking, copying, finding, the outline, the caret, what is too wide."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QTextCursor, QTextTable, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Problem, Status
from desktop.domain.events import RetryWait
from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, heard, listed, point_in, prompt, turns
from ui.base.theme import Themes
from ui.transcript import find_bar
from ui.transcript.caret_reader import CaretReader
from ui.transcript.countdown import Countdown
from ui.transcript.error_card import ErrorCard
from ui.transcript.find_bar import find_words
from ui.transcript.list.selection import Selection, TextPlace, as_markdown, as_text, whole
from ui.transcript.message.outline import outline
from ui.transcript.message.segments import CodeSegment, Press, TableSegment
from ui.transcript.transcript_view import TranscriptView

MIXED = "A *word*.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n"
WIDE = "```\n" + "long line " * 60 + "\n```\n"
WIDE_TABLE = "|" + " column |" * 40 + "\n|" + "---|" * 40 + "\n|" + " cell |" * 40 + "\n"
LONG = "# First\n\n" + "word " * 300 + "\n\n## *Second* part\n\n" + "word " * 300


def sideways(view: TranscriptView, at: QPoint, by: int) -> None:
    viewport = listed(view).viewport()
    nothing = (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)
    event = QWheelEvent(QPointF(at), viewport.mapToGlobal(QPointF(at)), QPoint(), QPoint(-2 * by, 0), *nothing)
    QApplication.sendEvent(viewport, event)


def press(view: TranscriptView, segment: CodeSegment, what: Press) -> None:
    """Press a word of the first message's frame."""
    QApplication.processEvents()
    view.grab()
    place = segment._buttons[what].center()
    at = point_in(view, 0, place.x(), place.y())
    QTest.mouseClick(listed(view).viewport(), Qt.MouseButton.LeftButton, pos=at)


def written_address(view: TranscriptView) -> str:
    """The address of the only link of the first message, as its document has it."""
    cursor = QTextCursor(view.rows[0].parts.body[0].segments[0].laid.document)
    cursor.setPosition(2)
    return cursor.charFormat().anchorHref()


def test_what_is_marked_across_blocks_is_copied_as_text_and_as_markdown(show: Show) -> None:
    view = show([answer(MIXED)])
    assert as_text(view.rows, whole(0, 0)).split("\n\n")[:2] == ["A word.", "•\tone\n•\ttwo"]
    assert as_markdown(view.rows, whole(0, 0)).replace("\n", "") == MIXED.replace("\n", "")
    part = Selection(TextPlace(0, 1, 0, 2), TextPlace(0, 1, 1, 5))
    assert as_markdown(view.rows, part) == "word.\n\n•\tone"
    listed(view).select(whole(0, 0))
    listed(view).copy_markdown()
    assert "| a | b |" in QGuiApplication.clipboard().text()


def test_what_is_not_seen_in_code_is_copied_as_it_was_written(show: Show) -> None:
    code = "a\u200b\u200bb\ufe0f 👍\u202e⟦x⟧\nc\u2060"
    view = show([answer(f"```\n{code}\n```\n\nAnd `d\u200be`.")])
    assert "a⟦ZWSP⟧⟦ZWSP⟧b⟦VS16⟧" in view.rows[0].parts.body[0].segments[0].text
    assert as_text(view.rows, whole(0, 0)) == f"{code}\n\nAnd d\u200be."
    part = Selection(TextPlace(0, 1, 0, 3), TextPlace(0, 1, 0, 14))  # both within names
    assert as_text(view.rows, part) == "\u200b\u200bb"


def test_code_is_copied_and_wrapped_by_a_press(show: Show) -> None:
    view = show([answer(WIDE)])
    (segment,) = view.rows[0].parts.body[0].segments
    assert isinstance(segment, CodeSegment)
    press(view, segment, Press.COPY)
    assert QGuiApplication.clipboard().text() == "long line " * 60 + "\n"
    before = view.rows[0].parts.body[0].height(listed(view).column[1])
    press(view, segment, Press.WRAP)
    assert segment.chain.wraps
    assert view.rows[0].parts.body[0].height(listed(view).column[1]) > before
    press(view, segment, Press.WRAP)
    assert view.rows[0].parts.body[0].height(listed(view).column[1]) == before


def test_what_is_too_wide_moves_sideways_in_itself(show: Show) -> None:
    view = show([answer(WIDE), answer(WIDE_TABLE)])
    code, table = (view.rows[number].parts.body[0].segments[0] for number in (0, 1))
    assert isinstance(code, CodeSegment)
    assert isinstance(table, TableSegment)
    before = code.rect_of(0).x(), table.rect_of(1).x()
    sideways(view, point_in(view, 0, 40, 50), 50)
    sideways(view, point_in(view, 1, 40, 10), 30)
    assert (code.chain.shift, table.chain.shift) == (50, 30)
    assert (code.rect_of(0).x(), table.rect_of(1).x()) == (before[0] - 50, before[1] - 30)
    sideways(view, point_in(view, 0, 40, 50), -500)
    assert code.chain.shift == 0
    sideways(view, point_in(view, 1, 40, 10), 100_000)
    view.grab()
    assert table.chain.shift == table._natural - listed(view).column[1]


def test_words_are_found_across_markdowns_signs(show: Show) -> None:
    view = show([answer("The **capital** of Australia\n\nis `Canberra` and is *capital*.")])
    sought = find_words("capital")
    assert sought is not None
    first, second = find_bar.hits(view.rows, sought)
    found = [find_bar.shown(view.rows[0], hit, sought) for hit in (first, second)]
    assert [each.place.segment for each in found if each] == [0, 1]
    assert [each.place.position for each in found if each] == [4, 19]
    assert find_words("  ") is None
    assert find_words("a  b") is not None


def test_the_bar_is_as_high_as_its_field(show: Show) -> None:
    view = show(turns(2))
    view.open_find()
    QApplication.processEvents()
    assert view._find().height() >= view._find().field.sizeHint().height()
    assert view._find().rect().contains(view._find().field.geometry())


def test_a_long_answer_has_an_outline_that_leads_to_its_headings(show: Show) -> None:
    view = show([*turns(3), prompt("Go on."), answer(LONG)])
    row = view.rows[-1]
    assert [(each.text, each.level) for each in outline(row)] == [("First", 1), ("Second part", 2)]
    assert outline(view.rows[0]) == []
    view.handling._go_to_heading(row, outline(row)[1])
    top = next(each.top for each in listed(view).placed if each.slab is row.slabs[outline(row)[1].slab])
    y = top + row.slabs[outline(row)[1].slab].segment_top(outline(row)[1].segment, listed(view).column[1])
    assert 0 <= y < listed(view).viewport().height()
    view._actions.menu(row, QPoint(0, 0))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert "Outline" in [action.text() for action in menu.actions()]
    menu.close()


def test_enter_opens_a_message_with_a_caret_and_esc_gives_the_list_back(qtbot: QtBot, show: Show) -> None:
    view = show([prompt("Hello?"), answer(MIXED)])
    messages = listed(view)
    messages.setFocus()
    qtbot.waitUntil(messages.hasFocus)
    messages.setCurrentIndex(messages.model().index(1, 0))
    QTest.keyClick(messages, Qt.Key.Key_Return)
    reader = view._reader()
    assert reader.isVisible()
    assert reader.hasFocus()
    assert reader.accessibleName() == "Message from scripted"
    assert reader.toPlainText().startswith("A word.")
    QTest.keyClick(reader, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert reader.textCursor().selectedText() == "A"
    QTest.keyClick(reader, Qt.Key.Key_Escape)
    assert not reader.isVisible()
    assert messages.hasFocus()


PARTS = (
    "> Quoted\n\nbehind\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nafter a table\n\n1. First\n2. Second\n\n"
    "```py\nx = 1\ny = 2\n```\n\n```\nother\n```\n\n# Heading\n\n+--+\n| x |\n+--+\n\nlast"
)


def test_what_is_read_with_a_caret_stands_as_in_the_transcript_and_nothing_over_another(
    qtbot: QtBot, show: Show
) -> None:
    view = show([prompt("Hello?"), answer(PARTS)])
    messages = listed(view)
    messages.setFocus()
    messages.setCurrentIndex(messages.model().index(1, 0))
    QTest.keyClick(messages, Qt.Key.Key_Return)
    document = view._reader().document()
    qtbot.waitUntil(lambda: document.toPlainText().rstrip().endswith("last"))
    layout = document.documentLayout()
    blocks = [document.findBlockByNumber(number) for number in range(document.blockCount())]
    said = {block.text().strip(): layout.blockBoundingRect(block) for block in blocks if block.text().strip()}
    assert list(said)[:7] == ["Quoted", "behind", "a", "b", "1", "2", "after a table"]
    cells = {"a", "b", "1", "2"}
    lines = [rect for text, rect in said.items() if text not in cells]
    assert all(above.bottom() <= below.top() + 1 for above, below in pairwise(lines))
    assert said["after a table"].top() >= said["1"].bottom()
    ink = {text: document.find(text).block().layout().lineAt(0).x() + rect.left() for text, rect in said.items()}
    assert ink["Quoted"] > ink["behind"] == ink["after a table"] == ink["last"]


@pytest.mark.parametrize("by_mouse", [False, True], ids=["keyboard", "mouse"])
@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("http://example.org/", "The connection is not encrypted."),
        ("https://good.example@evil.example/", "is a user name, not the host."),
        ("https://google.com%2eevil.com/", None),
    ],
)
def test_the_caret_asks_about_a_link_as_the_transcript_does(
    qtbot: QtBot, show: Show, address: str, asked: str | None, by_mouse: bool
) -> None:
    """Both are handed the address as it was written: what is refused in one is refused in the other."""
    view = show([answer(f"[word]({address})")])
    messages = listed(view)
    messages.setFocus()
    qtbot.waitUntil(messages.hasFocus)
    messages.setCurrentIndex(messages.model().index(0, 0))
    QTest.keyClick(messages, Qt.Key.Key_Return)
    reader = view._reader()
    if by_mouse:
        cursor = reader.textCursor()
        cursor.setPosition(2)
        place = reader.cursorRect(cursor).center()
        QTest.mouseClick(reader.viewport(), Qt.MouseButton.LeftButton, pos=place)
    else:
        QTest.keyClick(reader, Qt.Key.Key_Tab)
        QTest.keyClick(reader, Qt.Key.Key_Return)
    said = [f"{box.text()} {box.informativeText()}" for box in reader.findChildren(QMessageBox)]
    view.handling._open_link(written_address(view))
    assert said == [f"{box.text()} {box.informativeText()}" for box in messages.findChildren(QMessageBox)]
    assert len(said) == (asked is not None)
    assert all((asked or "") in each for each in said)


def test_all_is_reached_by_keys_alone(qtbot: QtBot, show: Show) -> None:
    view = show([*turns(20), prompt("Why?"), answer("Because.", reasoning="Hm.")])
    messages = listed(view)
    messages.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(messages.hasFocus)
    assert messages.currentIndex().row() == 41
    QTest.keyClick(messages, Qt.Key.Key_Space)
    assert view.rows[-1].unfolded
    QTest.keyClick(messages, Qt.Key.Key_Home)
    assert messages.currentIndex().row() == 0
    assert messages.placed[0].row == 0
    QTest.keyClick(messages, Qt.Key.Key_Down)
    assert messages.currentIndex().row() == 1
    before = messages.verticalOffset()
    QTest.keyClick(messages, Qt.Key.Key_PageDown)
    assert messages.verticalOffset() > before
    QTest.keyClick(messages, Qt.Key.Key_PageUp)
    assert messages.verticalOffset() == before
    QTest.keyClick(messages, Qt.Key.Key_End)
    assert messages.currentIndex().row() == 41
    told = heard(view.regenerate_wanted)
    QTest.keyClick(messages, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert told == [()]


def test_the_bar_and_the_wheel_move_the_text(show: Show) -> None:
    view = show(turns(60))
    bar = listed(view).verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    bar.setValue(0)
    assert listed(view).placed[0].row == 0
    bar.setValue(60)
    assert listed(view).verticalOffset() == 60


def test_the_cures_of_an_error_are_no_part_of_the_list(show: Show) -> None:
    problem = Problem(code="x", message="It broke.")
    view = show([prompt("Hello?"), answer("Half", status=Status.FAILED, problem=problem)])
    card = view.findChild(ErrorCard)
    assert card is not None
    assert card.parentWidget() is view
    found = QAccessible.queryAccessibleInterface(view)
    names = [found.child(number) for number in range(found.childCount())]
    assert any(child.object() is card for child in names)


def test_a_countdown_says_why_and_how_long(qtbot: QtBot, themes: Themes, show: Show) -> None:
    owner = show([])
    countdown = Countdown(owner)
    told = heard(countdown.said)
    countdown.start(RetryWait(attempt=1, wait_s=0.3, reason="example.org is unavailable (503): Service Unavailable."))
    assert told == [("Example.org is unavailable. Trying again in 1 s.",)]
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[1] == ("Example.org is unavailable. Trying again.",)
    countdown.stop()
    assert not countdown.is_counting


def test_the_caret_of_a_live_answer_stands_where_its_next_word_comes(show: Show) -> None:
    view = show([])
    view.begin(prompt("?"), "live", "scripted")
    view._growing._grow("שלום", "")
    last = view.rows[-1].parts.body[-1].segments[-1].laid
    assert last.ends_rtl
    view.grab()
    view._growing._grow("\n\nEnglish", "")
    assert not view.rows[-1].parts.body[-1].segments[-1].laid.ends_rtl


def test_only_some_documents_are_kept(show: Show) -> None:
    view = show(turns(600))
    messages = listed(view)
    for _ in range(300):
        messages.scroll_by(-400)
    made = sum(slab._segment is not None for row in view.rows if row.is_prompt for slab in row.parts.body)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    assert 0 < made < 250


def test_the_caret_reader_copies_what_was_written(show: Show) -> None:
    view = show([answer("הרץ את `--help` $x^2$ `a\u202eb`")])
    view.handling._read(view.rows[0])
    reader = view._reader()
    reader.selectAll()
    reader.copy()
    assert QGuiApplication.clipboard().text() == "הרץ את --help $x^2$ a\u202eb"


def words_broken(reader: CaretReader) -> list[str]:
    """The words of tables that go on in another line."""
    found: list[str] = []
    block = reader.document().begin()
    while block.isValid():
        lines = [block.layout().lineAt(number) for number in range(block.layout().lineCount())]
        ends = [line.textStart() + line.textLength() for line in lines[:-1]]
        found += [block.text() for end in ends if not block.text()[end - 1].isspace()]
        block = block.next()
    return found


def test_the_caret_reader_breaks_no_word_of_a_narrow_column_while_another_has_room(qtbot: QtBot, show: Show) -> None:
    remark = "It is quick on average, and slow where the input is sorted already, as many are. " * 2
    rows = "".join(f"| {name} | {cost} | {remark} |\n" for name, cost in (("quicksort", "n log n"), ("insertion", "n")))
    view = show([answer(f"| algorithm | cost | remark |\n|---|---|---|\n{rows}")])
    view.resize(420, 600)
    QApplication.processEvents()
    listed(view).open_wanted.emit(view.rows[0])
    (reader,) = view.findChildren(CaretReader)
    QApplication.processEvents()
    assert "algorithm" in reader.toPlainText()
    assert words_broken(reader) == []
    view.resize(360, 600)
    qtbot.waitUntil(lambda: words_broken(reader) == [])


def test_the_pieces_of_a_long_table_stand_under_its_head_in_the_caret_reader(qtbot: QtBot, show: Show) -> None:
    rows = "".join(f"| {'word ' * (number % 7 + 1)} | {number} | x |\n" for number in range(120))
    view = show([answer(f"| what | number | sign |\n|---|---|---|\n{rows}")])
    listed(view).open_wanted.emit(view.rows[0])
    (reader,) = view.findChildren(CaretReader)
    qtbot.waitUntil(lambda: reader.toPlainText().rstrip().endswith("x") and "\n119\n" in reader.toPlainText())
    tables = [each for each in reader.document().rootFrame().childFrames() if isinstance(each, QTextTable)]
    columns = {tuple(each.rawValue() for each in table.format().columnWidthConstraints()) for table in tables}
    assert len(tables) > 1
    assert len(columns) == 1
