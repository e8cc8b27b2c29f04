"""Drop area for files, and a thin progress bar."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from ui.base.icons import icon
from ui.base.strings import tr
from ui.base.theme import Theme, Themes
from ui.widgets.buttons import button
from ui.widgets.labels import label

_BAR = 6
_ROUND = 8.0
_SIGN = 28


def dropped(data: QMimeData) -> list[Path]:
    """Return the local files and folders in dragged data."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


class DropArea(QFrame):
    """Dashed frame on which files and folders can be dropped, with buttons as an alternative."""

    files_dropped = Signal(list)
    """Emitted with a list of at least one path."""

    def __init__(self, text: str, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choose = button(tr("Choose files…"), by_enter=True)
        self.choose_folder = button(tr("Choose folder…"), by_enter=True)
        self._sign = label()
        self._over = False
        self.setAcceptDrops(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 28, 24, 28)
        column.setSpacing(12)
        said = label(text)
        said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
        column.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(said)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.choose)
        row.addWidget(self.choose_folder)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        self._recolour(themes.current)
        themes.changed.connect(self._recolour)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept drags that contain files."""
        if dropped(event.mimeData()):
            event.acceptProposedAction()
            self._show_over(over=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Remove the highlight when the drag leaves the area."""
        del event
        self._show_over(over=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Emit the dropped files."""
        self._show_over(over=False)
        event.acceptProposedAction()
        self.files_dropped.emit(dropped(event.mimeData()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dashed border."""
        del event
        role = QPalette.ColorRole.Accent if self._over else QPalette.ColorRole.Dark
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self.palette().color(role), 1)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.AlternateBase))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _ROUND, _ROUND)
        painter.end()

    @Slot(object)
    def _recolour(self, theme: Theme) -> None:
        self._sign.setPixmap(icon("file-down", theme.muted, _SIGN).pixmap(_SIGN, _SIGN))

    def _show_over(self, *, over: bool) -> None:
        self._over = over
        self.update()


class ProgressLine(QProgressBar):
    """Thin progress bar in theme colors, indeterminate until the total is known."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTextVisible(False)
        self.setRange(0, 1)
        self.setValue(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the preferred size of the bar."""
        return QSize(120, _BAR)

    def minimumSizeHint(self) -> QSize:
        """Return the minimum size of the bar."""
        return QSize(40, _BAR)

    def show_done(self, done: int, total: int) -> None:
        """Show the number of completed items."""
        self.setRange(0, max(1, total))
        self.setValue(done)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the completed part."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(0, (self.height() - _BAR) / 2, self.width(), _BAR)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRoundedRect(whole, _BAR / 2, _BAR / 2)
        share = (self.value() - self.minimum()) / max(1, self.maximum() - self.minimum())
        if share > 0:
            whole.setWidth(max(_BAR, whole.width() * min(1.0, share)))
            painter.setBrush(self.palette().color(QPalette.ColorRole.Accent))
            painter.drawRoundedRect(whole, _BAR / 2, _BAR / 2)
        painter.end()
