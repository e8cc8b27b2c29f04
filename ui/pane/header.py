"""The line above a conversation: its model, where it comes from, what is set, and the menu of the rest."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from ui.icons import icon
from ui.theme import Theme
from ui.widgets.parts import ElidedLabel, hairline

HEIGHT = 40


class Square(QWidget):
    """The model's colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colour = QColor()
        self.setFixedSize(8, 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A small square."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.colour)
        painter.drawRoundedRect(self.rect(), 2, 2)


class PaneHeader(QWidget):
    """What answers, and with what settings."""

    model_wanted = Signal()
    parameters_wanted = Signal()
    system_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self._colour = QColor()
        self._square = Square()
        self.model = QPushButton()
        self.model.setProperty("role", "quiet")
        self.model.setAccessibleName("Model")
        self._connection = ElidedLabel("", "muted")
        self.parameters = QPushButton()
        self.parameters.setProperty("role", "quiet")
        self.parameters.setAccessibleName("Parameters")
        self.more = QToolButton()
        self.more.setProperty("role", "quiet")
        self.more.setAccessibleName("More for this conversation")
        self.more.setToolTip("More for this conversation")
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(16, 2, 8, 0)
        row.setSpacing(2)
        row.addWidget(self._square)
        row.addWidget(self.model)
        row.addWidget(self._connection, 1)
        row.addWidget(self.parameters)
        row.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(line, 1)
        column.addWidget(hairline())
        self.model.clicked.connect(self.model_wanted)
        self.parameters.clicked.connect(self.parameters_wanted)
        self.more.clicked.connect(self._open_menu)
        self.themed(theme)

    def show_model(self, name: str, connection: str, colour: str) -> None:
        """Say which model answers."""
        self.model.setText(name.replace("&", "&&"))
        self.model.setAccessibleDescription(f"{name}, {connection}")
        self._connection.setText(connection)
        self._colour = self._square.colour = QColor(colour)
        self._square.update()
        self.update()

    def show_parameters(self, text: str) -> None:
        """Say what is set."""
        self.parameters.setText(text.replace("&", "&&"))
        self.parameters.setVisible(bool(text))

    def themed(self, theme: Theme) -> None:
        """Draw in a theme's colours."""
        self.more.setIcon(icon("ellipsis", theme.muted, 16))
        self.model.setStyleSheet(f"QPushButton {{ color: {theme.text}; font-size: 13px; font-weight: 600; }}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """The model's colour along the top."""
        super().paintEvent(event)
        QPainter(self).fillRect(0, 0, self.width(), 2, self._colour)

    @Slot()
    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, wanted in (("System prompt…", self.system_wanted), ("Parameters…", self.parameters_wanted)):
            action = QAction(text, menu)
            action.triggered.connect(wanted)
            menu.addAction(action)
        corner = self.more.mapToGlobal(self.more.rect().bottomRight())
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))
