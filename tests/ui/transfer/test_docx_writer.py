"""A DOCX read again by the library that wrote it: what stands in it as what, and that nothing breaks it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from docx import Document
from PySide6.QtWidgets import QApplication

from desktop.transfer.export.paper_text import PaperBlock, PaperColumns, PaperForm
from tests.desktop.reports import samples
from tests.desktop.transfer.test_html import EVIL
from tests.ui.transfer.test_paper_pages import parts_of
from ui.transfer.docx_writer import DocxWriter

FORM = PaperForm(suffix="docx", title="Capital cities")
TEXT = (
    "## Result\n\nThe **capital** is [Canberra](https://example.org), so $x^2$ it is.\n\n1. one\n2. two\n\nThen\n\n"
    "1. anew\n   - inner\n\n| City | Since |\n|---|---:|\n| Canberra | 1927 |\n\n"
    "```python\ndef capital():\n    pass\n```"
)


def read(writer: DocxWriter) -> Any:  # noqa: ANN401 - python-docx's own
    return Document(io.BytesIO(writer.finished()))


async def written(*texts: str) -> Any:  # noqa: ANN401 - python-docx's own
    writer = DocxWriter(FORM)
    for part in await parts_of(samples.conversation(0, len(texts), texts=texts)):
        writer.add(part)
    return read(writer)


async def test_an_answer_has_headings_lists_tables_colors_links_and_formulas(qapp: QApplication) -> None:
    made = await written(TEXT)
    styles = {each.text: each.style.name for each in made.paragraphs if each.text.strip()}
    assert (styles["Capital cities"], styles["You"], styles["Result"]) == ("Heading 1", "Heading 2", "Heading 3")
    assert (styles["one"], styles["inner"]) == ("List Number", "List Bullet 2")
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [
        ["City", "Since"],
        ["Canberra", "1927"],
    ]
    runs = {run.text: run for paragraph in reversed(made.paragraphs) for run in paragraph.runs}
    assert runs["capital"].bold
    assert str(runs["def"].font.color.rgb) == "6D1F90"
    (shape,) = made.inline_shapes
    assert shape._inline.docPr.get("descr") == "x^2"
    assert not [each for each in made.part.package.iter_parts() if "thumbnail" in str(each.partname)]
    assert "https://example.org" in {each.target_ref for each in made.part.rels.values() if each.is_external}


async def test_each_list_is_numbered_from_its_own_beginning(qapp: QApplication) -> None:
    made = await written(TEXT)
    numbers = {
        each.text: each._p.pPr.numPr.numId.val for each in made.paragraphs if each.text in ("one", "two", "anew")
    }
    assert numbers["one"] == numbers["two"] != numbers["anew"]


@pytest.mark.parametrize("text", [*EVIL, "a\x00\x08\ud800b\ufffe", "שלום `x`", "> " * 50 + "deep", "- " * 30 + "x"])
async def test_whatever_an_answer_holds_it_is_words(text: str, qapp: QApplication) -> None:
    made = await written(text)
    assert made.paragraphs
    targets = [each.target_ref for each in made.part.rels.values() if each.is_external]
    assert all(each.startswith(("https://", "http://", "mailto:")) for each in targets)


def test_answers_stand_side_by_side_below_their_heads_on_paper_on_its_side(qapp: QApplication) -> None:
    writer = DocxWriter(PaperForm(suffix="docx", title="t" * 10_000, columns=3, letter=True))
    writer.add(PaperBlock(html="<h2>Turn 1</h2>", keep=120))
    writer.add(
        PaperColumns(heads=("<p>a</p>", "<p>b</p>"), cells=("<p>one</p>", "<table><tr><td>two</td></tr></table>"))
    )
    made = read(writer)
    assert [cell.text.strip() for cell in made.tables[0].rows[0].cells] == ["a", "b"]
    assert made.tables[0].rows[1].cells[1].tables[0].cell(0, 0).text == "two"
    assert made.sections[0].page_width > made.sections[0].page_height
    assert made.paragraphs[0].paragraph_format.keep_with_next
