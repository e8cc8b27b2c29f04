"""Labels, key caps, hairlines and other small elements that all parts of the window use."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import math
import unicodedata
from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QRectF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from ui.widgets.fills import fill

Role = Literal[
    "muted",
    "warn",
    "figure",
    "title",
    "keycap",
    "heading",
    "headline",
    "lead",
    "caption",
    "strong",
    "problem",
    "chip",
    "",
]

_FEW_LETTERS = 72


def label(text: str = "", role: Role = "", parent: QWidget | None = None) -> QLabel:
    """Return a plain-text label."""
    made = QLabel(parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    if role:
        made.setProperty("role", role)
    return made


def hairline(*, vertical: bool = False, parent: QWidget | None = None) -> Hairline:
    """Return a line that is one pixel wide."""
    line = Hairline(parent)
    line.setProperty("role", "hairline")
    line.setProperty("vertical" if vertical else "horizontal", "true")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


class Hairline(QFrame):
    """Line of whole physical pixels.

    At 150%, a logical pixel covers one physical pixel in some places and two in others.
    """

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint as many whole physical pixels as fit."""
        del event
        ratio, corner = self.devicePixelRatioF(), self.mapTo(self.window(), QPoint())
        thin = max(int(ratio), 1) / ratio
        place = QRectF(self.rect())
        if self.height() == 1:
            place = QRectF(0, math.floor(corner.y() * ratio + 0.5) / ratio - corner.y(), self.width(), thin)
        elif self.width() == 1:
            place = QRectF(math.floor(corner.x() * ratio + 0.5) / ratio - corner.x(), 0, thin, self.height())
        fill(QPainter(self), place, self.palette().color(QPalette.ColorRole.WindowText))


def keycap(shortcut: QKeySequence, parent: QWidget | None = None) -> QLabel:
    """Return a label that shows a shortcut in the system's notation."""
    native = shortcut.toString(QKeySequence.SequenceFormat.NativeText)
    return label(native.replace("+", " "), "keycap", parent)


def check_quietly(button: QAbstractButton, *, on: bool) -> None:
    """Set the checked state of a button without emitting signals.

    Actions are connected to `toggled` instead of `clicked`, because screen readers toggle buttons without clicking.
    """
    with QSignalBlocker(button):
        button.setChecked(on)


def set_role(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet uses, and restyle the widget."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def isolated(text: str) -> str:
    """Wrap a text in Unicode isolates, so that it keeps its own writing direction."""
    return f"\u2068{text}\u2069"


def within_sentence(name: str) -> str:
    """Isolate a name whose script runs in the opposite direction, so that the sentence is not reordered."""
    letters = {unicodedata.bidirectional(letter) for letter in name}
    other = {"L"} if QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft else {"R", "AL"}
    return isolated(name) if letters & other else name


class EdgedFrame(QFrame):
    """Frame with an edge on one side, selected in the style sheet by its property `direction`, "ltr" or "rtl"."""

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self._turn()

    def changeEvent(self, event: QEvent) -> None:
        """Move the edge to the other side when the layout direction changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._turn()

    def _turn(self) -> None:
        set_role(self, "direction", "rtl" if self.isRightToLeft() else "ltr")


class ElidedLabel(QLabel):
    """Label with one line of plain text, shortened with an ellipsis. The accessible name is complete.

    `least` is the minimum width in pixels.
    """

    def __init__(self, text: str = "", role: Role = "", parent: QWidget | None = None, *, least: int = 24) -> None:
        super().__init__(parent)
        self._least = least
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size at which the label can be read."""
        return QSize(min(self._least, self.sizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, shortened to fit the width."""
        del event
        painter = QPainter(self)
        one_line = " ".join(self.text().split())
        elided = self.fontMetrics().elidedText(one_line, Qt.TextElideMode.ElideRight, self.contentsRect().width())
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        side = QStyle.visualAlignment(self.layoutDirection(), self.alignment())
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # words keep the order of their own script
        painter.drawText(self.contentsRect(), side | Qt.AlignmentFlag.AlignVCenter, elided)


class ElidedButton(QPushButton):
    """Button whose text is shortened with an ellipsis if there is little space."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Return a size that fits a few letters."""
        return QSize(min(_FEW_LETTERS, self.sizeHint().width()), super().minimumSizeHint().height())

    def show_text(self, text: str) -> None:
        """Set the text. An ampersand is shown as such and does not mark a shortcut."""
        self.setText(text.replace("&", "&&"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button with its text shortened to fit the width."""
        del event
        option = QStyleOptionButton()
        self.initStyleOption(option)
        space = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
        elided = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, space, Qt.TextFlag.TextShowMnemonic
        )
        option.text = isolated(elided)  # pyright: ignore[reportAttributeAccessIssue]
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)
