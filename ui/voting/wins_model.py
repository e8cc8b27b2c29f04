"""Table model of the wins of each model against each other one."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.voting.ranking import Ranking
from desktop.voting.tally import PairTally
from ui.base.strings import number_text, tr
from ui.widgets.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_MOST = 60
"""Maximum number of models that are shown."""


class WinsModel(QAbstractTableModel):
    """Read-only table model. A cell contains the wins of the row's model against the column's."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self.left_out = 0
        self._met: dict[tuple[str, str], PairTally] = {}

    @property
    def names(self) -> Sequence[str]:
        """Names of the models, in the order of both rows and columns."""
        return self._names

    @property
    def columns(self) -> Sequence[str]:
        """Titles of the columns: names of the models without their connections."""
        return [name.rpartition("/")[2] for name in self._names]

    def show(self, ranking: Ranking) -> None:
        """Show the wins of a ranking."""
        self.beginResetModel()
        names = ranking.counts.names
        self._names = tuple(model.name for model in ranking.models[:_MOST])
        self.left_out = len(ranking.models) - len(self._names)
        self._met = {}
        for pair in ranking.counts.pairs:
            for met in (pair, pair.turned):
                key = (names[met.first], names[met.second])
                self._met[key] = met._replace(first=0, second=0).plus(self._met.get(key, PairTally(0, 0)))
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of models."""
        return 0 if parent.isValid() else len(self._names)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of models."""
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the wins in a cell; for the tooltip and screen readers, a description."""
        if not index.isValid():
            return None
        row, column = self._names[index.row()], self._names[index.column()]
        met = self._met.get((row, column))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.DisplayRole:
            return "" if met is None or row == column else number_text(met.first_wins)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole) and met is not None:
            said = tr(
                "{a} against {b}: won {won}, lost {lost}, tied {tied}, both bad {bad}",
                a=row,
                b=column,
                won=number_text(met.first_wins),
                lost=number_text(met.second_wins),
                tied=number_text(met.ties),
                bad=number_text(met.both_bad),
            )
            return plain_tip(said) if role == Qt.ItemDataRole.ToolTipRole else said
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a model's name."""
        if section >= len(self._names):
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._names[section])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._names[section]
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (self.columns if orientation == Qt.Orientation.Horizontal else self._names)[section]
