"""The list of a check's steps: a mark, what was done, how long it took; a failure with its sentence and hint."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.session.connection_probe import ProbeStep
from ui.icons import icon
from ui.strings import decimal, tr
from ui.theme import Themes
from ui.widgets.announcement import announce
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph

_MARK = 14


class CheckSteps(QWidget):
    """Grows by one row a step."""

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Check steps"))
        self._themes = themes
        self._rows = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)

    @property
    def count(self) -> int:
        """How many rows are shown."""
        return self._rows

    def clear(self) -> None:
        """Take all rows away."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = 0

    def add(self, step: ProbeStep) -> None:
        """Show a step and how it went, and have it heard."""
        theme = self._themes.current
        good = step.problem is None
        mark = label()
        mark.setPixmap(icon("check" if good else "x", theme.good if good else theme.bad, _MARK).pixmap(_MARK, _MARK))
        mark.setAccessibleName(tr("Done") if good else tr("Failed"))
        text = Paragraph(tr(step.text))
        took = label(took_text(step.took_ms), "muted")
        took.setAlignment(Qt.AlignmentFlag.AlignRight)
        for column, widget in enumerate((mark, text, took)):
            self._grid.addWidget(widget, self._rows, column, Qt.AlignmentFlag.AlignVCenter)
        self._rows += 1
        problem = step.problem
        heard = tr("Done") if good else tr("Failed")
        said = tr(step.note) if problem is None else f"{tr(problem.message)}\n{tr(problem.hint)}".strip()
        if said:
            why = label(said, "muted")
            why.setWordWrap(True)
            why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(why, self._rows, 1, 1, 2)
            self._rows += 1
        announce(self, f"{tr(step.text)}, {heard}. {said}")


def took_text(ms: float) -> str:
    """A time as it is read: “84 ms”, “2.4 s”."""
    return tr("{ms} ms", ms=f"{ms:.0f}") if ms < 1000 else tr("{seconds} s", seconds=decimal(ms / 1000, 1))
