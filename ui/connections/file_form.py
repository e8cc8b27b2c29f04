"""Form for a model file: path, information from its header, and whether it fits into memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QGridLayout, QVBoxLayout, QWidget

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.embedded.gguf import GgufHeader, check_fits, read_header
from desktop.embedded.model_source import free_memory
from desktop.errors import EngineError, ParagoneError, UsageError
from desktop.services import Services
from desktop.settings.values import check_connection_name
from desktop.text.phrases import phrase
from ui.base.strings import decimal, sentence, tr, trn
from ui.base.tasks import Tasks
from ui.connections.connection_text import name_of_file
from ui.connections.form_fields import captioned, field
from ui.widgets.buttons import button
from ui.widgets.labels import label, set_role
from ui.widgets.paragraph import Paragraph

_TOKENS = 2 * 4096
"""Context size that the engine gets: two parallel responses of 4,096 tokens each."""


class FileForm(QWidget):
    """Form that builds a Connection for a GGUF file. The file is used where it is and never changed."""

    edited = Signal()
    grown = Signal()
    """Emitted when the height of the form changes."""

    def __init__(self, services: Services, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._header: GgufHeader | None = None
        self._reading: asyncio.Task[None] | None = None
        self._named_by_hand = False
        self._over = False
        self.path = field(tr("Model file"), "model.gguf")
        self.choose = button(tr("Choose…"), name=tr("Choose model file"))
        self.name = field(tr("Name"), tr("taken from the file name"))
        self._facts = QGridLayout()
        self._said = Paragraph("", "muted")
        self._said.hide()
        self._lay_out()
        self.choose.clicked.connect(self._open)
        self.path.editingFinished.connect(self.read)
        self.path.textEdited.connect(self._path_edited)
        self.name.textEdited.connect(self._name_edited)

    @property
    def facts(self) -> dict[str, str]:
        """The displayed facts about the file."""
        return dict(facts_of(self._header)) if self._header is not None else {}

    @property
    def said(self) -> str:
        """The error or note about the file."""
        return self._said.text()

    @property
    def named(self) -> tuple[str, ...]:
        """Name of the only model, which is that of the file."""
        return (Path(self.path.text().strip()).stem,)

    def connection(self) -> Connection:
        """Return the entered connection.

        Raises:
            UsageError: If the file is missing or invalid.
        """
        text = self.path.text().strip()
        path = Path(text)
        if not text or not path.is_file():
            raise UsageError(phrase("This file does not exist.") if text else phrase("Choose a model file."))
        name = check_connection_name(self.name.text().strip() or name_of_file(self._services.settings, path))
        return Connection(name=name, kind=Kind.EMBEDDED, auth=Auth.NONE, file=str(path.absolute()))

    @Slot()
    def read(self) -> None:
        """Read the file's header in a thread and show it."""
        path = Path(self.path.text().strip())
        if self._over:
            return  # leaving the field as the dialog closes
        if self._header is None and self.path.text().strip() and (self._reading is None or self._reading.done()):
            if not self._named_by_hand:
                self.name.setText(name_of_file(self._services.settings, path))
            self._reading = self._tasks.start(self._read(path), name="connections.header", failed=self._failed)

    @Slot(str)
    def take(self, path: str) -> None:
        """Select a file and read its header."""
        self.path.setText(path)
        self._path_edited()
        self.read()

    def give_up(self) -> None:
        """Cancel reading the file."""
        if self._reading is not None:
            self._reading.cancel()

    def end(self) -> None:
        """Cancel reading the file for good, because the dialog closes."""
        self._over = True
        self.give_up()

    def say(self, text: str, *, bad: bool = False) -> None:
        """Show a note below the facts."""
        self._said.setText(text)
        set_role(self._said, "role", "problem" if bad else "muted")
        self._said.setVisible(bool(text))
        self.grown.emit()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        filed, _ = captioned(tr("Model file"), self.path, tr("a language model in GGUF format"), beside=self.choose)
        column.addLayout(filed)
        self._facts.setHorizontalSpacing(24)
        self._facts.setVerticalSpacing(4)
        self._facts.setColumnStretch(1, 1)
        column.addLayout(self._facts)
        column.addWidget(self._said)
        named, _ = captioned(tr("Name"), self.name)
        column.addLayout(named)

    async def _read(self, path: Path) -> None:
        header = await asyncio.to_thread(read_header, path)
        self._header = header
        for row, (name, text) in enumerate(facts_of(header)):
            self._facts.addWidget(label(name, "muted"), row, 0)
            value = label(text)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(value, row, 1)
        try:
            check_fits(header, _TOKENS, await asyncio.to_thread(free_memory))
        except EngineError as error:
            self.say(sentence(error), bad=True)
        else:
            self.say(" ".join(header.warnings))

    def _failed(self, error: ParagoneError) -> None:
        if self._over:
            return
        self.say(sentence(error), bad=True)

    @Slot()
    def _path_edited(self) -> None:
        self.give_up()
        self._reading = None
        self._header = None
        while (item := self._facts.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.say("")
        self.edited.emit()

    @Slot()
    def _name_edited(self) -> None:
        self._named_by_hand = True

    @Slot()
    def _open(self) -> None:
        dialog = QFileDialog(self, tr("Model file"), self.path.text())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("GGUF models (*.gguf)"), tr("All files (*)")])
        dialog.fileSelected.connect(self.take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def facts_of(header: GgufHeader) -> list[tuple[str, str]]:
    """Return the facts in a model file's header as pairs of label and value."""
    length = header.context_length
    context = trn("{n} token", "{n} tokens", length) if length else tr("unknown")
    return [
        (tr("Model"), header.name or header.architecture),
        (tr("Size"), f"{_gigabytes(header.file_bytes)}, {_parameters(header.parameters)}"),
        (tr("Quantization"), header.quantization or tr("unknown")),
        (tr("Context"), context),
        (tr("Memory needed"), _memory(header)),
    ]


def _memory(header: GgufHeader) -> str:
    size = _gigabytes(header.memory(_TOKENS))
    return trn("about {size} for {n} token", "about {size} for {n} tokens", _TOKENS, size=size)


def _parameters(count: int) -> str:
    if count >= 1e9:
        return tr("{value} billion parameters", value=decimal(count / 1e9, 1))
    if count >= 1e6:
        return tr("{value} million parameters", value=f"{count / 1e6:.0f}")
    return trn("{n} parameter", "{n} parameters", count)


def _gigabytes(size: int) -> str:
    if size >= 1e9:
        return tr("{value} GB", value=decimal(size / 1e9, 1))
    return tr("{value} MB", value=max(1, round(size / 1e6)))
