"""Rows for the environment variables or headers of a tool server. Values are secret unless the user says otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec import Struct
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.base.strings import tr
from ui.widgets.buttons import button
from ui.widgets.inputs import TickBox


class RowWords(Struct, frozen=True):
    """Words for the rows of one kind; those but the first contain `{number}`."""

    add: str
    name: str
    value: str
    secret: str
    remove: str


def variable_words() -> RowWords:
    """Return the words for environment variables."""
    return RowWords(
        tr("Add variable"),
        tr("Name of variable {number}"),
        tr("Value of variable {number}"),
        tr("Variable {number} is secret"),
        tr("Remove variable {number}"),
    )


def header_words() -> RowWords:
    """Return the words for HTTP headers."""
    return RowWords(
        tr("Add header"),
        tr("Name of header {number}"),
        tr("Value of header {number}"),
        tr("Header {number} is secret"),
        tr("Remove header {number}"),
    )


class VariableRow(QWidget):
    """Name and value of a variable or header. A stored secret stays unless another value is typed."""

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

    def call(self, words: RowWords, number: int) -> None:
        """Set the accessible names, which contain the row's number."""
        self.name.setAccessibleName(words.name.format(number=number))
        self.value.setAccessibleName(words.value.format(number=number))
        self.secret.setAccessibleName(words.secret.format(number=number))
        self.remove.setAccessibleName(words.remove.format(number=number))

    @Slot()
    def _mask(self) -> None:
        modes = QLineEdit.EchoMode
        self.value.setEchoMode(modes.Password if self.secret.isChecked() else modes.Normal)
        self.edited.emit()


class VariableRows(QWidget):
    """List of variables or headers with a button that adds one."""

    edited = Signal()
    grown = Signal()
    """Emitted after a row was added or removed."""

    def __init__(self, words: RowWords) -> None:
        super().__init__()
        self._words = words
        self.rows: list[VariableRow] = []
        self.add = button(words.add, "link")
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

    def show_variables(self, plain: Mapping[str, str], secrets: Sequence[str]) -> None:
        """Show the variables or headers of an existing server; the values of `secrets` are in the keyring."""
        for name, value in plain.items():
            self._add(VariableRow(name, value, secret=False))
        for name in secrets:
            self._add(VariableRow(name, stored=True))

    @property
    def plain(self) -> dict[str, str]:
        """Values that are not secret."""
        return {row.name.text().strip(): row.value.text() for row in self._named if not row.secret.isChecked()}

    @property
    def typed_secrets(self) -> dict[str, str]:
        """Secret values that were typed."""
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
            row.call(self._words, number)
