"""Zoomable image view."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from ui.base.theme import Theme
from ui.widgets.scroll_bar import SlimScrollBar
from ui.widgets.viewport import put_viewport

_STEP, _LEAST, _MOST = 1.25, 0.05, 8.0
"""Zoom factor per step, minimum zoom and maximum zoom."""

_NOTCH = 120
"""Wheel angle of one zoom step in eighths of a degree; touchpads send smaller angles."""

_ARROW = 48
"""Scroll distance of an arrow key in pixels."""

_HALVINGS = 4
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}
"""Image formats that the decoding child process produces. The window decodes no others."""


def picture_levels(data: bytes, media_type: str) -> tuple[QImage, ...]:
    """Decode a re-encoded image and return it with ever smaller halves for small zooms; runs in a thread.

    Returns an empty tuple if the image cannot be decoded.
    """
    image = QImage()
    kind = _FORMATS.get(media_type)
    if kind is None or not image.loadFromData(data, kind):  # type: ignore[call-overload]
        return ()
    whole = QImage.Format.Format_ARGB32_Premultiplied if image.hasAlphaChannel() else QImage.Format.Format_RGB32
    levels = [image.convertToFormat(whole)]
    while len(levels) <= _HALVINGS and min(levels[-1].width(), levels[-1].height()) > 2:
        smooth = Qt.TransformationMode.SmoothTransformation
        half = QSize((levels[-1].width() + 1) // 2, (levels[-1].height() + 1) // 2)
        levels.append(levels[-1].scaled(half, Qt.AspectRatioMode.IgnoreAspectRatio, smooth))
    return tuple(levels)


class PictureView(QAbstractScrollArea):
    """View of one image that can be zoomed and panned. At a zoom of 1, an image pixel is a screen pixel."""

    zoomed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        put_viewport(self)
        self._levels: tuple[QImage, ...] = ()
        self._zoom = 0.0
        self._turned = 0
        self._drawn_from: QPoint | None = None
        self._ground = QColor(theme.surface)
        self._line = QColor(theme.line)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # a picture is no text
        self.setHorizontalScrollBar(SlimScrollBar(Qt.Orientation.Horizontal, self))
        self.setVerticalScrollBar(SlimScrollBar(Qt.Orientation.Vertical, self))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def zoom(self) -> float:
        """Screen pixels per image pixel."""
        return self._zoom or self._fitting

    @property
    def is_filled(self) -> bool:
        """Whether the view contains an image."""
        return bool(self._levels)

    @property
    def fits(self) -> bool:
        """Whether the image is fitted to the window."""
        return not self._zoom

    @property
    def shrinks(self) -> bool:
        """Whether the image can be zoomed out further."""
        return self.zoom > _LEAST

    @property
    def grows(self) -> bool:
        """Whether the image can be zoomed in further."""
        return self.zoom < _MOST

    def put(self, levels: Sequence[QImage], *, stays: bool = False) -> None:
        """Show the levels of an image.

        The image is fitted to the window unless its zoom `stays`; scrolls to the top.
        """
        self._levels = tuple(levels)
        self.zoom_to(self._zoom if stays else 0)
        self.verticalScrollBar().setValue(0)

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._ground, self._line = QColor(theme.surface), QColor(theme.line)
        self.viewport().update()

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Set the zoom (0 fits the image to the window), keeping the image point at `at` where it is."""
        at = at or QPointF(self.viewport().rect().center())
        before = self._place
        held = (at - before.topLeft()) / max(before.width(), 1)
        self._zoom = min(max(zoom, _LEAST), _MOST) if zoom else 0.0
        self._fit_bars()
        size = self._size
        moved = held * size.width() - at
        self.horizontalScrollBar().setValue(round(moved.x()))
        self.verticalScrollBar().setValue(round(moved.y()))
        self.viewport().update()
        self._show_hand()
        self.zoomed.emit()

    def step(self, by: int, at: QPointF | None = None) -> None:
        """Zoom by a number of steps."""
        self.zoom_to(self.zoom * _STEP**by, at)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, otherwise scroll."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self._turned += event.angleDelta().y()
        steps = int(self._turned / _NOTCH)
        self._turned -= steps * _NOTCH
        if steps:
            self.step(steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start panning the image."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._drawn_from = event.position().toPoint()
            self._show_hand()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan the image."""
        if self._drawn_from is not None:
            at = event.position().toPoint()
            moved, self._drawn_from = self._drawn_from - at, at
            self._scroll(moved)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stop panning the image."""
        del event
        self._drawn_from = None
        self._show_hand()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Switch between actual size and fitting the window."""
        self.zoom_to(1 if self.fits else 0, event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll with arrow keys; leave other keys to the window."""
        sideways, down = self.horizontalScrollBar().maximum(), self.verticalScrollBar().maximum()
        steps = {
            Qt.Key.Key_Left: QPoint(-_ARROW, 0) if sideways else None,
            Qt.Key.Key_Right: QPoint(_ARROW, 0) if sideways else None,
            Qt.Key.Key_Up: QPoint(0, -_ARROW) if down else None,
            Qt.Key.Key_Down: QPoint(0, _ARROW) if down else None,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()
        else:
            self._scroll(step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the image to the new size."""
        super().resizeEvent(event)
        self._fit_bars()
        self.zoomed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the visible part from the smallest level that is still sharp."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._ground)
        if not self._levels:
            return
        whole = self._place
        shown = whole.intersected(QRectF(event.rect()))
        wanted = whole.width() * self.devicePixelRatioF()
        level = next((each for each in reversed(self._levels) if each.width() >= wanted), self._levels[0])
        scale = level.width() / whole.width()
        source = QRectF((shown.topLeft() - whole.topLeft()) * scale, shown.size() * scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=self.zoom < _STEP**5)
        painter.fillRect(shown, QColor(Qt.GlobalColor.white))  # what is written on nothing is written for paper
        painter.drawImage(shown, level, source)
        painter.setPen(self._line)
        painter.drawRect(whole.adjusted(-0.5, -0.5, 0.5, 0.5))  # of white pages nothing else is seen on white

    @property
    def _fitting(self) -> float:
        """Zoom that shows the whole image, at most 1."""
        if not self._levels:
            return 1.0
        room = QSizeF(self.maximumViewportSize() - QSize(2, 2)) * self.devicePixelRatioF()
        size = self._levels[0].size()
        return max(min(room.width() / size.width(), room.height() / size.height(), 1.0), 0.001)

    @property
    def _size(self) -> QSizeF:
        """Displayed size in pixels."""
        size = self._levels[0].size() if self._levels else QSize(1, 1)
        return QSizeF(size) * (self.zoom / self.devicePixelRatioF())

    @property
    def _place(self) -> QRectF:
        """Rectangle of the image in the view, centered if the image is smaller than the view."""
        size, view = self._size, self.viewport().size()
        bars = self.horizontalScrollBar(), self.verticalScrollBar()
        left = (view.width() - size.width()) / 2 if size.width() <= view.width() else -bars[0].value()
        top = (view.height() - size.height()) / 2 if size.height() <= view.height() else -bars[1].value()
        return QRectF(QPointF(left, top), size)

    def _fit_bars(self) -> None:
        size, view = self._size, self.viewport().size()
        for bar, whole, seen in (
            (self.horizontalScrollBar(), size.width(), view.width()),
            (self.verticalScrollBar(), size.height(), view.height()),
        ):
            bar.setRange(0, 0 if self.fits else max(round(whole) - seen, 0))
            bar.setPageStep(seen)
            bar.setSingleStep(_ARROW // 2)

    def _scroll(self, by: QPoint) -> None:
        for bar, step in ((self.horizontalScrollBar(), by.x()), (self.verticalScrollBar(), by.y())):
            bar.setValue(bar.value() + step)

    def _show_hand(self) -> None:
        larger = self.horizontalScrollBar().maximum() or self.verticalScrollBar().maximum()
        shape = Qt.CursorShape.ClosedHandCursor if self._drawn_from is not None else Qt.CursorShape.OpenHandCursor
        self.viewport().setCursor(shape if larger else Qt.CursorShape.ArrowCursor)
