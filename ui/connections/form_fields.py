"""Fields and captions of the connection forms."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ui.widgets.labels import label


def field(name: str, placeholder: str = "") -> QLineEdit:
    """Return a line edit with an accessible name."""
    made = QLineEdit()
    made.setAccessibleName(name)
    made.setPlaceholderText(placeholder)
    return made


def captioned(
    caption: str, control: QWidget, hint: str = "", *, beside: QWidget | None = None
) -> tuple[QVBoxLayout, QLabel]:
    """Return a layout with the caption and hint above the control, and the hint.

    Another control may be `beside` it.
    """
    said = label(caption, "caption")
    said.setBuddy(control)
    aside = label(hint, "muted")
    line = QHBoxLayout()
    line.setSpacing(8)
    line.addWidget(said)
    line.addStretch(1)
    line.addWidget(aside, 0, Qt.AlignmentFlag.AlignRight)
    column = QVBoxLayout()
    column.setSpacing(6)
    column.addLayout(line)
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(control, 1)
    if beside is not None:
        row.addWidget(beside)
    column.addLayout(row)
    return column, aside
