"""Figures panel: charts, a waterfall over time, totals, and export as a table or file."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.errors import TransferError
from desktop.metrics import figure_tables
from desktop.metrics.figures import FigureLine, standings, total
from desktop.text.phrases import phrase
from desktop.transfer.export import export_writer
from ui.base.strings import tr
from ui.base.theme import Theme
from ui.compare import comparison_text
from ui.compare.pane_bars import Bar, PaneBars
from ui.compare.pane_facts import ShownPane, distinct, lines
from ui.compare.panel_frame import Panel
from ui.widgets.buttons import button
from ui.widgets.inputs import Segments
from ui.widgets.labels import hairline, label
from ui.widgets.menu import Menu
from ui.widgets.paragraph import Paragraph
from ui.widgets.wrapping_layout import WrapLayout

WIDTH = 360
_TICK_MS = 500
_PHASES = (phrase("waiting"), phrase("reasoning"), phrase("responding"))


class FiguresPanel(Panel):
    """Side panel with the figures of the panes. Refreshes at a low rate while responses are in progress."""

    said = Signal(str)
    """Emitted with a sentence after copying or exporting."""
    history_wanted = Signal()
    """Emitted when the user opens the figures of the whole history."""
    failed = Signal(object)
    """Emitted with a ParagoneError if the file could not be written."""

    def __init__(
        self,
        theme: Theme,
        panes: Callable[[], Sequence[ShownPane]],
        clock: Callable[[], float] = time.monotonic,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Figures"), tr("Close figures"), theme, WIDTH, parent)
        self._panes_of = panes
        self._now = clock
        self._panes: tuple[ShownPane, ...] = ()
        self._lines: tuple[FigureLine, ...] = ()
        self.which = Segments((tr("Last turn"), tr("All turns")), tr("Turns"))
        self.time = PaneBars(tr("Time"), theme, [tr(each) for each in _PHASES])
        self.tools = PaneBars(tr("Tools (not part of the time above)"), theme)
        self.charts = {measure.name: PaneBars(tr(measure.name), theme) for measure in comparison_text.MEASURES}
        self._total = label("", "muted")
        self._endings = Paragraph("", "warn")
        self._endings.setContentsMargins(4, 0, 4, 0)
        self._summaries = Paragraph("", "muted")
        self._summaries.setContentsMargins(4, 0, 4, 0)
        self._copy = QPushButton(tr("Copy as table"))
        self._export = QPushButton(tr("Export CSV…"))
        self._history = button(tr("Latency and cost"), "quiet")
        self._clock = QTimer(self, interval=_TICK_MS)
        self._lay_out()
        self.which.chosen.connect(self.refresh)
        self._copy.clicked.connect(self._open_copy)
        self._export.clicked.connect(self._ask_where)
        self._history.clicked.connect(self.history_wanted)
        self._clock.timeout.connect(self.refresh)

    @property
    def lines(self) -> tuple[FigureLine, ...]:
        """The figures that are currently shown."""
        return self._lines

    @Slot()
    def refresh(self) -> None:
        """Show the current figures of the panes."""
        self._panes = distinct(self._panes_of())
        self._lines = lines(self._panes, self._now(), all_turns=self.which.current == 1)
        # The best is known only when all responses are complete
        live = any(pane.pace is not None for pane in self._panes)
        first = [()] * len(self._lines) if live else standings(self._lines)
        phases = [line.phases for line in self._lines]
        took = [comparison_text.seconds_text(line.duration_ms) if line.duration_ms else "" for line in self._lines]
        self.time.show_bars(
            [
                Bar(pane.name, pane.colour, parts, text)
                for pane, parts, text in zip(self._panes, phases, took, strict=True)
            ]
        )
        self._show_tools()
        for measure in comparison_text.MEASURES:
            note = comparison_text.first_text(self._lines, first, measure.mark) if measure.mark is not None else ""
            self._show(self.charts[measure.name], measure, note)
        self._total.setText(comparison_text.total_text(total(self._lines)))
        self._endings.setText(comparison_text.endings_text(self._lines))
        self._endings.setVisible(bool(self._endings.text()))
        self._summaries.setText(comparison_text.summaries_text(self._lines))
        self._summaries.setVisible(bool(self._summaries.text()))
        self._beat()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        super().themed(theme)
        for chart in self.findChildren(PaneBars):
            chart.themed(theme)

    @Slot()
    def copy_markdown(self) -> None:
        """Copy the figures as a Markdown table."""
        QGuiApplication.clipboard().setText(
            figure_tables.as_markdown(self._lines, [tr(each) for each in figure_tables.columns_of(self._lines)])
        )
        self.said.emit(tr("The table was copied."))

    @Slot()
    def copy_tabs(self) -> None:
        """Copy the figures as tab-separated values for a spreadsheet."""
        QGuiApplication.clipboard().setText(
            figure_tables.as_tabs(self._lines, [tr(each) for each in figure_tables.columns_of(self._lines)])
        )
        self.said.emit(tr("The table was copied."))

    @Slot(str)
    def export(self, path: str) -> None:
        """Write the figures of all turns to a CSV file."""
        panes = [figure_tables.PaneColumn(name=pane.name, path=pane.path, begun=pane.begun) for pane in self._panes]
        try:
            export_writer.write(Path(path), figure_tables.as_csv(panes))
        except TransferError as error:
            self.failed.emit(error)
        else:
            self.said.emit(tr("Figures saved to {path}.", path=path))

    def _lay_out(self) -> None:
        self.setMinimumWidth(280)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(2)
        column.addWidget(self.which)
        column.addSpacing(12)
        column.addWidget(self.time)
        column.addWidget(self.tools)
        for chart in self.charts.values():
            column.addWidget(chart)
        column.addWidget(self._endings)
        column.addWidget(self._summaries)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setAccessibleName(tr("Charts"))
        below = QWidget()  # in a narrow panel, its buttons are below one another
        buttons = WrapLayout(below, gap=8)
        buttons.addWidget(self._copy)
        buttons.addWidget(self._export)
        self._total.setContentsMargins(16, 8, 16, 0)
        more = QHBoxLayout()
        more.setContentsMargins(8, 0, 16, 0)
        more.addWidget(self._history)
        more.addStretch(1)
        for each in (self._copy, self._export):
            each.setAccessibleName(each.text())
        self.column.addWidget(area, 1)
        self.column.addWidget(hairline())
        self.column.addWidget(self._total)
        self.column.addLayout(more)
        around = QHBoxLayout()  # the wrapping layout has no margins
        around.setContentsMargins(16, 8, 16, 12)
        around.addWidget(below)
        self.column.addLayout(around)

    def _show_tools(self) -> None:
        """Show the number and time of tool calls, which the other times do not include; nothing if there are none."""
        bars = [
            Bar(pane.name, pane.colour, (line.tool_ms or 0.0,), comparison_text.tools_text(line))
            for pane, line in zip(self._panes, self._lines, strict=True)
        ]
        self.tools.setVisible(any(line.tool_calls for line in self._lines))
        self.tools.show_bars(bars)

    def _show(self, chart: PaneBars, measure: comparison_text.Measure, note: str) -> None:
        """Show the bars of a figure, hiding the chart if no pane has this figure."""
        bars: list[Bar] = []
        for pane, line in zip(self._panes, self._lines, strict=True):
            value = measure.value(line)
            about = "~" if line.estimated and value is not None and measure.mark is not None else ""
            text = "" if value is None else f"{about}{measure.text(value)}"
            bars.append(Bar(pane.name, pane.colour, (value or 0.0,), text))
        chart.setVisible(any(bar.text for bar in bars))
        chart.show_bars(bars, note)

    def _beat(self) -> None:
        answering = any(pane.pace is not None for pane in self._panes)
        if answering and self.isVisible():
            self._clock.start()
        else:
            self._clock.stop()

    @Slot()
    def _open_copy(self) -> None:
        menu = Menu(self)
        menu.setAccessibleName(tr("Copy as table"))
        menu.addAction(tr("As Markdown"), self.copy_markdown)
        menu.addAction(tr("As CSV for spreadsheets"), self.copy_tabs)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._copy.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    @Slot()
    def _ask_where(self) -> None:
        dialog = QFileDialog(self, tr("Export figures"), "figures.csv", "CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self.export)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
