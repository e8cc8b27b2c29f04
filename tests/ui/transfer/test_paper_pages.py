"""What is put on paper: numbered pages, headings with what follows them, whole words, drawn formulas."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QTextCursor, QTextTable
from PySide6.QtWidgets import QApplication

from desktop.domain.conversation_types import Conversation
from desktop.renderer.formula_drawing import drawn
from desktop.renderer.highlight import coloured
from desktop.renderer.render_wire import CodeRequest, Reply, Request
from desktop.reports.ranking_html import PageWords
from desktop.transfer.export.exporter import chat_parts, comparison_parts
from desktop.transfer.export.paper_text import PaperBlock, PaperForm, PaperPart
from tests.desktop.reports import samples
from ui.base.theme import Themes
from ui.transfer.paper_pages import PaperDocument, PaperFormulas, PaperPdf

FORM = PaperForm(suffix="pdf", title="Capital cities")


async def ask(request: Request) -> Reply | None:
    return coloured(request) if isinstance(request, CodeRequest) else drawn(request)


async def parts_of(*held: Conversation) -> list[PaperPart]:
    async def given() -> AsyncGenerator[Conversation]:
        for each in held:
            yield each

    return [part async for part in chat_parts(given(), PageWords(), ask)]


def pages_of(parts: Sequence[PaperPart], form: PaperForm = FORM) -> tuple[list[str], bytes]:
    """The text of each page of a PDF, and the file."""
    made = PaperPdf(form)
    for part in parts:
        made.add(part)
    data = made.finished()
    document = pypdfium2.PdfDocument(data)
    found = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return found, data


async def test_a_chat_has_its_code_in_colors_its_formulas_drawn_and_its_pages_numbered(qapp: QApplication) -> None:
    parts = await parts_of(samples.conversation(0, 12))
    pages, data = pages_of(parts)
    assert "Capital cities" in pages[0]
    assert len(pages) > 1
    assert all(f"{FORM.title} {number}" in " ".join(page.split()) for number, page in enumerate(pages, 1))
    assert b"/Subtype /Image" in data
    assert any('<span class="k-keyword">def</span>' in part.html for part in parts if isinstance(part, PaperBlock))
    assert "You" in pages[0]
    assert "foundry/grok-4.7" in pages[0]
    assert "Let me think." not in "".join(pages)


async def test_each_conversation_begins_a_page(qapp: QApplication) -> None:
    pages, _ = pages_of(await parts_of(samples.conversation(0, 1), samples.conversation(1, 1)))
    assert ["Capital cities" in page.splitlines()[0] for page in pages] == [True, True]


@pytest.mark.parametrize("lines", range(40, 52))
def test_no_heading_stands_alone_at_the_end_of_a_page(lines: int, qapp: QApplication) -> None:
    before = "".join(f"<p>line {number}</p>" for number in range(lines))
    pages, _ = pages_of([PaperBlock(html=f"{before}<h3>HEADING</h3><p>{'follows ' * 60}</p>")])
    (page,) = (page for page in pages if "HEADING" in page)
    assert "follows" in page


def test_a_word_is_never_broken_in_a_cell_that_has_room_for_it(qapp: QApplication) -> None:
    long = "Internationalization"
    row = f"<tr><td>{long}</td>" + f"<td>{'many words in a cell ' * 12}</td>" * 4 + "</tr>"
    pages, _ = pages_of([PaperBlock(html=f"<table>{row}</table>")])
    assert long in pages[0]


def test_every_cell_has_a_border_whichever_way_its_column_is_aligned(qapp: QApplication) -> None:
    """With markdown-it's own element for an aligned cell."""
    cells = "".join(f'<td style="text-align:{side}">{side}</td>' for side in ("left", "center", "right"))
    document = PaperDocument(f"<table><tr><td>plain</td>{cells}</tr></table>", PaperFormulas(10), 10)
    (table,) = document.rootFrame().childFrames()
    assert isinstance(table, QTextTable)
    found = [table.cellAt(0, column) for column in range(4)]
    assert {each.format().toTableCellFormat().topBorder() for each in found} == {1.0}
    sides = [each.firstCursorPosition().blockFormat().alignment() for each in found]
    assert sides[2] & Qt.AlignmentFlag.AlignHCenter
    assert sides[3] & Qt.AlignmentFlag.AlignRight


