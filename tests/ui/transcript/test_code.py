from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QTextDocument
from PySide6.QtWidgets import QApplication

from tests.desktop.markdown.splitting import cut
from ui.theme import Theme
from ui.transcript.code import CodeText
from ui.transcript.formats import Formats
from ui.transcript.highlight import LONGEST
from ui.transcript.look import Look

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


def whole(formats: Formats, content: str, language: str = "python") -> QTextDocument:
    document = QTextDocument()
    CodeText(document, formats, language).grow(content, is_open=False)
    return document


@pytest.mark.parametrize("size", [1, 2, 7, 30])
def test_code_in_pieces_is_the_code_written_whole(formats: Formats, size: int) -> None:
    document = QTextDocument()
    code = CodeText(document, formats, "python")
    content = ""
    for piece in cut(CODE, size):
        content += piece
        code.grow(content, is_open=True)
        assert document.toPlainText() == content.removesuffix("\n")
    code.grow(content, is_open=False)
    assert colours(document) == colours(whole(formats, CODE))


def test_an_empty_block_has_no_line(formats: Formats) -> None:
    document = whole(formats, "")
    assert document.toPlainText() == ""
    assert document.blockCount() == 1


def test_blank_lines_at_the_end_are_lines(formats: Formats) -> None:
    assert whole(formats, "a\n\n\n").toPlainText() == "a\n\n"


def test_many_lines_at_once_are_coloured_by_the_check(formats: Formats) -> None:
    content = "def f(): pass\n" * 500
    document = QTextDocument()
    code = CodeText(document, formats, "python")
    code.grow(content, is_open=False)
    assert len(colours(document)[0]) == 1
    steps = sum(1 for _ in code.check())
    assert steps > 500
    assert colours(document) == [colours(whole(formats, "def f(): pass\n"))[0]] * 500


def test_the_check_leaves_right_lines_alone(formats: Formats) -> None:
    document = QTextDocument()
    code = CodeText(document, formats, "python")
    code.grow(CODE, is_open=False)
    revision = document.revision()
    for _ in code.check():
        pass
    assert document.revision() == revision


def test_a_very_long_open_line_is_only_added_to(formats: Formats) -> None:
    document = QTextDocument()
    code = CodeText(document, formats, "python")
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
