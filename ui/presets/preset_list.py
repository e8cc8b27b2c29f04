"""List of presets, two lines of text each, with search and a check mark for the preset in use."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.presets.preset import Preset
from ui.base.icons import icon
from ui.base.strings import holds_every, tr
from ui.base.theme import Theme
from ui.widgets.row_painter import RowPainter, sized
from ui.widgets.tips import plain_tip

LINE_ROLE = Qt.ItemDataRole.UserRole + 1
_HEIGHT = 46
_TICK = 16
_ROOT = QModelIndex()

Index = QModelIndex | QPersistentModelIndex


class PresetLine(Struct, frozen=True):
    """Item of the list: a preset, or None for using no preset."""

    preset: Preset | None
    title: str
    description: str = ""
    own: bool = False
    used: bool = False

    @property
    def spoken(self) -> str:
        """The item as text for screen readers."""
        marks = (tr("custom preset") if self.own else "", tr("in use") if self.used else "")
        return ", ".join(each for each in (self.title, self.description, *marks) if each)


def sought(lines: Iterable[PresetLine], words: str) -> list[PresetLine]:
    """Return the items that contain all words."""
    wanted = words.casefold().split()
    return [line for line in lines if holds_every(wanted, f"{line.title} {line.description}")]


class PresetsModel(QAbstractListModel):
    """List model of the visible items."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: list[PresetLine] = []

    def replace(self, lines: list[PresetLine]) -> None:
        """Replace all lines of the list."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a PresetLine, or its text for display and screen readers."""
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == LINE_ROLE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return line.spoken
        return plain_tip(line.description) if role == Qt.ItemDataRole.ToolTipRole else None


class PresetPainter(QStyledItemDelegate):
    """Paints an item: title, description and check mark."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of two lines of text; the list sets the width."""
        del option, index
        return QSize(0, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one line of the list."""
        line: PresetLine = index.data(LINE_ROLE)
        row = RowPainter.of(painter, option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.tint))
            painter.drawRoundedRect(row.rect.adjusted(0, 1, 0, -1), 6, 6)
        above = 5 if line.description else (_HEIGHT - 19) // 2
        first = QRect(row.rect.left() + 10, row.rect.top() + above, row.rect.width() - 20 - _TICK - 8, 19)
        bold = QFont(sized(row.font, 13))
        bold.setWeight(QFont.Weight.DemiBold)
        used = row.begin(first, line.title, bold, self.theme.text)
        if line.own:
            row.begin(first.adjusted(used + 10, 0, 0, 0), tr("custom"), sized(row.font, 12), self.theme.muted)
        row.begin(first.translated(0, 18), line.description, sized(row.font, 12), self.theme.muted)
        if line.used:
            tick = QRect(row.rect.right() - _TICK - 9, row.rect.center().y() - _TICK // 2, _TICK, _TICK)
            icon("check", self.theme.accent, _TICK).paint(painter, row.placed(tick))
        painter.restore()
