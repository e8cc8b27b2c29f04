"""Cards of a page, and the card of a chart: its legend, its table for screen readers, and that table as a file."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.metrics.figure_tables import rows_as_csv, rows_as_tabs
from ui.base.strings import day, tr
from ui.base.theme import Theme
from ui.charts.chart import Chart
from ui.widgets.announcement import announce
from ui.widgets.buttons import button
from ui.widgets.labels import ElidedLabel
from ui.widgets.paragraph import Paragraph
from ui.widgets.rows_table import RowsTable
from ui.widgets.save_dialog import ask_where, write_text

_PAD = 20
_SQUARE, _LINE, _BETWEEN = 8, 20, 16

Cell = str | float | date | None


class TableColumn(NamedTuple):
    """Column of a chart's table. `text` formats its numbers; files have plain ones, and `unit` in the title."""

    title: str
    text: Callable[[float], str] = str
    unit: str = ""


class ChartTable(NamedTuple):
    """The numbers of a chart. Unknown ones are None."""

    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[Cell]]

    @property
    def head(self) -> tuple[str, ...]:
        """The titles of the columns."""
        return tuple(column.title for column in self.columns)

    @property
    def texts(self) -> list[tuple[str, ...]]:
        """The rows as they are shown."""
        return [tuple(map(_shown, row, self.columns)) for row in self.rows]

    @property
    def numbers(self) -> list[tuple[str, ...]]:
        """The head and the rows for files."""
        head = tuple(f"{each.title} ({each.unit})" if each.unit else each.title for each in self.columns)
        return [head, *(tuple(map(_plain, row)) for row in self.rows)]


def _shown(cell: Cell, column: TableColumn) -> str:
    match cell:
        case None:
            return ""
        case str():
            return cell
        case date():
            return day(cell)
        case _:
            return column.text(cell)


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return cell
        case date():
            return cell.isoformat()
        case _:
            return f"{cell:.10g}"


