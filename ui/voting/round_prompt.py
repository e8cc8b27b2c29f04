"""Prompt field of a blind round, with a choice of when responses are shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.settings.vote_options import SHOW_ANSWERS
from desktop.text.phrases import phrase
from desktop.voting.blind_round import Showing
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.composer.editor import PromptEditor
from ui.settings.option_saver import OptionSaver
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox

WAYS = {
    Showing.HELD: phrase("All at once, after the last response is complete"),
    Showing.PACED: phrase("At an even pace, after the last response is complete"),
    Showing.AS_THEY_COME: phrase("As responses arrive (the vote is then not blind to speed)"),
}
"""Text of each choice, in display order."""


class RoundPrompt(QWidget):
    """Prompt field with a choice of when responses are shown, which is stored for further rounds."""

    sent = Signal(str)
    """Emitted with the prompt to send."""
    showing_chosen = Signal(object)
    """Emitted with the Showing that the user selected."""
    failed = Signal(object)
    """Emitted with the ParagoneError if the choice could not be stored."""

    def __init__(self, services: Services, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self.editor = PromptEditor()
        self.editor.setAccessibleName(tr("Prompt for this round"))
        self.editor.show_hint(tr("Prompt for all models"))
        self._ways = ChoiceBox(tr("When to show responses"))
        self._ways.addItems([tr(each) for each in WAYS.values()])
        self._ways.setMinimumContentsLength(12)
        self._saving = OptionSaver(services, tasks, self)
        send = button(tr("Send"), "primary")
        field = QFrame(self)
        field.setProperty("role", "field")
        inner = QHBoxLayout(field)
        inner.setContentsMargins(12, 10, 12, 10)
        inner.addWidget(self.editor, 1)
        inner.addWidget(send, 0, Qt.AlignmentFlag.AlignBottom)
        below = QHBoxLayout()
        below.addWidget(self._ways)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 12)
        column.setSpacing(8)
        column.addWidget(field)
        column.addLayout(below)
        self.editor.send_wanted.connect(self._send)
        send.clicked.connect(self._send)
        self._ways.activated.connect(self._choose)
        self._saving.failed.connect(self._fail)

    @property
    def showing(self) -> Showing:
        """The selected Showing."""
        return list(WAYS)[self._ways.currentIndex()]

    @property
    def text(self) -> str:
        """The typed prompt."""
        return self.editor.toPlainText().strip()

    def begin(self) -> None:
        """Select the stored choice for a new round."""
        self._ways.setCurrentIndex(list(WAYS).index(Showing(self._services.settings.get(SHOW_ANSWERS))))

    @Slot()
    def _send(self) -> None:
        if self.text:
            self.sent.emit(self.text)

    @Slot(int)
    def _choose(self, _: int) -> None:
        self._saving.put(SHOW_ANSWERS, self.showing.value)
        self.showing_chosen.emit(self.showing)

    @Slot(str, object)
    def _fail(self, _: str, error: ParagoneError) -> None:
        self.failed.emit(error)
