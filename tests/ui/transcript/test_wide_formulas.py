"""A formula that is wider than its line is drawn smaller, or moved sideways in itself: all of it can be read."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QTextDocument, QWheelEvent
from PySide6.QtWidgets import QApplication

from tests.examples import alike
from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, listed, prompt
from ui.transcript.list.selection import as_text, whole
from ui.transcript.text import inline_pictures
from ui.transcript.transcript_view import TranscriptView

SUM = "+".join(f"a_{{{number}}}b_{{{number}}}" for number in range(10, 40))
"""Some 1,400 pixels wide."""

ENDED = rf"\textcolor{{red}}{{R}}{SUM}\textcolor{{blue}}{{Z}}"

KINDS = [f"$$\n{ENDED}\n$$", f"So ${ENDED}$ is.", f"- one\n\n  $$\n  {ENDED}\n  $$\n", f"> 1. ${ENDED}$\n"]


def seen(view: TranscriptView) -> tuple[bool, bool]:
    """Whether the red beginning and the blue end are in view."""
    QApplication.processEvents()
    viewport = listed(view).viewport()
    image = viewport.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    colours = [QColor(image.pixel(x, y)) for y in range(image.height()) for x in range(0, image.width(), 2)]
    strong = [each for each in colours if each.hslSaturationF() > 0.8 and 0.3 < each.lightnessF() < 0.75]
    red = any(each.red() > 150 and each.blue() < 90 for each in strong)
    return red, any(each.blue() > 150 and each.red() < 90 for each in strong)


def wheel(view: TranscriptView, distance: int) -> None:
    """Turn the wheel sideways over the last slab of text."""
    viewport = listed(view).viewport()
    left, width = listed(view).column
    each = next(each for each in listed(view).placed if each.row == 1 and each.slab in view.rows[1].parts.body)
    at = QPointF(left + width / 2, each.top + each.slab.height(width) - 14)
    event = QWheelEvent(
        at,
        viewport.mapToGlobal(at),
        QPoint(-distance, 0),
        QPoint(),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


@pytest.mark.parametrize("text", alike(1, KINDS))
def test_the_end_of_a_formula_that_is_too_wide_comes_into_view(show: Show, text: str) -> None:
    view = show([prompt("?"), answer(text)])
    assert seen(view) == (True, False)
    wheel(view, 3_000)
    assert seen(view) == (False, True)
    wheel(view, -3_000)
    assert seen(view) == (True, False)


@pytest.mark.parametrize("kind", alike(1, ["$$\n{}\n$$", "So ${}$ is."]))
def test_a_formula_that_is_a_little_too_wide_is_drawn_smaller_and_whole(show: Show, kind: str) -> None:
    short = r"\textcolor{red}{R}" + SUM[: len(SUM) // 3].rpartition("+")[0] + r"\textcolor{blue}{Z}"
    view = show([prompt("?"), answer(kind.format(short))])
    (segment,) = view.rows[1].parts.body[0].segments
    assert seen(view) == (True, True)
    image = next(each for each in segment.laid.document.allFormats() if each.isImageFormat()).toImageFormat()
    tall = segment.height(listed(view).column[1])
    while listed(view).column[1] > 0.9 * image.width():
        view.resize(view.width() - 10, 400)
    assert seen(view) == (True, True)
    wheel(view, 100)
    assert seen(view) == (True, True)
    view.resize(700, 400)
    assert segment.height(listed(view).column[1]) == tall


def test_copying_asks_of_no_formula_how_large_it_is(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"数学 $x_{{{number}}}$ 在，" for number in range(60))
    view = show([prompt("Why?"), answer(text)])
    view.grab()
    asked: list[int] = []

    def room(_document: QTextDocument, at: int) -> float:
        asked.append(at)
        return 500.0

    monkeypatch.setattr(inline_pictures, "_room", room)
    assert as_text(view.rows, whole(1, 1)) == text
    assert len(asked) <= 120  # when it is first laid out: once each, and again where a line breaks before it
