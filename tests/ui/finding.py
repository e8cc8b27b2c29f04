"""Finds controls by their accessible names, as a screen reader does, and what is said around them."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

W = TypeVar("W", bound=QWidget)

_CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QListView, QPlainTextEdit)


def named(within: QWidget, kind: type[W], name: str) -> W:
    """The control of a kind and a name; StopIteration where there is none."""
    return next(each for each in within.findChildren(kind) if each.accessibleName() == name)


def field(within: QWidget, name: str) -> QLineEdit:
    """A line to type into."""
    return named(within, QLineEdit, name)


def button(within: QWidget, name: str) -> QPushButton:
    """A button."""
    return named(within, QPushButton, name)


def buttons(within: QWidget) -> list[QPushButton]:
    """All buttons that are on the screen."""
    return [each for each in within.findChildren(QPushButton) if each.isVisible()]


def said(within: QWidget) -> str:
    """All that labels say where they are not hidden, a line each."""
    QApplication.processEvents()  # what was just put into a layout is shown by then
    return "\n".join(label.text() for label in within.findChildren(QLabel) if not label.isHidden())


def cut_off(within: QWidget) -> list[str]:
    """Buttons that are cut off or pressed together, but for those that can be scrolled to."""
    found: list[str] = []
    for each in within.findChildren(QAbstractButton):
        area = each.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if not each.isVisible() or area is not None or not each.text():
            continue
        place = QRect(each.mapTo(within, QPoint()), each.size())
        if not within.rect().contains(place) or each.height() < each.fontMetrics().height():
            found.append(each.text())
    return found


def unreachable(within: QWidget) -> list[str]:
    """Controls that are visible and lack a name or cannot be reached by keyboard."""
    found: list[str] = []
    for control in within.findChildren(QWidget):
        inner = isinstance(control.parent(), (QAbstractSpinBox, QComboBox)) or control.objectName().startswith("qt_")
        if not isinstance(control, _CONTROLS) or not control.isVisible() or not control.isEnabled() or inner:
            continue
        # One of several is reached from the one that is chosen, by arrows.
        another = isinstance(control, QAbstractButton) and control.autoExclusive() and not control.isChecked()
        if not control.accessibleName() or not (another or control.focusPolicy() & Qt.FocusPolicy.TabFocus):
            found.append(f"{type(control).__name__} “{control.accessibleName()}”")
    return found
