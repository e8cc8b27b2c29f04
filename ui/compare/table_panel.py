"""Side panel with a table of the panes' responses in one turn: its finding, notes, filter, copying and export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.conversation_types import Message
from desktop.metrics import figure_tables
from ui.base.strings import number_text, tr
from ui.base.theme import Theme
from ui.compare.comparison_table import ComparisonTable, TableRow
from ui.compare.pane_facts import ShownPane, distinct, last_turn, messages_of
from ui.compare.panel_frame import Panel
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox, TickBox
from ui.widgets.labels import ElidedLabel, hairline
from ui.widgets.menu import Menu
from ui.widgets.paragraph import Paragraph
from ui.widgets.save_dialog import ask_where, write_text
from ui.widgets.wrapping_layout import WrapLayout

WIDTH, _LEAST = 640, 320


class TableContent(Struct, frozen=True):
    """What the panel shows.

    Attributes:
        finding: The result as one sentence.
        notes: Reasons why a pane or a part is not compared.
        head: Titles of the columns.
        plain: The whole table as texts with its headings, for copying and export.
        summary: A figure beside the filter.
    """

    finding: str
    notes: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[TableRow, ...] = ()
    plain: tuple[tuple[str, ...], ...] = ()
    summary: str = ""


class TablePanel(Panel):
    """Panel with a table that is updated only when a response, a name or the theme changes."""

    said = Signal(str)
    """Emitted with a sentence after copying or exporting."""

    def __init__(
        self,
        names: tuple[str, str],
        differing: str,
        file: str,
        theme: Theme,
        panes: Callable[[], Sequence[ShownPane]],
        parent: QWidget | None = None,
    ) -> None:
        """`names` are those of the panel and of its close button; `differing` labels the filter."""
        super().__init__(*names, theme, WIDTH, parent)
        self.setMinimumWidth(_LEAST)
        self._title, self._file = names[0], file
        self._theme = theme
        self._panes_of = panes
        self._shown: object = None
        self._content = TableContent("")
        self._places: list[int] = []
        self.turn = ChoiceBox(tr("Turn"))
        self.only = TickBox(differing)
        self._state = Paragraph("", "strong")
        self._notes = Paragraph("", "warn")
        self._summary = ElidedLabel("", "muted")
        self.table = ComparisonTable(names[0], theme)
        self._copy, self._export = button(tr("Copy as table")), button(tr("Export CSV…"))
        self._lay_out()
        self.turn.activated.connect(self.refresh)
        self.only.toggled.connect(self._show_rows)
        self.table.cell_chosen.connect(self._choose)
        self._copy.clicked.connect(self._open_copy)
        self._export.clicked.connect(self._ask_where)

    @property
    def state(self) -> str:
        """The finding above the table."""
        return self._state.text()

    @property
    def notes(self) -> str:
        """The reasons why panes or parts are not compared."""
        return self._notes.text()

    def content(self, panes: Sequence[ShownPane], messages: Sequence[Message | None]) -> TableContent:
        """Return the content for the responses of a turn."""
        raise NotImplementedError

    def choose(self, row: int, column: int) -> None:
        """Handle the choice of a cell; `row` counts all rows, also those that are filtered out."""

    @Slot()
    def refresh(self) -> None:
        """Show the responses of the chosen turn."""
        plain = tuple(self._panes_of())
        panes = distinct(plain)
        messages = messages_of(plain, self._chosen_turn(last_turn(plain)))
        what = (messages, [(pane.name, pane.schema) for pane in panes], self._theme)
        if what != self._shown:
            self._shown = what
            self.show_content(self.content(panes, messages))

    def show_content(self, content: TableContent) -> None:
        """Replace what is shown."""
        self._content = content
        self._state.setText(content.finding)
        self._notes.setText("\n".join(content.notes))
        self._notes.setVisible(bool(content.notes))
        self._summary.setText(content.summary)
        self._show_rows()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        super().themed(theme)
        self._theme = theme

    @Slot()
    def copy_markdown(self) -> None:
        """Copy the table as Markdown."""
        self._copied(figure_tables.rows_as_markdown(self._content.plain))

    @Slot()
    def copy_csv(self) -> None:
        """Copy the table as tab-separated values for a spreadsheet."""
        self._copied(figure_tables.rows_as_tabs(self._content.plain))

    @Slot(Path)
    def export(self, path: Path) -> None:
        """Write the table to a CSV file."""
        if write_text(figure_tables.rows_as_csv(self._content.plain), path, self._title, self):
            self.said.emit(tr("Table saved to {path}.", path=path))

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.said.emit(tr("The table was copied."))

    def _chosen_turn(self, last: int) -> int:
        """Offer all turns, the newest one first, and return the index of the chosen one."""
        names = [tr("Last turn"), *(tr("Turn {number}", number=number_text(number)) for number in range(last, 0, -1))]
        if [self.turn.itemText(at) for at in range(self.turn.count())] != names:
            self.turn.clear()
            self.turn.addItems(names)
        self.turn.setVisible(last > 0)
        return last - max(self.turn.currentIndex(), 0)

    @Slot()
    def _show_rows(self) -> None:
        content = self._content
        self._places = [at for at, row in enumerate(content.rows) if row.differs or not self.only.isChecked()]
        self.table.show_rows(content.head, [content.rows[at] for at in self._places], self._theme)
        has_rows = bool(content.rows)
        self.table.setVisible(has_rows)
        self._rest.setVisible(not has_rows)
        self.only.setEnabled(has_rows)
        for each in (self._copy, self._export):
            each.setEnabled(has_rows)

    @Slot(int, int)
    def _choose(self, row: int, column: int) -> None:
        self.choose(self._places[row], column)

    @Slot()
    def _open_copy(self) -> None:
        menu = Menu(self)
        menu.setAccessibleName(tr("Copy as table"))
        menu.addAction(tr("As Markdown"), self.copy_markdown)
        menu.addAction(tr("As CSV for spreadsheets"), self.copy_csv)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._copy.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    @Slot()
    def _ask_where(self) -> None:
        ask_where(tr("Export table"), self._file, "CSV (*.csv)", self, partial(self.export))

    def _lay_out(self) -> None:
        above = QVBoxLayout()
        above.setContentsMargins(16, 12, 16, 10)
        above.setSpacing(8)
        above.addWidget(self._state)
        above.addWidget(self._notes)
        choices = QHBoxLayout()
        choices.setSpacing(12)
        choices.addWidget(self.only)
        self._summary.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        choices.addWidget(self._summary, 1)
        choices.addWidget(self.turn)
        above.addLayout(choices)
        self._rest = QWidget()
        below = QWidget()  # in a narrow panel, its buttons are below one another
        buttons = WrapLayout(below, gap=8)
        buttons.addWidget(self._copy)
        buttons.addWidget(self._export)
        self.column.addLayout(above)
        self.column.addWidget(hairline())
        self.column.addWidget(self.table, 1)
        self.column.addWidget(self._rest, 1)
        self.column.addWidget(hairline())
        around = QHBoxLayout()  # the wrapping layout has no margins
        around.setContentsMargins(16, 8, 16, 12)
        around.addWidget(below)
        self.column.addLayout(around)
