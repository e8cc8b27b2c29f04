"""Rows for the environment variables of a tool server. Values are secret unless the user says otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.base.strings import tr
from ui.widgets.buttons import button
from ui.widgets.inputs import TickBox


class VariableRow(QWidget):
    """Name and value of a variable. A stored secret stays unless another value is typed."""

    edited = Signal()
    removed = Signal()

    def __init__(self, name: str = "", value: str = "", *, secret: bool = True, stored: bool = False) -> None:
        super().__init__()
        self.stored = stored
        self.name = QLineEdit(name)
        self.name.setPlaceholderText(tr("Name"))
        self.name.setReadOnly(stored)
        self.value = QLineEdit(value)
        self.value.setPlaceholderText(tr("Leave empty to keep the current value") if stored else tr("Value"))
        self.secret = TickBox(tr("Secret"))
        self.secret.setChecked(secret)
        self.secret.setEnabled(not stored)
        self.remove = button("✕", "quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.name, 2)
        row.addWidget(self.value, 3)
        row.addWidget(self.secret)
        row.addWidget(self.remove)
        self.name.textEdited.connect(self.edited)
        self.value.textEdited.connect(self.edited)
        self.secret.toggled.connect(self._mask)
        self.remove.clicked.connect(self.removed)
        self._mask()

    def call(self, number: int) -> None:
        """Set the accessible names, which contain the row's number."""
        self.name.setAccessibleName(tr("Name of variable {number}", number=number))
        self.value.setAccessibleName(tr("Value of variable {number}", number=number))
        self.secret.setAccessibleName(tr("Variable {number} is secret", number=number))
        self.remove.setAccessibleName(tr("Remove variable {number}", number=number))

    @Slot()
    def _mask(self) -> None:
        modes = QLineEdit.EchoMode
        self.value.setEchoMode(modes.Password if self.secret.isChecked() else modes.Normal)
        self.edited.emit()


class VariableRows(QWidget):
    """List of variables with a button that adds one."""

    edited = Signal()
    grown = Signal()
    """Emitted after a row was added or removed."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[VariableRow] = []
        self.add = button(tr("Add variable"), "link")
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._list)
        line = QHBoxLayout()
        line.addWidget(self.add)
        line.addStretch(1)
        column.addLayout(line)
        self.add.clicked.connect(self._add_empty)

    def show_variables(self, env: Mapping[str, str], secrets: Sequence[str]) -> None:
        """Show the variables of an existing server; the values of `secrets` are in the keyring."""
        for name, value in env.items():
            self._add(VariableRow(name, value, secret=False))
        for name in secrets:
            self._add(VariableRow(name, stored=True))

    @property
    def plain(self) -> dict[str, str]:
        """Variables that are not secret."""
        return {row.name.text().strip(): row.value.text() for row in self._named if not row.secret.isChecked()}

    @property
    def typed_secrets(self) -> dict[str, str]:
        """Secret variables whose values were typed."""
        return {
            row.name.text().strip(): row.value.text()
            for row in self._named
            if row.secret.isChecked() and (row.value.text() or not row.stored)
        }

    @property
    def kept_secrets(self) -> tuple[str, ...]:
        """Names of stored secrets whose values stay."""
        return tuple(row.name.text() for row in self._named if row.stored and not row.value.text())

    @property
    def _named(self) -> list[VariableRow]:
        return [row for row in self.rows if row.name.text().strip()]

    @Slot()
    def _add_empty(self) -> None:
        row = VariableRow()
        self._add(row)
        row.name.setFocus()

    def _add(self, row: VariableRow) -> None:
        self.rows.append(row)
        self._list.addWidget(row)
        row.edited.connect(self.edited)
        row.removed.connect(partial(self._remove, row))
        self._call()
        self.grown.emit()

    def _remove(self, row: VariableRow) -> None:
        self.rows.remove(row)
        self._list.removeWidget(row)
        self.add.setFocus()
        row.hide()
        row.deleteLater()
        self._call()
        self.edited.emit()
        self.grown.emit()

    def _call(self) -> None:
        for number, row in enumerate(self.rows, 1):
            row.call(number)
