"""Table model of a run: one row per case, one column per contender. Cells are loaded in blocks when visible."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from msgspec import Struct
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal, Slot

from desktop.domain.suite_cells import CellHead
from ui.base.strings import tr
from ui.evals.cell_text import CellSummary, summary
from ui.widgets.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_BLOCK = 64
"""Number of cases that are loaded together."""
_MOST_BLOCKS = 128
"""Maximum number of blocks in memory."""
_LONGEST = 200

SUMMARY = Qt.ItemDataRole.UserRole + 1
"""Item data role for the CellSummary."""


class ShownRun(Struct, frozen=True):
    """The displayed run: contender names, number of repeats, and a function that returns a case's name."""

    contenders: tuple[str, ...]
    repeats: int
    prompt: Callable[[int], str]


class CellsModel(QAbstractTableModel):
    """Read-only table model. It requests missing cells with `wanted` and receives them through `put`."""

    wanted = Signal(object)
    """Emitted with the numbers of cases to load."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = ShownRun((), 1, str)
        self._cases: Sequence[int] = ()
        self._blocks: OrderedDict[int, dict[int, list[list[CellHead]]]] = OrderedDict()
        self._asked: set[int] = set()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._want)

    @property
    def cases(self) -> Sequence[int]:
        """Case numbers in row order."""
        return self._cases

    def show(self, run: ShownRun, cases: Sequence[int]) -> None:
        """Show these cases. Their cells are loaded once they become visible."""
        self.beginResetModel()
        self._run, self._cases = run, cases
        self._blocks.clear()
        self._asked.clear()
        self.endResetModel()

    def refresh(self) -> None:
        """Reload the cells in memory."""
        self._asked |= set(self._blocks)
        self._soon.start()

    def rest(self) -> None:
        """Stop loading, because the table is hidden."""
        self._soon.stop()

    def prompts_read(self) -> None:
        """Update the first column after the prompts were loaded."""
        if self._cases:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._cases) - 1, 0))

    def put(self, cases: Sequence[int], heads: Sequence[CellHead]) -> None:
        """Store the cells that were requested for these cases."""
        places = {case: row_index for row_index, case in enumerate(self._cases)} if self._is_sifted else None
        for case in cases:
            row_index = case if places is None else places.get(case)
            if row_index is not None and row_index < len(self._cases):
                block = self._blocks.setdefault(row_index // _BLOCK, {})
                block[row_index] = [[] for _ in self._run.contenders]
        for head in heads:
            row_index = head.key.case if places is None else places.get(head.key.case)
            row = None if row_index is None else self._blocks.get(row_index // _BLOCK, {}).get(row_index)
            if row is not None and head.key.contender < len(row):
                row[head.key.contender].append(head)
        while len(self._blocks) > _MOST_BLOCKS:
            self._blocks.popitem(last=False)
        if self._cases:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._cases) - 1, len(self._run.contenders)))

    @property
    def _is_sifted(self) -> bool:
        return not isinstance(self._cases, range)

    def summary(self, row: int, contender: int) -> CellSummary | None:
        """Return a cell's summary. If it is not loaded, request it and return None."""
        block = row // _BLOCK
        if block not in self._blocks:
            self._asked.add(block)
            if not self._soon.isActive():
                self._soon.start()
            return None
        self._blocks.move_to_end(block)
        held = self._blocks[block].get(row)
        return None if held is None else summary(held[contender], self._run.repeats)

    @Slot()
    def _want(self) -> None:
        asked, self._asked = self._asked, set()
        for block in sorted(asked):
            self._blocks.setdefault(block, {})
            cases = self._cases[block * _BLOCK : (block + 1) * _BLOCK]
            if cases:
                self.wanted.emit(tuple(cases))

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of cases."""
        return 0 if parent.isValid() else len(self._cases)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of contenders, plus one for the case."""
        return 0 if parent.isValid() else len(self._run.contenders) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a case's prompt or a cell's summary."""
        if not index.isValid():
            return None
        if index.column() == 0:
            return self._of_case(index.row(), role)
        cell = self.summary(index.row(), index.column() - 1)
        name = self._run.contenders[index.column() - 1]
        match role:
            case _ if role == SUMMARY:
                return cell
            case Qt.ItemDataRole.DisplayRole:
                return cell.line if cell is not None else ""
            case Qt.ItemDataRole.AccessibleTextRole:
                value = cell.spoken if cell is not None else tr("not sent yet")
                return tr("{name}: {value}.", name=name, value=value)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(cell.line) if cell is not None and cell.line else None
            case _:
                return None

    def _of_case(self, row: int, role: int) -> object:
        case = self._cases[row]
        prompt = " ".join(self._run.prompt(case)[: 2 * _LONGEST].split())[:_LONGEST]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return prompt
            case Qt.ItemDataRole.AccessibleTextRole:
                return tr("Case {number}: {prompt}", number=case + 1, prompt=prompt)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(prompt)
            case _ if role == SUMMARY:
                return str(case + 1)
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the contenders' names."""
        if orientation is not Qt.Orientation.Horizontal or section > len(self._run.contenders):
            return None
        name = tr("Case") if section == 0 else self._run.contenders[section - 1]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return name
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(name)
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
            case _:
                return None
