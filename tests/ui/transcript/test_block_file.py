"""A block of code saved as a file, and dragged out with its formatting, as an answer is by its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QStandardPaths, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, listed, prompt
from ui.transcript.block_file import code_file_name
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.segments import CodeSegment, Press
from ui.transcript.message.slabs import HeadSlab
from ui.transcript.transcript_view import TranscriptView
from ui.widgets.save_dialog import EXPORT_FORBIDDEN

CODE = "def capital():\n    return None\n"
LEFT = Qt.MouseButton.LeftButton


def shown(show: Show) -> TranscriptView:
    view = show([prompt("Why?"), answer(f"**So:**\n\n```python\n{CODE}```\n")])
    view.grab()
    return view


def point_of(view: TranscriptView, press: Press) -> QPoint:
    """A point in the head of the answer's code where a press means this."""
    messages = listed(view)
    left, width = messages.column
    each = next(each for each in messages.placed if isinstance(each.slab, BodySlab) and each.row == 1)
    number = next(at for at, segment in enumerate(each.slab.segments) if isinstance(segment, CodeSegment))
    segment, top = each.slab.segments[number], each.top + each.slab.segment_top(number, width)
    assert isinstance(segment, CodeSegment)
    if press is Press.DRAG:
        return QPoint(left + 40, top + 10)
    return segment._buttons[press].center() + QPoint(left + each.slab.inset(), top)


def drag(view: TranscriptView, start: QPoint) -> list[QMimeData]:
    """What is dragged out from a point."""
    taken: list[QMimeData] = []
    listed(view).drag_out = taken.append
    viewport = listed(view).viewport()
    QTest.mousePress(viewport, LEFT, pos=start)
    QTest.mouseMove(viewport, start + QPoint(2, 0))
    assert taken == []
    QTest.mouseMove(viewport, start + QPoint(3 * QApplication.startDragDistance(), 0))
    QTest.mouseRelease(viewport, LEFT, pos=start)
    return taken


def test_code_is_saved_where_the_dialog_says(show: Show, tmp_path: Path) -> None:
    view = shown(show)
    QTest.mouseClick(listed(view).viewport(), LEFT, pos=point_of(view, Press.SAVE))
    (asked,) = view.findChildren(QFileDialog)
    assert Path(asked.selectedFiles()[0]).name == "code.py"
    asked.fileSelected.emit(str(tmp_path / "mine.py"))
    assert (tmp_path / "mine.py").read_text() == CODE
    asked.reject()


def test_what_cannot_be_written_or_is_forbidden_is_a_sentence(show: Show, tmp_path: Path) -> None:
    view = shown(show)
    QTest.mouseClick(listed(view).viewport(), LEFT, pos=point_of(view, Press.SAVE))
    (asked,) = view.findChildren(QFileDialog)
    asked.fileSelected.emit(str(tmp_path / "missing" / "mine.py"))
    asked.reject()
    (box,) = listed(view).findChildren(QMessageBox)
    assert "could not be written" in box.text()
    box.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    view.setProperty(EXPORT_FORBIDDEN, "Not here.")
    QTest.mouseClick(listed(view).viewport(), LEFT, pos=point_of(view, Press.SAVE))
    (box,) = listed(view).findChildren(QMessageBox)
    assert box.text() == "Not here."
    box.close()


@pytest.mark.parametrize(
    ("language", "title", "name"),
    [
        ("python", "", "code.py"),
        ("", "", "code.txt"),
        ("js", "src/app.js", "app.js"),
        ("js", "../../x", "code.js"),
        ("sh", "a title. with words", "code.sh"),
    ],
)
def test_the_name_is_the_fences_or_its_languages(language: str, title: str, name: str) -> None:
    assert code_file_name(language, title) == name


def test_code_is_dragged_out_by_its_head_in_its_colors(show: Show) -> None:
    view = shown(show)
    (mime,) = drag(view, point_of(view, Press.DRAG))
    assert mime.text() == CODE
    assert '<span style="color: #6d1f90">def</span>' in mime.html()


def test_an_answer_is_dragged_out_by_its_name(show: Show) -> None:
    view = shown(show)
    messages = listed(view)
    each = next(each for each in messages.placed if isinstance(each.slab, HeadSlab) and each.row == 1)
    assert isinstance(each.slab, HeadSlab)
    start = each.slab.label(messages.column[1]).topLeft() + QPoint(messages.column[0] + 8, each.top + 4)
    (mime,) = drag(view, start)
    assert mime.text().startswith("So:")
    assert "<strong>So:</strong>" in mime.html()
    assert not messages.selected_text


@pytest.fixture(autouse=True)
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are suggested to lie here."""

    def folder(_: QStandardPaths.StandardLocation) -> str:
        return str(tmp_path)

    monkeypatch.setattr(QStandardPaths, "writableLocation", folder)
