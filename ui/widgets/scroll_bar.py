"""Narrow scroll bar painted as one rectangle. The style's own takes a third of a frame's time during scrolling."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QScrollBar, QStyle, QStyleOptionSlider, QWidget

from ui.widgets.fills import fill

WIDTH = 10
_INSET = 2
# Looking up Qt enum members by their full names costs as much as using them.
_BAR, _SLIDER = QStyle.ComplexControl.CC_ScrollBar, QStyle.SubControl.SC_ScrollBarSlider
_SMOOTH, _NO_PEN = QPainter.RenderHint.Antialiasing, Qt.PenStyle.NoPen


class SlimScrollBar(QScrollBar):
    """Vertical or horizontal scroll bar in the colors of the palette."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the handle, which has a stronger color under the pointer."""
        del event
        painter = QPainter(self)
        fill(painter, self.rect(), self.palette().color(QPalette.ColorRole.Base))
        if self.maximum() == self.minimum():
            return
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(_BAR, option, _SLIDER, self)
        strong = self.isSliderDown() or self.underMouse()
        painter.setRenderHint(_SMOOTH)
        painter.setPen(_NO_PEN)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Dark if strong else QPalette.ColorRole.Mid))
        inner = QRectF(handle).adjusted(_INSET, _INSET, -_INSET, -_INSET)
        painter.drawRoundedRect(inner, 3, 3)
