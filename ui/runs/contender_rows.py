"""The contenders of a suite that is made: models with their parameters, a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.domain import JsonValue
from ui.strings import tr
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox

_NARROWEST = 160


class ContenderRow(QWidget):
    """A contender that is being written."""

    removed = Signal()

    def __init__(self, models: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ChoiceBox("", self)
        self.model.setEditable(True)
        self.model.addItems(list(models))
        self.model.setMinimumWidth(_NARROWEST)
        self.parameters = QLineEdit()
        self.parameters.setPlaceholderText(tr("Parameters, such as temperature=0.2"))
        self._remove = button(tr("Remove"), "quiet")
        self._remove.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.model, 1)
        row.addWidget(self.parameters, 1)
        row.addWidget(self._remove)

    def count(self, number: int) -> None:
        """Say which contender it is, from 1."""
        self.model.rename(tr("Model of contender {number}", number=number))
        self.parameters.setAccessibleName(tr("Parameters of contender {number}", number=number))
        self._remove.setAccessibleName(tr("Remove contender {number}", number=number))


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
            parameters: dict[str, JsonValue] = dict(map(parse_parameter, typed_parameters(row.parameters.text())))
            found.append({**others, "model": model, **({"parameters": parameters} if parameters else {})})
        return found

    @Slot()
    def _add_another(self) -> None:
        self._add("", {}).model.setFocus()

    def _add(self, model: str, others: dict[str, JsonValue]) -> ContenderRow:
        row = ContenderRow(self._models, self)
        row.model.setEditText(model or (self._models[len(self._rows)] if len(self._rows) < len(self._models) else ""))
        row.removed.connect(lambda: self._take(row))
        self._rows.append(row)
        self._others.append(others)
        self._column.addWidget(row)
        self._count()
        return row

    def _count(self) -> None:
        for number, row in enumerate(self._rows, 1):
            row.count(number)

    def _take(self, row: ContenderRow) -> None:
        place = self._rows.index(row)
        self._column.removeWidget(row)
        del self._rows[place], self._others[place]
        row.hide()
        row.deleteLater()
        self._count()
        (self._rows[place - 1].model if self._rows else self.add_button).setFocus()


_SHOWN = ("model", "parameters")


def _written(parameters: Mapping[str, JsonValue]) -> str:
    """What `typed_parameters` reads back as the same."""
    return ", ".join(f"{name}={_value(value)}" for name, value in parameters.items())


def _value(value: JsonValue) -> str:
    is_plain = isinstance(value, str) and not _SIGNS.intersection(value)
    return str(value) if is_plain else msgspec.json.encode(value).decode()


_SIGNS = frozenset(',"[]{}')


def typed_parameters(text: str) -> list[str]:
    """The parameters of a line: a comma between them, none where it stands within a text or a list."""
    found, depth, is_quoted, is_escaped = [""], 0, False, False
    for sign in text:
        if sign == '"' and not is_escaped:
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += (sign in "[{") - (sign in "]}")
        is_escaped = sign == "\\" and not is_escaped
        if sign == "," and not is_quoted and depth <= 0:
            found.append("")
        else:
            found[-1] += sign
    return [each.strip() for each in found if each.strip()]
