"""Dialog for the JSON Schema that responses must match: pasted, loaded, or derived from an example."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.conversation_types import JsonValue
from desktop.errors import UsageError
from desktop.session.response_schema import LONGEST_SCHEMA, EnteredSchema, entered_schema
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.widgets.buttons import button
from ui.widgets.labels import set_role
from ui.widgets.paragraph import Paragraph
from ui.widgets.text_field import TextField
from ui.widgets.window_size import within_screen

_SIZE = QSize(640, 560)
_PAUSE_MS = 250
"""Delay after typing before the text is read."""

_LONGEST_REASON = 240
SlipOf = Callable[[JsonValue], Awaitable[str]]
"""Returns why a JSON Schema is invalid, or an empty string; never raises."""


class SchemaDialog(QDialog):
    """Dialog that edits a response schema; open it with `open()`."""

    chosen = Signal(str)
    """Emitted with the schema, or an empty string to remove it."""

    def __init__(
        self, schema: str, unsupported: Sequence[str], panes: int, slip_of: SlipOf, tasks: Tasks, parent: QWidget
    ) -> None:
        """`unsupported` are the names of models that cannot follow a schema, `panes` the number of all models."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Response schema"))
        self.setAccessibleName(tr("Response schema"))
        self._slip_of = slip_of
        self._tasks = tasks
        self._lead = Paragraph(
            trn(
                "The response must be JSON of this form.",
                "The responses of all {n} models must be JSON of this form.",
                panes,
            )
        )
        self.text = TextField(schema)
        self.text.setAccessibleName(tr("JSON Schema or example"))
        self.text.setPlaceholderText(tr("Paste a JSON Schema, or an example such as {example}", example=_EXAMPLE))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setTabChangesFocus(True)
        self.text.setProperty("role", "prose")
        self.state = Paragraph("", "muted")
        self.marks = Paragraph("\n".join(_unsupported(name) for name in unsupported), "warn")
        self.marks.setVisible(bool(unsupported))
        self.load = button(tr("Load from file…"))
        self.remove = button(tr("Remove"), name=tr("Remove response schema"))
        self.remove.setVisible(bool(schema))
        self.cancel = button(tr("Cancel"))
        self.apply = button(tr("Apply"), "primary", by_enter=True)
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._lay_out()
        self._soon.timeout.connect(self._read)
        self.text.textChanged.connect(self._edited)
        self.load.clicked.connect(self._ask_file)
        self.remove.clicked.connect(self._remove)
        self.cancel.clicked.connect(self.reject)
        self.apply.clicked.connect(self._apply)
        self.resize(within_screen(self, _SIZE))
        self._read()

    @Slot(str)
    def load_file(self, path: str) -> None:
        """Show the text of a file."""
        try:
            with Path(path).open("rb") as file:
                data = file.read(4 * LONGEST_SCHEMA + 1)
            text = data.decode("utf-8-sig")
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else tr("not UTF-8 text")
            self._say(tr("{file} cannot be read: {reason}.", file=Path(path).name, reason=reason), is_problem=True)
            return
        if len(text) > LONGEST_SCHEMA:
            self._say(tr("{file} is too large for a schema.", file=Path(path).name), is_problem=True)
            return
        self.text.setPlainText(text)
        self._soon.stop()
        self._read()

    @Slot()
    def _edited(self) -> None:
        self.apply.setEnabled(bool(self.text.toPlainText().strip()))
        self._soon.start()

    @Slot()
    def _read(self) -> EnteredSchema | None:
        """Show what the text is, or its mistake. Returns the schema if there is one."""
        text = self.text.toPlainText()
        self.apply.setEnabled(bool(text.strip()))
        if not text.strip():
            self._say("")
            return None
        try:
            entered = entered_schema(text)
        except UsageError as error:
            self._say(tr(error.message), is_problem=True)
            return None
        self._say(
            tr("Example: a schema is derived from it in which all fields are required.") if entered.derived else ""
        )
        return entered

    @Slot()
    def _apply(self) -> None:
        self._soon.stop()
        entered = self._read()
        if entered is not None:
            self.apply.setEnabled(False)
            self._tasks.start(self._check(entered), name="workspace.schema")

    async def _check(self, entered: EnteredSchema) -> None:
        """Use the schema if it is valid."""
        slip = await self._slip_of(entered.schema)
        self.apply.setEnabled(True)
        if slip:
            reason = slip[:_LONGEST_REASON]
            self._say(tr("The JSON Schema is invalid: {reason}", reason=reason), is_problem=True)
        else:
            self.chosen.emit(entered.text)
            self.accept()

    @Slot()
    def _remove(self) -> None:
        self.chosen.emit("")
        self.accept()

    @Slot()
    def _ask_file(self) -> None:
        dialog = QFileDialog(self, tr("Load schema"), "", "JSON (*.json)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.load_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _say(self, text: str, *, is_problem: bool = False) -> None:
        set_role(self.state, "role", "problem" if is_problem else "muted")
        self.state.setText(text)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 20)
        column.setSpacing(12)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.load)
        buttons.addWidget(self.remove)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.apply)
        for each in (self._lead, self.marks):
            column.addWidget(each)
        column.addWidget(self.text, 1)
        column.addWidget(self.state)
        column.addLayout(buttons)


_EXAMPLE = '{"name": "Ada", "born": 1815}'


def _unsupported(name: str) -> str:
    return tr("{model} does not support schemas: it is asked without one.", model=name)
