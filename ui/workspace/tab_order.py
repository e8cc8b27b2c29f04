"""The order in which Tab goes: pane by pane as they stand, whenever they were made, and then their composer."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def in_order(parts: Iterable[QWidget]) -> None:
    """Let Tab go through these parts of a window one after another, in each as its children lie."""
    for before, after in pairwise(each for part in parts for each in _controls(part)):
        QWidget.setTabOrder(before, after)


def _controls(part: QWidget) -> list[QWidget]:
    return [
        each
        for each in part.findChildren(QWidget)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.focusProxy() is None
    ]
