"""Formulas stand in their lines as text does: on its line, to the pixel, without pushing lines apart or together."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QTextDocument, QTextFormat
from PySide6.QtWidgets import QApplication

from desktop.markdown.text_segments import blocks
from tests.ui.transcript.inks import AtOnce
from ui.base.theme import Theme
from ui.transcript.text.document_writer import DocumentWriter
from ui.transcript.text.documents import Laid
from ui.transcript.text.look import Look

WIDTH = 420
LINE = 21
"""Pixels between the lines of the body's text."""

OVER_THE_WHOLE_LINE = ("a^2+b^2=c^2", r"\alpha+\beta", r"O(n \log n)", r"\vec{v}\cdot\vec{w}", "x_i^2", r"\mathcal{L}")


def writer(ratio: float = 1.0) -> DocumentWriter:
    return DocumentWriter(Look.of(Theme.load("light"), QFont(QApplication.font())), ratio, drawings=AtOnce())


def laid(text: str, ratio: float = 1.0) -> Laid:
    made = Laid(writer(ratio).document(blocks(text)[0]))
    made.height(WIDTH)
    return made


def pictures(document: QTextDocument) -> list[QImage]:
    """The formulas' pictures in a document, in order."""
    found: list[QImage] = []
    block = document.begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            form = iterator.fragment().charFormat()
            if form.isImageFormat():
                name = form.stringProperty(QTextFormat.Property.ImageName.value)
                found.append(document.resource(QTextDocument.ResourceType.ImageResource.value, QUrl(name)))
            iterator += 1
        block = block.next()
    return found


def baselines(document: QTextDocument) -> list[float]:
    found: list[float] = []
    block = document.begin()
    while block.isValid():
        top = document.documentLayout().blockBoundingRect(block).top()
        lines = [block.layout().lineAt(number) for number in range(block.layout().lineCount())]
        found += [top + line.y() + line.ascent() for line in lines]
        block = block.next()
    return found


def painted(text: Laid, ratio: float, ground: QColor) -> QImage:
    image = QImage(round((WIDTH + 20) * ratio), round(200 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(ground)
    painter = QPainter(image)
    text.paint(painter, QPointF(10, 10), QRectF(0, 0, WIDTH + 20, 200), QColor(Qt.GlobalColor.black))
    painter.end()
    return image


def cut_to_ink(picture: QImage, ground: QColor) -> QImage:
    """A picture on a ground, without its empty edges."""
    whole = QImage(picture.size(), QImage.Format.Format_RGB32)
    whole.fill(ground)
    painter = QPainter(whole)
    bare = QImage(picture)
    bare.setDevicePixelRatio(1)
    painter.drawImage(0, 0, bare)
    painter.end()
    inked = [(x, y) for x in range(whole.width()) for y in range(whole.height()) if whole.pixelColor(x, y) != ground]
    left, right = min(x for x, _ in inked), max(x for x, _ in inked)
    top, bottom = min(y for _, y in inked), max(y for _, y in inked)
    return whole.copy(left, top, right - left + 1, bottom - top + 1)


def holds(image: QImage, part: QImage) -> bool:
    """Whether a picture has a part somewhere, to the pixel."""
    bare = QImage(image)
    bare.setDevicePixelRatio(1)
    return any(
        bare.copy(x, y, part.width(), part.height()) == part
        for y in range(bare.height() - part.height() + 1)
        for x in range(bare.width() - part.width() + 1)
    )


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("source", ["a^2+b^2=c^2", r"\alpha+\beta"])
def test_a_formula_among_words_is_drawn_whole_and_sharp(qapp: QApplication, source: str, ratio: float) -> None:
    ground = QColor(Qt.GlobalColor.white)
    text = laid(f"il ${source}$ il", ratio)
    (picture,) = pictures(text.document)
    assert holds(painted(text, ratio, ground), cut_to_ink(picture, ground))


@pytest.mark.parametrize("source", OVER_THE_WHOLE_LINE)
def test_lines_with_formulas_stand_as_far_apart_as_lines_of_words(qapp: QApplication, source: str) -> None:
    words = "words of a line, and more of them so that it is full "
    text = laid(f"{words}{words}${source}$ {words}{words}")
    assert len(pictures(text.document)) == 1
    lines = baselines(text.document)
    assert len(lines) > 3
    gaps = [below - above for above, below in itertools.pairwise(lines)]
    assert all(abs(gap - LINE) <= 2 for gap in gaps), gaps


def test_a_formula_in_a_heading_is_as_large_as_its_words(qapp: QApplication) -> None:
    (small,), (large,) = (pictures(laid(f"{mark}word $x$").document) for mark in ("", "# "))
    assert cut_to_ink(large, QColor("white")).height() > 1.3 * cut_to_ink(small, QColor("white")).height()


def test_a_formula_in_a_link_leads_where_its_words_do(qapp: QApplication) -> None:
    text = laid("[$a^2+b^2=c^2$](https://example.org)")
    (picture,) = pictures(text.document)
    assert text.link_at(QPointF(picture.width() / 2, LINE / 2)) == "https://example.org"
    assert laid("$a^2+b^2=c^2$").link_at(QPointF(picture.width() / 2, LINE / 2)) == ""


@pytest.mark.parametrize(("name", "drawn"), [("align", 1), ("multline*", 0)])
def test_an_environment_without_dollars_is_drawn_or_stands_as_it_was_written(name: str, drawn: int) -> None:
    source = rf"\begin{{{name}}} a &= b \\ c &= d \end{{{name}}}"
    for text in (source, f"so {source} holds"):
        document = laid(text).document
        assert len(pictures(document)) == drawn
        assert drawn or document.toPlainText() == text
