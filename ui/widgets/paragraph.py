"""Wrapped plain text with a larger line spacing than QLabel's."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontInfo, QPainter, QPaintEvent, QPalette, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QWidget

from ui.widgets.labels import Role

LEADING = 1.45
"""Line height as a multiple of the font size."""

_PREFERRED = 520
_TALLEST = 1 << 15
_WIDTHS = 32


class Paragraph(QLabel):
    """Label with wrapped text, which is also its accessible name. Words that are wider than the label are broken."""

    def __init__(self, text: str = "", role: Role = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured: tuple[str, QFont, dict[int, int]] = ("", QFont(), {})
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setText(text)

    @property
    def line_height(self) -> int:
        """Distance between lines in pixels."""
        return max(round(QFontInfo(self.font()).pixelSize() * LEADING), self.fontMetrics().height())

    def hasHeightForWidth(self) -> bool:
        """Return True, because the text wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that all lines need at a width."""
        self.ensurePolished()
        margins = self.contentsMargins()
        text, font, room = self.text(), self.font(), width - margins.left() - margins.right()
        if (text, font) != self._measured[:2]:
            self._measured = (text, font, {})
        heights = self._measured[2]  # layouts ask a hundred times, and for two or three widths by turns
        if room not in heights:
            if len(heights) == _WIDTHS:
                heights.clear()
            heights[room] = self._laid_out(room)[1]
        return heights[room] + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        """Return the size of the text on one line, up to a comfortable width."""
        self.ensurePolished()
        margins = self.contentsMargins()
        longest = max((self.fontMetrics().horizontalAdvance(line) for line in self.text().split("\n")), default=0)
        width = min(longest + 1, _PREFERRED) + margins.left() + margins.right()
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return the size of one line. Layouts use `heightForWidth` for the height."""
        self.ensurePolished()
        margins = self.contentsMargins()
        return QSize(24 + margins.left() + margins.right(), self.line_height + margins.top() + margins.bottom())

    def changeEvent(self, event: QEvent) -> None:
        """Update the geometry after the font has changed."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the wrapped lines."""
        del event
        area = self.contentsRect()
        layout, height = self._laid_out(area.width())
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        layout.draw(painter, QPointF(_placed(self, QSize(area.width(), height), area).topLeft()))

    def _laid_out(self, width: int) -> tuple[QTextLayout, int]:
        """Return the wrapped text and its total height."""
        self.ensurePolished()
        layout = QTextLayout(self.text().replace("\n", "\u2028"), self.font())
        option = QTextOption(QStyle.visualAlignment(self.layoutDirection(), self.alignment()))
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # words keep the order of their own script
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        step = self.line_height
        above = (step - self.fontMetrics().height()) // 2
        height = 0
        layout.beginLayout()
        while (line := layout.createLine()).isValid() and height < _TALLEST:
            line.setLineWidth(max(width, 1))
            line.setPosition(QPointF(0, height + above))
            height += step
        layout.endLayout()
        return layout, height


def _placed(widget: QLabel, size: QSize, area: QRect) -> QRect:
    """Return the rectangle of the lines in an area, according to the label's vertical alignment."""
    return QStyle.alignedRect(
        Qt.LayoutDirection.LeftToRight, Qt.AlignmentFlag.AlignLeft | widget.alignment() & _VERTICAL, size, area
    )


_VERTICAL = Qt.AlignmentFlag.AlignVertical_Mask