class TitledCard(QFrame):
    """Frame with a title, and a `note` beside it. `column` holds the content."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        self.note = ElidedLabel("", "muted")
        self._title = ElidedLabel(title, "title", least=60)
        self._title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.head = QHBoxLayout()
        self.head.setSpacing(6)
        self.head.addWidget(self._title)
        self.head.addWidget(self.note, 1)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(_PAD, 16, _PAD, 16)
        self.column.setSpacing(10)
        self.column.addLayout(self.head)

    def rename(self, title: str) -> None:
        """Change the title."""
        self._title.setText(title)
        self.setAccessibleName(title)


class CardRow(QWidget):
    """Two cards side by side, or stacked if there is no room. `shares` are their shares of the width."""

    def __init__(
        self, first: TitledCard, second: TitledCard, shares: tuple[int, int], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(16)
        for card, share in zip((first, second), shares, strict=True):
            card.setMinimumWidth(0)
            self._row.addWidget(card, share)

    def stack(self, *, on: bool) -> None:
        """Stack the cards, or put them side by side."""
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if on else QBoxLayout.Direction.LeftToRight)


class Legend(QWidget):
    """Names with the colors of a chart, on as many lines as they need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: Sequence[tuple[str, str]] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setProperty("role", "legend")

    def show_entries(self, entries: Sequence[tuple[str, str]]) -> None:
        """Replace the names and their colors."""
        self.entries = entries
        self.setVisible(bool(entries))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Return True, because lines wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines at a width."""
        return round(max((place.bottom() for place in self._places(width)), default=0.0))

    def sizeHint(self) -> QSize:
        """Return the size of two columns of names."""
        return QSize(320, self.heightForWidth(320))

    def minimumSizeHint(self) -> QSize:
        """Return the size of one line."""
        return QSize(120, _LINE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a square and a name for each entry."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        right = not self.isLeftToRight()
        side = (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignAbsolute
        for (name, colour), place in zip(self.entries, self._places(self.width()), strict=True):
            square = QRectF(place.left(), place.center().y() - _SQUARE / 2, _SQUARE, _SQUARE)
            text = place.adjusted(_SQUARE + 6, 0, 0, 0)
            if right:
                square.moveLeft(self.width() - square.right())
                text.moveLeft(self.width() - text.right())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(square, 2, 2)
            painter.setPen(self.palette().color(self.foregroundRole()))
            shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, int(text.width()) + 1)
            painter.drawText(text, side | Qt.AlignmentFlag.AlignVCenter, shown)

    def _places(self, width: int) -> list[QRectF]:
        self.ensurePolished()
        at, places = QPointF(0, 0), list[QRectF]()
        for name, _ in self.entries:
            wide = min(_SQUARE + 8.0 + self.fontMetrics().horizontalAdvance(name), width)
            if at.x() and at.x() + wide > width:
                at = QPointF(0, at.y() + _LINE)
            places.append(QRectF(at.x(), at.y(), wide, _LINE))
            at.setX(at.x() + wide + _BETWEEN)
        return places


class ChartCard(TitledCard):
    """Chart with its legend, or its numbers as a table, or a sentence if there is nothing to show.

    `numbers` are those of the chart, and `file` is the proposed name of a file for them, without its suffix.
    """

    def __init__(self, title: str, chart: Chart, empty: str, file: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.chart = chart
        self.legend = Legend(self)
        self._file = file
        self.numbers = ChartTable((), ())
        self._is_filled = False
        self.table = RowsTable(title, ("",), self)
        self.empty = Paragraph(empty, "muted")
        self.below = Paragraph("", "muted")
        self.toggle, self.copy, self.save = (
            button(text, "quiet", by_enter=True) for text in (tr("Table"), tr("Copy"), tr("Save CSV…"))
        )
        self.toggle.setCheckable(True)
        self.head.addWidget(self.toggle)
        actions = QHBoxLayout()
        actions.setSpacing(8)
        actions.addWidget(self.copy)
        actions.addWidget(self.save)
        self.said = ElidedLabel("", "muted")
        actions.addWidget(self.said, 1)
        for each in (self.chart, self.legend, self.table):
            self.column.addWidget(each)
        self.column.addLayout(actions)
        for each in (self.empty, self.below):
            self.column.addWidget(each)
        self.column.addStretch(1)
        self.toggle.toggled.connect(self._show)
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._ask_where)
        self.rename(title)
        self._show()

    def rename(self, title: str) -> None:
        """Change the title, which is part of the names of chart, table and buttons."""
        super().rename(title)
        for each in (self.chart, self.table):
            each.setAccessibleName(title)
        for each in (self.toggle, self.copy, self.save):
            each.setAccessibleName(tr("{chart}: {command}", chart=title, command=each.text()))

    def show_chart(
        self, sentence: str, table: ChartTable, legend: Sequence[tuple[str, str]] = (), *, below: str = ""
    ) -> None:
        """Show the chart, which has its values already, with its table. `sentence` says what the chart shows."""
        self.numbers = table
        self.chart.setAccessibleName(f"{self.accessibleName()}: {sentence}" if sentence else self.accessibleName())
        self._is_filled = False
        self.legend.show_entries(legend)
        self.below.setText(below)
        self._show()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self.chart.themed(theme)

    @Slot()
    def _show(self) -> None:
        rows, as_table = bool(self.numbers.rows), self.toggle.isChecked()
        if as_table and not self._is_filled:  # a year of eight models takes longer than a frame
            self.table.rows.show(self.numbers.texts, self.numbers.head or ("",))
            self._is_filled = True
        self.chart.setVisible(rows and not as_table)
        self.legend.setVisible(rows and not as_table and bool(self.legend.entries))
        self.said.setText("")
        for each in (self.table, self.copy, self.save, self.said):
            each.setVisible(rows and as_table)
        for each in (self.toggle, self.note):
            each.setVisible(rows)
        self.empty.setVisible(not rows)
        self.below.setVisible(rows and bool(self.below.text()))

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(rows_as_tabs(self.numbers.numbers))
        self._say(tr("The table was copied."))

    @Slot()
    def _ask_where(self) -> None:
        name = f"{self._file}.csv"
        ask_where(tr("Save table"), name, "CSV (*.csv)", self, self.write)

    def write(self, path: Path) -> None:
        """Write the table as CSV."""
        if write_text(rows_as_csv(self.numbers.numbers), path, tr("Save table"), self):
            self._say(tr("Saved: {file}", file=path))

    def _say(self, text: str) -> None:
        self.said.setText(text)
        announce(self, text)
