"""Paints pictures of inline formulas on whole pixels. If a line is too narrow, they are scaled down or scroll."""

# ruff: noqa: N802, N803 - Qt names what is overridden here

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QPainter, QPyTextObject, QTextDocument, QTextFormat

FORMULA = "formula"
"""URL scheme of formula pictures in documents."""

_Property = QTextFormat.Property

_SMALLEST = 0.75
"""Minimum scale of a picture; a picture that would have to be smaller scrolls instead."""

_BAR, _THICK, _LEAST = 8, 4, 24
"""Space below a scrolling picture, height of its scroll bar and minimum width of the handle, in pixels."""

_FAINT = 0.25


class InlinePictures(QPyTextObject):
    """Paints the pictures in one document. Qt would drop rows and columns of pixels between physical ones."""

    def __init__(self) -> None:
        super().__init__()
        self.ink = QColor(Qt.GlobalColor.black)
        """The colour of the text, of which the bars are a faint one."""
        self.hidden = 0.0
        """Pixels of the widest picture that its line has no room for."""
        self._shift = 0.0
        self._smaller: dict[tuple[str, int], QImage] = {}

    def laid_anew(self) -> None:
        """Reset the sizes before a layout at another width."""
        self.hidden = 0.0
        self._smaller.clear()

    def scroll(self, distance: float) -> bool:
        """Scroll wide pictures by pixels. Returns whether any of them moved."""
        before = min(self._shift, self.hidden)
        self._shift = max(min(before + distance, self.hidden), 0.0)
        return self._shift != before

    def intrinsicSize(self, doc: QTextDocument, posInDocument: int, format: QTextFormat) -> QSizeF:  # noqa: A002
        """Return the size of a picture, scaled down or cut off to fit the line's width."""
        width = format.doubleProperty(_Property.ImageWidth.value)
        height = format.doubleProperty(_Property.ImageHeight.value)
        room = _room(doc, posInDocument)
        if not 0 < room < width:
            return QSizeF(width, height)
        if room >= width * _SMALLEST:
            return QSizeF(math.floor(room), math.ceil(height * room / width))
        self.hidden = max(self.hidden, math.ceil(width - room))
        return QSizeF(room, height + _BAR)

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        doc: QTextDocument,
        posInDocument: int,
        format: QTextFormat,  # noqa: A002
    ) -> None:
        """Paint a picture into a document."""
        del posInDocument
        name = format.stringProperty(_Property.ImageName.value)
        if QUrl(name).scheme() != FORMULA:  # asked for another, Qt would open files
            return
        image: QImage = doc.resource(QTextDocument.ResourceType.ImageResource.value, QUrl(name))
        wide = image.deviceIndependentSize().width()
        if wide * _SMALLEST - 1 <= rect.width() < math.floor(wide):
            image = self._made_smaller(name, image, math.floor(rect.width()))
            wide = rect.width()
        screen = painter.deviceTransform()
        shift = min(self._shift, max(wide - rect.width(), 0.0))
        corner = screen.map(QPointF(rect.topLeft()) - QPointF(shift, 0))
        at = screen.inverted()[0].map(QPointF(round(corner.x()), round(corner.y())))
        if wide < rect.width() + 1:
            painter.drawImage(at, image)
            return
        painter.save()
        painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
        painter.drawImage(at, image)
        self._draw_bar(painter, QRectF(rect), shift, wide)
        painter.restore()

    def _draw_bar(self, painter: QPainter, rect: QRectF, shift: float, wide: float) -> None:
        share = rect.width() / wide
        long = max(rect.width() * share, _LEAST)
        bar = QRectF(rect.left() + shift * share, rect.bottom() - _THICK, long, _THICK)
        colour = QColor(self.ink)
        colour.setAlphaF(_FAINT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(bar, _THICK / 2, _THICK / 2)

    def _made_smaller(self, name: str, image: QImage, width: int) -> QImage:
        if (name, width) not in self._smaller:
            ratio = image.devicePixelRatio()
            made = image.scaledToWidth(round(width * ratio), Qt.TransformationMode.SmoothTransformation)
            made.setDevicePixelRatio(ratio)
            self._smaller[name, width] = made
        return self._smaller[name, width]


def _room(document: QTextDocument, position: int) -> float:
    """Return the width in pixels of a line in a paragraph, or 0 if it is unlimited."""
    if document.textWidth() <= 0:
        return 0.0
    form = document.findBlock(position).blockFormat()
    return document.textWidth() - form.leftMargin() - form.rightMargin() - max(form.textIndent(), 0)
