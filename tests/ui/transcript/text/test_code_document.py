from __future__ import annotations

import gc
from weakref import ref

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QTextDocument
from PySide6.QtWidgets import QApplication

from desktop.renderer.highlight import LONGEST, coloured
from tests.desktop.markdown.splitting import cut
from ui.base.theme import Theme
from ui.transcript.text.code_document import CodeDocument
from ui.transcript.text.formats import Formats
from ui.transcript.text.look import Look

CODE = "import os\n\n\ndef f(x):\n    return '''a\nb''' + x\n"


@pytest.fixture
def formats(qapp: QApplication) -> Formats:
    return Formats(Look.of(Theme.load("dark"), QFont(qapp.font())))


def colours(document: QTextDocument) -> list[list[tuple[str, str]]]:
    """Each line's words with their colours."""
    lines: list[list[tuple[str, str]]] = []
    block = document.begin()
    while block.isValid():
        words: list[tuple[str, str]] = []
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            words.append((fragment.text(), fragment.charFormat().foreground().color().name()))
            iterator += 1
        lines.append(words)
        block = block.next()
    return lines


def colour(code: CodeDocument) -> int:
    """Grant it all that it wants; how often it wanted something."""
    asked = 0
    while (request := code.request()) is not None:
        code.take(request, coloured(request))
        asked += 1
    return asked


def whole(formats: Formats, content: str, language: str = "python") -> QTextDocument:
    document = QTextDocument()
    code = CodeDocument(document, formats, language)
    code.grow(content, is_open=False)
    colour(code)
    return document


@pytest.mark.parametrize("size", [1, 2, 7, 30])
def test_code_in_pieces_is_the_code_written_whole(formats: Formats, size: int) -> None:
    document = QTextDocument()
    code = CodeDocument(document, formats, "python")
    content = ""
    for number, piece in enumerate(cut(CODE, size)):
        content += piece
        code.grow(content, is_open=True)
        if number % 3:
            colour(code)
        assert document.toPlainText() == content.removesuffix("\n")
    code.grow(content, is_open=False)
    colour(code)
    assert colours(document) == colours(whole(formats, CODE))
    assert len({ink for line in colours(document) for _, ink in line}) > 3


def test_without_colours_it_is_plain_and_whole(formats: Formats) -> None:
    document = QTextDocument()
    code = CodeDocument(document, formats, "python")
    code.grow(CODE, is_open=False)
    assert document.toPlainText() == CODE.removesuffix("\n")
    assert len({ink for line in colours(document) for _, ink in line}) == 1
    request = code.request()
    assert request is not None
    code.take(request, None)
    assert code.request() is None


def test_colours_that_come_late_leave_what_came_meanwhile_plain(formats: Formats) -> None:
    document = QTextDocument()
    code = CodeDocument(document, formats, "python")
    code.grow("x = 1\nde", is_open=True)
    request = code.request()
    assert request is not None
    code.grow("x = 1\ndef f(): pass\ny = 2\n", is_open=True)
    code.take(request, coloured(request))
    assert document.toPlainText() == "x = 1\ndef f(): pass\ny = 2"
    assert ("1", colours(document)[0][-1][1]) == colours(document)[0][-1]
    assert len(colours(document)[2]) == 1
    colour(code)
    assert colours(document)[1][0][0] == "def"
    assert len(colours(document)[2]) == 2


def test_only_what_is_new_is_asked_for(formats: Formats) -> None:
    code = CodeDocument(document := QTextDocument(), formats, "python")
    for lines in range(1, 50):
        code.grow("x = 1\n" * lines + "y", is_open=True)
        request = code.request()
        assert request is not None
        assert len(request.text) <= len("x = 1\nx = 1\ny")
        code.take(request, coloured(request))
    assert document.blockCount() == 50


def test_what_a_part_leaves_open_is_told_once_it_is_coloured(formats: Formats) -> None:
    document, left = QTextDocument(), list[tuple[str, ...]]()
    code = CodeDocument(document, formats, "python")
    code.ended = left.append
    code.grow("x = '''a\n", is_open=False)
    assert left == []
    colour(code)
    later = CodeDocument(other := QTextDocument(), formats, "python", lambda: left[0], continued=True)
    later.grow("b''' + c\n", is_open=False)
    colour(later)
    assert colours(other)[0][0][0] == "b'''"


def test_a_document_that_nobody_shows_is_not_kept(formats: Formats) -> None:
    document = QTextDocument()
    code = CodeDocument(document, formats, "python")
    code.grow(CODE, is_open=False)
    gone = ref(document)
    del document
    gc.collect()
    assert gone() is None
    assert code.request() is None


def test_an_empty_block_has_no_line(formats: Formats) -> None:
    document = whole(formats, "")
    assert document.toPlainText() == ""
    assert document.blockCount() == 1


def test_blank_lines_at_the_end_are_lines(formats: Formats) -> None:
    assert whole(formats, "a\n\n\n").toPlainText() == "a\n\n"


def test_right_lines_are_left_alone(formats: Formats) -> None:
    document = QTextDocument()
    code = CodeDocument(document, formats, "python")
    code.grow(CODE, is_open=True)
    colour(code)
    changes: list[int] = []

    def changed(at: int, removed: int, added: int) -> None:
        changes.extend((at, removed, added))

    document.contentsChange.connect(changed)
    code.grow(CODE, is_open=False)
    assert colour(code) == 1
    assert changes == []


def test_a_very_long_open_line_is_only_added_to(formats: Formats) -> None:
    document = QTextDocument()
    code = CodeDocument(document, formats, "python")
    line = "x" * (LONGEST + 1)
    code.grow(line, is_open=True)
    assert document.size().height() > 0
    changes: list[int] = []

    def changed(at: int, removed: int, added: int) -> None:
        changes.extend((at, removed, added))

    document.contentsChange.connect(changed)
    code.grow(line + "yz", is_open=True)
    assert changes == [LONGEST + 1, 0, 2]
    code.grow(line + "yz\nb\n", is_open=False)
    assert document.toPlainText() == line + "yz\nb"


def test_code_without_a_known_language_is_plain(formats: Formats) -> None:
    assert colours(whole(formats, "def f\n", ""))[0][0][0] == "def f"


def test_code_runs_from_left_to_right_whatever_letter_a_line_begins_with(formats: Formats) -> None:
    document = whole(formats, "שלום = 1\nسلام = 2\n", "")
    assert document.begin().textDirection() is Qt.LayoutDirection.LeftToRight
    assert document.lastBlock().textDirection() is Qt.LayoutDirection.LeftToRight
