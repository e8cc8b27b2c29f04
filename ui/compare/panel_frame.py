"""Frame of a side panel with a title, a close button and content."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from ui.base.icons import icon
from ui.base.theme import Theme
from ui.widgets.labels import hairline, label
from ui.widgets.open_things import OpenThing

HEIGHT = 39


class Panel(QWidget, OpenThing):
    """Side panel with an initial width. Content is added to `column`; Esc inside the panel closes it."""

    close_wanted = Signal()

    def __init__(self, name: str, close: str, theme: Theme, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width = width
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(name)
        self._close = QToolButton()
        self._close.setProperty("role", "quiet")
        self._close.setAccessibleName(close)
        self._close.setToolTip(close)
        self._close.clicked.connect(self.close_wanted)
        self.bar = QHBoxLayout()
        self.bar.setContentsMargins(16, 0, 8, 0)
        self.bar.setSpacing(8)
        self.bar.addWidget(label(name, "strong"))
        self.bar.addStretch(1)
        self.bar.addWidget(self._close)
        head = QWidget()
        head.setFixedHeight(HEIGHT)
        head.setLayout(self.bar)
        self.column = QVBoxLayout()
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(hairline())
        whole.addLayout(self.column, 1)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.close_wanted)
        self.themed(theme)

    @Slot()
    def refresh(self) -> None:
        """Show the current state of the panes."""

    def close_by_key(self) -> None:
        """Close the panel just as the close button does."""
        self.close_wanted.emit()

    def sizeHint(self) -> QSize:
        """Return the initial width of the panel."""
        return QSize(self._width, super().sizeHint().height())

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._close.setIcon(icon("x", theme.muted, 14))