def test_what_no_line_holds_is_broken_and_nothing_of_it_is_lost(qapp: QApplication) -> None:
    word = "abcdefghij" * 40
    for html in (f"<p>{word}</p>", f"<table><tr><td>{word}</td><td>{word}</td></tr></table>"):
        document = PaperDocument(html, PaperFormulas(10), 10)
        document.fit(400)
        assert document.size().width() <= 401
        assert word in document.toPlainText().replace("\u200b", "")


async def test_a_long_answer_is_on_paper_to_its_end(qapp: QApplication) -> None:
    text = "\n\n".join(f"Paragraph {number} of many words that go on for a while." for number in range(1_200))
    pages, _ = pages_of(await parts_of(samples.conversation(0, 1, texts=[text])))
    whole = "".join("".join(pages).split())  # where words end on a full page is a reader's guess
    assert all(whole.count(f"Paragraph{number}of") == 1 for number in range(1_200))
    assert whole.count("foundry/grok-4.7") == 2  # below the title, and once as who speaks


async def test_a_comparison_lies_on_its_side_with_all_answers(qapp: QApplication) -> None:
    report = samples.report([samples.conversation(pane, 2) for pane in range(3)])
    parts = [part async for part in comparison_parts(report, PageWords(), ask, lambda _done, _of: None)]
    pages, data = pages_of(parts, PaperForm(suffix="pdf", title="k", columns=3, points=8.5))
    width, height = map(float, re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)[0])
    assert width > height
    assert all(name in "".join(pages) for name in samples.NAMES[:3])


def test_rich_text_opens_nothing_whatever_stands_in_it(tmp_path: Path, qapp: QApplication) -> None:
    picture = QImage(40, 40, QImage.Format.Format_RGB32)
    assert picture.save(str(tmp_path / "there.png"))
    for address in (str(tmp_path / "there.png"), (tmp_path / "there.png").as_uri(), "formula:0"):
        document = PaperDocument(f'<img src="{address}" >', PaperFormulas(10), 10)
        assert document.size().width() < 30
        assert QTextCursor(document).atStart()


def test_code_among_words_from_the_right_is_not_turned_round(qapp: QApplication) -> None:
    said = [
        PaperDocument(f'<p>{words}<code dir="ltr">--help</code></p>', PaperFormulas(10), 10).toPlainText()
        for words in ("הרץ את ", "run ")
    ]
    assert said == ["הרץ את \u2066--help\u2069", "run --help"]


def test_nothing_is_painted_over_the_lines_above_code(qapp: QApplication) -> None:
    """A ground behind words reaches into the line above, and hides what stands low in it, such as underscores."""
    document = PaperDocument("<p>snake_case</p><pre><code>a = 1\n</code></pre>", PaperFormulas(10), 10)
    cursor = QTextCursor(document)
    words, lines = set[Qt.BrushStyle](), set[Qt.BrushStyle]()
    while not cursor.atEnd():
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
        words.add(cursor.charFormat().background().style())
        lines.add(cursor.blockFormat().background().style())
    assert words == {Qt.BrushStyle.NoBrush}
    assert lines == {Qt.BrushStyle.NoBrush, Qt.BrushStyle.SolidPattern}


async def test_paper_is_white_whatever_the_theme_is(themes: Themes) -> None:
    parts = await parts_of(samples.conversation(0, 1))
    made: list[int] = []
    for name in ("light", "dark"):
        themes.choose(name)
        themes.apply()
        made.append(len(pages_of(parts)[1]))
    assert abs(made[0] - made[1]) < 100
