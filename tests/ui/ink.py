"""What is drawn, from either side, without the empty ground around it: to compare a text wherever it stands."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

LEFT, RIGHT = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft


@contextmanager
def read_from(direction: Qt.LayoutDirection) -> Generator[None]:
    """The whole application is read from a side: pictures of single widgets are painted in its direction."""
    QApplication.setLayoutDirection(direction)
    try:
        yield
    finally:
        QApplication.setLayoutDirection(LEFT)


def inked(image: QImage, within: QRect | None = None) -> QRect:
    """The smallest rectangle with all that differs from the colour of the area's first pixel."""
    area = image.rect() if within is None else within
    ground = image.pixel(area.topLeft())
    places = [
        (x, y)
        for x in range(area.left(), area.right() + 1)
        for y in range(area.top(), area.bottom() + 1)
        if image.pixel(x, y) != ground
    ]
    across, down = [x for x, _ in places], [y for _, y in places]
    return QRect(min(across), min(down), max(across) - min(across) + 1, max(down) - min(down) + 1)


def unlike(one: QImage, other: QImage) -> float:
    """How far two drawings differ beyond what a fraction of a pixel does: from 0 to 1, of the ink that is seen."""
    if abs(one.width() - other.width()) > 2 or abs(one.height() - other.height()) > 2:
        return 1
    first, second = ([_dark(image, x) for x in range(image.width())] for image in (one, other))
    moved = ((first[max(by, 0) :], second[max(-by, 0) :]) for by in range(-2, 3))
    return min(sum(abs(a - b) for a, b in zip(*pair, strict=False)) for pair in moved) / (sum(first) + 1)


def _dark(image: QImage, x: int) -> int:
    return sum(255 - image.pixelColor(x, y).lightness() for y in range(image.height()))


def drawing(image: QImage, within: QRect | None = None) -> QImage:
    """That rectangle of the image, on white where it has no ground."""
    place = inked(image, within)
    made = QImage(place.size(), QImage.Format.Format_RGB32)
    made.fill(0xFFFFFF)
    painter = QPainter(made)
    painter.drawImage(0, 0, image, place.x(), place.y(), place.width(), place.height())
    painter.end()
    return made
