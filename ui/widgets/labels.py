"""Hairlines, key caps, and labels that shorten their text: the small things every room needs."""

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

Role = Literal["muted", "warn", "figure", "title", "keycap", "heading", "caption", "strong", "problem", "chip", ""]

_FEW_LETTERS = 72


def label(text: str = "", role: Role = "", parent: QWidget | None = None) -> QLabel:
    """A label that shows its text as it stands."""
    made = QLabel(parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    if role:
        made.setProperty("role", role)
    return made


def hairline(*, vertical: bool = False, parent: QWidget | None = None) -> Hairline:
    """A line one pixel thin."""
    made = Hairline(parent)
    made.setProperty("role", "hairline")
    made.setProperty("vertical" if vertical else "horizontal", "true")
    if vertical:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made


class Hairline(QFrame):
    """A line of whole pixels of the screen: at 150% a pixel of the window is one of them here and two there."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as many as fit wherever it stands; what is left shows what lies behind."""
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
    """A shortcut as it is called on this system, drawn as keys."""
    native = shortcut.toString(QKeySequence.SequenceFormat.NativeText)
    return label(native.replace("+", " "), "keycap", parent)


def check_quietly(button: QAbstractButton, *, on: bool) -> None:
    """Show whether it is on, and tell nobody.

    What a press does hangs on `toggled`, not on `clicked`: screen readers toggle a button without clicking it.
    """
    with QSignalBlocker(button):
        button.setChecked(on)


def set_role(widget: QWidget, name: str, value: str) -> None:
    """Change a property that the style sheet looks at, and draw the widget anew by it."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def isolated(text: str) -> str:
    """A text that keeps the order of its own script wherever it is drawn, by Unicode's signs for it."""
    return f"\u2068{text}\u2069"


def within_sentence(name: str) -> str:
    """A name as a sentence of the window takes it: one of a script that runs the other way turns no word around it."""
    letters = {unicodedata.bidirectional(letter) for letter in name}
    other = {"L"} if QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft else {"R", "AL"}
    return isolated(name) if letters & other else name


class EdgedFrame(QFrame):
    """A frame whose property `direction` tells the style sheet from which side it is read: "ltr" or "rtl"."""

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self._turn()

    def changeEvent(self, event: QEvent) -> None:
        """Read from the other side, the edge is there."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._turn()

    def _turn(self) -> None:
        set_role(self, "direction", "rtl" if self.isRightToLeft() else "ltr")


class ElidedLabel(QLabel):
    """A line of plain text that ends in an ellipsis where there is no room; its accessible name stays whole.

    So many pixels, `least`, it keeps of what it needs.
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
        """Room for the least that says something."""
        return QSize(min(self._least, self.sizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as there is room for."""
        del event
        painter = QPainter(self)
        one_line = " ".join(self.text().split())
        elided = self.fontMetrics().elidedText(one_line, Qt.TextElideMode.ElideRight, self.contentsRect().width())
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        side = QStyle.visualAlignment(self.layoutDirection(), self.alignment())
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # words keep the order of their own script
        painter.drawText(self.contentsRect(), side | Qt.AlignmentFlag.AlignVCenter, elided)


class ElidedButton(QPushButton):
    """A button of any text, never wider than there is room; its text ends in an ellipsis then."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Room for a few letters."""
        return QSize(min(_FEW_LETTERS, self.sizeHint().width()), super().minimumSizeHint().height())

    def show_text(self, text: str) -> None:
        """Show a text as it stands, an ampersand too."""
        self.setText(text.replace("&", "&&"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button with as much of its text as there is room for."""
        del event
        option = QStyleOptionButton()
        self.initStyleOption(option)
        space = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
        elided = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, space, Qt.TextFlag.TextShowMnemonic
        )
        option.text = isolated(elided)  # pyright: ignore[reportAttributeAccessIssue]
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)
