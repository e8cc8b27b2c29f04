"""The cases of a run as a table that is sifted: all, failed, differing, errors, not reviewed, by tag."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.phrases import phrase
from desktop.suite_cells import CellFilter
from ui.runs.cells_model import CellsModel
from ui.runs.cells_table import CellsTable
from ui.strings import tr, trn
from ui.theme import Themes
from ui.widgets.inputs import ChoiceBox
from ui.widgets.labels import label

_FILTERS = (
    (CellFilter.ALL, phrase("All cases")),
    (CellFilter.FAILED, phrase("With failures")),
    (CellFilter.DIFFERING, phrase("Where contenders differ")),
    (CellFilter.ERRORS, phrase("With errors")),
    (CellFilter.UNREVIEWED, phrase("Not reviewed yet")),
)


class CasesView(QWidget):
    """Says what is wanted, and shows what it is given."""

    sifted = Signal()
    """Other cases are wanted: see `wanted` and `tag`."""
    chosen = Signal(int, int)
    """A case's place in the table and a contender: they are to be opened."""

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = CellsModel(self)
        self.table = CellsTable(self.cells, themes, self)
        self._filter = ChoiceBox(tr("Filter"), self)
        self._filter.addItems([tr(name) for _, name in _FILTERS])
        self._tags = ChoiceBox(tr("Tag"), self)
        self._count = label("", "muted")
        row = QHBoxLayout()
        row.setContentsMargins(24, 10, 24, 10)
        row.setSpacing(10)
        row.addWidget(self._filter)
        row.addWidget(self._tags)
        row.addWidget(self._count)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        self._filter.activated.connect(self.sifted)
        self._tags.activated.connect(self.sifted)
        self.table.chosen.connect(self.chosen)
        self.cells.modelReset.connect(self._counted)
        self.offer_tags(())

    @property
    def wanted(self) -> CellFilter:
        """Which cases are to be shown."""
        return _FILTERS[max(self._filter.currentIndex(), 0)][0]

    @property
    def tag(self) -> str:
        """The tag that they are to have; empty for any."""
        return self._tags.currentText() if self._tags.currentIndex() > 0 else ""

    def want(self, which: CellFilter) -> None:
        """Choose which cases are shown, as its user would."""
        self._filter.setCurrentIndex([each for each, _ in _FILTERS].index(which))
        self.sifted.emit()

    def reset(self) -> None:
        """Show all cases again, as of another run."""
        self._filter.setCurrentIndex(0)
        self._tags.setCurrentIndex(0)

    def offer_tags(self, tags: Sequence[str]) -> None:
        """Let these be chosen."""
        self._tags.clear()
        self._tags.addItem(tr("Any tag"))
        self._tags.addItems(list(tags))
        self._tags.fit()
        self._tags.setVisible(bool(tags))

    @Slot()
    def _counted(self) -> None:
        self._count.setText(trn("{n} case", "{n} cases", self.cells.rowCount()))
