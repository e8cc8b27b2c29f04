"""The contenders of a suite that is made: models with their parameters, a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.domain import JsonValue
from ui.strings import tr
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox

_NARROWEST = 220


class ContenderRow(QWidget):
    """A contender that is being written."""

    removed = Signal()

    def __init__(self, models: Sequence[str], number: int) -> None:
        super().__init__()
        self.model = ChoiceBox(tr("Model of contender {number}", number=number))
        self.model.setEditable(True)
        self.model.addItems(list(models))
        self.model.setMinimumWidth(_NARROWEST)
        self.parameters = QLineEdit()
        self.parameters.setPlaceholderText(tr("Parameters, such as temperature=0.2"))
        self.parameters.setAccessibleName(tr("Parameters of contender {number}", number=number))
        remove = button(tr("Remove"), "quiet", tr("Remove contender {number}", number=number))
        remove.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.model, 1)
        row.addWidget(self.parameters, 1)
        row.addWidget(remove)


class ContenderRows(QWidget):
    """At least one line; a button adds another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: tuple[str, ...] = ()
        self._rows: list[ContenderRow] = []
        self._others: list[dict[str, JsonValue]] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        self.add_button = button(tr("+ Contender"))
        self.add_button.clicked.connect(self._add_another)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(self._column)
        line = QHBoxLayout()
        line.addWidget(self.add_button)
        line.addStretch(1)
        whole.addLayout(line)

    def offer(self, models: Sequence[str]) -> None:
        """Models that can be chosen; others can be typed."""
        self._models = tuple(models)

    def show_contenders(self, contenders: Sequence[Mapping[str, JsonValue]]) -> None:
        """Show these: `model`, `parameters`; what else they have stays with them."""
        while self._rows:
            self._take(self._rows[0])
        for each in contenders or [{}]:
            parameters = each.get("parameters")
            row = self._add(str(each.get("model") or ""), {k: v for k, v in each.items() if k not in _SHOWN})
            row.parameters.setText(_written(parameters if isinstance(parameters, dict) else {}))

    def contenders(self) -> list[JsonValue]:
        """What stands there, as a suite has it. Raises UsageError for a parameter that cannot be."""
        from desktop.catalog.catalog_entry import parse_parameter

        found: list[JsonValue] = []
        for row, others in zip(self._rows, self._others, strict=True):
            if not (model := row.model.currentText().strip()):
                continue
            typed = [each.strip() for each in row.parameters.text().split(",") if each.strip()]
            parameters: dict[str, JsonValue] = dict(parse_parameter(each) for each in typed)
            found.append({**others, "model": model, **({"parameters": parameters} if parameters else {})})
        return found

    @Slot()
    def _add_another(self) -> None:
        self._add("", {}).model.setFocus()

    def _add(self, model: str, others: dict[str, JsonValue]) -> ContenderRow:
        row = ContenderRow(self._models, len(self._rows) + 1)
        row.model.setEditText(model or (self._models[len(self._rows)] if len(self._rows) < len(self._models) else ""))
        row.removed.connect(lambda: self._take(row))
        self._rows.append(row)
        self._others.append(others)
        self._column.addWidget(row)
        return row

    def _take(self, row: ContenderRow) -> None:
        place = self._rows.index(row)
        self._column.removeWidget(row)
        del self._rows[place], self._others[place]
        row.hide()
        row.deleteLater()
        (self._rows[place - 1].model if self._rows else self.add_button).setFocus()


_SHOWN = ("model", "parameters")


def _written(parameters: Mapping[str, JsonValue]) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())
