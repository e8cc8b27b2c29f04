"""Dialog that repeats a request and shows both responses with their differences and figures."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.metrics.drift import Drift, DriftFigure, FigurePair
from desktop.metrics.drift_text import FIGURE_NAMES, sentences
from ui.base.figures_text import duration_text, money, speed_text
from ui.base.strings import number_text, tr
from ui.base.theme import Theme
from ui.compare import stretches
from ui.compare.marked_text import MarkedText, Stretch
from ui.widgets.announcement import announce
from ui.widgets.buttons import button
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.window_size import within_screen

_SIZE, _SMALLEST = QSize(860, 640), QSize(360, 320)
_NARROW = 620
"""Width in pixels below which the responses are stacked."""

_COLUMN, _AIR = 84, 6
"""Minimum width of a figures column and line spacing in pixels."""

_TRAILING = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter
_BEAT_MS = 100
"""Interval at which newly received text is shown."""

_MOST_SHOWN = 20_000
"""Maximum number of characters of a response that are shown. The comparison uses all of it."""


class RerunDialog(QDialog):
    """Dialog that compares a response with a new one for the same request; open it with `show()`.

    Esc first stops a request in progress, then closes the dialog.
    """

    asked = Signal()
    """Emitted when the user wants the request sent once more."""
    asked_anyway = Signal()
    """Emitted when the user wants a prompt sent although a guard held it back."""
    stop_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Run again"))
        self.setAccessibleName(tr("Run again"))
        self._theme = theme
        self._coming: list[str] = []
        self._stretches: tuple[Sequence[Stretch], Sequence[Stretch]] = ((), ())
        self._beat = QTimer(self, interval=_BEAT_MS)
        self.state = Paragraph("", "strong")
        self.facts = Paragraph("", "")
        self.legend = Paragraph(
            tr("Struck through: only in the first response. Underlined: only in the new one."), "muted"
        )
        self.first = MarkedText(tr("First response"), theme)
        self.second = MarkedText(tr("New response"), theme)
        self.figures = QTableWidget(0, 2)
        self._texts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._between = hairline(vertical=True)
        self._shown = QWidget()
        self.stop_ = button(tr("Stop"))
        self.again = button(tr("Run again"))
        self.anyway = button(tr("Send anyway"), "primary")
        self.close_ = button(tr("Close"))
        self._lay_out()
        self._beat.timeout.connect(self._show_coming)
        self.stop_.clicked.connect(self.stop_wanted)
        self.again.clicked.connect(self.asked)
        self.anyway.clicked.connect(self.asked_anyway)
        self.close_.clicked.connect(self.close)
        self.setMinimumSize(_SMALLEST)
        self.resize(within_screen(self, _SIZE))

    @property
    def is_asking(self) -> bool:
        """Whether a request is in progress."""
        return self._beat.isActive()

    def begin(self) -> None:
        """Show that the request is being loaded."""
        self._set_asking(tr("Loading the request…"))
        for each in (self._shown, self.facts, self.figures, self.legend):
            each.hide()

    def show_first(self, text: str, model: str) -> None:
        """Show the first response while the second is requested."""
        self.state.setText(tr("Asking {model} again…", model=model))
        self._show_texts([Stretch(text)], [])
        self._shown.show()

    def grow(self, text: str) -> None:
        """Append text to the new response."""
        self._coming.append(text)

    def say(self, text: str) -> None:
        """Show a progress message, such as a retry."""
        self.facts.setText(text)
        self.facts.setVisible(bool(text))

    def fail(self, text: str, *, held: bool = False) -> None:
        """Show why there is nothing to compare. If a guard `held` the prompt back, offer to send it anyway."""
        self._end(text)
        self.facts.hide()
        self.anyway.setVisible(held)
        if held:
            self.anyway.setFocus()

    def show_drift(self, drift: Drift) -> None:
        """Show the differences between the responses."""
        state, *facts = (tr(each) for each in sentences(drift))
        self._end(state)
        self.say("\n".join(facts))
        if drift.difference is not None:
            firsts, seconds = stretches.beside(drift.then, drift.now, drift.difference)
        else:
            firsts, seconds = [Stretch(drift.then)], [Stretch(drift.now)]
        self._show_texts(firsts, seconds)
        self.legend.setVisible(drift.difference is not None and not drift.is_same)
        self._show_figures(drift.figures)

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme; while a response is in progress, its text follows at the end."""
        self._theme = theme
        if not self.is_asking:
            self._show_texts(*self._stretches)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Esc stop a request in progress before it closes the dialog."""
        if event.key() == Qt.Key.Key_Escape and self.is_asking:
            self.stop_wanted.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stack the responses in a narrow dialog."""
        super().resizeEvent(event)
        is_narrow = event.size().width() < _NARROW
        direction = QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
        if self._texts.direction() != direction:
            self._texts.setDirection(direction)
            self._between.setVisible(not is_narrow)

    def _show_texts(self, firsts: Sequence[Stretch], seconds: Sequence[Stretch]) -> None:
        self._stretches = (firsts, seconds)
        self.first.show_stretches(stretches.within(firsts, _MOST_SHOWN), self._theme)
        self.second.show_stretches(stretches.within(seconds, _MOST_SHOWN), self._theme)

    def _set_asking(self, state: str) -> None:
        self.state.setText(state)
        self._coming.clear()
        self._beat.start()
        for each in (self.again, self.anyway):
            each.hide()
        self.stop_.show()
        self.stop_.setFocus()

    def _end(self, state: str) -> None:
        self._show_coming()
        self._beat.stop()
        self.state.setText(state)
        announce(self, state)
        had_keyboard = self.stop_.hasFocus()
        self.stop_.hide()
        self.again.show()
        if had_keyboard:
            self.close_.setFocus()

    @Slot()
    def _show_coming(self) -> None:
        """Append the newly received text without scrolling."""
        if self._coming:
            rest = max(_MOST_SHOWN - self.second.document().characterCount(), 0)
            text = "".join(self._coming)[:rest]
            self._coming.clear()
            cursor = QTextCursor(self.second.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text)

    def _show_figures(self, pairs: Sequence[FigurePair]) -> None:
        self.figures.setRowCount(len(pairs))
        self.figures.setVerticalHeaderLabels([tr(FIGURE_NAMES[each.figure]) for each in pairs])
        for row, each in enumerate(pairs):
            for column, (value, about) in enumerate(((each.then, each.then_about), (each.now, each.now_about))):
                cell = QTableWidgetItem(("~" if about and value is not None else "") + _figure(each.figure, value))
                cell.setTextAlignment(_TRAILING)
                self.figures.setItem(row, column, cell)
        head = self.figures.horizontalHeader().sizeHint().height()
        rows = sum(self.figures.rowHeight(row) for row in range(len(pairs)))
        self.figures.setFixedHeight(head + rows + 2)
        self.figures.setVisible(bool(pairs))

    def _lay_out(self) -> None:
        self._set_up_table()
        self._texts.setContentsMargins(0, 0, 0, 0)
        self._texts.setSpacing(12)
        for name, text in ((tr("First response"), self.first), (tr("New response"), self.second)):
            side = QVBoxLayout()
            side.setSpacing(4)
            side.addWidget(label(name, "muted"))
            side.addWidget(text, 1)
            text.setMinimumHeight(48)
            self._texts.addLayout(side, 1)
            if text is self.first:
                self._texts.addWidget(self._between)
        self._shown.setLayout(self._texts)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for each in (self.stop_, self.anyway, self.again, self.close_):
            buttons.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.state)
        column.addWidget(self.facts)
        column.addWidget(self._shown, 1)
        column.addWidget(self.legend)
        column.addWidget(self.figures)
        column.addLayout(buttons)

    def _set_up_table(self) -> None:
        table = self.figures
        table.setAccessibleName(tr("Figures"))
        table.setProperty("role", "figures")
        table.setHorizontalHeaderLabels([tr("Before"), tr("Now")])
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setShowGrid(False)
        for header in (table.horizontalHeader(), table.verticalHeader()):
            header.setSectionsClickable(False)
            header.setHighlightSections(False)
        above, beside = table.horizontalHeader(), table.verticalHeader()
        above.setDefaultAlignment(_TRAILING)
        above.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        above.setMinimumSectionSize(_COLUMN)
        beside.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        beside.setMinimumSectionSize(1)
        beside.setDefaultSectionSize(max(table.fontMetrics().height() + _AIR, 1))


def _figure(figure: DriftFigure, value: float | None) -> str:
    """Format a figure, or return a dash if it is unknown."""
    if value is None:
        return "–"
    match figure:
        case DriftFigure.FIRST | DriftFigure.DURATION:
            return duration_text(value)
        case DriftFigure.COST:
            return money(value)
        case DriftFigure.SPEED:
            return speed_text(value)
        case _:
            return number_text(round(value))
